"""The file patterns of buildspecs: ``*`` and ``?`` stay within a name, ``**`` crosses folders, ``{a,b}`` is either.

Names that begin with a dot are matched like any other. Only files match; a folder's own name does not.
"""

from __future__ import annotations

import functools
import itertools
import os
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from engine.artifacts.looks import Depth

Seen = Callable[[str, Depth], None]
"""Told of a path that was looked at, and of what of it (`engine.artifacts.looks`)."""

_MAGIC = re.compile(r"[*?\[{]")
_Step = str | re.Pattern[str] | None  # a literal name, a name pattern, or None for **


def is_pattern(text: str) -> bool:
    """Whether the text holds any wildcard."""
    return bool(_MAGIC.search(text))


class Glob:
    """One pattern, ready to be walked with. Patterns use forward slashes and are relative to a folder."""

    def __init__(self, pattern: str) -> None:
        self._rows = tuple(_steps(one) for one in expand_braces(pattern))

    @property
    def start(self) -> frozenset[tuple[int, int]]:
        """The state before any path component."""
        return self._closed((row, 0) for row in range(len(self._rows)))

    def step(self, states: frozenset[tuple[int, int]], name: str) -> frozenset[tuple[int, int]]:
        """The states after one more path component; empty when nothing below can match."""
        return self._closed(self._after(states, name))

    def accepts(self, states: frozenset[tuple[int, int]]) -> bool:
        """Whether a path that led to these states matches."""
        return any(position == len(self._rows[row]) for row, position in states)

    def matches(self, path: str) -> bool:
        """Whether this relative path matches."""
        states = self.start
        for name in path.split("/"):
            states = self.step(states, name)
            if not states:
                return False
        return self.accepts(states)

    def next_names(self, states: frozenset[tuple[int, int]]) -> list[str] | None:
        """The only names that can come next, or None where any can: spares listing a folder for ``a/b/c``."""
        names = []
        for row, position in states:
            if position < len(self._rows[row]):
                step = self._rows[row][position]
                if not isinstance(step, str):
                    return None
                names.append(step)
        return sorted(set(names))

    def _after(self, states: frozenset[tuple[int, int]], name: str) -> Iterator[tuple[int, int]]:
        for row, position in states:
            steps = self._rows[row]
            if position == len(steps):
                continue
            step = steps[position]
            if step is None:
                yield row, position
            elif step == name if isinstance(step, str) else step.fullmatch(name):
                yield row, position + 1

    def _closed(self, states: Iterator[tuple[int, int]]) -> frozenset[tuple[int, int]]:
        closed = set()
        for row, position in states:
            closed.add((row, position))
            while position < len(self._rows[row]) and self._rows[row][position] is None:
                position += 1  # ** also stands for no folder at all
                closed.add((row, position))
        return frozenset(closed)


def expand_braces(pattern: str) -> list[str]:
    """``a.{js,css}`` as ``a.js`` and ``a.css``; braces may be nested. Without a comma they are plain text."""
    depth, start = 0, -1
    commas: list[int] = []
    for at, character in enumerate(pattern):
        if character == "{":
            depth += 1
            if depth == 1:
                start, commas = at, []
        elif character == "," and depth == 1:
            commas.append(at)
        elif character == "}" and depth:
            depth -= 1
            if depth == 0 and commas:
                ends = [start, *commas, at]
                middles = [pattern[a + 1 : b] for a, b in itertools.pairwise(ends)]
                tails = expand_braces(pattern[at + 1 :])
                return [
                    pattern[:start] + inner + tail
                    for middle in middles
                    for inner in expand_braces(middle)
                    for tail in tails
                ]
    return [pattern]


def nobody(path: str, depth: Depth) -> None:
    """Nobody wants to know what was looked at."""


