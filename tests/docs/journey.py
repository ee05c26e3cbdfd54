"""Reads docs/journey.md: its steps, in order."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

JOURNEY = Path(__file__).parents[2] / "docs" / "journey.md"
VERBS = ("do", "press", "type", "edit", "see", "end")


@dataclass(frozen=True)
class Step:
    """One line of a block: what is done, or what must be seen."""

    line: int
    verb: str
    text: str


def steps(text: str) -> Iterator[Step]:
    """Every step. Raises `ValueError` where a line is none."""
    inside = False
    for number, line in enumerate(text.splitlines(), start=1):
        if line.startswith("```"):
            inside = not inside
        elif inside:
            found = re.fullmatch(r"(\w+)\s+(.+)", line)
            if not found or found[1] not in VERBS:
                raise ValueError(f"line {number} is no step: {line!r}")
            yield Step(number, found[1], found[2])
