"""Where a failure stands: the file and line that its message or stack trace names."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

_PYTHON = re.compile(r'File "(?P<file>[^"\n]+)", line (?P<line>\d+)')
_DOTNET = re.compile(r" in (?P<file>[^\n]{1,400}?):line (?P<line>\d+)")
_JAVA = re.compile(r"\((?P<file>[\w$]+\.(?:java|kt|scala|groovy)):(?P<line>\d+)\)")
# A path is looked for from its beginning only: from each of its letters on would take the square of its length.
_PLAIN = re.compile(r"(?<![\w./\\@+-])(?P<file>(?:[A-Za-z]:)?[\w./\\@+-]+\.[A-Za-z]\w{0,9}):(?P<line>\d+)")
_PATTERNS = (_PYTHON, _DOTNET, _JAVA, _PLAIN)


def places(text: str) -> Iterator[tuple[str, int]]:
    """Every file and line that a text names, in its order within each notation."""
    for pattern in _PATTERNS:
        for match in pattern.finditer(text):
            yield match["file"], int(match["line"])


def locate(text: str, find: Callable[[str], str]) -> tuple[str, int]:
    """The last place in the text that `find` knows as a file of the source, which is where the test's own code is.

    `find` gives the path within the source, or nothing. A trace's last line is in the code of the test or of what it
    tests; frameworks lie outside of the source.
    """
    known = [(found, line) for file, line in places(text) if (found := find(file))]
    return known[-1] if known else ("", 0)
