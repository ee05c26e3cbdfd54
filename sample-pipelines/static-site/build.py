"""Builds the site: `python3 build.py CONTENT THEME SITE`.

A page is a text file: its first line is the title, a blank line ends a paragraph, `[words](page)` is a link.
"""

import re
import shutil
import sys
from html import escape
from pathlib import Path
from string import Template


def paragraph(text: str) -> str:
    """One paragraph, its links made real."""
    return "<p>" + re.sub(r"\[([^]]+)\]\(([^)]+)\)", r'<a href="\2.html">\1</a>', escape(text)) + "</p>"


def page(source: Path, template: Template) -> str:
    """One text file as HTML."""
    title, _, text = source.read_text().partition("\n")
    body = "\n".join(paragraph(part.strip()) for part in text.split("\n\n") if part.strip())
    return template.substitute(title=escape(title), body=body)


def main(content: Path, theme: Path, site: Path) -> None:
    """Every page of the content, and the style sheet."""
    site.mkdir(parents=True, exist_ok=True)
    template = Template((theme / "page.html").read_text())
    sources = sorted(content.glob("*.txt"))
    for source in sources:
        (site / f"{source.stem}.html").write_text(page(source, template))
    shutil.copyfile(theme / "style.css", site / "style.css")
    print(f"{len(sources)} pages")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
