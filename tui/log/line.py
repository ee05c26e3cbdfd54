"""One line of a log: the text that is shown, and what is known of it."""

from __future__ import annotations

import codecs
import re
from enum import Enum
from typing import NamedTuple

from tui.log.ansi import PLAIN, Run, runs
from tui.log.errors import is_error, is_warning
from tui.log.index import RawLine
from tui.log.links import Link


class Kind(Enum):
    """What a line is, as far as it shows."""

    PLAIN = "plain"
    COMMAND = "command"
    WARNING = "warning"
    ERROR = "error"


class Line(NamedTuple):
    """A line as shown. `prefix` is how many characters at its start are CodeBuild's own; `mark` follows the text.

    The first `lead` characters are not the log's but ours, and not to be copied.
    """

    text: str
    runs: tuple[Run, ...] = ()
    kind: Kind = Kind.PLAIN
    prefix: int = 0
    mark: str = ""
    lead: int = 0
    links: tuple[Link, ...] = ()


# "[Container] 2026/01/01 12:34:56.789012 Entering phase BUILD", and the stamp that CloudWatch's exports lead with.
# In merged logs the letter of a log comes first.
_prefix = re.compile(
    r"(?:[A-Z]\d?│ )?(?:(?P<who>\[Container\] )(?P<when>\d{4}/\d\d/\d\d \d\d:\d\d:\d\d(?:\.\d+)? )"
    r"|(?P<stamp>\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)? ))"
)


def line(raw: RawLine, *, timestamps: bool = True) -> Line:
    """What to show for the bytes of a line: safe for a terminal whatever they are."""
    found = runs(_text(raw))
    text = "".join(run.text for run in found)
    own, prefix = False, 0
    if match := _prefix.match(text):
        own, prefix = match["who"] is not None, match.end()
        if not timestamps:
            start, end = match.span("when" if own else "stamp")
            found, text, prefix = _without(found, start, end), text[:start] + text[end:], start
    mark = f" … {_size(raw.hidden)} more" if raw.hidden else ""
    return Line(text, tuple(found), _kind(text[prefix:], own), prefix, mark)


def _text(raw: RawLine) -> str:
    if not raw.hidden:
        return raw.data.decode("utf-8", "replace")
    # Cut at the limit, perhaps inside a character: that one is left out instead of shown as broken.
    return codecs.getincrementaldecoder("utf-8")("replace").decode(raw.data)


def _kind(text: str, own: bool) -> Kind:
    if own and text.startswith("Running command "):
        return Kind.COMMAND
    if is_error(text):
        return Kind.ERROR
    return Kind.WARNING if is_warning(text) else Kind.PLAIN


def _without(found: list[Run], start: int, end: int) -> list[Run]:
    """The runs less the characters from `start` to `end`."""
    kept, at = [], 0
    for text, pen in found:
        rest = text[: max(0, start - at)] + text[max(0, end - at) :]
        at += len(text)
        if rest:
            kept.append(Run(rest, pen))
    return kept


def _size(count: int) -> str:
    value = float(count)
    for unit in ("bytes", "KiB", "MiB"):
        if value < 1024:
            return f"{value:.0f} {unit}" if unit == "bytes" else f"{value:.1f} {unit}"
        value /= 1024
    return f"{value:.1f} GiB"


def message(text: str) -> Line:
    """A line of our own, shown where a log has nothing to show."""
    return Line(text, (Run(text, PLAIN),), prefix=len(text))
