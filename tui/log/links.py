"""Places in files and addresses that a line of a log names: tracebacks, compilers, linters, test runners, URLs."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from tui.log.ansi import Run
from tui.log.shown import Matcher, as_shown

Find = Callable[[str], Path | None]
"""Gives the file that a path in a log means; None where there is none."""
LOOK_BACK = 100
"""Lines in which a linter's list of findings may have begun."""


class Link(NamedTuple):
    """Characters of a line that lead somewhere: to a file (and a line of it, 0: none in particular), or a URL.

    `symbol` is what to look for in the file where the log names no line.
    """

    start: int
    end: int
    file: Path | None = None
    line: int = 0
    url: str = ""
    symbol: str = ""


# A path begins where no longer one could; its length is bounded, or a line of nothing else would take for ever.
_PATH = r"(?<![\w./~@+-])(?P<path{0}>(?:[A-Za-z]:[\\/]|~/)?[\w./@+~$-](?:[\w./@+~\[\]$-]{{0,300}}?\w)?)"
_places = re.compile(
    "|".join(
        (
            r'File "(?P<path1>[^"\n]{1,300})", line (?P<line1>\d{1,7})',  # Python
            _PATH.format(2) + r"(?::|\(|:\[| on line |:line )(?P<line2>\d{1,7})(?:[:,]\d{1,7})?",  # nearly everybody
            _PATH.format(3) + r"::(?P<symbol>\w{1,100}(?:::\w{1,100})*)",  # pytest's names of tests
        )
    )
)
# A file's name ends in a letter or nearly so; a time of day does not, and lines full of those must stay cheap.
_hint = re.compile(r"[:(](?:(?<=[A-Za-z].)|(?<=[A-Za-z]\d.)|(?<=[A-Za-z]\d\d.))\[?\d|::\w")
_frame = re.compile(
    r"\bat (?:[\w.$-]+/)?(?P<name>[\w$]+(?:\.[\w$<>]+)+)\((?P<file>\w+\.(?:java|kt|scala|groovy)):(?P<line>\d+)\)"
)
_finding = re.compile(r"\s+(?P<line>\d{1,7}):\d{1,7}\s+(?:error|warning|✖|⚠)")
_header = re.compile(r"\s*(?P<path>\S{1,300}\.\w{1,8})\s*")
_address = re.compile(r"https?://[^\s\"'<>`|\\^{}\x00-\x20\x7f-\uffff]{1,1000}")
_NAMES = ("Makefile", "Dockerfile", "Jenkinsfile", "Rakefile", "Gemfile")
_SOURCES = ("", "src/main/java/", "src/test/java/", "src/main/kotlin/", "src/test/kotlin/", "src/main/scala/", "src/")


def links(text: str, runs: Sequence[Run], find: Find, before: Callable[[int], str]) -> tuple[Link, ...]:
    """The links of a shown line, in order, none over another. `before(1)` is the line above it, and so on."""
    found = [*_hyperlinks(runs, find)] if len(runs) > 1 or (runs and runs[0].pen.link) else []
    if "://" in text:
        found += _addresses(text)
    if ((":" in text or "(" in text) and _hint.search(text)) or "line " in text:
        found += _frames(text, find)
        found += _files(text, find)
    elif text.startswith("  "):
        found += _findings(text, find, before)
    elif " " not in text and "." in text and (whole := _header.fullmatch(text)) and (file := find(whole["path"])):
        found.append(Link(*whole.span("path"), file))
    return tuple(_apart(found)) if found else ()


def _apart(found: list[Link]) -> Iterator[Link]:
    """The first of those that overlap; what the log itself calls a link goes before what looks like one."""
    taken: list[Link] = []
    for link in found:
        if all(link.end <= other.start or link.start >= other.end for other in taken):
            taken.append(link)
    return iter(sorted(taken))


def _hyperlinks(runs: Sequence[Run], find: Find) -> Iterator[Link]:
    at, start, url = 0, 0, ""
    if not any(run.pen.link for run in runs):
        return
    for text, pen in [*runs, Run("", runs[0].pen._replace(link=""))]:
        if pen.link != url:
            if url:
                yield _hyperlink(start, at, url, find)
            start, url = at, pen.link
        at += len(text)


def _hyperlink(start: int, end: int, url: str, find: Find) -> Link:
    if not url.lower().startswith("file:"):
        return Link(start, end, url=url)
    parts = urlsplit(url)
    number = re.search(r"\d+", parts.fragment)
    file = find(unquote(parts.path))
    return Link(start, end, file, int(number[0]) if number and file and len(number[0]) < 8 else 0)


def _addresses(text: str) -> Iterator[Link]:
    for match in _address.finditer(text):
        url = match[0].rstrip(".,;:!?")
        for opening, closing in ("()", "[]"):
            if url.endswith(closing) and url.count(opening) < url.count(closing):
                url = url[:-1]
        yield Link(match.start(), match.start() + len(url), url=url)


def _files(text: str, find: Find) -> Iterator[Link]:
    for match in _places.finditer(text):
        number = next(number for number in "123" if match[f"path{number}"] is not None)
        path = match[f"path{number}"]
        file = find(path) if "." in path or "/" in path or path in _NAMES else None
        if file is not None:
            line = 0 if number == "3" else int(match[f"line{number}"])
            yield Link(match.start(f"path{number}"), match.end(), file, line, symbol=match["symbol"] or "")


def _frames(text: str, find: Find) -> Iterator[Link]:
    """A stack trace of the JVM: a class names its file's folder, in one of the customary places."""
    for match in _frame.finditer(text):
        folder = match["name"].rsplit(".", 2)[0].replace(".", "/")
        candidates = (find(f"{source}{folder}/{match['file']}") for source in _SOURCES)
        file = next((candidate for candidate in candidates if candidate is not None), None)
        if file is not None:
            yield Link(match.start("file"), match.end("line"), file, int(match["line"]))


def _findings(text: str, find: Find, before: Callable[[int], str]) -> Iterator[Link]:
    """ESLint and its kin name the file once, and below it a line for each finding."""
    match = _finding.match(text)
    if match is None:
        return
    for back in range(1, LOOK_BACK):
        above = before(back)
        if _finding.match(above):
            continue
        header = _header.fullmatch(above)
        file = find(header["path"]) if header else None
        if file is not None:
            yield Link(match.start("line"), match.start("line") + len(match[0].split()[0]), file, int(match["line"]))
        return


def link_lines(find: Find) -> Matcher:
    """Finds the lines that lead somewhere. In a thread: it asks the disk for every path."""

    def found(data: bytes) -> list[int]:
        hits, at = [], 0
        for raw in data.split(b"\n"):
            if (b":" in raw or b"(" in raw or b"line " in raw) and len(raw) < 4096:
                text = raw.decode("utf-8", "replace")
                if any(link.file or link.url for link in links(text, (), find, lambda _: "")):
                    hits.append(at)
            at += len(raw) + 1
        return hits

    return as_shown(found)


def line_of(file: Path, symbol: str) -> int:
    """Where a file defines what a log names; 0 where it does not. `A::b` is `b`."""
    name = re.escape(symbol.rpartition("::")[2])
    defines = re.compile(rf"^\s*(?:async )?(?:def|class|function|fn|func)\s+{name}\b")
    try:
        with file.open(encoding="utf-8", errors="replace") as lines:
            return next((number for number, line in enumerate(lines, 1) if defines.match(line)), 0)
    except OSError:
        return 0
