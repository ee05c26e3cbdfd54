"""Report files of any format, read into cases or coverage."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from xml.etree.ElementTree import Element

from engine.reports import coverage, tests_xml, xml
from engine.reports.cucumber import cucumber
from engine.reports.formats import COVERAGE
from engine.reports.model import Case, Covered, UnreadableReport

LARGEST = 64 << 20
"""Bytes of a report file that is read at all."""

_CASES_XML: dict[str, Callable[[Element], Iterator[Case]]] = {
    "JUNITXML": tests_xml.junit,
    "NUNITXML": tests_xml.nunit,
    "NUNIT3XML": tests_xml.nunit3,
    "TESTNGXML": tests_xml.testng,
    "VISUALSTUDIOTRX": tests_xml.trx,
}
_COVERED_XML: dict[str, Callable[[Element], Iterator[Covered]]] = {
    "CLOVERXML": coverage.clover,
    "COBERTURAXML": coverage.cobertura,
    "JACOCOXML": coverage.jacoco,
}
_COVERED: dict[str, Callable[[bytes], Iterator[Covered]]] = {"SIMPLECOV": coverage.simplecov, "LCOV": coverage.lcov}

# What reports hold most of, and nobody reads here: what tests wrote, and lines that are told of twice.
_UNREAD = frozenset({"properties", "system-out", "system-err", "StdOut", "StdErr", "reporter-output", "params"})
_UNREAD_OF_COVERAGE = {
    "COBERTURAXML": frozenset({"methods", "sources"}),
    "JACOCOXML": frozenset({"class", "line", "sessioninfo"}),
    "CLOVERXML": frozenset({"class"}),
}


def is_coverage(file_format: str) -> bool:
    """Whether a format tells of coverage; the others tell of tests."""
    return file_format in COVERAGE


def read_cases(file: Path, file_format: str) -> list[Case]:
    """The test cases of a file. Raises `UnreadableReport`."""
    raw = _raw(file)
    if file_format == "CUCUMBERJSON":
        return list(cucumber(raw))
    return list(_CASES_XML[file_format](xml.parse(raw, without=_UNREAD)))


def read_coverage(file: Path, file_format: str) -> list[Covered]:
    """The coverage in a file. Raises `UnreadableReport`."""
    raw = _raw(file)
    if file_format in _COVERED:
        return list(_COVERED[file_format](raw))
    return list(_COVERED_XML[file_format](xml.parse(raw, without=_UNREAD_OF_COVERAGE.get(file_format, frozenset()))))


def _raw(file: Path) -> bytes:
    try:
        with file.open("rb") as stream:
            raw = stream.read(LARGEST + 1)
    except OSError as error:
        raise UnreadableReport(str(error)) from error
    if len(raw) > LARGEST:
        raise UnreadableReport(f"larger than {LARGEST >> 20} MiB")
    return raw
