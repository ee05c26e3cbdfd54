"""The glob patterns of trigger filters.

Follows https://docs.aws.amazon.com/codepipeline/latest/userguide/syntax-glob.html: ``*`` stays within a segment, ``**``
crosses segments, and ``a/**/b`` matches ``a/b`` as well, as AWS's own example has it.
"""

from __future__ import annotations

import re
from functools import lru_cache


def matches(pattern: str, name: str) -> bool:
    """Whether a pattern matches a whole name (a branch, a tag or a path). One that cannot be read matches nothing."""
    compiled = _compiled(pattern)
    return compiled is not None and compiled.fullmatch(name) is not None


def problem(pattern: str) -> str:
    """Why a pattern cannot be read, for people; empty where it can."""
    try:
        re.compile(_translate(pattern))
    except ValueError as error:
        return str(error)
    except re.error:
        return f"{pattern!r} is no pattern"
    return ""


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> re.Pattern[str] | None:
    try:
        return re.compile(_translate(pattern), re.DOTALL)
    except (ValueError, re.error):
        return None


def _translate(pattern: str) -> str:
    found: list[str] = []
    at, grouped = 0, False
    while at < len(pattern):
        character = pattern[at]
        at += 1
        if character == "*":
            at, piece = _stars(pattern, at)
            found.append(piece)
        elif character == "?":
            found.append("[^/]")
        elif character == "[":
            at, piece = _set(pattern, at)
            found.append(piece)
        elif character == "{":
            if grouped:
                raise ValueError(f"{pattern!r} has braces within braces, which AWS does not take")
            grouped = True
            found.append("(?:")
        elif character == "}" and grouped:
            grouped = False
            found.append(")")
        elif character == "," and grouped:
            found.append("|")
        elif character == "\\":
            if at == len(pattern):
                raise ValueError(f"{pattern!r} ends with a backslash; write the character that it protects after it")
            found.append(re.escape(pattern[at]))
            at += 1
        else:
            found.append(re.escape(character))
    if grouped:
        raise ValueError(f"{pattern!r} has an open brace that nothing closes")
    return "".join(found)


def _stars(pattern: str, at: int) -> tuple[int, str]:
    """What stands for a run of stars that began before `at`, and where it ends."""
    begin = at - 1
    while pattern[at : at + 1] == "*":
        at += 1
    if at - begin == 1:
        return at, "[^/]*"
    if (begin == 0 or pattern[begin - 1] == "/") and pattern[at : at + 1] == "/":
        return at + 1, "(?:.*/)?"  # whole segments, none of them included
    return at, ".*"


def _set(pattern: str, at: int) -> tuple[int, str]:
    """``[abc]``, ``[a-z]``, ``[!a]``: in there nothing but ``-`` and a leading ``!`` is special."""
    end = pattern.find("]", at)
    if end < 0:
        raise ValueError(f"{pattern!r} has an open bracket that nothing closes")
    members = pattern[at:end]
    negated = members.startswith("!")
    members = members.removeprefix("!")
    if not members:
        raise ValueError(f"{pattern!r} has an empty pair of brackets")
    escaped = re.sub(r"([\\\[\]^&~|])", r"\\\1", members)
    if escaped.startswith("-"):
        escaped = "\\" + escaped
    return end + 1, f"(?!/)[{'^' * negated}{escaped}]"
