"""Runs the test files it is given and writes a JUnit report: `run.py REPORT FILE...`."""

from __future__ import annotations

import importlib.util
import sys
import unittest
from pathlib import Path
from xml.sax.saxutils import quoteattr

sys.path.insert(0, str(Path(__file__).parents[1]))


class Rows(unittest.TextTestResult):
    """Remembers what became of each test."""

    def __init__(self, *arguments: object) -> None:
        super().__init__(*arguments)
        self.rows: list[tuple[unittest.TestCase, str]] = []

    def addSuccess(self, test: unittest.TestCase) -> None:
        super().addSuccess(test)
        self.rows.append((test, ""))

    def addFailure(self, test: unittest.TestCase, err: object) -> None:
        super().addFailure(test, err)
        self.rows.append((test, f"<failure>{quoteattr(str(err))}</failure>"))


def load(file: str) -> unittest.TestSuite:
    spec = importlib.util.spec_from_file_location(Path(file).stem, file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return unittest.defaultTestLoader.loadTestsFromModule(module)


report, *files = sys.argv[1:]
suite = unittest.TestSuite(load(file) for file in files)
result = unittest.TextTestRunner(resultclass=Rows, verbosity=2).run(suite)
cases = "".join(
    f"<testcase classname={quoteattr(type(test).__name__)} name={quoteattr(test._testMethodName)}>{row}</testcase>"
    for test, row in result.rows
)
Path(report).write_text(f'<testsuite name="phrases">{cases}</testsuite>\n', encoding="utf-8")
sys.exit(not result.wasSuccessful())
