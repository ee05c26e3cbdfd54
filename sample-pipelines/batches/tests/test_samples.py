import unittest

import phrases


class Samples(unittest.TestCase):
    def test_short_is_one_phrase(self):
        self.assertEqual(phrases.sample("de", "short"), "Guten Morgen\n")

    def test_long_is_all(self):
        self.assertEqual(len(phrases.sample("de", "long").splitlines()), len(phrases.phrases()))
