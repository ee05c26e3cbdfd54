"""The functions of conditions, and the one that chooses by them. What they give is the text ``true`` or ``false``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.reading.cloudformation.absent import NO_VALUE
from engine.reading.cloudformation.text import written
from engine.reading.problem import Path
from engine.reading.scalars import text_of

if TYPE_CHECKING:
    from engine.reading.cloudformation.scope import Scope

Settled = tuple[Any, Path]


def if_(scope: Scope, argument: Any, at: Path) -> Settled:
    """One of two values."""
    if not (isinstance(argument, list) and len(argument) == 3):
        scope.complain(at, "Template error: Fn::If requires a condition name and two values")
        return NO_VALUE, at
    if isinstance(argument[0], str):
        holds = scope.holds(argument[0], (*at, 0))
    else:
        scope.complain((*at, 0), "Template error: Fn::If takes the name of a condition", "move it to Conditions")
        holds = scope.truth(argument[0], (*at, 0))
    branch = 1 if holds else 2
    return argument[branch], (*at, branch)


def _truth(value: bool, at: Path) -> Settled:
    return "true" if value else "false", at


def equals_(scope: Scope, argument: Any, at: Path) -> Settled:
    """Whether two values are the same."""
    if not (isinstance(argument, list) and len(argument) == 2):
        scope.complain(at, "Template error: every Fn::Equals object requires a list of 2 parameters")
        return _truth(False, at)
    left, right = (_compared(scope.plain(item, (*at, number))) for number, item in enumerate(argument))
    return _truth(left == right, at)


def _compared(value: Any) -> Any:
    text = written(value)
    return value if text is None else text


def and_(scope: Scope, argument: Any, at: Path) -> Settled:
    """Whether all hold."""
    return _truth(all(_truths(scope, argument, at)), at)


def or_(scope: Scope, argument: Any, at: Path) -> Settled:
    """Whether one holds."""
    return _truth(any(_truths(scope, argument, at)), at)


def not_(scope: Scope, argument: Any, at: Path) -> Settled:
    """Whether it does not hold."""
    return _truth(not any(_truths(scope, argument, at)), at)


def _truths(scope: Scope, argument: Any, at: Path) -> list[bool]:
    items = argument if isinstance(argument, list) else [argument]
    return [scope.truth(item, (*at, number)) for number, item in enumerate(items)]


def condition_(scope: Scope, argument: Any, at: Path) -> Settled:
    """Whether a condition of the template holds."""
    return _truth(scope.holds(str(text_of(argument) or ""), at), at)


def contains_(scope: Scope, argument: Any, at: Path) -> Settled:
    """Whether a list has a value."""
    pair = argument if isinstance(argument, list) and len(argument) == 2 else [[], None]
    values = scope.plain(pair[0], (*at, 0))
    return _truth(isinstance(values, list) and scope.plain(pair[1], (*at, 1)) in values, at)
