"""One action of the shorthand."""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import islice
from typing import Any

from engine.model.catalog import CATEGORIES, ActionTypeSpec, all_types, lookup
from engine.reading.problem import OF_KEY, Path, Problem, did_you_mean
from engine.reading.scalars import text_of
from engine.reading.wiring import ask

_SHORT = (
    "commands",
    "approval",
    "buildspec",
    "deploy",
    "type",
    "provider",
    "input",
    "inputs",
    "output",
    "outputs",
    "env",
)
_LONG = (
    "name",
    "actionTypeId",
    "runOrder",
    "configuration",
    "environmentVariables",
    "inputArtifacts",
    "outputArtifacts",
    "outputVariables",
    "roleArn",
    "region",
    "namespace",
    "timeoutInMinutes",
)
ACTION_KEYS = frozenset({*_SHORT, *_LONG}) - {"name"}
"""A mapping with one of these keys is an action, not a mapping of names to actions."""

_DEFAULTS = {
    "Source": "Source/AWS/CodeStarSourceConnection",
    "Build": "Build/AWS/CodeBuild",
    "Test": "Test/AWS/CodeBuild",
    "Compute": "Compute/AWS/Commands",
    "Approval": "Approval/AWS/Manual",
    "Deploy": "Deploy/Custom/local",
}
_PREFERRED = {"CodeBuild": "Build", "S3": "Deploy", "Lambda": "Invoke"}
_ENOUGH = 200
"""Keys of one action that are looked at: there are some twenty."""
_DEPLOY_KEYS = ("bucket", "prefix", "directory", "commands")


