"""The names of report formats, as AWS spells them and as people do.

https://docs.aws.amazon.com/codebuild/latest/userguide/test-reporting.html
"""

from __future__ import annotations

import difflib
import re

TESTS = ("JUNITXML", "CUCUMBERJSON", "NUNITXML", "NUNIT3XML", "TESTNGXML", "VISUALSTUDIOTRX")
COVERAGE = ("CLOVERXML", "COBERTURAXML", "JACOCOXML", "SIMPLECOV", "LCOV")
BEYOND_AWS = ("LCOV",)
DEFAULT = "JUNITXML"

_OTHERS = {
    "JUNIT": "JUNITXML",
    "CUCUMBER": "CUCUMBERJSON",
    "NUNIT": "NUNITXML",
    "NUNIT2XML": "NUNITXML",
    "NUNIT3": "NUNIT3XML",
    "TESTNG": "TESTNGXML",
    "TRX": "VISUALSTUDIOTRX",
    "VISUALSTUDIO": "VISUALSTUDIOTRX",
    "VISUALSTUDIOTRXXML": "VISUALSTUDIOTRX",
    "CLOVER": "CLOVERXML",
    "COBERTURA": "COBERTURAXML",
    "JACOCO": "JACOCOXML",
    "SIMPLECOVJSON": "SIMPLECOV",
    "LCOVINFO": "LCOV",
}


def canonical(text: str) -> str | None:
    """AWS's name of a format; None where it is none. Case, blanks, hyphens and a missing XML do not matter."""
    if not text.strip():
        return DEFAULT
    word = re.sub(r"[^A-Z0-9]", "", text.upper())
    word = _OTHERS.get(word, word)
    return word if word in TESTS + COVERAGE else None


def nearest(text: str) -> str:
    """The format that was probably meant; empty where none is near."""
    near = difflib.get_close_matches(re.sub(r"[^A-Z0-9]", "", text.upper()), TESTS + COVERAGE + tuple(_OTHERS), 1)
    return (canonical(near[0]) or "") if near else ""
