"""Secrets: never in a definition, which everybody who may look at the pipeline can read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from engine.reading.advice.advice import BUILD_GUIDE, GUIDE, Finding, advice
from engine.reading.advice.names import is_secret
from engine.reading.advice.scene import Scene, variables
from engine.reading.problem import Path

_REFERENCE = re.compile(
    r"^(arn:|/|\$|https?://|\{\{|<|\[|your|change|replace|example|dummy|x+$|true$|false$|none$|null$|(?-i:[A-Z][A-Z0-9_]*)$)",
    re.IGNORECASE,
)
_KEY = re.compile(
    r"\b(AKIA|ASIA)(?!\w*EXAMPLE)[0-9A-Z]{16}\b|\bgh[pousr]_[A-Za-z0-9]{36}\b|\bgithub_pat_[A-Za-z0-9_]{40,}|\bglpat-[\w-]{20}\b"
    r"|\bxox[abprs]-[0-9A-Za-z-]{10,}|-----BEGIN [A-Z ]*PRIVATE KEY-----|\bsk_live_[0-9a-zA-Z]{20,}"
    r"|https?://[^/\s:@$]+:[^/\s:@$]{3,}@"
)


@advice(
    "GR621",
    "a source's token is not written out",
    why="whoever may read the definition can act in your name on GitHub",
    fix="use a connection, or {{resolve:secretsmanager:NAME}} in a template",
    reference=GUIDE + "appendix-github-oauth.html",
)
def token(scene: Scene) -> Iterator[Finding]:
    """Secret configuration values of actions as literals."""
    for action in scene.pipeline.actions:
        for key in action.spec.secrets if action.spec is not None else ():
            path = (*action.path, "configuration", key)
            value = action.configuration.get(key, "")
            if scene.is_literal(path, value) and not _is_stand_in(value):
                yield Finding(path, f"{key} of action {action.name} is written out")


@advice(
    "GR622",
    "no key stands in the definition",
    why="it is in the repository, in the console and in every copy, and stays valid until somebody revokes it",
    fix="revoke it, put the new one into Secrets Manager and read it from there",
    reference=GUIDE + "security-best-practices.html",
)
def keys(scene: Scene) -> Iterator[Finding]:
    """Texts of the pipeline, or of the projects of its template, that look like an access key or a private key."""
    for stage in scene.pipeline.data.get("stages", ()):
        number = scene.pipeline.data["stages"].index(stage)
        for path, text in _texts(stage, ("stages", number)):
            if _KEY.search(text):
                yield Finding(path, "this holds a key or a password")
    for project in scene.of("AWS::CodeBuild::Project", "AWS::Lambda::Function"):
        for path, text in _texts(project.properties, project.path):
            if _KEY.search(text):
                yield Finding(path, f"{project.name} holds a key or a password", in_document=True)


@advice(
    "GR623",
    "a secret is no plain environment variable",
    why="its value is shown in the console and in the history of every run",
    fix="make its type SECRETS_MANAGER (or PARAMETER_STORE), and its value the secret's name",
    reference=BUILD_GUIDE + "change-project.html",
)
def plain_variables(scene: Scene) -> Iterator[Finding]:
    """Variables that are named like a secret, with their value written out."""
    for variable in variables(scene):
        if is_secret(variable.name) and len(variable.value) >= 6 and not _is_stand_in(variable.value):
            what = f"{variable.name} of {variable.owner} is a plain variable with its value written out"
            yield Finding(variable.path, what, in_document=variable.in_document)


@advice(
    "GR624",
    "a template's parameter for a secret has NoEcho",
    why="its value is shown to everybody who may look at the stack",
    fix="add `NoEcho: true`, or read the secret with {{resolve:secretsmanager:NAME}}",
    reference="https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html",
)
def parameters(scene: Scene) -> Iterator[Finding]:
    """Parameters that are named like a secret."""
    for name, parameter in scene.parameters.items():
        if isinstance(parameter, dict) and is_secret(name):
            shown = str(parameter.get("NoEcho", "false")).lower() != "true"
            if shown and str(parameter.get("Type", "String")) == "String":
                yield Finding(("Parameters", name), f"the parameter {name} has no NoEcho", key=True, in_document=True)


def _is_stand_in(value: str) -> bool:
    """Whether a value is a name, an address or a placeholder rather than a secret."""
    return bool(_REFERENCE.search(value)) or "REPLACE" in value or "<" in value


def _texts(value: Any, path: Path) -> Iterator[tuple[Path, str]]:
    stack: list[tuple[Path, Any]] = [(path, value)]
    while stack:
        here, each = stack.pop()
        if isinstance(each, str):
            yield here, each
        items = each.items() if isinstance(each, dict) else enumerate(each) if isinstance(each, list) else ()
        stack += [((*here, step), item) for step, item in items]
