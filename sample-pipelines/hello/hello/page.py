"""The page: `python3 -m hello.page NAME` prints it."""

import sys
from html import escape

from hello.greeting import greeting

HOURS = (8, 14, 20)


def page(name: str) -> str:
    """One page that greets somebody through the day."""
    items = "\n".join(f"      <li>{hour:02}:00 {escape(greeting(name, hour))}</li>" for hour in HOURS)
    return f"""<!doctype html>
<html lang="en">
  <head><meta charset="utf-8"><title>hello</title></head>
  <body>
    <img src="banner.svg" alt="hello">
    <ul>
{items}
    </ul>
  </body>
</html>"""


if __name__ == "__main__":
    print(page(sys.argv[1]))
