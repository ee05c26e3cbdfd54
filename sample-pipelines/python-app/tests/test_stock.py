"""What runs short is found, scarcest first."""

import unittest
from pathlib import Path

from inventory.stock import Item, read, short

STOCK = Path(__file__).with_name("stock.csv")


class TestStock(unittest.TestCase):
    def test_reads_every_line(self):
        self.assertEqual(len(read(STOCK)), 4)

    def test_scarcest_first(self):
        self.assertEqual(short(read(STOCK), 5), [Item("bolts", 3), Item("washers", 4)])

    def test_enough_of_everything(self):
        self.assertEqual(short(read(STOCK), 1), [])


if __name__ == "__main__":
    unittest.main()