@dataclass(slots=True)
class ShortAction:
    """Expands the action that goes to `path` and was written at `origin`."""

    path: Path
    origin: Path
    origins: dict[Path, Path]
    problems: list[Problem]

    def expand(self, name: str | None, value: Any) -> Any:
        """The action in the long form; `name` is None where it stands inside."""
        if isinstance(value, (str, list)):
            self.origins[*self.path, "commands"] = self.origin
            value = {"commands": value}
        elif not isinstance(value, dict):
            return {"name": name} if value is None and name is not None else value
        action: dict[str, Any] = {"name": name} if name is not None else {}
        action |= {key: value[key] for key in _LONG if key in value}
        configuration = value.get("configuration", {})
        action["configuration"] = dict(configuration) if isinstance(configuration, dict) else configuration
        self._unknown(value)
        if not isinstance(value.get("actionTypeId"), dict):
            spec = self._type(value)
            if spec is None:
                return {"name": action.get("name", ""), "actionTypeId": _type_id(_CUSTOM)}
            action["actionTypeId"] = _type_id(spec)
            self._means(action, value, spec)
        elif "commands" in value:
            action["commands"] = value["commands"]
        self._artifacts(action, value)
        self._environment(action, value)
        if not action["configuration"]:
            del action["configuration"]
        ask(action)
        return action

    def _unknown(self, value: dict[str, Any]) -> None:
        for key in islice(value, _ENOUGH):
            if key not in _SHORT and key not in _LONG and not key.startswith("__"):
                hint = did_you_mean(key, (*_SHORT, *_LONG), "docs/definitions.md lists the keys of an action")
                self._problem("GR202", f"an action has no key {key!r}", hint, key)

    def _problem(self, code: str, message: str, hint: str, *at: str, key: bool = True) -> None:
        if at:
            self.origins.setdefault((*self.path, *at), (*self.origin, *at))
        exception = "ValidationException" if code == "GR202" else ""
        self.problems.append(Problem(code, (*self.path, *at), message, hint, exception=exception, key=key))

    def _type(self, value: dict[str, Any]) -> ActionTypeSpec | None:
        """What the action is, from `type`, `provider` and what it brings."""
        category, owner, provider, version = _parts(text_of(value.get("type")) or "")
        provider = text_of(value.get("provider")) or provider
        at = "provider" if "provider" in value else "type"
        if provider:
            return self._by_provider(category, owner, provider, version, at)
        if category and category not in _DEFAULTS:
            hint = f"{category}/PROVIDER, e.g. Invoke/Lambda" if category in CATEGORIES else ""
            hint = hint or did_you_mean(category, (*CATEGORIES, *_providers()))
            self._problem("GR212", f"{category!r} is no action type", hint, at)
            return None
        brought = _brought(value)
        if not category and not brought:
            hint = "add `commands`, `buildspec`, `approval`, `deploy` or `type`"
            self._problem("GR211", "this action does not say what it does", hint)
            return None
        return lookup(*_DEFAULTS[category].split("/")) if category else brought

    def _by_provider(self, category: str, owner: str, provider: str, version: str, at: str) -> ActionTypeSpec | None:
        if owner:
            return lookup(category, owner, provider, version) or ActionTypeSpec(
                category, owner, provider, _CUSTOM.inputs, _CUSTOM.outputs, version=version, open_keys=True
            )
        known = [spec for spec in all_types() if spec.provider == provider and category in ("", spec.category)]
        if len(known) > 1:
            preferred = [spec for spec in known if spec.category == _PREFERRED.get(provider)]
            known = preferred or known
        if known:
            return known[0]
        hint = did_you_mean(provider, _providers(category), "a custom type is written Category/Custom/Provider/Version")
        self._problem("GR212", f"no {category or 'action'} type has the provider {provider!r}", hint, at)
        return None

    def _means(self, action: dict[str, Any], value: dict[str, Any], spec: ActionTypeSpec) -> None:
        """What the short keys mean for this type."""
        configuration = action["configuration"] if isinstance(action["configuration"], dict) else {}
        if "commands" in value:
            self._commands(action, configuration, value["commands"], spec, ("commands",))
        text = text_of(value.get("approval"))
        if spec.provider == "Manual" and text and text.lower() not in ("true", "yes", "on"):
            self._set(configuration, "CustomData", text, "approval")
        if "buildspec" in value and spec.provider == "CodeBuild":
            self._set(configuration, "BuildspecOverride", value["buildspec"], "buildspec")
        if spec.provider == "CodeBuild":
            configuration.setdefault("ProjectName", action.get("name", ""))
        if "deploy" in value:
            self._deploy(action, configuration, value["deploy"], spec)
        if spec.provider == "CodeStarSourceConnection":
            _source(configuration)

    def _set(self, configuration: dict[str, Any], key: str, value: Any, *origin: str) -> None:
        self.origins[*self.path, "configuration", key] = (*self.origin, *origin)
        configuration.setdefault(key, value)

    def _commands(
        self,
        action: dict[str, Any],
        configuration: dict[str, Any],
        value: Any,
        spec: ActionTypeSpec,
        at: tuple[str, ...],
    ) -> None:
        lines = _lines(value)
        if spec.commands:
            action["commands"] = lines
        elif spec.owner == "Custom":
            joined = "\n".join(str(line) for line in lines) if isinstance(lines, list) else lines
            self._set(configuration, "Commands", joined, *at)
        else:
            hint = "leave out `type`: commands alone are a Compute/Commands action" if spec.category != "Deploy" else ""
            hint = hint or "leave out the provider: `type: Deploy` with commands deploys by running them"
            self._problem("GR214", f"{spec.category}/{spec.provider} takes no commands", hint, "commands")

    def _deploy(self, action: dict[str, Any], configuration: dict[str, Any], value: Any, spec: ActionTypeSpec) -> None:
        if isinstance(value, str):
            self._set(configuration, "Directory", str(value), "deploy")
            return
        if not isinstance(value, dict):
            self._problem("GR203", "`deploy` takes a folder, or a mapping", "deploy: {bucket: NAME}", "deploy")
            return
        for key in islice(value, _ENOUGH):
            if key not in _DEPLOY_KEYS:
                hint = did_you_mean(key, _DEPLOY_KEYS, f"known here: {', '.join(_DEPLOY_KEYS)}")
                self._problem("GR202", f"`deploy` has no key {key!r}", hint, "deploy", key)
        for key, name in (("bucket", "BucketName"), ("prefix", "ObjectKey"), ("directory", "Directory")):
            if key in value:
                self._set(configuration, name, value[key], "deploy", key)
        if spec.provider == "S3":
            configuration.setdefault("Extract", "true")
        if "commands" in value:
            self._commands(action, configuration, value["commands"], spec, ("deploy", "commands"))

    def _artifacts(self, action: dict[str, Any], value: dict[str, Any]) -> None:
        for short, long in (("input", "inputArtifacts"), ("output", "outputArtifacts")):
            for key in (short, f"{short}s", long):
                if key in value:
                    self.origins[*self.path, long] = (*self.origin, key)
                    action[long] = self._named(value[key], (*self.path, long), (*self.origin, key))
        kind = action["actionTypeId"]
        spec = lookup(kind.get("category"), kind.get("owner"), kind.get("provider"), kind.get("version"))
        if spec is not None and spec.outputs.least and "outputArtifacts" not in action:
            action["outputArtifacts"] = [{"name": action.get("name", "")}]

    def _named(self, value: Any, path: Path, origin: Path) -> Any:
        """Artifacts from a name, a list of names, or a mapping of name to files."""
        if isinstance(value, str):
            self.origins[*path, 0, "name"] = origin
            return [{"name": value}]
        if isinstance(value, list):
            for number, item in enumerate(value):
                if isinstance(item, str):
                    self.origins[*path, number, "name"] = (*origin, number)
            return [{"name": item} if isinstance(item, str) else item for item in value]
        if not isinstance(value, dict):
            return value
        for number, name in enumerate(value):
            self.origins[*path, number] = (*origin, name)
            self.origins[*path, number, "name"] = (*origin, name, OF_KEY)
            self.origins[*path, number, "files"] = (*origin, name)
        return [
            {"name": name, **({} if files is None else {"files": [files] if isinstance(files, str) else files})}
            for name, files in value.items()
        ]

    def _environment(self, action: dict[str, Any], value: dict[str, Any]) -> None:
        given = value.get("env")
        if not isinstance(given, dict):
            if given is not None:
                self._problem("GR203", "`env` takes a mapping of names to values", "env: {NAME: value}", "env")
            return
        rows = [{"name": name, "value": item} for name, item in given.items()]
        if action["actionTypeId"].get("provider") == "CodeBuild" and isinstance(action["configuration"], dict):
            texts = [{"name": row["name"], "value": text_of(row["value"]) or ""} for row in rows]
            self._set(action["configuration"], "EnvironmentVariables", json.dumps(texts), "env")
            return
        self.origins[*self.path, "environmentVariables"] = (*self.origin, "env")
        for number, name in enumerate(given):
            self.origins[*self.path, "environmentVariables", number] = (*self.origin, "env", name)
            self.origins[*self.path, "environmentVariables", number, "name"] = (*self.origin, "env", name, OF_KEY)
            self.origins[*self.path, "environmentVariables", number, "value"] = (*self.origin, "env", name)
        action["environmentVariables"] = rows


