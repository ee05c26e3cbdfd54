"""The parameters of a template: what is given, what is the default, and what stays open."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path as File
from typing import Any

from engine.model.diagnostics import Severity
from engine.reading.cloudformation.text import written
from engine.reading.given import Given
from engine.reading.problem import Path, Problem, nearest
from engine.reading.scalars import Symbolic, text_of

_GENERIC = frozenset({"template", "pipeline", "cloudformation", "codepipeline", "main", "index", "stack", "cfn"})
_LISTS = ("CommaDelimitedList", "List<")
_STORED = "AWS::SSM::Parameter::Value<"


class Values:
    """What parameters and pseudo parameters stand for. `problems` are values that the template does not allow."""

    def __init__(self, template: Mapping[str, Any], given: Given, file: File) -> None:
        declared = template.get("Parameters")
        self.declared: dict[str, Any] = declared if isinstance(declared, dict) else {}
        self.problems: list[Problem] = []
        self._given = given
        self._file = file
        self.settings = self._read_files()
        self.settings.update(given.parameters)
        self._pseudo = self._pseudo_parameters()
        self._known: dict[str, str | list[str]] = {}

    def __contains__(self, name: str) -> bool:
        return name in self.declared or name in self._pseudo

    def names(self) -> list[str]:
        """Every parameter and pseudo parameter."""
        return [*self.declared, *self._pseudo]

    def get(self, name: str) -> str | list[str]:
        """The value; the parameter's own name, as `Symbolic`, where nothing gives one."""
        if name in self._pseudo:
            return self._pseudo[name]
        if name not in self._known:
            self._known[name] = self._value(name)
        return self._known[name]

    def is_secret(self, name: str) -> bool:
        """Whether AWS never shows the parameter's value again."""
        declaration = self.declared.get(name)
        return isinstance(declaration, dict) and str(declaration.get("NoEcho")).lower() == "true"

    def imported(self, name: str) -> str:
        """An export of another stack: known only where it is given like a parameter."""
        value = self.settings.get(name)
        return Symbolic(name) if value is None else value

    def _value(self, name: str) -> str | list[str]:
        declaration = self.declared[name]
        declaration = declaration if isinstance(declaration, dict) else {}
        kind = str(declaration.get("Type", "String"))
        value = self.settings.get(name)
        given = value is not None
        if value is None:
            value = _plain(declaration.get("Default"))
        if value is None:
            return Symbolic(name)
        if kind.startswith(_STORED):
            stored = self._given.store.get(value)
            value, kind = (Symbolic(name) if stored is None else stored), kind.removeprefix(_STORED)
        elif given:
            self._check(name, value, declaration)
        if kind.startswith(_LISTS) and not isinstance(value, Symbolic):
            return [item.strip() for item in value.split(",")] if value else []
        return value

    def _check(self, name: str, value: str, declaration: dict[str, Any]) -> None:
        allowed = declaration.get("AllowedValues")
        pattern = text_of(declaration.get("AllowedPattern"))
        message = hint = ""
        if isinstance(allowed, list) and value not in (known := [str(_plain(each)) for each in allowed]):
            message, hint = f"Parameter '{name}' must be one of AllowedValues", f"one of {', '.join(known)}"
        elif pattern and not _matches(pattern, value):
            message, hint = f"Parameter '{name}' must match pattern {pattern}", f"it is {value!r}"
        if message:
            self.problems.append(
                Problem("GR121", ("Parameters", name), message, hint, exception="ValidationError", key=True)
            )

    def _pseudo_parameters(self) -> dict[str, str | list[str]]:
        region, stack = self._given.region, self._stack()
        china, government = region.startswith("cn-"), region.startswith("us-gov-")
        found: dict[str, str | list[str]] = {
            "AWS::Region": region,
            "AWS::AccountId": self._given.account,
            "AWS::Partition": "aws-cn" if china else "aws-us-gov" if government else "aws",
            "AWS::URLSuffix": "amazonaws.com.cn" if china else "amazonaws.com",
            "AWS::StackName": stack,
            "AWS::NotificationARNs": [],
        }
        found |= {name: self.settings[name] for name in found if name in self.settings}
        arn = f"arn:{found['AWS::Partition']}:cloudformation:{found['AWS::Region']}:{found['AWS::AccountId']}"
        found["AWS::StackId"] = f"{arn}:stack/{found['AWS::StackName']}/00000000-0000-0000-0000-000000000000"
        return found

    def _stack(self) -> str:
        """A stack is called like its template; one with an everyday name, like the directory."""
        stem = self._file.name.split(".")[0]
        folder = self._file.absolute().parent.name
        name = folder if stem.lower() in _GENERIC and folder else stem
        return re.sub(r"[^A-Za-z0-9-]+", "-", name).strip("-")[:60] or "stack"

    def _read_files(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for file in self._given.files:
            from engine.reading.cloudformation.parameter_file import read_parameters

            values, problems = read_parameters(file)
            found |= values
            self.problems += problems
        return found

    def unknown(self) -> list[Problem]:
        """Values that are given and that no parameter takes, e.g. because of a misspelling."""
        found = []
        for name in self._given.parameters:
            if name not in self and (match := nearest(name, self.declared)):
                message = f"Parameters: [{name}] do not exist in the template"
                found.append(Problem("GR121", ("Parameters",), message, f"is {match!r} meant?", Severity.WARNING))
        return found


def _plain(value: Any) -> str | None:
    if isinstance(value, list):
        return ",".join(written(item) or "" for item in value)
    return written(value)


def _matches(pattern: str, value: str) -> bool:
    try:
        return re.fullmatch(pattern, value) is not None
    except re.error:  # Java's patterns know things that ours do not
        return True


def used_at(names: Mapping[str, Path], values: Values) -> list[Problem]:
    """One piece of advice for each parameter that was needed and has no value, unless it is a secret."""
    return [
        Problem(
            "GR120",
            path,
            f"the parameter {name} has no value: its name stands in its place",
            f"--parameter {name}=VALUE gives it one",
            Severity.ADVICE,
        )
        for name, path in names.items()
        if name in values.declared and not values.is_secret(name)
    ]
