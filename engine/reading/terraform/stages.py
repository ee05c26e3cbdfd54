"""What an unknown value must not break: artifacts that nobody seems to make, keys that take few values only."""

from __future__ import annotations

import json
import re
from typing import Any

from engine.model.catalog import lookup
from engine.reading.rules.namespaces import RESERVED
from engine.reading.scalars import Symbolic

_JSON = frozenset({"EnvironmentVariables", "ParameterOverrides", "SourceRevisions", "Variables"})
_NAMES_AN_ARTIFACT = frozenset({"PrimarySource", "TaskDefinitionTemplateArtifact", "AppSpecTemplateArtifact"})
_CONNECTION = "CodeStarSourceConnection"
_REFERENCE = re.compile(r"#\{([A-Za-z0-9@_-]+)\.[A-Za-z0-9@_-]+\}")


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


def fill_in(action: dict[str, Any], missing: dict[str, Any], source: str) -> None:
    """Required configuration keys for which nothing is given, or that stand in `source`, which is not known."""
    kind = action["actionTypeId"]
    texts = [kind.get(part) for part in ("category", "owner", "provider")]
    spec = lookup(*texts) if all(isinstance(text, str) for text in texts) else None
    found = dict(action.get("configuration", {}))
    for key in spec.required if spec else ():
        if key not in found and (key in missing or source):
            found[key] = missing.get(key) or Symbolic(f"${{{source}.{key}}}")
    if spec and spec.label.startswith("Source/ThirdParty/GitHub/"):
        found.setdefault("OAuthToken", Symbolic("${GITHUB_TOKEN}"))  # the provider asks the environment for it
    if found:
        action["configuration"] = found


def aim(data: dict[str, Any], guesses: list[dict[str, Any]]) -> None:
    """Triggers that there may not be, for sources that there may not be: they go together, or not at all."""
    sources = [action for stage in data["stages"] for action in stage["actions"]]
    names = [action.get("name") for action in sources if action["actionTypeId"].get("provider") == _CONNECTION]
    for trigger in guesses:
        git = trigger.get("gitConfiguration", {})
        if names and git.get("sourceActionName") not in names:
            git["sourceActionName"] = names[0]
        elif not names:
            data["triggers"].remove(trigger)
    if data.get("triggers") == []:
        del data["triggers"]


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def settle(stages: list[dict[str, Any]]) -> None:
    """Make sure that an unknown artifact is one that an earlier action makes, and that no two are called alike."""
    _namespaces(stages)
    made: list[str] = []
    names: list[str] = []
    for stage in stages:
        _apart(stage, names)
        inner: list[str] = []
        for action in stage["actions"]:
            _apart(action, inner)
        here: list[str] = []
        for action in stage["actions"]:
            _inputs(action, made or here)
            _outputs(action, [*made, *here], here)
        made += here


def _namespaces(stages: list[dict[str, Any]]) -> None:
    """A namespace that is not known is one that something refers to, if such a one is missing."""
    actions = [action for stage in stages for action in stage["actions"]]
    known = [str(action["namespace"]) for action in actions if "namespace" in action]
    texts = " ".join(str(value) for action in actions for value in action.get("configuration", {}).values())
    wanted = [name for name in dict.fromkeys(_REFERENCE.findall(texts)) if name not in (*known, *RESERVED)]
    for action in actions:
        name, number = action.get("namespace"), 1
        if not isinstance(name, Symbolic):
            continue
        action["namespace"] = Symbolic(wanted.pop(0)) if wanted else name
        while known.count(action["namespace"]) > 1:
            number += 1
            action["namespace"] = Symbolic(f"{name[:90]}-{number}".replace(".", "-"))
            known.append(str(action["namespace"]))


def _apart(part: dict[str, Any], taken: list[str]) -> None:
    """A number behind an unknown name that is taken."""
    name, number = part.get("name"), 1
    if isinstance(name, str):
        while isinstance(name, Symbolic) and part["name"] in taken:
            number += 1
            part["name"] = Symbolic(f"{name[:96]}-{number}")
        taken.append(part["name"])


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
        everywhere = [*taken, *here]
        _apart(item, everywhere)
        here += everywhere[len(taken) + len(here) :]
