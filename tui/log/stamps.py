"""When lines of a log were written, where they say so themselves."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import lru_cache

# CodeBuild's own lines, and the stamps that Lambda, CloudWatch's exports and many programs lead with; UTC if unsaid.
_stamp = re.compile(
    rb"^(?:\[Container\] )?(?P<when>\d{4}[/-]\d\d[/-]\d\d[T ]\d\d:\d\d:\d\d)"
    rb"(?P<part>[.,]\d{1,9})?(?P<zone>Z|[+-]\d\d:?\d\d)?",
    re.MULTILINE,
)


def stamps(data: bytes) -> Iterator[tuple[int, float]]:
    """Where lines with a time begin, and those times in seconds since the epoch. `data` begins with a line."""
    for match in _stamp.finditer(data):
        whole = _seconds(match["when"], match["zone"] or b"Z")
        if whole is not None:
            yield match.start(), whole + float(b"0." + match["part"][1:] if match["part"] else 0)


@lru_cache(maxsize=4096)
def _seconds(when: bytes, zone: bytes) -> float | None:
    text = when.decode().replace("/", "-").replace(" ", "T")
    try:
        at = datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()
    except ValueError:
        return None
    if zone == b"Z":
        return at
    hours, minutes = int(zone[1:3]), int(zone[-2:])
    away = 3600.0 * hours + 60 * minutes
    return at + away if zone[:1] == b"-" else at - away
