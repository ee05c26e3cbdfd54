"""CodeBuild projects and Lambda functions of a template, in greenroom.yaml's words."""

from __future__ import annotations

from typing import Any

from engine.reading.cloudformation.absent import NO_VALUE
from engine.reading.cloudformation.attributes import name_of
from engine.reading.cloudformation.cdk import asset_directory
from engine.reading.cloudformation.scope import Resource, Scope
from engine.reading.cloudformation.text import written
from engine.reading.problem import Path
from engine.reading.scalars import Symbolic, int_of

_KINDS = {"PLAINTEXT": "environment", "PARAMETER_STORE": "parameter_store", "SECRETS_MANAGER": "secrets_manager"}
_LAMBDA, _SAM = "AWS::Lambda::Function", "AWS::Serverless::Function"
_SECONDS = 3.0
"""Lambda's own timeout where a template sets none."""


def projects_of(scope: Scope) -> dict[str, dict[str, Any]]:
    """The CodeBuild projects by name."""
    return {name_of(scope, each): _project(scope, each) for each in scope.of_type("AWS::CodeBuild::Project")}


def _project(scope: Scope, resource: Resource) -> dict[str, Any]:
    properties, at = scope.settle(resource.properties, resource.at)
    source, source_at = scope.member(properties, "Source", at)
    machine, machine_at = scope.member(properties, "Environment", at)
    found: dict[str, Any] = {
        "buildspec": _buildspec(scope, source, source_at),
        "image": _known(scope, machine, "Image", machine_at),
        "compute_type": _known(scope, machine, "ComputeType", machine_at),
        "timeout_minutes": int_of(_known(scope, properties, "TimeoutInMinutes", at)),
        "privileged": _known(scope, machine, "PrivilegedMode", machine_at) == "true" or None,
        **_variables(scope, machine, machine_at),
    }
    known = {key: value for key, value in found.items() if value}
    batch, batch_at = scope.member(properties, "BuildBatchConfig", at)
    return known | {"batch": _batch(scope, batch, batch_at)} if isinstance(batch, dict) else known


def _batch(scope: Scope, config: Any, at: Path) -> dict[str, Any]:
    """How the project runs batches; that it may run them is worth knowing by itself."""
    limits, limits_at = scope.member(config, "Restrictions", at)
    types, types_at = scope.member(limits, "ComputeTypesAllowed", limits_at)
    found: dict[str, Any] = {
        "combine_artifacts": _known(scope, config, "CombineArtifacts", at) == "true" or None,
        "timeout_minutes": int_of(_known(scope, config, "TimeoutInMins", at)),
        "maximum_builds": int_of(_known(scope, limits, "MaximumBuildsAllowed", limits_at)),
        "compute_types": tuple(
            str(text)
            for item, place in (scope.items(types, types_at) if isinstance(types, list) else ())
            if (text := scope.text(item, place)) and not isinstance(text, Symbolic)
        ),
    }
    return {key: value for key, value in found.items() if value}


def _buildspec(scope: Scope, source: Any, at: Path) -> str | None:
    value, place = scope.member(source, "BuildSpec", at)
    if isinstance(value, dict):  # written as a mapping instead of text
        return scope.json(value, place)
    text = None if value is NO_VALUE else written(value)
    inline = text is not None and ("\n" in text or "phases" in text)
    return None if isinstance(text, Symbolic) and not inline else text


def _variables(scope: Scope, machine: Any, at: Path) -> dict[str, dict[str, str]]:
    """The environment variables by kind."""
    found: dict[str, dict[str, str]] = {}
    rows, place = scope.member(machine, "EnvironmentVariables", at)
    for row, here in scope.items(rows, place) if isinstance(rows, list) else ():
        name, value, kind = (written(scope.member(row, key, here)[0]) for key in ("Name", "Value", "Type"))
        if name and value is not None:
            found.setdefault(_KINDS.get(kind or "PLAINTEXT", "environment"), {})[name] = str(value)
    return found


def functions_of(scope: Scope) -> dict[str, dict[str, Any]]:
    """The Lambda functions whose code is here, by name."""
    found: dict[str, dict[str, Any]] = {}
    defaults = _sam_defaults(scope)
    for resource in scope.of_type(_LAMBDA, _SAM):
        properties, at = scope.settle(resource.properties, resource.at)
        if not isinstance(properties, dict):
            continue
        code = _code(scope, resource, properties, at)
        if code:
            found[name_of(scope, resource)] = code | _running(scope, properties, at, defaults, resource.type)
    return found


def _code(scope: Scope, resource: Resource, properties: dict[str, Any], at: Path) -> dict[str, Any]:
    """Where the code is: inline, in a folder beside the template, or in an asset."""
    inline = "InlineCode" if resource.type == _SAM else "ZipFile"
    code, place = scope.member(properties, "CodeUri" if resource.type == _SAM else "Code", at)
    text = _known(scope, properties if resource.type == _SAM else code, inline, at if resource.type == _SAM else place)
    if text is not None:
        return {"code": text}
    if isinstance(code, str) and not isinstance(code, Symbolic) and not code.startswith(("s3:", "https:")):
        return {"directory": str((scope.file.absolute().parent / code).resolve())}
    asset = asset_directory(scope, resource, code)
    return {"directory": str(asset)} if asset else {}


def _running(scope: Scope, properties: dict[str, Any], at: Path, defaults: dict[str, Any], kind: str) -> dict[str, Any]:
    settings: dict[str, Any] = {}
    for key, name in (("Handler", "handler"), ("Runtime", "runtime"), ("Timeout", "timeout_seconds")):
        value = _known(scope, properties, key, at)
        if value is None and kind == _SAM:
            value = defaults.get(key)
        settings[name] = value
    seconds = int_of(settings["timeout_seconds"])
    settings["timeout_seconds"] = float(seconds) if seconds else _SECONDS
    variables, place = scope.member(properties, "Environment", at)
    rows, place = scope.member(variables, "Variables", place)
    environment = dict(defaults.get("Environment", {})) if kind == _SAM else {}
    for key, value, here in scope.entries(rows, place):
        environment[key] = scope.text(value, here) or ""
    settings["environment"] = {key: str(value) for key, value in environment.items()}
    return {key: value for key, value in settings.items() if value}


def _sam_defaults(scope: Scope) -> dict[str, Any]:
    """What SAM's Globals say of every function."""
    found, at = scope.member(scope.template, "Globals", ())
    found, at = scope.member(found, "Function", at)
    plain = scope.plain(found, at) if isinstance(found, dict) else {}
    inner = plain.pop("Environment", None)
    variables = inner.get("Variables") if isinstance(inner, dict) else None
    texts = {key: written(value) for key, value in (variables or {}).items()} if isinstance(variables, dict) else {}
    return {**plain, "Environment": {key: value or "" for key, value in texts.items()}}


def _known(scope: Scope, mapping: Any, key: str, at: Path) -> str | None:
    """A member's text, None where nothing gives it a value."""
    value, _ = scope.member(mapping, key, at)
    text = None if value is NO_VALUE else written(value)
    return None if isinstance(text, Symbolic) and text in text.names else text