def find(root: Path, pattern: str, *, follow: bool, seen: Seen = nobody) -> list[str]:
    """The files below `root` that match, as sorted relative paths with forward slashes.

    With `follow`, links count as what they point to, and broken ones not at all; without, as files themselves.
    `seen` is told of every folder that was listed and every name that was looked for.
    """
    found: list[str] = []
    glob = Glob(pattern)
    _visit(str(root), "", glob, glob.start, found.append, follow, (os.path.realpath(root),), seen)
    return sorted(found)


def find_folders(root: Path, pattern: str, *, seen: Seen = nobody) -> list[str]:
    """The folders below `root` whose own path matches, sorted."""
    found: list[str] = []
    glob = Glob(pattern)

    def visit(folder: str, prefix: str, states: frozenset[tuple[int, int]]) -> None:
        seen(folder, "n")
        for entry in sorted(_entries(folder), key=lambda entry: entry.name):
            after = glob.step(states, entry.name)
            if after and entry.is_dir(follow_symlinks=False):
                if glob.accepts(after):
                    found.append(prefix + entry.name)
                visit(entry.path, f"{prefix}{entry.name}/", after)

    visit(str(root), "", glob.start)
    return found


def _visit(
    folder: str,
    prefix: str,
    glob: Glob,
    states: frozenset[tuple[int, int]],
    found: Callable[[str], None],
    follow: bool,
    above: Sequence[str],
    seen: Seen,
) -> None:
    names = glob.next_names(states)
    for name, is_link, is_folder, is_file in _entries_named(folder, names, follow, seen):
        after = glob.step(states, name)
        if not after:
            continue
        path = f"{folder}/{name}"
        if is_folder:
            real = os.path.realpath(path) if is_link else f"{above[-1]}/{name}"
            if real not in above:  # a link to a folder above would go round for ever
                _visit(path, f"{prefix}{name}/", glob, after, found, follow, (*above, real), seen)
        elif is_file and glob.accepts(after):
            found(prefix + name)


def _entries_named(
    folder: str, names: list[str] | None, follow: bool, seen: Seen
) -> Iterator[tuple[str, bool, bool, bool]]:
    """name, is a link, is a folder, is a file: of all entries or of those names."""
    if names is None:
        seen(folder, "n")
        for entry in _entries(folder):
            if not entry.is_symlink():
                yield entry.name, False, entry.is_dir(), entry.is_file()
            elif not follow:
                yield entry.name, True, False, True
            else:  # a link that leads round in a circle is an error to the entry
                yield entry.name, True, os.path.isdir(entry.path), os.path.isfile(entry.path)  # noqa: PTH112, PTH113
        return
    for name in names:
        path = f"{folder}/{name}"
        seen(path, "k")
        link = os.path.islink(path)  # noqa: PTH114 - hot
        if link and not follow:
            yield name, True, False, True
        else:
            yield name, link, os.path.isdir(path), os.path.isfile(path)  # noqa: PTH112, PTH113 - hot


def _entries(folder: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except OSError:
        return []


def _steps(pattern: str) -> tuple[_Step, ...]:
    if pattern.endswith("/"):
        pattern += "**/*"  # a folder: all that is in it
    steps: list[_Step] = []
    for name in pattern.split("/"):
        if name == "**":
            if not steps or steps[-1] is not None:
                steps.append(None)
        elif name not in ("", "."):
            steps.append(_name(name))
    return tuple(steps)


@functools.lru_cache(256)
def _name(pattern: str) -> str | re.Pattern[str]:
    if not is_pattern(pattern):
        return pattern
    translated, at = "", 0
    while at < len(pattern):
        character = pattern[at]
        at += 1
        if character == "*":
            translated += ".*"
        elif character == "?":
            translated += "."
        elif character == "[" and (end := pattern.find("]", at + 1)) != -1:
            inner = pattern[at:end].replace("\\", r"\\").replace("[", r"\[")
            translated += f"[^{inner[1:]}]" if inner[0] in "!^" else f"[{inner}]"
            at = end + 1
        else:
            translated += re.escape(character)
    try:
        return re.compile(translated, re.DOTALL)
    except re.error:
        return pattern
