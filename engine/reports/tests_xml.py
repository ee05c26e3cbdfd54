"""Test reports in XML: JUnit, TestNG, NUnit 2 and 3, Visual Studio's TRX."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from engine.reports.model import Case, Status, UnreadableReport, message, name, number, seconds
from engine.reports.xml import text

_NUNIT: dict[str, Status] = {
    "success": "SUCCEEDED",
    "passed": "SUCCEEDED",
    "warning": "SUCCEEDED",
    "failure": "FAILED",
    "failed": "FAILED",
    "error": "ERROR",
    "invalid": "ERROR",
    "notrunnable": "ERROR",
    "cancelled": "ERROR",
    "ignored": "SKIPPED",
    "skipped": "SKIPPED",
    "explicit": "SKIPPED",
    "inconclusive": "UNKNOWN",
}
_TRX: dict[str, Status] = {
    "passed": "SUCCEEDED",
    "passedbutrunaborted": "SUCCEEDED",
    "completed": "SUCCEEDED",
    "warning": "SUCCEEDED",
    "failed": "FAILED",
    "error": "ERROR",
    "timeout": "ERROR",
    "aborted": "ERROR",
    "disconnected": "ERROR",
    "notexecuted": "SKIPPED",
    "notrunnable": "SKIPPED",
    "inconclusive": "UNKNOWN",
    "pending": "UNKNOWN",
    "inprogress": "UNKNOWN",
}
_TESTNG: dict[str, Status] = {"PASS": "SUCCEEDED", "FAIL": "FAILED", "SKIP": "SKIPPED"}


def junit(root: Element) -> Iterator[Case]:
    """``testsuites`` or ``testsuite``, however nested."""
    _expect(root, "testsuites", "testsuite")
    yield from _junit_suite(root, "")


def _junit_suite(suite: Element, path: str) -> Iterator[Case]:
    own = suite.get("name", "") if suite.tag == "testsuite" else path
    for child in suite:
        if child.tag == "testsuite":
            yield from _junit_suite(child, own)
        elif child.tag == "testcase":
            yield _junit_case(child, own, suite.get("file", ""))


def _junit_case(case: Element, suite: str, file: str) -> Case:
    status: Status = "SUCCEEDED"
    told = ""
    for tag, meaning in (("error", "ERROR"), ("failure", "FAILED"), ("skipped", "SKIPPED")):
        found = case.find(tag)
        if found is not None:
            status = meaning  # type: ignore[assignment]
            told = message(found.get("message"), text(found))
            break
    return Case(
        name=name(case.get("name")),
        suite=name(case.get("classname") or suite),
        status=status,
        seconds=seconds(case.get("time")),
        message=told,
        file=name(case.get("file") or file),
        line=number(case.get("line")),
    )


def testng(root: Element) -> Iterator[Case]:
    """``testng-results``. Configuration methods count only where they failed."""
    _expect(root, "testng-results")
    for suite in root.iter("class"):
        for method in suite.iter("test-method"):
            status = _TESTNG.get(method.get("status", ""), "UNKNOWN")
            if method.get("is-config") == "true" and status != "FAILED":
                continue
            exception = method.find("exception")
            told = ""
            if exception is not None:
                told = message(text(exception.find("message")), text(exception.find("full-stacktrace")))
                told = told or exception.get("class", "")
            took = number(method.get("duration-ms")) / 1000
            yield Case(name(method.get("name")), name(suite.get("name")), status, took, told)


def nunit(root: Element) -> Iterator[Case]:
    """``test-results`` of NUnit 2."""
    _expect(root, "test-results")
    for case in root.iter("test-case"):
        word = case.get("result", "").lower()
        status = _NUNIT.get(word, "UNKNOWN")
        if not word:
            ran = case.get("executed", "True").lower() == "true"
            status = "SKIPPED" if not ran else "SUCCEEDED" if case.get("success", "").lower() == "true" else "FAILED"
        suite, _, own = case.get("name", "").rpartition(".")
        yield Case(name(own), name(suite), status, seconds(case.get("time")), _nunit_message(case))


def nunit3(root: Element) -> Iterator[Case]:
    """``test-run`` of NUnit 3."""
    _expect(root, "test-run")
    for case in root.iter("test-case"):
        status = _NUNIT.get(case.get("result", "").lower(), "UNKNOWN")
        if case.get("label", "").lower() in ("error", "invalid", "cancelled"):
            status = "ERROR"
        suite = case.get("classname") or case.get("fullname", "").rpartition(".")[0]
        yield Case(name(case.get("name")), name(suite), status, seconds(case.get("duration")), _nunit_message(case))


def _nunit_message(case: Element) -> str:
    found = case.find("failure")
    found = found if found is not None else case.find("reason")
    return "" if found is None else message(text(found.find("message")), text(found.find("stack-trace")))


def trx(root: Element) -> Iterator[Case]:
    """``TestRun`` of Visual Studio."""
    _expect(root, "TestRun")
    classes = {}
    for test in root.iter("UnitTest"):
        method = test.find("TestMethod")
        classes[test.get("id")] = method.get("className", "") if method is not None else ""
    for result in root.iter("UnitTestResult"):
        if result.find("InnerResults") is not None:
            continue  # its rows count
        error = result.find("Output/ErrorInfo")
        told = "" if error is None else message(text(error.find("Message")), text(error.find("StackTrace")))
        yield Case(
            name=name(result.get("testName")),
            suite=name(classes.get(result.get("testId"), "").partition(",")[0]),
            status=_TRX.get(result.get("outcome", "").lower(), "UNKNOWN"),
            seconds=seconds(result.get("duration")),
            message=told,
        )


def _expect(root: Element, *names: str) -> None:
    if root.tag not in names:
        raise UnreadableReport(f"expected element type <{names[-1]}> but have <{root.tag}>")
