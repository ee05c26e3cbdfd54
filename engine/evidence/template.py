"""Two versions of a CloudFormation template: which resources would come, go and change."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from engine.reading.source import take

DEEPEST = 4  # steps of a path that is named; below that the path above stands for all
MOST = 12  # paths of one resource that are named

_SECTIONS = {"Parameters": "parameter", "Outputs": "output", "Conditions": "condition", "Mappings": "mapping"}


@dataclass(frozen=True, slots=True)
class ResourceChange:
    """One resource (or parameter, output, ...) that differs. `paths` say where a changed one does."""

    kind: Literal["added", "removed", "changed"]
    name: str
    type: str
    paths: tuple[str, ...] = ()

    @property
    def sign(self) -> str:
        """``+``, ``-`` or ``~``."""
        return {"added": "+", "removed": "-", "changed": "~"}[self.kind]


def resources(old: bytes, new: bytes) -> tuple[ResourceChange, ...] | None:
    """What differs from one template to another, resources first; None where one of them cannot be read."""
    before, after = _parsed(old), _parsed(new)
    if before is None or after is None:
        return None
    found = [*_section(before, after, "Resources", "")]
    for section, word in _SECTIONS.items():
        found += _section(before, after, section, word)
    return tuple(found)


def _parsed(data: bytes) -> dict[str, Any] | None:
    if not data.strip():
        return {}
    source = take(Path("template"), data, templates=True)  # by no suffix: it may have changed its form
    parsed = source.documents[0].data if source.documents else None
    return parsed if isinstance(parsed, dict) else None


def _section(before: dict[str, Any], after: dict[str, Any], section: str, word: str) -> Iterator[ResourceChange]:
    old, new = _mapping(before.get(section)), _mapping(after.get(section))
    for name in sorted({*old, *new}):
        kind = word or _type(new.get(name, old.get(name)))
        if name not in old:
            yield ResourceChange("added", name, kind)
        elif name not in new:
            yield ResourceChange("removed", name, kind)
        elif old[name] != new[name]:
            paths = list(dict.fromkeys(_paths(old[name], new[name], ())))
            yield ResourceChange("changed", name, kind, tuple(paths[:MOST]))


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _type(resource: Any) -> str:
    return str(_mapping(resource).get("Type", "resource"))


def _paths(old: Any, new: Any, above: tuple[str, ...]) -> Iterator[str]:
    """Where two values differ: ``Properties.Code.S3Key``."""
    if old == new:
        return
    deeper = isinstance(old, dict) and isinstance(new, dict) and len(above) < DEEPEST
    if not deeper:
        yield ".".join(above) or "value"
        return
    for key in {**old, **new}:
        yield from _paths(old.get(key), new.get(key), (*above, str(key)))
