"""A diff as coloured lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content

if TYPE_CHECKING:
    from engine.evidence.text import DiffLine, TextDiff

_STYLES = {
    "added": "$status-succeeded",
    "removed": "$status-failed",
    "hunk": "$primary",
    "note": "$muted italic",
}


def diff_lines(found: TextDiff) -> list[Content]:
    """With line numbers of both sides; signs say the same as the colours."""
    numbers = [max(line.old, line.new) for line in found.lines]
    wide = len(str(max(numbers, default=0)))
    return [_line(line, wide) for line in found.lines]


def _line(line: DiffLine, wide: int) -> Content:
    style = _STYLES.get(line.kind, "")
    if line.kind in ("hunk", "note"):
        return Content.assemble((line.text, style))
    gutter = f"{line.old or '':>{wide}} {line.new or '':>{wide}} "
    text = f"{line.sign} {line.text}"
    return Content.assemble((gutter, "$muted"), (text, style) if style else text)
