"""What a rule is, and the list of all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from importlib import import_module

from engine.model.diagnostics import Severity
from engine.reading.outline import Outline
from engine.reading.problem import Path, Problem

_MODULES = (
    "stages",
    "stores",
    "action_types",
    "configuration",
    "commands",
    "artifacts",
    "namespaces",
    "references",
    "triggers",
    "conditions",
    "rule_values",
    "pipeline_type",
)


@dataclass(frozen=True, slots=True)
class Rule:
    """A stable code, one line for the documentation, AWS's exception, and the function that finds breaches."""

    code: str
    title: str
    exception: str
    severity: Severity
    function: Callable[[Outline], Iterator[Problem]]

    def check(self, pipeline: Outline) -> Iterator[Problem]:
        """What breaks the rule, with the rule's code and exception filled in."""
        for problem in self.function(pipeline):
            severity = problem.severity if self.severity is Severity.ERROR else self.severity
            yield replace(problem, code=self.code, exception=self.exception, severity=severity)


_RULES: list[Rule] = []


def rule(
    code: str, title: str, exception: str, severity: Severity = Severity.ERROR
) -> Callable[[Callable[[Outline], Iterator[Problem]]], Callable[[Outline], Iterator[Problem]]]:
    """Declare a rule. With severity WARNING nothing it finds is an error: AWS may accept it."""

    def declare(function: Callable[[Outline], Iterator[Problem]]) -> Callable[[Outline], Iterator[Problem]]:
        if clash := next((known for known in _RULES if known.code == code), None):
            raise ValueError(f"{function.__name__} and {clash.function.__name__} are both {code}")
        _RULES.append(Rule(code, title, exception, severity, function))
        return function

    return declare


def found(path: Path, message: str, hint: str = "", *, key: bool = False, certain: bool = True) -> Problem:
    """A breach. `certain=False`: AWS may accept it, so it is only a warning."""
    return Problem("", path, message, hint, Severity.ERROR if certain else Severity.WARNING, key=key)


@cache
def all_rules() -> tuple[Rule, ...]:
    """Every rule, in the order of their codes."""
    for module in _MODULES:
        import_module(f"engine.reading.rules.{module}")
    return tuple(sorted(_RULES, key=lambda each: each.code))


STRUCTURE = "InvalidStructureException"
STAGE = "InvalidStageDeclarationException"
ACTION = "InvalidActionDeclarationException"
