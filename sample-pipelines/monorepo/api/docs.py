"""Writes the routes and their fields as text: `python3 docs.py CONTRACT`."""

import json
import sys
from pathlib import Path

from orders.routes import ROUTES

contract = json.loads(Path(sys.argv[1]).read_text())
print(f"Contract {contract['version']}\n")
for name, route in ROUTES.items():
    print(f"/{name}: {route.__doc__}")
    print(f"    {', '.join(contract['routes'][name])}\n")
