"""CloudFormation's functions. Each takes the scope, its argument and the argument's path, and returns value and path.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference.html
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from engine.reading.cloudformation import conditions
from engine.reading.cloudformation.absent import NO_VALUE
from engine.reading.cloudformation.attributes import attribute, reference
from engine.reading.problem import Path, nearest
from engine.reading.scalars import Symbolic, int_of, joined, text_of

if TYPE_CHECKING:
    from engine.reading.cloudformation.scope import Scope

LONGEST = 2_000_000
"""Characters of one text. CloudFormation stops at a template of half of that."""

Settled = tuple[Any, Path]
Function = Callable[["Scope", Any, Path], Settled]
_SUB = re.compile(r"\$\{(!?)([^${}]*)\}")


def named(key: str) -> Function | None:
    """The function that a mapping's only key calls. A misspelt prefix (``Fn::Ref``, ``Fn::GetAtt:``) is understood."""
    known = _FUNCTIONS.get(key)
    if known is None and key.startswith("Fn::") and not key.startswith("Fn::ForEach::"):
        name = key.rstrip(":")
        known = _FUNCTIONS.get(name) or _FUNCTIONS.get(name.removeprefix("Fn::"))
        return known if known is not None and name != "Fn::Condition" else None
    return known


def _ref(scope: Scope, argument: Any, at: Path) -> Settled:
    name = text_of(argument)
    if name is None:
        scope.complain(at, "Template error: every Ref object must have a single String value")
        return NO_VALUE, at
    if name == "AWS::NoValue":
        return NO_VALUE, at
    return lookup(scope, name, at), at


def lookup(scope: Scope, name: str, at: Path) -> str | list[str]:
    """What a Ref to a parameter or resource gives."""
    if name in scope.values:
        value = scope.values.get(name)
        if name in scope.values.declared:
            scope.used.append(name)
        return value
    if name in scope.resources:
        return reference(scope, scope.resources[name])
    return _unresolved(scope, name, at)


def _unresolved(scope: Scope, name: str, at: Path) -> Symbolic:
    if not scope.transformed:
        match = nearest(name, (*scope.resources, *scope.values.names()))
        message = f"Template format error: Unresolved resource dependencies [{name}] in the Resources block"
        scope.complain(at, message, f"did you mean {match!r}?" if match else "")
    return Symbolic(name)


def _get_att(scope: Scope, argument: Any, at: Path) -> Settled:
    if isinstance(argument, str):
        name, _, rest = argument.partition(".")
    else:
        parts = [text for item, _ in scope.items(argument, at) if (text := text_of(item)) is not None]
        name, rest = (parts[0], ".".join(parts[1:])) if parts else ("", "")
    if not name or not rest:
        scope.complain(at, "Template error: every Fn::GetAtt object requires two non-empty parameters")
        return Symbolic(name or "GetAtt"), at
    return _attribute(scope, name, rest, at), at


def _attribute(scope: Scope, name: str, rest: str, at: Path) -> str:
    if name in scope.resources:
        return attribute(scope, scope.resources[name], rest)
    _unresolved(scope, name, at)
    return Symbolic(f"{name}.{rest}")


def _sub(scope: Scope, argument: Any, at: Path) -> Settled:
    own: dict[str, str] = {}
    if isinstance(argument, list):
        given = argument[1] if len(argument) > 1 else None
        for key, value, place in scope.entries(given, (*at, 1)):
            own[key] = scope.text(value, place) or ""
        argument = argument[0] if argument else ""
    template = text_of(argument)
    if template is None:
        scope.complain(at, "Template error: Fn::Sub takes a string, or a list of a string and a mapping")
        return NO_VALUE, at
    parts: list[str] = []
    end, known = 0, dict[str, str]()
    for match in _SUB.finditer(template):
        literal, name = match[1], match[2].strip()
        parts.append(template[end : match.start()])
        if not literal and name not in known:
            known[name] = _substitute(scope, name, own, at)
        parts.append("${" + match[2] + "}" if literal else known[name])
        end = match.end()
    return bounded(scope, [*parts, template[end:]], "", at), at


def bounded(scope: Scope, parts: list[str], between: str, at: Path) -> str:
    """The texts as one, as long as that is a text that a template could hold."""
    if sum(map(len, parts)) + len(between) * len(parts) > LONGEST:
        scope.complain(at, f"a text of more than {LONGEST:,} characters")
        return Symbolic("text")
    return joined(parts, between)


def _substitute(scope: Scope, name: str, own: dict[str, str], at: Path) -> str:
    if name in own:
        return own[name]
    if "." in name and name not in scope.values:
        resource, _, rest = name.partition(".")
        return _attribute(scope, resource, rest, at)
    if name == "AWS::NoValue":
        return ""
    value = lookup(scope, name, at)
    return ",".join(value) if isinstance(value, list) else value


def _join(scope: Scope, argument: Any, at: Path) -> Settled:
    if not (isinstance(argument, list) and len(argument) == 2):
        scope.complain(at, "Template error: every Fn::Join object requires a delimiter and a list of strings")
        return NO_VALUE, at
    parts, _ = scope.settle(argument[1], (*at, 1))
    if isinstance(parts, str):  # a list that is still open, or one item
        return parts, at
    texts = [scope.text(item, place) for item, place in scope.items(parts, (*at, 1))]
    found = [text for text in texts if text is not None]
    return bounded(scope, found, scope.text(argument[0], (*at, 0)) or "", at), at


