"""What is said at the foot of the screen: as much of it as leaves the work in view; all of it is listed under `!`."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

from rich.cells import cell_len, set_cell_size
from textual.notifications import Notification, SeverityLevel

LOW = 32
"""Rows of a screen below which a word takes one line, over the keys, and only one is seen."""
HIGH = 45
WIDE = 58
"""Cells of a line of what is said."""
KEPT = 200


@dataclass(frozen=True, slots=True)
class Said:
    """One word to the person. `at` is in seconds since the epoch; `times` it was said in a row."""

    at: float
    severity: SeverityLevel
    text: str
    times: int = 1


def remember(said: list[Said], text: str, severity: SeverityLevel) -> None:
    """Add it; what is said again and again has one line."""
    times = said.pop().times + 1 if said and (said[-1].text, said[-1].severity) == (text, severity) else 1
    said.append(Said(time.time(), severity, text, times))
    del said[:-KEPT]


def few(waiting: Sequence[Notification], width: int, height: int, key: str) -> list[Notification]:
    """Which are seen, and with which words: the worst and newest; the last one counts those that are not."""
    latest = {(each.message, each.severity): each for each in waiting}
    order = sorted(latest.values(), key=lambda each: (each.severity == "error", each.raised_at))
    most, lines = (1, 1) if height < LOW else (2, 2) if height < HIGH else (3, 3)
    seen, hidden = order[-most:], len(order) - most
    room = (width - 4 if lines == 1 else WIDE) * lines
    texts = [each.message if lines > 1 else " ".join(each.message.split()) for each in seen]
    counted = f"  +{hidden} ({key})" if hidden > 0 else ""
    if texts:
        texts = [*(_cut(text, room) for text in texts[:-1]), _cut(texts[-1], room - len(counted)) + counted]
    return [replace(each, message=text) for each, text in zip(seen, texts, strict=True)]


def _cut(text: str, room: int) -> str:
    """No longer than there is room."""
    return text if cell_len(text) <= room else set_cell_size(text, max(0, room - 1)).rstrip() + "…"
