"""What a module says of the things that its pipeline uses, in greenroom.yaml's words."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path as File
from typing import Any, Protocol

from engine.model.project import ProjectFile
from engine.reading.terraform.parts import Part
from engine.reading.terraform.resources import Resource
from engine.reading.terraform.values import Symbol, Unresolved, Value, number_of, text_of


class Configuration(Protocol):
    """Where resources are looked for."""

    def every(self, kind: str, *, data: bool = False) -> Iterator[Resource]:
        """All resources (or data sources) of a type, in whichever module."""


_ALARM = "aws_cloudwatch_metric_alarm"
_HIDDEN = "aws_secretsmanager_secret"


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The neighbours of one pipeline."""

    configuration: Configuration
    resource: Resource

    def read(self) -> ProjectFile:
        """What is known of them. What does not fit greenroom.yaml is left out."""
        found: dict[str, Any] = {
            "projects": dict(self._projects()),
            "functions": dict(self._functions()),
            "parameters": dict(self._parameters()),
            "secrets": dict(self._secrets()),
            "alarms": {str(each.value("alarm_name")): "OK" for each in self.configuration.every(_ALARM)},
            "action_types": dict(self._action_types()),
            "schedules": (*self._rules(), *self._schedules()),
            "webhooks": dict(self._webhooks()),
            "notifications": tuple(self._notifications()),
        }
        return _fitting({key: value for key, value in found.items() if value})

    def _projects(self) -> Iterator[tuple[str, dict[str, Any]]]:
        for project in self.configuration.every("aws_codebuild_project"):
            found: dict[str, Any] = {}
            for environment in project.parts("environment"):
                _text(found, "image", environment.value("image"))
                _text(found, "compute_type", environment.value("compute_type"))
                if _is_true(environment.value("privileged_mode")):
                    found["privileged"] = True
                found |= _variables(environment)
            for source in project.parts("source"):
                _text(found, "buildspec", source.value("buildspec"))
            _number(found, "timeout_minutes", project.value("build_timeout"))
            for batch in project.parts("build_batch_config"):
                found["batch"] = _batch(batch)
            yield str(self._name(project.value("name"))), found

    def _name(self, value: Value) -> Value:
        """As the pipeline's actions name it, where that had to be put in words."""
        return value.text if isinstance(value, Symbol) else value

    def _functions(self) -> Iterator[tuple[str, dict[str, Any]]]:
        for function in self.configuration.every("aws_lambda_function"):
            found: dict[str, Any] = {}
            _text(found, "handler", function.value("handler"))
            _text(found, "runtime", function.value("runtime"))
            found["timeout_seconds"] = 3  # Lambda's own
            _number(found, "timeout_seconds", function.value("timeout"))
            for environment in function.parts("environment"):
                variables = {key: value for key, (value, _) in environment.mapping("variables").items()}
                found["environment"] = _texts(variables)
            place = self._code(function)
            if place is not None:
                found["directory"] = str(place)
            yield str(self._name(function.value("function_name"))), found

    def _code(self, function: Resource) -> File | None:
        """The folder of a function's code, if it is archived from one here."""
        written = function.setting("filename")
        for archive in self.configuration.every("archive_file", data=True) if written else ():
            of_it = f"data.archive_file.{archive.name}." in (written.value.text if written else "")
            if of_it or (archive.value("output_path") == function.value("filename")):
                folder, file = archive.value("source_dir"), archive.value("source_file")
                place = folder if isinstance(folder, str) else str(File(file).parent) if isinstance(file, str) else None
                return None if place is None else (function.scope.files.root / place).resolve()
        return None

    def _parameters(self) -> Iterator[tuple[str, str]]:
        for parameter in self.configuration.every("aws_ssm_parameter"):
            name, value = parameter.value("name"), parameter.value("value")
            if isinstance(name, str) and isinstance(value, str):
                yield name, value

    def _secrets(self) -> Iterator[tuple[str, str]]:
        """Values of secrets, by the secret's name: a version names its secret by id."""
        named = {str(each.attribute("id")): str(each.value("name")) for each in self.configuration.every(_HIDDEN)}
        for version in self.configuration.every("aws_secretsmanager_secret_version"):
            name, value = str(version.value("secret_id")), version.value("secret_string")
            if isinstance(value, str):
                yield named.get(name, name), value

    def _action_types(self) -> Iterator[tuple[str, dict[str, Any]]]:
        for kind in self.configuration.every("aws_codepipeline_custom_action_type"):
            label = "/".join(str(kind.value(part)) for part in ("category", "provider_name", "version"))
            keys = [key for key in kind.parts("configuration_property") if isinstance(key.value("name"), str)]
            found: dict[str, Any] = {
                "required": [key.value("name") for key in keys if _is_true(key.value("required"))],
                "optional": [key.value("name") for key in keys if not _is_true(key.value("required"))],
                "secret": [key.value("name") for key in keys if _is_true(key.value("secret"))],
            }
            for name, key in (("input_artifact_details", "inputs"), ("output_artifact_details", "outputs")):
                for details in kind.parts(name):
                    found[key] = [details.value("minimum_count"), details.value("maximum_count")]
            yield label, found

    def _rules(self) -> Iterator[dict[str, Any]]:
        """Rules of EventBridge with a clock, of which this pipeline is a target."""
        for target in self.configuration.every("aws_cloudwatch_event_target"):
            if not self._is_meant(target.value("arn")):
                continue
            for rule in self.configuration.every("aws_cloudwatch_event_rule"):
                same = rule.value("name") == target.value("rule") or self._address(rule) in str(target.value("rule"))
                expression = rule.value("schedule_expression")
                off = rule.value("is_enabled") in (False, "false") or rule.value("state") == "DISABLED"
                if same and isinstance(expression, str) and expression and not off:
                    yield {"name": _shown(rule.value("name"), rule.name), "expression": expression}

    def _schedules(self) -> Iterator[dict[str, Any]]:
        for schedule in self.configuration.every("aws_scheduler_schedule"):
            expression = schedule.value("schedule_expression")
            meant = any(self._is_started(target) for target in schedule.parts("target"))
            if not meant or not isinstance(expression, str) or schedule.value("state") == "DISABLED":
                continue
            found = {"name": _shown(schedule.value("name"), schedule.name), "expression": expression}
            zone = schedule.value("schedule_expression_timezone")
            yield {**found, "time_zone": zone} if isinstance(zone, str) else found

    def _is_started(self, target: Part) -> bool:
        """Whether a schedule's target is this pipeline, or the API's call that starts it."""
        if str(target.value("arn")).endswith("aws-sdk:codepipeline:startPipelineExecution"):
            return f'"{self.resource.attribute("name")}"' in str(target.value("input"))
        return self._is_meant(target.value("arn"))

    def _webhooks(self) -> Iterator[tuple[str, dict[str, Any]]]:
        for webhook in self.configuration.every("aws_codepipeline_webhook"):
            if not self._is_meant(webhook.value("target_pipeline")):
                continue
            found: dict[str, Any] = {}
            _text(found, "authentication", webhook.value("authentication"))
            _text(found, "target_action", webhook.value("target_action"))
            for settings in webhook.parts("authentication_configuration"):
                _text(found, "secret", settings.value("secret_token"))
                _text(found, "allowed_ip_range", settings.value("allowed_ip_range"))
            filters = [
                {"json_path": text_of(path), "match_equals": _optional(each.value("match_equals"))}
                for each in webhook.parts("filter")
                if isinstance(path := each.value("json_path"), str)
            ]
            yield _shown(webhook.value("name"), webhook.name), {**found, "filters": tuple(filters)}

    def _notifications(self) -> Iterator[dict[str, Any]]:
        for rule in self.configuration.every("aws_codestarnotifications_notification_rule"):
            events = rule.value("event_type_ids")
            if not self._is_meant(rule.value("resource")) or not isinstance(events, list):
                continue
            wanted = tuple(dict.fromkeys(pattern for each in events if (pattern := _event(str(each)))))
            if wanted and rule.value("status") != "DISABLED":
                yield {"events": wanted, "to": ("bell",)}

    def _is_meant(self, value: Value) -> bool:
        """Whether a name or an ARN is this pipeline's."""
        if value is None:
            return False
        own = {str(self.resource.attribute(key)) for key in ("arn", "name", "id")}
        return str(value) in own or self._address(self.resource) in str(value)

    def _address(self, resource: Resource) -> str:
        return f"{resource.type}.{resource.name}."


