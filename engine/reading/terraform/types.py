"""The types of variables: what Terraform makes of a value before anything reads it."""

from __future__ import annotations

from engine.reading.problem import Unreadable
from engine.reading.terraform.evaluate import Scope
from engine.reading.terraform.hcl import read_hcl
from engine.reading.terraform.syntax import Call, Expression, Literal, Name, ObjectOf
from engine.reading.terraform.values import Lazy, Symbol, Unique, Unresolved, Value, list_of, number_of, text_of

_NUMBER, _BOOL, _STRING = "number", "bool", "string"


def converted(value: Value, kind: Expression, scope: Scope) -> Value:
    """The value as a type has it: what is optional is filled in. A value that does not fit stays as it is."""
    if value is None or isinstance(value, (Symbol, Lazy)):
        return value
    try:
        if isinstance(kind, (Name, Literal)):
            return _single(value, kind.name if isinstance(kind, Name) else str(kind.value))
        if isinstance(kind, Call) and kind.arguments:
            return _collection(value, kind, scope)
    except Unresolved:
        pass
    return value


def _single(value: Value, kind: str) -> Value:
    if kind == _STRING:
        return text_of(value)
    if kind == _NUMBER:
        return number_of(value)
    if kind == _BOOL and isinstance(value, str):
        return {"true": True, "false": False}.get(value, value)
    return value


def _collection(value: Value, kind: Call, scope: Scope) -> Value:
    inner = kind.arguments[0]
    if kind.function == "object" and isinstance(inner, ObjectOf) and isinstance(value, dict):
        return _object(value, inner, scope)
    if kind.function == "map" and isinstance(value, dict):
        return {key: converted(item, inner, scope) for key, item in value.items()}
    if kind.function in ("list", "set"):
        items = [converted(item, inner, scope) for item in list_of(value)]
        return Unique(items) if kind.function == "set" else items
    return value


def _object(value: dict[str, Value], kind: ObjectOf, scope: Scope) -> Value:
    made: dict[str, Value] = {}
    for key, inner in kind.items:
        name = str(key.value) if isinstance(key, Literal) else key.text
        optional = isinstance(inner, Call) and inner.function == "optional" and bool(inner.arguments)
        given = value.get(name)
        if isinstance(inner, Call) and optional:
            if given is None and len(inner.arguments) > 1:
                given = scope.value(inner.arguments[1])
            inner = inner.arguments[0]
        elif name not in value:
            continue
        made[name] = converted(given, inner, scope)
    return made


def from_text(text: str, kind: Expression | None, scope: Scope) -> Value:
    """The value that a text of the command line gives to a variable: text, unless its type says otherwise."""
    if kind is None or (isinstance(kind, Name) and kind.name == _STRING):
        return text
    try:
        value = scope.value(read_hcl(f"value = {text}\n").settings["value"].value)
    except (Unreadable, KeyError):
        return text
    return text if isinstance(value, Symbol) else value
