import unittest

import phrases


class Cards(unittest.TestCase):
    def test_a_card_has_every_language(self):
        self.assertEqual(phrases.card("thanks"), "en: Thank you\nde: Danke\nfr: Merci\n")
