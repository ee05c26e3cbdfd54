"""Numbers as people read them: durations, sizes, times; and the reverse where they type them."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import click

from tui.graph.durations import size

__all__ = ["Duration", "Size", "clock", "count", "duration", "size", "stamp"]


def duration(seconds: float) -> str:
    """As the engine's reasons have it: ``0.4 s``, ``34 s``, ``2 m 05 s``."""
    from engine.execution import explain

    return explain.duration(seconds)


def clock(at: float) -> str:
    """Local date and time, to the second."""
    return datetime.fromtimestamp(at).astimezone().strftime("%Y-%m-%d %H:%M:%S")


def stamp(at: float) -> str:
    """RFC 3339 in UTC with milliseconds: what machines read."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def count(number: int, noun: str) -> str:
    """``1 action``, ``3 actions``."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


_UNITS = {"": 1.0, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0}
_SIZES = {"": 0, "K": 1, "M": 2, "G": 3, "T": 4}


class Duration(click.ParamType[float]):
    """``90``, ``90s``, ``15m``, ``1h``: seconds."""

    name = "duration"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Seconds, or a usage error that shows the forms."""
        if isinstance(value, (int, float)):
            return float(value)
        match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*(s|m|min|h)?", str(value).strip())
        if not match:
            self.fail(f"{value!r} is not a duration; write 90s, 15m or 1h", param, ctx)
        return float(match[1]) * _UNITS[match[2] or ""]


class Size(click.ParamType[int]):
    """``500MiB``, ``2G``, ``1048576``: bytes. Units are powers of 1024."""

    name = "size"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Bytes, or a usage error that shows the forms."""
        if isinstance(value, int):
            return value
        match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([KMGT]?)(?:i?B)?", str(value).strip(), re.IGNORECASE)
        if not match:
            self.fail(f"{value!r} is not a size; write 500MiB or 2GiB", param, ctx)
        return int(float(match[1]) * 1024.0 ** _SIZES[match[2].upper()])