def _split(scope: Scope, argument: Any, at: Path) -> Settled:
    if not (isinstance(argument, list) and len(argument) == 2):
        scope.complain(at, "Template error: every Fn::Split object requires a delimiter and a string")
        return NO_VALUE, at
    delimiter, text = scope.text(argument[0], (*at, 0)), scope.text(argument[1], (*at, 1))
    if text is None or not delimiter:
        return NO_VALUE, at
    parts = text.split(delimiter)
    return ([Symbolic(part, text.names) for part in parts] if isinstance(text, Symbolic) else parts), at


def _select(scope: Scope, argument: Any, at: Path) -> Settled:
    if not (isinstance(argument, list) and len(argument) == 2):
        scope.complain(at, "Template error: every Fn::Select object requires an index and a list")
        return NO_VALUE, at
    index = int_of(scope.text(argument[0], (*at, 0)))
    found, place = scope.settle(argument[1], (*at, 1))
    items = list(scope.items(found, place)) if isinstance(found, list) else []
    if index is not None and 0 <= index < len(items):
        return items[index]
    names = found.names if isinstance(found, Symbolic) else ()
    names = names or next((item.names for item, _ in items if isinstance(item, Symbolic)), ())
    if not names and index is not None and isinstance(found, list):
        scope.complain(at, f"Template error: Fn::Select cannot select nonexistent value at index {index}")
    return Symbolic(f"{names[0] if names else 'Select'}-{index}", names), at


def _find_in_map(scope: Scope, argument: Any, at: Path) -> Settled:
    keys = argument if isinstance(argument, list) else []
    names = [scope.text(item, (*at, number)) or "" for number, item in enumerate(keys[:3])]
    value = scope.template.get("Mappings")
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    if value is not None and len(names) == 3:
        return value, at
    if len(keys) == 4 and isinstance(keys[3], dict) and "DefaultValue" in keys[3]:
        return scope.settle(keys[3]["DefaultValue"], (*at, 3, "DefaultValue"))
    opened = [name for name in names if isinstance(name, Symbolic)]
    if not opened:
        scope.complain(at, f"Template error: Unable to get mapping for {'::'.join(names)}")
    return Symbolic("-".join(names) or "mapping", tuple(each for name in opened for each in name.names)), at


def _import_value(scope: Scope, argument: Any, at: Path) -> Settled:
    return scope.values.imported(scope.text(argument, at) or "ImportValue"), at


def _base64(scope: Scope, argument: Any, at: Path) -> Settled:
    text = scope.text(argument, at) or ""
    encoded = base64.b64encode(text.encode("utf-8", "surrogateescape")).decode()
    return bounded(scope, [Symbolic(encoded, text.names) if isinstance(text, Symbolic) else encoded], "", at), at


def _cidr(scope: Scope, argument: Any, at: Path) -> Settled:
    from itertools import islice

    parts = argument if isinstance(argument, list) else []
    block, count, bits = ([scope.text(item, at) for item in parts] + [None] * 3)[:3]
    try:
        from ipaddress import ip_network

        network = ip_network(str(block), strict=False)
        prefix = network.max_prefixlen - int(bits or 8)
        wanted = min(256, int(count or 1))
        return [str(each) for each in islice(network.subnets(new_prefix=prefix), wanted)], at
    except ValueError:
        return Symbolic("Cidr", block.names if isinstance(block, Symbolic) else ()), at


def _get_azs(scope: Scope, argument: Any, at: Path) -> Settled:
    region = scope.text(argument, at) or str(scope.values.get("AWS::Region"))
    return [f"{region}{zone}" for zone in "abc"], at


def _transform(scope: Scope, argument: Any, at: Path) -> Settled:
    name = scope.text(argument.get("Name"), at) if isinstance(argument, dict) else None
    return Symbolic(f"{name or 'Transform'}".replace("::", "-")), at


def _to_json(scope: Scope, argument: Any, at: Path) -> Settled:
    return bounded(scope, [scope.json(argument, at)], "", at), at


def _length(scope: Scope, argument: Any, at: Path) -> Settled:
    found, place = scope.settle(argument, at)
    return (str(len(list(scope.items(found, place)))) if isinstance(found, list) else Symbolic("Length")), at


_FUNCTIONS: dict[str, Function] = {
    "Ref": _ref,
    "Condition": conditions.condition_,
    "Fn::GetAtt": _get_att,
    "Fn::Sub": _sub,
    "Fn::Join": _join,
    "Fn::Split": _split,
    "Fn::Select": _select,
    "Fn::If": conditions.if_,
    "Fn::Equals": conditions.equals_,
    "Fn::And": conditions.and_,
    "Fn::Or": conditions.or_,
    "Fn::Not": conditions.not_,
    "Fn::Contains": conditions.contains_,
    "Fn::FindInMap": _find_in_map,
    "Fn::ImportValue": _import_value,
    "Fn::Base64": _base64,
    "Fn::Cidr": _cidr,
    "Fn::GetAZs": _get_azs,
    "Fn::Transform": _transform,
    "Fn::ToJsonString": _to_json,
    "Fn::Length": _length,
}
