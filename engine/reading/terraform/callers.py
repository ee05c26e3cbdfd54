"""Who calls a module of the repository: with which values it is used is written there."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path as File

from engine.reading.problem import Unreadable
from engine.reading.source import read_text
from engine.reading.terraform.files import SUFFIXES
from engine.reading.walk import files_below

_MOST_ENTRIES = 4000
_DEEPEST = 5
_HIGHEST = 4
_LARGEST = 256 * 1024
_SOURCE = re.compile(r'^[^#\n]*?"?\bsource"?\s*[=:]\s*"(\.{1,2}(?:/[^"\n]*)?)"', re.MULTILINE)
_SKIPPED = frozenset({"node_modules", "vendor", "examples", "test", "tests"})


def callers(directory: File) -> list[File]:
    """The root modules that use the module in this directory, directly or not; itself where none does."""
    directory = File(os.path.normpath(directory))
    top = _top(directory)
    if top == directory:
        return [directory]
    uses = _uses(top)
    roots: list[File] = []
    waiting, seen = [directory], {directory}
    while waiting:
        place = waiting.pop()
        above = [caller for caller, called in uses if called == place and caller != place]
        if not above and place != directory:
            roots.append(place)
        for caller in above:
            if caller not in seen and not caller.is_relative_to(directory):
                seen.add(caller)
                waiting.append(caller)
    return sorted(roots) or [directory]


def _top(directory: File) -> File:
    """The repository; without one, two directories up."""
    home = File.home()
    above = [directory, *directory.parents][: _HIGHEST + 1]
    for place in above:
        if (place / ".git").exists():
            return place
    for place in above[:3][::-1]:
        if place not in (home, *home.parents) and len(place.parts) > 2:
            return place
    return directory


def _uses(top: File) -> list[tuple[File, File]]:
    """Who calls whom: directories of modules, below the top, by what they write as `source`."""
    found: list[tuple[File, File]] = []
    for file in _files(top):
        try:
            text = read_text(file) if file.stat().st_size <= _LARGEST else ""
        except (OSError, Unreadable):
            continue
        if "module" in text:
            found += ((file.parent, File(os.path.normpath(file.parent / each))) for each in _SOURCE.findall(text))
    return found


def _files(top: File) -> Iterator[File]:
    return files_below(
        top,
        lambda entry: entry.name.endswith(SUFFIXES),
        lambda entry: entry.name not in _SKIPPED,
        levels=_DEEPEST,
        most=_MOST_ENTRIES,
    )
