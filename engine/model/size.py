"""Sizes as people write them: ``5GiB``, ``500 MB``, ``1.5g``."""

from __future__ import annotations

import re

_SIZE = re.compile(r"\s*([0-9]+(?:\.[0-9]+)?)\s*([a-zA-Z]*)\s*")
_POWERS = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4}


def parse_size(text: str) -> int:
    """The bytes that a size means. ``KB`` counts by 1000, ``KiB`` and plain ``K`` by 1024.

    Raises `ValueError` with a sentence for people.
    """
    match = _SIZE.fullmatch(text)
    unit = match[2].lower() if match else ""
    power = _POWERS.get(unit.removesuffix("b").removesuffix("i"))
    if match is None or power is None or unit in ("i", "ib"):
        raise ValueError(f"{text!r} is no size; write a number and a unit, such as 5GiB or 500MB")
    base = 1000 if len(unit) == 2 and unit.endswith("b") else 1024
    return int(float(match[1]) * base**power)


def format_size(count: int) -> str:
    """A number of bytes for people: ``1.5 GiB``."""
    size = float(count)
    for unit in ("B", "KiB", "MiB", "GiB"):
        if size < 1024:
            return f"{size:.0f} B" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1024
    return f"{size:.1f} TiB"
