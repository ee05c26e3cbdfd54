"""The screen as text, for tests: small, readable in a diff, independent of Rich's SVG writer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from rich.segment import Segment
from textual.app import App

from tui._compat import screen_strips

Result = TypeVar("Result")


def screen_lines(app: App[Result]) -> list[str]:
    """The rows of the screen as painted now, without spaces at their ends."""
    return ["".join(segment.text for segment in strip).rstrip() for strip in screen_strips(app.screen)]


def screen_text(app: App[Result], markers: Mapping[str, str] | None = None) -> str:
    """The screen as one text.

    `markers` maps a trait of style to one character: a colour as ``#rrggbb`` (text) or ``on #rrggbb`` (background),
    or ``bold``, ``dim``, ``italic``, ``underline``, ``reverse``, ``strike``. A row with a marked trait is followed
    by a row that shows where, led by ``~``.
    """
    out: list[str] = []
    for strip in screen_strips(app.screen):
        out.append("".join(segment.text for segment in strip).rstrip())
        row = "".join(_marker(segment, markers or {}) * len(segment.text) for segment in strip).rstrip()
        if row:
            out.append("~" + row)
    return "\n".join(out).rstrip() + "\n"


def _marker(segment: Segment, markers: Mapping[str, str]) -> str:
    return next((markers[trait] for trait in _traits(segment) if trait in markers), " ")


def _traits(segment: Segment) -> list[str]:
    style = segment.style
    if style is None:
        return []
    names = ("bold", "dim", "italic", "underline", "reverse", "strike")
    traits = [name for name in names if getattr(style, name)]
    if style.color is not None and style.color.triplet is not None:
        traits.append(style.color.triplet.hex)
    if style.bgcolor is not None and style.bgcolor.triplet is not None:
        traits.append(f"on {style.bgcolor.triplet.hex}")
    return traits
