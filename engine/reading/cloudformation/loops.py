"""Mappings with loops in them: ``Fn::ForEach::Name: [Identifier, [collection], {Key${Identifier}: body}]``.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-foreach.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from engine.reading.problem import Path

if TYPE_CHECKING:
    from engine.reading.cloudformation.scope import Scope

_LOOP = "Fn::ForEach::"
_MOST = 5000
"""Turns of all loops of a template together."""


def entries(scope: Scope, value: dict[str, Any], at: Path) -> Iterator[tuple[str, Any, Path]]:
    """The members of a mapping with their paths, loops unrolled."""
    for key, item in value.items():
        if key.startswith(_LOOP):
            yield from _loop(scope, item, (*at, key))
        else:
            yield key, item, (*at, key)


def _loop(scope: Scope, value: Any, at: Path) -> Iterator[tuple[str, Any, Path]]:
    if not (isinstance(value, list) and len(value) == 3 and isinstance(value[0], str) and isinstance(value[2], dict)):
        scope.complain(at, "Fn::ForEach takes an identifier, a collection and a mapping")
        return
    identifier, collection, body = value
    for item, _ in scope.items(collection, (*at, 1)):
        scope.unrolled += 1
        if scope.unrolled > _MOST or not isinstance(item, str):
            return
        for key, inner, place in entries(scope, body, (*at, 2)):
            yield _filled(key, identifier, item), _bound(inner, identifier, item), place


def _filled(text: str, identifier: str, item: str) -> str:
    """Text with the loop's identifier replaced; ``&{X}`` leaves out what a logical id must not have."""
    text = text.replace("&{" + identifier + "}", re.sub(r"[^A-Za-z0-9]", "", item))
    return text.replace("${" + identifier + "}", item)


def _bound(value: Any, identifier: str, item: str) -> Any:
    """A copy of the loop's body for one item. Deep bodies were refused when the text was read."""
    if isinstance(value, str):
        return _filled(value, identifier, item) if "{" in value else value
    if isinstance(value, list):
        return [_bound(each, identifier, item) for each in value]
    if isinstance(value, dict):
        if value == {"Ref": identifier}:
            return item
        return {_filled(key, identifier, item): _bound(each, identifier, item) for key, each in value.items()}
    return value
