"""What an unknown value must not break: artifacts that nobody seems to make, keys that take few values only."""

from __future__ import annotations

import json
from typing import Any

from engine.model.catalog import lookup
from engine.reading.scalars import Symbolic

_JSON = frozenset({"EnvironmentVariables", "ParameterOverrides", "SourceRevisions", "Variables"})
_NAMES_AN_ARTIFACT = frozenset({"PrimarySource", "TaskDefinitionTemplateArtifact", "AppSpecTemplateArtifact"})


def without_guesses(action: dict[str, Any]) -> None:
    """Take out configuration values that are not known and would have to be one of few, or JSON."""
    configuration = action.get("configuration")
    if not isinstance(configuration, dict):
        return
    kind = action["actionTypeId"]
    texts = [kind.get(part) for part in ("category", "owner", "provider")]
    spec = lookup(*texts) if all(isinstance(text, str) for text in texts) else None
    for key in [key for key, value in configuration.items() if isinstance(value, Symbolic)]:
        row = spec.key(key) if spec else None
        if row is not None and row.values:
            configuration[key] = row.values[0]
            if not row.required:
                del configuration[key]
        elif key in _JSON and not _is_json(configuration[key]):
            del configuration[key]
    if not configuration:
        del action["configuration"]


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def settle(stages: list[dict[str, Any]]) -> None:
    """Make sure that an unknown artifact is one that an earlier action makes, and that no two are called alike."""
    made: list[str] = []
    for stage in stages:
        here: list[str] = []
        for action in stage["actions"]:
            _inputs(action, made or here)
            _outputs(action, [*made, *here], here)
        made += here


def _inputs(action: dict[str, Any], made: list[str]) -> None:
    inputs = action.get("inputArtifacts")
    if not isinstance(inputs, list):
        return
    kept: list[Any] = []
    for item in inputs:
        if isinstance(item["name"], Symbolic) and item["name"] not in made:
            names = [each["name"] for each in kept]
            other = next((name for name in reversed(made) if name not in names), None)
            if other is None:
                continue
            item = {"name": other}
        kept.append(item)
    action["inputArtifacts"] = kept
    configuration = action.get("configuration", {})
    for key in _NAMES_AN_ARTIFACT & configuration.keys():
        if isinstance(configuration[key], Symbolic) and kept:
            configuration[key] = kept[0]["name"]


def _outputs(action: dict[str, Any], taken: list[str], here: list[str]) -> None:
    outputs = action.get("outputArtifacts")
    for item in outputs if isinstance(outputs, list) else ():
        name, number = item["name"], 1
        while isinstance(item["name"], Symbolic) and item["name"] in (*taken, *here):
            number += 1
            item["name"] = Symbolic(f"{name[:96]}-{number}")
        if isinstance(item["name"], str):
            here.append(item["name"])
