"""What stands beside a pipeline in its template, in greenroom.yaml's words.

What the whole template shares (projects, functions, parameters) is gathered once; what belongs to one pipeline
(schedules, webhooks, notifications) for each.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

from engine.model.project import ProjectFile
from engine.reading.cloudformation import cdk, signals
from engine.reading.cloudformation.attributes import name_of
from engine.reading.cloudformation.compute import functions_of, projects_of
from engine.reading.cloudformation.pipeline import Written
from engine.reading.cloudformation.scope import Scope
from engine.reading.scalars import Symbolic, int_of, text_of


class Neighbours:
    """The neighbours of a template's pipelines."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    def of(self, pipeline: Written) -> ProjectFile:
        """The surroundings of one pipeline. Only what the template says is set."""
        name = str(text_of(pipeline.data.get("name")) or "")
        found: dict[str, Any] = dict(self._shared)
        found["schedules"] = signals.schedules_of(self._scope, name)
        found["webhooks"] = signals.webhooks_of(self._scope, name)
        found["notifications"] = signals.notifications_of(self._scope, name)
        found["transitions"] = pipeline.transitions
        found["actions"] = cdk.own_steps(pipeline.data)
        return ProjectFile.model_validate({key: value for key, value in found.items() if value})

    @cached_property
    def _shared(self) -> dict[str, Any]:
        scope = self._scope
        return {
            "projects": projects_of(scope),
            "functions": functions_of(scope),
            "parameters": self._values("AWS::SSM::Parameter", "Value"),
            "secrets": self._values("AWS::SecretsManager::Secret", "SecretString"),
            "alarms": {name_of(scope, each): "OK" for each in scope.of_type("AWS::CloudWatch::Alarm")},
            "action_types": self._action_types(),
        }

    def _values(self, kind: str, key: str) -> dict[str, str]:
        """Names and values of resources that hold one text."""
        found: dict[str, str] = {}
        for resource in self._scope.of_type(kind):
            properties, at = self._scope.settle(resource.properties, resource.at)
            value, _ = self._scope.member(properties, key, at)
            text = text_of(value)
            if text is not None and not isinstance(text, Symbolic):
                found[name_of(self._scope, resource)] = text
        return found

    def _action_types(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for resource in self._scope.of_type("AWS::CodePipeline::CustomActionType"):
            plain = self._scope.plain(resource.properties, resource.at)
            if not isinstance(plain, dict):
                continue
            label = "/".join(str(plain.get(part, "")) for part in ("Category", "Provider", "Version"))
            keys = [key for key in _rows(plain, "ConfigurationProperties") if isinstance(key.get("Name"), str)]
            found[label] = {
                "required": [key["Name"] for key in keys if _is_true(key.get("Required"))],
                "optional": [key["Name"] for key in keys if not _is_true(key.get("Required"))],
                "secret": [key["Name"] for key in keys if _is_true(key.get("Secret"))],
                **_counts(plain, "InputArtifactDetails", "inputs"),
                **_counts(plain, "OutputArtifactDetails", "outputs"),
            }
        return found


def _rows(plain: dict[str, Any], key: str) -> list[dict[str, Any]]:
    rows = plain.get(key)
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def _is_true(value: Any) -> bool:
    return str(value).lower() == "true"


def _counts(plain: dict[str, Any], key: str, name: str) -> dict[str, Any]:
    details = plain.get(key)
    if not isinstance(details, dict):
        return {}
    least, most = (int_of(details.get(part)) for part in ("MinimumCount", "MaximumCount"))
    return {name: [0 if least is None else least, 5 if most is None else most]}
