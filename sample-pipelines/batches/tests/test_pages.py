import unittest

import phrases


class Pages(unittest.TestCase):
    def test_a_page_says_its_language(self):
        self.assertIn('lang="fr"', phrases.page("fr"))
        self.assertIn("Merci", phrases.page("fr"))
