"""Code coverage: Clover, Cobertura, JaCoCo, SimpleCov and lcov."""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any
from xml.etree.ElementTree import Element

from engine.reports.model import Covered, UnreadableReport, number

_LCOV_TOTALS = ("LF", "LH", "BRF", "BRH")
_OF = re.compile(r"\((\d+)/(\d+)\)")


@dataclass(slots=True)
class _Lines:
    """The lines of one file, gathered: the same line may be told of more than once."""

    hits: dict[int, int] = field(default_factory=dict)
    branches: dict[int, tuple[int, int]] = field(default_factory=dict)

    def hit(self, line: int, count: int) -> None:
        self.hits[line] = self.hits.get(line, 0) + count

    def covered(self, path: str) -> Covered:
        taken = sum(one for one, _ in self.branches.values())
        return Covered(
            path, len(self.hits), sum(map(bool, self.hits.values())), sum(n for _, n in self.branches.values()), taken
        )


def clover(root: Element) -> Iterator[Covered]:
    """``coverage`` with projects, packages and files."""
    _expect(root, "coverage")
    places = list(root.iter("project")) or [root]  # a testproject's files are the tests
    for file in (file for place in places for file in place.iter("file")):
        path = file.get("path") or file.get("name") or ""
        metrics = file.find("metrics")
        if metrics is not None and metrics.get("statements") is not None:
            yield Covered(
                path,
                number(metrics.get("statements")),
                number(metrics.get("coveredstatements")),
                number(metrics.get("conditionals")),
                number(metrics.get("coveredconditionals")),
            )
            continue
        lines = _Lines()
        for line in file.findall("line"):
            if line.get("type") == "stmt":
                lines.hit(number(line.get("num")), number(line.get("count")))
            elif line.get("type") == "cond":
                sides = (number(line.get("truecount")) > 0, number(line.get("falsecount")) > 0)
                lines.branches[number(line.get("num"))] = (sum(sides), 2)
        yield lines.covered(path)


def cobertura(root: Element) -> Iterator[Covered]:
    """``coverage`` with packages and classes; the classes of one file are put together."""
    _expect(root, "coverage")
    files: dict[str, _Lines] = {}
    for each in root.iter("class"):
        lines = files.setdefault(each.get("filename", ""), _Lines())
        for line in each.findall("lines/line"):
            at = number(line.get("number"))
            lines.hit(at, number(line.get("hits")))
            if found := _OF.search(line.get("condition-coverage", "")):
                lines.branches[at] = (int(found[1]), int(found[2]))
    yield from (lines.covered(path) for path, lines in files.items())


def jacoco(root: Element) -> Iterator[Covered]:
    """``report`` with packages and source files."""
    _expect(root, "report")
    for package in root.iter("package"):
        for file in package.findall("sourcefile"):
            counters = {counter.get("type"): counter for counter in file.findall("counter")}
            lines, branches = (_counted(counters.get(kind)) for kind in ("LINE", "BRANCH"))
            path = posixpath.join(package.get("name", ""), file.get("name", ""))
            yield Covered(path, lines[1], lines[0], branches[1], branches[0])


def _counted(counter: Element | None) -> tuple[int, int]:
    """Covered, and all."""
    if counter is None:
        return 0, 0
    covered = number(counter.get("covered"))
    return covered, covered + number(counter.get("missed"))


def simplecov(raw: bytes) -> Iterator[Covered]:
    """SimpleCov's .resultset.json, its formatter's coverage.json, or simplecov-json's. Raises `UnreadableReport`."""
    try:
        found = json.loads(raw)
        if isinstance(found.get("files"), list):
            yield from (_of_ruby(file["filename"], file["coverage"]) for file in found["files"])
        elif isinstance(found.get("coverage"), dict):
            yield from (_of_ruby(path, told) for path, told in found["coverage"].items())
        else:
            suites = [suite["coverage"] for suite in found.values()]
            yield from _merged(suites)
    except (ValueError, AttributeError, TypeError, KeyError, RecursionError) as error:
        raise UnreadableReport(f"not readable as SimpleCov's JSON: {error}") from error


def _merged(suites: Iterable[dict[str, Any]]) -> Iterator[Covered]:
    """Several suites (RSpec, Minitest) of one result set: a line that any of them ran is covered."""
    files: dict[str, _Lines] = {}
    for suite in suites:
        for path, told in suite.items():
            _ruby_lines(files.setdefault(path, _Lines()), told)
    yield from (lines.covered(path) for path, lines in files.items())


def _of_ruby(path: str, told: Any) -> Covered:
    lines = _Lines()
    _ruby_lines(lines, told)
    return lines.covered(path)


def _ruby_lines(lines: _Lines, told: Any) -> None:
    """``[1, null, 0]``, or a mapping with such ``lines`` and perhaps ``branches``."""
    rows = told if isinstance(told, list) else told.get("lines") or ()
    for at, count in enumerate(rows, 1):
        if isinstance(count, int) and count >= 0:
            lines.hit(at, count)
    branches = {} if isinstance(told, list) else told.get("branches") or {}
    if isinstance(branches, dict):
        counts = [count for sides in branches.values() for count in sides.values()]
    else:
        counts = [branch.get("coverage") or 0 for branch in branches]
    for at, count in enumerate(counts):
        taken, _ = lines.branches.get(at, (0, 1))
        lines.branches[at] = (max(taken, int(bool(count))), 1)


def lcov(raw: bytes) -> Iterator[Covered]:
    """A tracefile: SF, DA and BRDA records. Raises `UnreadableReport`."""
    files: dict[str, tuple[_Lines, dict[str, int], dict[str, int]]] = {}
    current: tuple[_Lines, dict[str, int], dict[str, int]] | None = None
    for row in raw.decode("utf-8", "replace").splitlines():
        kind, _, rest = row.partition(":")
        if kind == "SF":
            current = files.setdefault(rest.strip(), (_Lines(), {}, {}))
        elif kind in _LCOV_TOTALS and current is not None:
            current[2][kind] = current[2].get(kind, 0) + number(rest)
        elif kind == "DA" and current is not None:
            at, count = (*rest.split(","), "0")[:2]
            current[0].hit(number(at), number(count))
        elif kind == "BRDA" and current is not None:
            place, _, taken = rest.rpartition(",")
            current[1][place] = current[1].get(place, 0) + number(taken.replace("-", "0"))
    if not files:
        raise UnreadableReport("has no SF record: no lcov tracefile")
    for path, (lines, branches, totals) in files.items():
        lines.branches = {at: (int(taken > 0), 1) for at, taken in enumerate(branches.values())}
        if lines.hits or not totals:
            yield lines.covered(path)
        else:  # a summary without its lines
            yield Covered(path, *(totals.get(kind, 0) for kind in _LCOV_TOTALS))


def _expect(root: Element, name: str) -> None:
    if root.tag != name:
        raise UnreadableReport(f"expected element type <{name}> but have <{root.tag}>")
