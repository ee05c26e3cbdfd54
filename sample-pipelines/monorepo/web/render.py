"""Fills the templates: `python3 render.py CONTRACT STAGE TEMPLATES BUNDLE`."""

import json
import sys
from pathlib import Path
from string import Template


def table(fields: list[str]) -> str:
    """An empty table with one column for each field."""
    return "<table><tr>" + "".join(f"<th>{field}</th>" for field in fields) + "</tr></table>"


def main(contract: Path, stage: str, templates: Path, bundle: Path) -> None:
    """One page for each route, and the front page."""
    routes = json.loads(contract.read_text())["routes"]
    bundle.mkdir(exist_ok=True)
    page = Template((templates / "route.html").read_text())
    for name, fields in routes.items():
        (bundle / f"{name}.html").write_text(page.substitute(name=name, table=table(fields)))
    links = "\n".join(f'<li><a href="{name}.html">{name}</a></li>' for name in routes)
    front = Template((templates / "index.html").read_text())
    (bundle / "index.html").write_text(front.substitute(links=links, stage=stage))


main(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]), Path(sys.argv[4]))