def _batch(config: Part) -> dict[str, Any]:
    """How the project runs batches; that it may run them is worth knowing by itself."""
    found: dict[str, Any] = {"combine_artifacts": True} if _is_true(config.value("combine_artifacts")) else {}
    _number(found, "timeout_minutes", config.value("timeout_in_mins"))
    for limits in config.parts("restrictions"):
        _number(found, "maximum_builds", limits.value("maximum_builds_allowed"))
        types = limits.value("compute_types_allowed")
        if isinstance(types, list) and all(isinstance(each, str) for each in types):
            found["compute_types"] = tuple(types)
    return found


def _variables(environment: Part) -> dict[str, Any]:
    """CodeBuild's three kinds of variables."""
    kinds: dict[str, dict[str, str]] = {"PLAINTEXT": {}, "PARAMETER_STORE": {}, "SECRETS_MANAGER": {}}
    for variable in environment.parts("environment_variable"):
        name, value, kind = (variable.value(key) for key in ("name", "value", "type"))
        if isinstance(name, str) and value is not None:
            kinds.get(str(kind or "PLAINTEXT"), kinds["PLAINTEXT"]).update(_texts({name: value}))
    names = {"environment": "PLAINTEXT", "parameter_store": "PARAMETER_STORE", "secrets_manager": "SECRETS_MANAGER"}
    return {key: kinds[kind] for key, kind in names.items() if kinds[kind]}


