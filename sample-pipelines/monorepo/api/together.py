"""Every page must show what the service answers: `python3 together.py PAGES`."""

import sys
from pathlib import Path

from orders.routes import ROUTES

for name, route in ROUTES.items():
    page = (Path(sys.argv[1]) / f"{name}.html").read_text()
    for field in route()[0]:
        if f"<th>{field}</th>" not in page:
            sys.exit(f"{name}.html does not show {field}")
    print(f"{name}.html fits /{name}")
