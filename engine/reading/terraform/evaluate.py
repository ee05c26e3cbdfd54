"""Expressions to values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace

from engine.reading.problem import Unreadable
from engine.reading.terraform.functions import FUNCTIONS, Files
from engine.reading.terraform.syntax import (
    Attribute,
    Call,
    Choice,
    Expression,
    For,
    Index,
    ListOf,
    Literal,
    Name,
    ObjectOf,
    Operation,
    Splat,
    Template,
)
from engine.reading.terraform.values import (
    LONGEST,
    UNKNOWN,
    Lazy,
    Symbol,
    Unresolved,
    Value,
    items_of,
    joined,
    list_of,
    number_of,
    text_of,
    truth_of,
)

MOST_STEPS = 100_000


@dataclass(slots=True)
class Budget:
    """How much work a module may still be. Raises `Unreadable` when it is spent."""

    left: int = MOST_STEPS
    _weighed: dict[int, tuple[Value, int]] = field(default_factory=dict)

    def weigh(self, value: Value) -> int:
        """How much a value holds, written out. Raises `Unresolved` for what doubles and doubles."""
        if not isinstance(value, (list, dict)):
            return 1
        if id(value) not in self._weighed:
            inner = value.values() if isinstance(value, dict) else value
            weight = 1 + sum(self.weigh(each) for each in inner)
            if weight > MOST_STEPS:
                raise Unresolved("too large")
            self._weighed[id(value)] = (value, weight)  # the value is kept: another must not get its id
        return self._weighed[id(value)][1]

    def spend(self, steps: int = 1) -> None:
        """A step, or what costs as much as several."""
        self.left -= steps
        if self.left < 0:
            raise Unreadable("GR107", "its expressions do not come to an end", "is a loop nested in a loop meant?")


@dataclass(frozen=True, slots=True)
class Scope:
    """What the names of an expression mean. `names` are loop variables and the roots of references."""

    names: Mapping[str, Value]
    files: Files
    budget: Budget = field(default_factory=Budget)

    def having(self, names: Mapping[str, Value]) -> Scope:
        """This scope and a few more names."""
        return replace(self, names={**self.names, **names})

    def value(self, expression: Expression) -> Value:
        """What the expression is worth; a `Symbol` where that cannot be known."""
        try:
            return self.certain(expression)
        except Unresolved:
            return symbol(expression)

    def certain(self, expression: Expression) -> Value:
        """The same, but raises `Unresolved` where Terraform would refuse it, as ``try()`` needs to know."""
        self.budget.spend()
        value = _EVALUATE[type(expression)](expression, self)
        if isinstance(value, (list, dict)):
            self.budget.weigh(value)
        return value


def symbol(expression: Expression) -> Symbol:
    """What stands for an expression that cannot be worked out."""
    text = expression.text
    return Symbol(text[1:-1] if text.startswith('"') and text.endswith('"') else f"${{{text}}}")


def _literal(expression: Literal, scope: Scope) -> Value:
    return expression.value


def _name(expression: Name, scope: Scope) -> Value:
    if expression.name in scope.names:
        return scope.names[expression.name]
    return scope.names["resource"].attribute(expression.name)  # type: ignore[union-attr]


def _template(expression: Template, scope: Scope) -> Value:
    values = [scope.value(part) for part in expression.parts]
    if len(values) == 1 and expression.text.startswith('"${'):
        return values[0]  # "${x}" alone is x itself, of whatever kind
    parts = [_shown(value, part) for value, part in zip(values, expression.parts, strict=True)]
    known = all(not isinstance(part, Symbol) for part in parts)
    return joined([str(part) for part in parts], known)


def _shown(value: Value, part: Expression) -> str | Symbol:
    if isinstance(value, Symbol):
        return value
    try:
        return text_of(value)
    except Unresolved:
        return symbol(part)


def _attribute(expression: Attribute, scope: Scope) -> Value:
    of = scope.certain(expression.of)
    if isinstance(of, Symbol):
        return symbol(expression)
    if isinstance(of, Lazy):
        return of.attribute(expression.name)
    if isinstance(of, dict) and expression.name in of:
        return of[expression.name]
    raise Unresolved(f"there is no {expression.name}")


def _index(expression: Index, scope: Scope) -> Value:
    of, key = scope.certain(expression.of), scope.certain(expression.key)
    if isinstance(of, Lazy):
        return of.index(key)
    if isinstance(of, Symbol) or isinstance(key, Symbol):
        return symbol(expression)
    if isinstance(of, list):
        number = int(number_of(key))
        if 0 <= number < len(of):
            return of[number]
    elif isinstance(of, dict) and (name := text_of(key)) in of:
        return of[name]
    raise Unresolved(f"there is no {key}")


def _splat(expression: Splat, scope: Scope) -> Value:
    of = scope.certain(expression.of)
    if isinstance(of, Symbol):
        return symbol(expression)
    if of is None:
        return []
    items: list[Value] = [of]
    if isinstance(of, (list, Lazy)):
        with suppress(Unresolved):
            items = list_of(of)
    return [scope.having({"*": item}).value(expression.each) for item in items]


def _choice(expression: Choice, scope: Scope) -> Value:
    condition = scope.certain(expression.condition)
    if not isinstance(condition, Symbol):
        return scope.certain(expression.yes if truth_of(condition) else expression.no)
    yes, no = scope.value(expression.yes), scope.value(expression.no)
    return yes if _same(yes, no) else symbol(expression)


def _list(expression: ListOf, scope: Scope) -> Value:
    return [scope.value(item) for item in expression.items]


def _object(expression: ObjectOf, scope: Scope) -> Value:
    made: dict[str, Value] = {}
    for key, value in expression.items:
        made[text_of(scope.value(key))] = scope.value(value)
    return made


def _for(expression: For, scope: Scope) -> Value:
    over = scope.certain(expression.over)
    if isinstance(over, Symbol):
        return symbol(expression)
    rows: list[Value] = []
    table: dict[str, Value] = {}
    for key, value in items_of(over):
        inner = scope.having({expression.names[0]: key, expression.names[1]: value})
        if expression.condition is not None:
            holds = inner.certain(expression.condition)
            if not isinstance(holds, Symbol) and not truth_of(holds):
                continue
        made = inner.value(expression.value)
        if expression.key is None:
            rows.append(made)
            continue
        name = text_of(inner.value(expression.key))
        group = table.setdefault(name, [])
        if expression.grouped and isinstance(group, list):
            group.append(made)
        else:
            table[name] = made
    if expression.joined:
        return joined([text_of(row) for row in rows], not any(isinstance(row, Symbol) for row in rows))
    return rows if expression.key is None else table


def _call(expression: Call, scope: Scope) -> Value:
    if expression.function in ("try", "can"):
        return _attempt(expression, scope)
    arguments = [scope.certain(argument) for argument in expression.arguments]
    if expression.spread and arguments:
        last = arguments.pop()
        if isinstance(last, Symbol):
            return symbol(expression)
        arguments += [value for _, value in items_of(last)]
    function = FUNCTIONS.get(expression.function.removeprefix("core::"))
    if function is None:
        return symbol(expression)
    if not function.sees_unknown and any(isinstance(argument, Symbol) for argument in arguments):
        return symbol(expression)
    made = function.apply(scope.files, arguments)
    if isinstance(made, (list, dict)) and len(made) > LONGEST:
        raise Unresolved("too long")
    return symbol(expression) if made is UNKNOWN else made


def _attempt(expression: Call, scope: Scope) -> Value:
    for argument in expression.arguments:
        try:
            value = scope.certain(argument)
        except Unresolved:
            continue
        return value if expression.function == "try" else True
    if expression.function == "can":
        return False
    raise Unresolved("no argument of try() has a value")


def _operation(expression: Operation, scope: Scope) -> Value:
    values = [scope.certain(operand) for operand in expression.operands]
    if expression.operator in ("&&", "||"):
        decisive = expression.operator == "||"
        known = [truth_of(value) for value in values if not isinstance(value, Symbol)]
        if decisive in known or len(known) == len(values):
            return decisive if decisive in known else not decisive
    if any(isinstance(value, Symbol) for value in values):
        return symbol(expression)
    if expression.operator == "!":
        return not truth_of(values[0])
    if expression.operator in ("==", "!="):
        return _same(*values) == (expression.operator == "==")
    if len(values) == 1:
        return -number_of(values[0])
    return _arithmetic(expression.operator, number_of(values[0]), number_of(values[1]))


def _arithmetic(operator: str, left: int | float, right: int | float) -> Value:
    if operator in "/%" and not right:
        raise Unresolved("division by zero")
    if abs(left) > 1e30 or abs(right) > 1e30:
        raise Unresolved("too large")
    made = _ARITHMETIC[operator](left, right)
    return int(made) if isinstance(made, float) and made.is_integer() else made


def _same(left: Value, right: Value) -> bool:
    """Numbers are not truth values, as they are to Python."""
    if isinstance(left, bool) is not isinstance(right, bool):
        return False
    return left == right


_ARITHMETIC: dict[str, Callable[[int | float, int | float], int | float | bool]] = {
    "+": lambda left, right: left + right,
    "-": lambda left, right: left - right,
    "*": lambda left, right: left * right,
    "/": lambda left, right: left / right,
    "%": lambda left, right: left % right,
    "<": lambda left, right: left < right,
    ">": lambda left, right: left > right,
    "<=": lambda left, right: left <= right,
    ">=": lambda left, right: left >= right,
}
_EVALUATE: dict[type[Expression], Callable[..., Value]] = {
    Literal: _literal,
    Name: _name,
    Template: _template,
    Attribute: _attribute,
    Index: _index,
    Splat: _splat,
    Choice: _choice,
    ListOf: _list,
    ObjectOf: _object,
    For: _for,
    Call: _call,
    Operation: _operation,
}