_CUSTOM = lookup("Build", "Custom", "any") or all_types()[0]


def _type_id(spec: ActionTypeSpec) -> dict[str, str]:
    return {"category": spec.category, "owner": spec.owner, "provider": spec.provider, "version": spec.version}


def _parts(text: str) -> tuple[str, str, str, str]:
    """Category, owner, provider and version of ``Category[/Owner]/Provider[/Version]`` or of one of the two alone."""
    parts = text.split("/")
    if len(parts) >= 3:
        return parts[0], parts[1], parts[2], parts[3] if len(parts) > 3 else "1"
    if len(parts) == 2:
        return parts[0], "", parts[1], "1"
    return ("", "", text, "1") if text in _providers() else (text, "", "", "1")


def _providers(category: str = "") -> tuple[str, ...]:
    return tuple(spec.provider for spec in all_types() if category in ("", spec.category))


def _brought(value: dict[str, Any]) -> ActionTypeSpec | None:
    """The type that follows from what an action brings with it."""
    deploy = value.get("deploy")
    if "deploy" in value:
        bucket = isinstance(deploy, dict) and "bucket" in deploy
        return lookup("Deploy", "AWS", "S3") if bucket else lookup("Deploy", "Custom", "local")
    if "approval" in value:
        return lookup("Approval", "AWS", "Manual")
    if "buildspec" in value:
        return lookup("Build", "AWS", "CodeBuild")
    return lookup("Compute", "AWS", "Commands") if "commands" in value else None


def _lines(value: Any) -> Any:
    """A block of text is one command a line; blank lines and comments between them are none."""
    if not isinstance(value, str):
        return value
    lines = (line.strip() for line in value.splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def _source(configuration: dict[str, Any]) -> None:
    from engine.reading.placeholders import BRANCH, CONNECTION, REPOSITORY

    for key, value in (("ConnectionArn", CONNECTION), ("FullRepositoryId", REPOSITORY), ("BranchName", BRANCH)):
        configuration.setdefault(key, value)
