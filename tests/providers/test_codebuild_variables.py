"""The variables of a build: where they come from, which wins, which are secret."""

from __future__ import annotations

import json
import os

import pytest

from engine.model.outcome import Revision
from engine.model.project import ActionSettings, ProjectFile
from tests.providers.kit import Kit, spec


def test_codebuild_variables(kit: Kit) -> None:
    revision = Revision("", "a1b2c3", "a1b2c3")
    names = (
        *("AWS_REGION", "CODEBUILD_BUILD_ID", "CODEBUILD_BUILD_ARN", "CODEBUILD_BUILD_NUMBER", "CODEBUILD_INITIATOR"),
        *("CODEBUILD_CI", "CODEBUILD_RESOLVED_SOURCE_VERSION", "CODEBUILD_SRC_DIR", "CODEBUILD_SRC_DIR_Other"),
        "CODEBUILD_START_TIME",
    )
    kit.commands(
        *(f"echo ${name}" for name in names),
        inputs={"Other": kit.tree(a="b")},
        configuration={"ProjectName": "web", "PrimarySource": "Source"},
        revisions={"Source": revision},
    )
    build = f"web:{kit.action_execution_id}"
    assert kit.output() == [
        "us-east-1",
        build,
        f"arn:aws:codebuild:us-east-1:000000000000:build/{build}",
        "7",
        "codepipeline/shop",
        "true",
        "a1b2c3",
        str(kit.source),
        str(kit.workspace / "inputs" / "Other"),
        "1767355200000",
    ]


def test_primary_source_is_where_the_buildspec_is_looked_up(kit: Kit) -> None:
    second = kit.files({"buildspec.yml": spec(build={"commands": ["cat $CODEBUILD_SRC_DIR_Source/a"]})})
    kit.build(
        "", files={"a": "hello\n"}, inputs={"Main": second}, configuration={"ProjectName": "p", "PrimarySource": "Main"}
    )
    assert kit.output() == ["hello"]


def test_the_strongest_setting_of_a_variable_wins(kit: Kit) -> None:
    shown = {"commands": ["echo $A $B $C $D $E"]}
    text = json.dumps(
        {"version": 0.2, "env": {"variables": dict.fromkeys("ABCDE", "spec")}, "phases": {"build": shown}}
    )
    project = ProjectFile.model_validate(
        {
            "environment": dict.fromkeys("BCDE", "all"),
            "projects": {"web": {"environment": dict.fromkeys("CDE", "project")}},
        }
    )
    action = json.dumps([{"name": name, "value": "action"} for name in "DE"])
    kit.build(
        text,
        project=project,
        configuration={"ProjectName": "web", "EnvironmentVariables": action},
        settings=ActionSettings(environment={"E": "settings"}),
    )
    assert kit.output() == ["spec all project action settings"]


def test_the_users_environment_stays_out(kit: Kit, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "CI", "GITHUB_ACTIONS", "MY_TOOL"):
        monkeypatch.setenv(name, "leaked")
    kit.commands("env", project=ProjectFile(inherit_environment=("MY_TOOL",)))
    lines = kit.output()
    assert "MY_TOOL=leaked" in lines
    assert sum("leaked" in line for line in lines) == 1
    assert f"HOME={os.environ['HOME']}" in lines
    assert "AWS_CONFIG_FILE=/dev/null" in lines


def test_variables_are_literal(kit: Kit) -> None:
    kit.build(
        "version: 0.2\nenv: {variables: {A: '$HOME $(date)', V: 3.10}}\nphases: {build: {commands: ['echo \"$A\" $V']}}"
    )
    assert kit.output() == ["$HOME $(date) 3.10"]


def test_exported_variables(kit: Kit) -> None:
    outcome = kit.build(
        "version: 0.2\nenv: {exported-variables: [A, NEVER_SET, AWS_REGION, name]}\n"
        "phases: {install: {commands: ['A=1', 'name=n']}, build: {commands: ['A=\"$A 2\"']}}"
    )
    assert outcome.variables == {"A": "1 2", "name": "n"}
    assert "exported-variables: AWS_REGION cannot be exported" in kit.agent_lines()


SECRETS = """
version: 0.2
env:
  parameter-store: {PARAMETER: /app/key}
  secrets-manager:
    WHOLE: db
    PART: arn:aws:secretsmanager:us-east-1:000000000000:secret:db-AbCdEf:password
  exported-variables: [PARAMETER, COPY, CLEAN]
phases:
  build:
    commands:
      - echo "$PARAMETER/$PART"
      - echo $PARAMETER | base64
      - COPY="x$PART"; CLEAN=1
      - echo parameter-value is not echoed either
"""