def _is_true(value: Value) -> bool:
    return value in (True, "true")


def _event(kind: str) -> str:
    """``codepipeline-pipeline-pipeline-execution-failed`` as ``pipeline.FAILED``."""
    *_, level, state = ["", *kind.removeprefix("codepipeline-pipeline-").replace("-execution", "").rsplit("-", 1)]
    if level == "manual-approval":
        return "approval.NEEDED" if state == "needed" else f"approval.{state.upper()}"
    return f"{level}.{state.upper()}" if level in ("pipeline", "stage", "action") else ""


def _text(found: dict[str, Any], key: str, value: Value) -> None:
    if isinstance(value, str) and value:
        found[key] = value


def _optional(value: Value) -> str | None:
    return value if isinstance(value, str) else None


def _number(found: dict[str, Any], key: str, value: Value) -> None:
    try:
        number = number_of(value)
    except Unresolved:
        return
    if number > 0:
        found[key] = number


def _texts(values: dict[str, Value]) -> dict[str, str]:
    made: dict[str, str] = {}
    for key, value in values.items():
        try:
            made[key] = text_of(value)
        except Unresolved:
            made[key] = json.dumps(None)
    return {key: value for key, value in made.items() if value != "null"}


def _shown(value: Value, otherwise: str) -> str:
    return value if isinstance(value, str) else otherwise


def _fitting(found: dict[str, Any]) -> ProjectFile:
    from pydantic import ValidationError

    made: dict[str, Any] = {}
    for key, value in found.items():
        try:
            ProjectFile.model_validate({key: value})
        except ValidationError:
            continue
        made[key] = value
    return ProjectFile.model_validate(made)
