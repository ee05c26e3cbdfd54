"""Matching the lines of two long texts in little time: by the lines that occur once in each.

`difflib` takes the square of the length where much differs. Lines that are unique in both texts are found at once, and
the longest run of them that is in order holds everything else in place; only short gaps are then matched line by line.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

Opcode = tuple[str, int, int, int, int]
"""As `difflib` has them: equal, replace, delete or insert, and the two ranges."""

GAP = 200  # lines of a gap that are matched one by one


def opcodes(left: Sequence[str], right: Sequence[str]) -> list[Opcode]:
    """What leads from `left` to `right`; equal ranges are as long as they can be."""
    found: list[Opcode] = []
    at, new_at = 0, 0
    for i, j in [*_anchors(left, right), (len(left), len(right))]:
        found += _gap(left, right, at, i, new_at, j)
        if i < len(left):
            found.append(("equal", i, i + 1, j, j + 1))
        at, new_at = i + 1, j + 1
    return list(_merged(found))


def grouped(codes: Sequence[Opcode], context: int) -> list[list[Opcode]]:
    """Hunks: changes with so many equal lines around them."""
    groups: list[list[Opcode]] = []
    current: list[Opcode] = []
    for at, (tag, i1, i2, j1, j2) in enumerate(codes):
        first, last = at == 0, at == len(codes) - 1
        if tag != "equal":
            current.append((tag, i1, i2, j1, j2))
        elif first:
            current.append((tag, max(i1, i2 - context), i2, max(j1, j2 - context), j2))
        elif last:
            current.append((tag, i1, min(i2, i1 + context), j1, min(j2, j1 + context)))
        elif i2 - i1 > 2 * context:
            groups.append([*current, (tag, i1, i1 + context, j1, j1 + context)])
            current = [(tag, i2 - context, i2, j2 - context, j2)]
        else:
            current.append((tag, i1, i2, j1, j2))
    return [*groups, current] if any(code[0] != "equal" for code in current) else groups


def _anchors(left: Sequence[str], right: Sequence[str]) -> list[tuple[int, int]]:
    """Places of lines that are unique in both, the most that are in order on both sides."""
    here, there = Counter(left), Counter(right)
    where = {line: j for j, line in enumerate(right) if there[line] == 1}
    pairs = [(i, where[line]) for i, line in enumerate(left) if here[line] == 1 and line in where]
    ends: list[int] = []  # the smallest end of an ordered run of each length
    last: list[int] = []  # which pair that is
    before: list[int] = []
    for at, (_, j) in enumerate(pairs):
        length = bisect_left(ends, j)
        before.append(last[length - 1] if length else -1)
        ends[length : length + 1] = [j]
        last[length : length + 1] = [at]
    found, at = [], last[-1] if last else -1
    while at >= 0:
        found.append(pairs[at])
        at = before[at]
    return found[::-1]


def _gap(left: Sequence[str], right: Sequence[str], i1: int, i2: int, j1: int, j2: int) -> Iterator[Opcode]:
    """What is between two anchors."""
    if i1 == i2 and j1 == j2:
        return
    if i2 - i1 + j2 - j1 <= GAP:
        for tag, a, b, c, d in SequenceMatcher(None, left[i1:i2], right[j1:j2]).get_opcodes():
            yield tag, i1 + a, i1 + b, j1 + c, j1 + d
    else:
        yield "replace", i1, i2, j1, j2


def _merged(codes: Sequence[Opcode]) -> Iterator[Opcode]:
    """Neighbours of a kind as one."""
    kept: Opcode | None = None
    for code in codes:
        if kept is not None and kept[0] == code[0] == "equal":
            kept = ("equal", kept[1], code[2], kept[3], code[4])
            continue
        if kept is not None:
            yield kept
        kept = code
    if kept is not None:
        yield kept
