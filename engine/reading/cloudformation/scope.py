"""A template that can be asked for values: what a `!Ref`, a condition or a loop in it amounts to.

Values are settled one level at a time, together with the path at which they stand in the document, so that whoever
walks down a resource always knows which line the user wrote.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path as File
from typing import Any

from engine.model.diagnostics import Severity
from engine.reading.cloudformation import functions
from engine.reading.cloudformation.absent import NO_VALUE
from engine.reading.cloudformation.dynamic import dynamic
from engine.reading.cloudformation.loops import entries
from engine.reading.cloudformation.text import written
from engine.reading.cloudformation.values import Values
from engine.reading.given import Given
from engine.reading.problem import Path, Problem
from engine.reading.scalars import Symbolic, joined

_DYNAMIC = re.compile(r"\{\{resolve:(ssm|ssm-secure|secretsmanager):([^}]*)\}\}")
_DEEPEST = 60
_MOST = 500


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource as written, with the path of its properties."""

    name: str
    type: str
    properties: Any
    data: dict[str, Any]
    at: Path


@dataclass
class Scope:
    """One template with the values given to it.

    `open` are the names that nothing gives a value to, with the first place that needs each; `used` the parameters that
    went into values since it was last cleared; `problems` are what CloudFormation would complain about; `busy` is what
    is being worked out, `names` what resources are called, `unrolled` how many turns loops have taken. `root` is where
    the resources stand; an empty one means that the document is a part of a template. `assets` are paths of CDK's by
    their hash, once they were read.
    """

    template: dict[str, Any]
    given: Given
    file: File
    open: dict[str, Path] = field(default_factory=dict)
    used: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    root: Path = ("Resources",)
    busy: set[str] = field(default_factory=set)
    unrolled: int = 0
    names: dict[str, str] = field(default_factory=dict)
    assets: dict[str, str] | None = None
    _truths: dict[str, bool] = field(default_factory=dict)

    @cached_property
    def values(self) -> Values:
        """Parameters and pseudo parameters."""
        return Values(self.template, self.given, self.file)

    @cached_property
    def resources(self) -> dict[str, Resource]:
        """Every resource by its logical id, loops unrolled; whether its condition holds is not asked."""
        found: dict[str, Resource] = {}
        for name, data, at in self.entries(self.template.get("Resources"), self.root):
            if isinstance(data, dict) and isinstance(data.get("Type"), str):
                found[name] = Resource(name, data["Type"], data.get("Properties"), data, (*at, "Properties"))
        return found

    def of_type(self, *types: str) -> list[Resource]:
        """The resources of some types whose conditions hold."""
        return [each for each in self.resources.values() if each.type in types and self.exists(each)]

    def exists(self, resource: Resource) -> bool:
        """Whether the resource's condition holds."""
        condition = resource.data.get("Condition")
        return not isinstance(condition, str) or self.holds(condition, (*resource.at[:-1], "Condition"))

    @property
    def transformed(self) -> bool:
        """Whether there is more to the template than can be seen: macros add to it (SAM does, too), or it is a part."""
        return "Transform" in self.template or not self.root

    def holds(self, condition: str, at: Path) -> bool:
        """Whether a condition of the template holds."""
        conditions = self.template.get("Conditions")
        if not isinstance(conditions, dict) or condition not in conditions:
            self.complain(at, f"Unresolved condition dependency {condition} in the template")
            return True
        if condition not in self._truths:
            self._truths[condition] = False  # should it depend on itself
            if len(self.busy) > _DEEPEST:
                self.complain(at, "Template error: conditions depend on each other in too long a chain")
                return False
            self.busy.add(condition)
            try:
                self._truths[condition] = self.truth(conditions[condition], ("Conditions", condition))
            finally:
                self.busy.discard(condition)
        return self._truths[condition]

    def truth(self, value: Any, at: Path) -> bool:
        """The truth value of a condition's expression."""
        found, _ = self.settle(value, at)
        return str(found).lower() == "true"

    def settle(self, value: Any, at: Path) -> tuple[Any, Path]:
        """What a value amounts to, and where that stands. Only the outermost functions are evaluated.

        The result is text, a plain list or mapping (whose members are still to be settled), `NO_VALUE` or None.
        """
        for _ in range(_DEEPEST):
            if isinstance(value, str):
                return (self._dynamic(value, at) if "{{resolve:" in value else value), at
            if not (isinstance(value, dict) and len(value) == 1):
                return value, at
            key, argument = next(iter(value.items()))
            if argument is None and key.startswith("{{resolve:"):
                value = key  # it stood without quotes, and so became a mapping
                continue
            function = functions.named(key)
            if function is None:
                return value, at
            value, at = function(self, argument, (*at, key))
            if isinstance(value, Symbolic):
                self.needs(value, at)
        self.complain(at, "Template error: functions are nested too deep")
        return NO_VALUE, at

    def entries(self, value: Any, at: Path) -> Iterator[tuple[str, Any, Path]]:
        """The members of a mapping with their paths; loops (``Fn::ForEach::…``) are unrolled."""
        if isinstance(value, dict):
            yield from entries(self, value, at)

    def items(self, value: Any, at: Path) -> Iterator[tuple[Any, Path]]:
        """The settled items of a list that are not taken out by ``AWS::NoValue``."""
        value, at = self.settle(value, at)
        for number, item in enumerate(value if isinstance(value, list) else ()):
            found, place = self.settle(item, (*at, number))
            if found is not NO_VALUE:
                yield found, place

    def member(self, value: Any, key: str, at: Path) -> tuple[Any, Path]:
        """A settled member of a settled mapping; `NO_VALUE` where there is none."""
        if not isinstance(value, dict) or key not in value:
            return NO_VALUE, at
        return self.settle(value[key], (*at, key))

    def text(self, value: Any, at: Path = ()) -> str | None:
        """The text of a value, None where it is none."""
        found, _ = self.settle(value, at)
        return written(found)

    def plain(self, value: Any, at: Path = (), depth: int = 0) -> Any:
        """The whole of a value, everything in it evaluated."""
        value, at = self.settle(value, at)
        if depth > _DEEPEST:
            return NO_VALUE
        if isinstance(value, dict):
            pairs = ((key, self.plain(item, place, depth + 1)) for key, item, place in self.entries(value, at))
            return {key: item for key, item in pairs if item is not NO_VALUE}
        if isinstance(value, list):
            return [self.plain(item, place, depth + 1) for item, place in self.items(value, at)]
        return value

    def json(self, value: Any, at: Path) -> str:
        """A value as JSON text, as Fn::ToJsonString writes it."""
        plain = self.plain(value, at)
        text = json.dumps(plain, default=str, separators=(",", ":"), ensure_ascii=False)
        names = _symbolic(plain)
        return Symbolic(text, names) if names else text

    def needs(self, text: Symbolic, at: Path) -> None:
        """Remember that a value is open."""
        for name in text.names:
            self.open.setdefault(name, at)

    def complain(self, at: Path, message: str, hint: str = "") -> None:
        """Note what CloudFormation would refuse. Only a warning: it need not matter to the pipeline."""
        problem = Problem("GR122", at, message, hint, Severity.WARNING, "ValidationError")
        if len(self.problems) < _MOST and problem not in self.problems:
            self.problems.append(problem)

    def _dynamic(self, text: str, at: Path) -> str:
        """Text with its ``{{resolve:…}}`` replaced."""
        parts: list[str] = []
        end = 0
        for match in _DYNAMIC.finditer(text):
            found = dynamic(self.given, match[1], match[2])
            if isinstance(found, Symbolic):
                self.needs(found, at)
            parts += [text[end : match.start()], found]
            end = match.end()
        if not end:
            return text
        whole = joined([*parts, text[end:]])
        names = (*whole.names, *text.names) if isinstance(whole, Symbolic) and isinstance(text, Symbolic) else ()
        return Symbolic(whole, names) if names else whole


def _symbolic(value: Any) -> tuple[str, ...]:
    if isinstance(value, Symbolic):
        return value.names
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return tuple(dict.fromkeys(name for item in inner for name in _symbolic(item)))
