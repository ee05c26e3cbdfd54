"""What a piece of advice is, and the list of all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib import import_module

from engine.reading.advice.scene import Scene
from engine.reading.problem import Path

_MODULES = ("stages", "approvals", "artifacts", "secrets", "starting", "types", "builds", "permissions", "telling")
GUIDE = "https://docs.aws.amazon.com/codepipeline/latest/userguide/"
BUILD_GUIDE = "https://docs.aws.amazon.com/codebuild/latest/userguide/"
IAM_GUIDE = "https://docs.aws.amazon.com/IAM/latest/UserGuide/"


@dataclass(frozen=True, slots=True)
class Finding:
    """One place that could be better: `what` is there. `fix` says how to mend it where the usual words do not suit.

    `in_document`: the path is one of the document, beside the pipeline, instead of one of the pipeline.
    """

    path: Path
    what: str
    fix: str = ""
    key: bool = False
    in_document: bool = False


Check = Callable[[Scene], Iterator[Finding]]


@dataclass(frozen=True, slots=True)
class Advice:
    """A stable code, what is good practice (`title`), why, how to get there, and where AWS says so."""

    code: str
    title: str
    why: str
    fix: str
    reference: str
    function: Check


_ADVICE: list[Advice] = []


def advice(code: str, title: str, *, why: str, fix: str, reference: str) -> Callable[[Check], Check]:
    """Declare a piece of advice. The decorated function finds where it is not followed."""

    def declare(function: Check) -> Check:
        if clash := next((known for known in _ADVICE if known.code == code), None):
            raise ValueError(f"{function.__name__} and {clash.function.__name__} are both {code}")
        _ADVICE.append(Advice(code, title, why, fix, reference, function))
        return function

    return declare


@cache
def all_advice() -> tuple[Advice, ...]:
    """Every piece of advice, in the order of their codes."""
    for module in _MODULES:
        import_module(f"engine.reading.advice.{module}")
    return tuple(sorted(_ADVICE, key=lambda each: each.code))
