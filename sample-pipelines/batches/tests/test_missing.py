import unittest

import phrases


class Missing(unittest.TestCase):
    def test_nothing_is_missing(self):
        self.assertEqual(phrases.missing(phrases.phrases()), [])

    def test_what_is_missing_is_named(self):
        self.assertEqual(phrases.missing({"x": {"en": "y"}}), ["x.de", "x.fr"])
