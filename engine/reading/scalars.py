"""Single values as the user wrote them.

YAML turns an unquoted ``3.10`` into 3.1 and ``yes`` into true. AWS wants strings nearly everywhere, so nothing is
converted on reading: a value that stood without quotes stays text (`Plain`), and whoever needs a number asks for one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_BOOLS = frozenset({"true", "false", "yes", "no", "on", "off"})
_INT = re.compile(r"[-+]?[0-9]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")


class Plain(str):
    """Text that stood without quotes: in other readers a number, a truth value or a date."""

    __slots__ = ()


def is_null(text: str) -> bool:
    """Whether unquoted YAML text means that nothing is there."""
    return text in _NULLS


def text_of(value: object) -> str | None:
    """The text of a scalar as it was written, None for anything else."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return None


def int_of(value: object) -> int | None:
    """The whole number that a scalar spells, None where it spells none."""
    if isinstance(value, str) and len(value) < 20 and _INT.fullmatch(value):
        return int(value)
    return None


def kind_of(value: object) -> str:
    """What a person would call the value: text, a number, true or false, a list, a mapping, nothing."""
    if value is None:
        return "nothing"
    if isinstance(value, bool) or (isinstance(value, Plain) and value.lower() in _BOOLS):
        return "true or false"
    if isinstance(value, Plain) and _FLOAT.fullmatch(value):
        return "a number"
    if isinstance(value, str):
        return "text"
    return "a list" if isinstance(value, list) else "a mapping"


class Symbolic(str):
    """Text with parts that nothing here gives a value to: each stands there by its name (`names`).

    Only an account, or whoever gives the value, knows what will stand there, so no check of its content is meant.
    """

    __slots__ = ("names",)
    names: tuple[str, ...]

    def __new__(cls, text: str, names: tuple[str, ...] = ()) -> Symbolic:
        """`names` may be left out where the text itself is the one name."""
        found = super().__new__(cls, text)
        found.names = names or (text,)
        return found


def joined(parts: Iterable[str], between: str = "") -> str:
    """The texts as one; what is symbolic in them stays so."""
    parts = list(parts)
    text = between.join(parts)
    names = tuple(dict.fromkeys(name for part in parts if isinstance(part, Symbolic) for name in part.names))
    return Symbolic(text, names) if names else text
