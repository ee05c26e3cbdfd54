"""The right words at the right time."""

import unittest

from hello.greeting import greeting


class TestGreeting(unittest.TestCase):
    def test_morning(self):
        self.assertEqual(greeting("Ada", 8), "Good morning, Ada!")

    def test_afternoon(self):
        self.assertEqual(greeting("Ada", 14), "Good afternoon, Ada!")

    def test_evening(self):
        self.assertEqual(greeting("Ada", 20), "Good evening, Ada!")


if __name__ == "__main__":
    unittest.main()
