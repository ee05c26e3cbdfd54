"""Two versions of a text as a unified diff, bounded: a huge difference is counted and its beginning shown."""

from __future__ import annotations

import difflib
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from engine.evidence.matching import Opcode, grouped, opcodes

SHOWN = 1_200  # lines of one diff
COMPARED = 600  # lines between the first and the last difference that are matched one by one: that costs their square
LONGEST = 2_000  # characters of one line
LARGEST = 1 << 20  # bytes of one version
CONTEXT = 3

LineKind = Literal["hunk", "same", "added", "removed", "note"]

_SEEN = {code: 0x2400 + code for code in range(0x20) if code != 0x09}
_SEEN |= {0x7F: 0x2421}
_SEEN |= dict.fromkeys(
    [*range(0x80, 0xA0), 0x61C, 0x200E, 0x200F, *range(0x2028, 0x202F), *range(0x2066, 0x206A)], 0xFFFD
)


@dataclass(frozen=True, slots=True)
class DiffLine:
    """One line of a diff, free of control characters. `old` and `new` count from 1; 0 where it has no such line."""

    kind: LineKind
    text: str
    old: int = 0
    new: int = 0

    @property
    def sign(self) -> str:
        """What stands before it in a patch."""
        return {"added": "+", "removed": "-", "same": " "}.get(self.kind, "")


@dataclass(frozen=True, slots=True)
class TextDiff:
    """What differs between two versions. `more` counts lines that are left out; `binary`: they are no text."""

    lines: tuple[DiffLine, ...] = ()
    added: int = 0
    removed: int = 0
    more: int = 0
    binary: bool = False


def visible(text: str) -> str:
    """One line as it may be shown: control characters as pictures, tabs as spaces, no right-to-left surprises."""
    shown = text[:LONGEST].translate(_SEEN).expandtabs(8)
    return shown + f" … {len(text) - LONGEST} more characters" if len(text) > LONGEST else shown


def readable(data: bytes) -> str | None:
    """The text of a file; None where it is no text."""
    if b"\0" in data[:8_192]:
        return None
    text = data.decode("utf-8", "replace")
    strange = text[:8_192].count("\ufffd")
    return None if strange > 8 and strange * 10 > len(text[:8_192]) else text


def unified(old: bytes, new: bytes) -> TextDiff:
    """What differs between two versions of a file."""
    before, after = readable(old), readable(new)
    if before is None or after is None:
        return TextDiff((DiffLine("note", "binary content"),), binary=True)
    left, right = _lines(before), _lines(after)
    start = _common(left, right)
    end = _common(left[start:][::-1], right[start:][::-1])
    changed = len(left) + len(right) - 2 * (start + end)
    kept = max(0, start - CONTEXT)
    left, right = left[kept : len(left) - max(0, end - CONTEXT)], right[kept : len(right) - max(0, end - CONTEXT)]
    if not changed:
        return TextDiff((DiffLine("note", "the same lines"),))
    codes = opcodes(left, right) if changed > COMPARED else difflib.SequenceMatcher(None, left, right).get_opcodes()
    groups = grouped(codes, CONTEXT)
    lines = [line for group in groups for line in _hunk(group, left, right, kept)]
    added, removed = (sum(line.kind == kind for line in lines) for kind in ("added", "removed"))
    more = len(lines) - SHOWN
    note = (DiffLine("note", f"… {more} more lines"),) if more > 0 else ()
    return TextDiff((*lines[:SHOWN], *note), added, removed, max(0, more))


def _hunk(group: list[Opcode], left: list[str], right: list[str], offset: int) -> Iterator[DiffLine]:
    first, last = group[0], group[-1]
    before, after = _span(first[1], last[2], offset), _span(first[3], last[4], offset)
    yield DiffLine("hunk", f"@@ -{before} +{after} @@")
    for tag, low, high, new_low, new_high in group:
        if tag == "equal":
            for at, line in enumerate(left[low:high]):
                yield DiffLine("same", visible(line), offset + low + at + 1, offset + new_low + at + 1)
            continue
        for at, line in enumerate(left[low:high], low):
            yield DiffLine("removed", visible(line), offset + at + 1)
        for at, line in enumerate(right[new_low:new_high], new_low):
            yield DiffLine("added", visible(line), 0, offset + at + 1)


def _span(start: int, end: int, offset: int) -> str:
    """A range as patches write it."""
    length = end - start
    return f"{offset + start + (1 if length else 0)},{length}" if length != 1 else str(offset + start + 1)


def _lines(text: str) -> list[str]:
    """Without the empty piece behind the last line end; a text that ends in the middle of a line says so."""
    lines = text.split("\n")
    if lines[-1]:
        lines[-1] += " (no line end)"
    else:
        lines.pop()
    return lines


def _common(left: list[str], right: list[str]) -> int:
    """How many lines both begin with."""
    return sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], zip(left, right, strict=False)))
