"""A phrase book: checked, as pages, as cards, or a sample of it."""

from __future__ import annotations

import json
import sys
from pathlib import Path

BOOK = Path(__file__).with_name("phrases.json")
LANGUAGES = ("en", "de", "fr")


def phrases() -> dict[str, dict[str, str]]:
    """What is in the book: key -> language -> phrase."""
    return json.loads(BOOK.read_text(encoding="utf-8"))


def missing(book: dict[str, dict[str, str]]) -> list[str]:
    """Phrases that a language lacks."""
    return [f"{key}.{language}" for key, words in book.items() for language in LANGUAGES if not words.get(language)]


def page(language: str) -> str:
    """The book in one language as HTML."""
    rows = "".join(f"<li>{words[language]}</li>" for words in phrases().values())
    return f'<!doctype html><html lang="{language}"><title>Phrases</title><ul>{rows}</ul></html>\n'


def card(key: str) -> str:
    """One phrase in all languages."""
    return "".join(f"{language}: {phrases()[key][language]}\n" for language in LANGUAGES)


def sample(language: str, form: str) -> str:
    """The first phrase, or all of them."""
    lines = [words[language] for words in phrases().values()]
    return "\n".join(lines if form == "long" else lines[:1]) + "\n"


def main(what: str, *more: str) -> int:
    """Make it."""
    if what == "sample":
        sys.stdout.buffer.write(sample(*more).encode())
        return 0
    out = Path(more[0])
    out.mkdir()
    if what == "check":
        found = missing(phrases())
        out.joinpath("missing.txt").write_text("".join(f"{each}\n" for each in found), encoding="utf-8")
        return len(found)
    if what == "pages":
        for language in LANGUAGES:
            out.joinpath(f"{language}.html").write_text(page(language), encoding="utf-8")
    if what == "cards":
        for key in phrases():
            out.joinpath(f"{key}.txt").write_text(card(key), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