def given() -> ProjectFile:
    return ProjectFile(
        parameters={"/app/key": "parameter-value"}, secrets={"db": json.dumps({"password": "hunter2-secret"})}
    )


def test_referred_values_arrive_and_are_masked(kit: Kit) -> None:
    outcome = kit.build(SECRETS, project=given())
    assert kit.output()[0] == "***/***"
    assert "Running command echo *** is not echoed either" in kit.agent_lines()
    assert outcome.variables == {"CLEAN": "1"}
    found = [
        path
        for path in kit.folder.rglob("*")
        if path.is_file() and any(s in path.read_bytes() for s in (b"parameter-value", b"hunter2-secret"))
    ]
    # the buildspec itself says parameter-value; nothing else may
    assert {path.name for path in found} <= {"buildspec.yml", "script.sh"} | {
        path.name for path in found if "store" in path.parts
    }
    assert not any(b"hunter2-secret" in path.read_bytes() for path in found)


def test_missing_references_fail_download_source_all_at_once(kit: Kit) -> None:
    outcome = kit.build(SECRETS)
    assert outcome.failure is not None
    assert "Phase: DOWNLOAD_SOURCE" in outcome.failure.message
    assert "Parameter does not exist: /app/key" in outcome.failure.message
    assert "can't find the specified secret: db" in outcome.failure.message
    assert "`parameters:` in greenroom.yaml" in outcome.failure.hint
    assert "Phase complete: DOWNLOAD_SOURCE State: FAILED" in kit.agent_lines()


def test_typed_variables_of_the_action(kit: Kit) -> None:
    rows = [
        {"name": "A", "value": "plain"},
        {"name": "B", "value": "/app/key", "type": "PARAMETER_STORE"},
        {"name": "C", "value": "db:password", "type": "SECRETS_MANAGER"},
    ]
    kit.commands(
        "echo $A ${#B} ${#C}",
        project=given(),
        configuration={"ProjectName": "web", "EnvironmentVariables": json.dumps(rows)},
    )
    assert kit.output() == ["plain 15 14"]


def test_unreadable_environment_variables_are_a_configuration_error(kit: Kit) -> None:
    outcome = kit.commands("true", configuration={"ProjectName": "web", "EnvironmentVariables": "{oops"})
    assert outcome.failure is not None
    assert outcome.failure.type == "ConfigurationError"
    assert "JSON array" in outcome.failure.hint


def test_every_variable_of_codebuild(kit: Kit) -> None:
    kit.commands(
        "env",
        inputs={"Other": kit.tree(a="b")},
        configuration={"ProjectName": "web", "PrimarySource": "Source"},
        revisions={"Source": Revision("", "a1b2c3", "a1b2c3")},
    )
    names = {name for name, _, _ in (line.partition("=") for line in kit.output()) if name.startswith("CODEBUILD_")}
    assert names == {
        *("CODEBUILD_BUILD_ARN", "CODEBUILD_BUILD_ID", "CODEBUILD_BUILD_IMAGE", "CODEBUILD_BUILD_NUMBER"),
        *("CODEBUILD_BUILD_SUCCEEDING", "CODEBUILD_BUILD_URL", "CODEBUILD_CI", "CODEBUILD_INITIATOR"),
        *("CODEBUILD_KMS_KEY_ID", "CODEBUILD_LOG_PATH", "CODEBUILD_PROJECT_ARN", "CODEBUILD_START_TIME"),
        *("CODEBUILD_RESOLVED_SOURCE_VERSION", "CODEBUILD_SOURCE_REPO_URL", "CODEBUILD_SOURCE_VERSION"),
        *("CODEBUILD_SRC_DIR", "CODEBUILD_SRC_DIR_Other"),
        *("CODEBUILD_SOURCE_REPO_URL_Other", "CODEBUILD_SOURCE_VERSION_Other"),
    }


def test_a_project_brings_parameters_and_secrets_of_its_own(kit: Kit) -> None:
    project = ProjectFile.model_validate(
        {
            "parameters": {"/a": "value-of-a"},
            "secrets": {"b": '{"k": "value-of-b"}'},
            "projects": {"web": {"parameter-store": {"A": "/a"}, "secrets-manager": {"B": "b:k"}}},
        }
    )
    kit.commands('test "$A$B" = value-of-avalue-of-b && echo both', "echo $A", project=project)
    assert kit.output() == ["both", "***"]
