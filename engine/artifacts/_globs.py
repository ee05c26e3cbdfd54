"""The globs of declared inputs, compiled once."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache


@lru_cache(maxsize=256)
def compile_globs(globs: tuple[str, ...]) -> re.Pattern[str]:
    """A pattern for whole paths that any of the globs matches.

    ``*`` and ``?`` stay within a name, ``**`` crosses directories, ``[...]`` and ``{a,b}`` choose; a path that names
    a directory stands for everything in it. All globs count from the tree's root.
    """
    return re.compile("|".join(f"(?:{_translate(_plain(glob))}(?:/.*)?)" for glob in globs) or "(?!)", re.DOTALL)


def may_match_below(globs: Sequence[str], directory: str) -> bool:
    """Whether a glob could match something in that directory: its fixed beginning must agree with the path."""
    return any(_agrees(_fixed(_plain(glob)), directory + "/") for glob in globs)


def _plain(glob: str) -> str:
    return glob.removeprefix("./").strip("/")


def _agrees(fixed: str, directory: str) -> bool:
    return fixed.startswith(directory) or directory.startswith(fixed) or directory == fixed + "/"


def _fixed(glob: str) -> str:
    return re.split(r"[*?\[{\\]", glob, maxsplit=1)[0]


def _translate(glob: str) -> str:
    out, at, depth = "", 0, 0
    while at < len(glob):
        char = glob[at]
        if glob.startswith("**/", at) and (at == 0 or glob[at - 1] == "/"):
            out, at = out + "(?:[^/]+/)*", at + 3
            continue
        if glob.startswith("**", at):
            out, at = out + ".*", at + 2
            continue
        end = glob.find("]", at + 2) if char == "[" else -1
        if end > 0:
            out, at = out + _bracket(glob[at + 1 : end]), end + 1
            continue
        if char == "\\" and at + 1 < len(glob):
            out, at = out + re.escape(glob[at + 1]), at + 2
            continue
        piece, depth = _single(char, depth)
        out, at = out + piece, at + 1
    return out + ")" * depth


def _single(char: str, depth: int) -> tuple[str, int]:
    match char:
        case "*":
            return "[^/]*", depth
        case "?":
            return "[^/]", depth
        case "{":
            return "(?:", depth + 1
        case "}" if depth:
            return ")", depth - 1
        case "," if depth:
            return "|", depth
        case _:
            return re.escape(char), depth


def _bracket(inner: str) -> str:
    negated = inner[:1] in ("!", "^")
    body = re.sub(r"([\\\[\]&~|^])", r"\\\1", inner[1:] if negated else inner)
    return f"(?!/)[{'^' if negated else ''}{body}]"
