"""Every route answers as the contract says."""

import json
import os
import unittest
from pathlib import Path

from orders.routes import ROUTES


class TestRoutes(unittest.TestCase):
    def test_fields(self):
        contract = json.loads(Path(os.environ["CONTRACT"]).read_text())
        for name, fields in contract["routes"].items():
            with self.subTest(route=name):
                self.assertEqual(list(ROUTES[name]()[0]), fields)


if __name__ == "__main__":
    unittest.main()
