"""Missing parameters and secrets are known before anything starts."""

from __future__ import annotations

import json
from pathlib import Path

from engine.model.pipeline import PipelineDeclaration
from engine.model.project import ProjectFile
from engine.providers.codebuild.needs import missing, told
from tests.execution.pipelines import action

BUILDSPEC = """\
version: 0.2
env:
  parameter-store: {KEY: /app/key, KNOWN: /app/known}
  secrets-manager: {PASSWORD: 'prod/db:password'}
phases: {build: {commands: [make]}}
"""
VARIABLES = [
    {"name": "A", "value": "/app/key", "type": "PARAMETER_STORE"},
    {"name": "B", "value": "token", "type": "SECRETS_MANAGER"},
    {"name": "C", "value": "plain"},
]


def pipeline(**configuration: str) -> PipelineDeclaration:
    """A source, two builds of it, and one of what the first makes."""
    builds = [
        action("Build:One Src > Made", configuration={"ProjectName": "web"}),
        action("Build:Two Src", configuration={"ProjectName": "api", **configuration}),
        action("Build:Three Made", configuration={"ProjectName": "web"}),
    ]
    stages = [{"name": "Source", "actions": [action("Source:Repo > Src")]}, {"name": "Build", "actions": builds}]
    return PipelineDeclaration.model_validate({"name": "p", "roleArn": "r", "stages": stages})


def test_everything_at_once_and_by_whom(tmp_path: Path) -> None:
    (tmp_path / "buildspec.yml").write_text(BUILDSPEC)
    project = ProjectFile.model_validate(
        {
            "parameters": {"/app/known": "1"},
            "secrets": {"prod/db": "{}"},
            "projects": {"api": {"secrets-manager": {"X": "api/secret"}}},
        }
    )
    needs = missing(pipeline(EnvironmentVariables=json.dumps(VARIABLES)), project, {"Repo": tmp_path})
    assert told(needs) == [
        "builds of this pipeline need values that nothing gives:",
        "  parameter does not exist: /app/key (Build/One, Build/Two)",
        "  secret prod/db holds no JSON key password (Build/One, Build/Two)",
        "  Secrets Manager can't find the specified secret: token (Build/Two)",
        "  Secrets Manager can't find the specified secret: api/secret (Build/Two)",
        "greenroom secrets set NAME keeps one; or give them in .secrets (APP_DB_PASSWORD=…) or greenroom.yaml:",
        "  parameters:",
        "    /app/key: …",
        "  secrets:",
        "    prod/db: …",
        "    token: …",
        "    api/secret: …",
    ]


def test_what_is_given_is_not_missing(tmp_path: Path) -> None:
    (tmp_path / "buildspec.yml").write_text(BUILDSPEC)
    project = ProjectFile(
        parameters={"/app/key": "k", "/app/known": "1"}, secrets={"prod/db": '{"password": "p"}', "token": "t"}
    )
    assert not missing(pipeline(EnvironmentVariables=json.dumps(VARIABLES)), project, {"Repo": tmp_path})


def test_what_cannot_be_known_yet_is_left_to_the_build(tmp_path: Path) -> None:
    for odd in ('[{"type": "SECRETS_MANAGER"}]', "{oops", "5", '[{"value": "#{A.b}", "type": "PARAMETER_STORE"}]'):
        assert not missing(pipeline(EnvironmentVariables=odd), ProjectFile(), {"Repo": tmp_path})
    (tmp_path / "buildspec.yml").write_text("env: {parameter-store: [")
    assert not missing(pipeline(), ProjectFile(), {"Repo": tmp_path})


def test_an_inline_buildspec_and_a_substitute(tmp_path: Path) -> None:
    inline = pipeline(BuildspecOverride=BUILDSPEC)
    assert next(iter(missing(inline, ProjectFile(), {}))).wanted_by == ["Build/Two"]
    substituted = ProjectFile.model_validate({"actions": {"Two": {"commands": ["true"]}}})
    assert not missing(inline, substituted, {"Repo": tmp_path})


def test_what_the_builds_of_a_batch_need(tmp_path: Path) -> None:
    batch = "version: 0.2\nbatch: {build-list: [{identifier: a, buildspec: ci/a.yml}, {identifier: b}]}\n"
    (tmp_path / "buildspec.yml").write_text(batch)
    (tmp_path / "ci").mkdir()
    (tmp_path / "ci" / "a.yml").write_text(BUILDSPEC)
    sources = {"Repo": tmp_path}
    assert missing(pipeline(), ProjectFile(), sources) == []
    found = missing(pipeline(BatchEnabled="true"), ProjectFile(), sources)
    assert [(need.key, need.wanted_by) for need in found] == [
        ("/app/key", ["Build/Two"]),
        ("/app/known", ["Build/Two"]),
        ("prod/db", ["Build/Two"]),
    ]
