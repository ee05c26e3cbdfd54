"""Colours and links of a log line, and nothing else of what a terminal would obey.

`SGR` sequences and hyperlinks (OSC 8) become `Pen`s. Every other control sequence or character is dropped: a log must
not be able to move the cursor, set the title, write the clipboard or reorder the text around it. Pens do not carry
over to the next line, so that any line can be shown without having read those before it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from rich.cells import cell_len

Colour = int | tuple[int, int, int] | None
"""A palette index (0-255), a red-green-blue triple, or the default."""

TAB = 8


class Pen(NamedTuple):
    """How text is drawn."""

    foreground: Colour = None
    background: Colour = None
    bold: bool = False
    dim: bool = False
    italic: bool = False
    underline: bool = False
    reverse: bool = False
    strike: bool = False
    link: str = ""
    """Where a hyperlink leads: http, https or file, in printable ASCII without spaces."""


class Run(NamedTuple):
    """Text drawn with one pen."""

    text: str
    pen: Pen


PLAIN = Pen()

# Bidirectional controls and line separators are not C0/C1, yet they rearrange or break what is on screen.
_CONTROL = "\x00-\x08\x0a-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069"
# Emoji that are joined, or asked for by a selector, are as wide as each terminal likes: apart they are the same in all.
_JOINER = "(?<=[\u2600-\u27bf\ufe0f\U0001f000-\U0001faff])\u200d"
_SELECTOR = "\ufe0f"
_STRING_BODY = "[^\x07\x1b\x90\x98\x9c-\x9f]*"
_token = re.compile(
    "(?:\x1b\\[|\x9b)(?P<parameters>[0-?]*)[ -/]*(?P<final>[@-~])"
    f"|(?:\x1b\\]|\x9d)8;[^;\x07\x1b\x9c]*;(?P<link>{_STRING_BODY})(?:\x07|\x1b\\\\|\x9c)"
    f"|(?:\x1b[\\]PX^_]|[\x90\x98\x9d-\x9f]){_STRING_BODY}(?:\x07|\x1b\\\\|\x9c)"
    "|\x1b[ -/]*[0-~]"
    f"|[{_CONTROL}{_SELECTOR}]|{_JOINER}"
)
_suspicious = re.compile(f"[\t\u200d{_CONTROL}{_SELECTOR}]").search
_safe_link = re.compile(r"(?:https?|file)://[!-~]{1,2000}", re.IGNORECASE).fullmatch
_ON = {1: "bold", 2: "dim", 3: "italic", 4: "underline", 7: "reverse", 9: "strike", 21: "underline"}
_OFF = {23: "italic", 24: "underline", 27: "reverse", 29: "strike"}


def runs(text: str) -> list[Run]:
    """The text of one line, as drawn.

    A carriage return starts the line anew: what came before it is replaced, as progress bars intend.
    """
    # Whatever is printable is not suspicious, and that is seen four times as fast.
    if (text.isprintable() and _SELECTOR not in text) or not _suspicious(text):
        return [Run(text, PLAIN)] if text else []
    return _with_tabs(_merged(_pieces(text.rstrip("\r\n"))))


def _pieces(text: str) -> Iterator[Run]:
    pen = PLAIN
    head, _, tail = text.rpartition("\r")
    for match in _token.finditer(head):
        pen = _obeyed(pen, match)
    at = 0
    for match in _token.finditer(tail):
        yield Run(tail[at : match.start()], pen)
        at = match.end()
        pen = _obeyed(pen, match)
    yield Run(tail[at:], pen)


def _obeyed(pen: Pen, match: re.Match[str]) -> Pen:
    """The pen after one sequence."""
    if match["final"] == "m":
        return _apply(pen, match["parameters"])
    link = match["link"]
    if link is None:
        return pen
    linked = pen._replace(link=link if _safe_link(link) else "")
    return PLAIN if linked == PLAIN else linked


def _merged(pieces: Iterator[Run]) -> list[Run]:
    merged: list[Run] = []
    for text, pen in pieces:
        if merged and merged[-1].pen == pen:
            merged[-1] = Run(merged[-1].text + text, pen)
        elif text:
            merged.append(Run(text, pen))
    return merged


def _with_tabs(found: list[Run]) -> list[Run]:
    """Tabs become spaces up to the next eighth cell, counting wide characters as they are drawn."""
    if not any("\t" in text for text, _ in found):
        return found
    column, expanded = 0, []
    for text, pen in found:
        parts = text.split("\t")
        line = ""
        for number, part in enumerate(parts):
            line += part
            column += cell_len(part)
            if number < len(parts) - 1:
                gap = TAB - column % TAB
                line += " " * gap
                column += gap
        expanded.append(Run(line, pen))
    return expanded


def _apply(pen: Pen, parameters: str) -> Pen:
    """The pen after one SGR sequence; parts that are not understood change nothing."""
    numbers = _numbers(parameters)
    for code in numbers:
        if code == 0:
            pen = PLAIN._replace(link=pen.link) if pen.link else PLAIN
        elif code == 22:
            pen = pen._replace(bold=False, dim=False)
        elif code in _ON:
            pen = pen._replace(**{_ON[code]: True})  # type: ignore[arg-type]
        elif code in _OFF:
            pen = pen._replace(**{_OFF[code]: False})  # type: ignore[arg-type]
        else:
            pen = _coloured(pen, code, numbers)
    return pen


def _coloured(pen: Pen, code: int, rest: Iterator[int]) -> Pen:
    if 30 <= code <= 37:
        return pen._replace(foreground=code - 30)
    if 90 <= code <= 97:
        return pen._replace(foreground=code - 82)
    if 40 <= code <= 47:
        return pen._replace(background=code - 40)
    if 100 <= code <= 107:
        return pen._replace(background=code - 92)
    if code == 39:
        return pen._replace(foreground=None)
    if code == 49:
        return pen._replace(background=None)
    if code in (38, 48) and (colour := _extended(rest)) is not None:
        return pen._replace(foreground=colour) if code == 38 else pen._replace(background=colour)
    return pen


def _extended(rest: Iterator[int]) -> Colour:
    """The colour after 38 or 48: ``5;n`` or ``2;r;g;b``."""
    mode = next(rest, -1)
    if mode == 5:
        number = next(rest, -1)
        return number if 0 <= number <= 255 else None
    if mode == 2:
        red, green, blue = next(rest, -1), next(rest, -1), next(rest, -1)
        return (red, green, blue) if all(0 <= part <= 255 for part in (red, green, blue)) else None
    return None


def _numbers(parameters: str) -> Iterator[int]:
    """Parameters as numbers. A missing one is 0, an absurd or private one -1 (no code)."""
    for parameter in parameters.split(";"):
        if ":" in parameter:
            yield from _subparameters(parameter.split(":"))
        elif parameter == "":
            yield 0
        else:
            yield int(parameter) if len(parameter) <= 3 and parameter.isdecimal() else -1


def _subparameters(parts: list[str]) -> Iterator[int]:
    """ISO 8613-6 form: ``38:2::r:g:b`` has a colour space that is skipped; ``4:3`` is a kind of underline."""
    numbers = [int(part) if len(part) <= 3 and part.isdecimal() else -1 for part in parts]
    if numbers[0] in (38, 48):
        yield from numbers[:2]
        yield from numbers[2:][-3:] if numbers[1:2] == [2] else numbers[2:3]
    elif numbers[0] == 4 and numbers[1:2] == [0]:
        yield 24
    else:
        yield numbers[0]
