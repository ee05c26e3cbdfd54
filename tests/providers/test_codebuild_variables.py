"""The variables of a build: where they come from, which wins, which are secret."""

from __future__ import annotations

import dataclasses
import json
import os

import pytest

from engine.model.outcome import Revision
from engine.model.pipeline import ArtifactStore
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
    assert "parameter does not exist: /app/key" in outcome.failure.message
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


STORE = ArtifactStore(type="S3", location="artifacts-of-ours")
TABLE: dict[str, str | None] = {  # https://docs.aws.amazon.com/codebuild/latest/userguide/build-env-ref-env-vars.html
    "AWS_DEFAULT_REGION": "eu-west-1",
    "AWS_REGION": "eu-west-1",
    "CODEBUILD_BATCH_BUILD_IDENTIFIER": None,
    "CODEBUILD_BUILD_ARN": "arn:aws:codebuild:eu-west-1:111122223333:build/web:{id}",
    "CODEBUILD_BUILD_ID": "web:{id}",
    "CODEBUILD_BUILD_IMAGE": "aws/codebuild/standard:7.0",
    "CODEBUILD_BUILD_NUMBER": "7",
    "CODEBUILD_BUILD_SUCCEEDING": "1",
    "CODEBUILD_BUILD_URL": "file://{log}",
    "CODEBUILD_CI": "true",
    "CODEBUILD_INITIATOR": "codepipeline/shop",
    "CODEBUILD_KMS_KEY_ID": "arn:aws:kms:eu-west-1:111122223333:alias/aws/s3",
    "CODEBUILD_LAST_EXIT": "0",
    "CODEBUILD_LOG_PATH": "{id}",
    "CODEBUILD_PROJECT_ARN": "arn:aws:codebuild:eu-west-1:111122223333:project/web",
    "CODEBUILD_PUBLIC_BUILD_URL": None,
    "CODEBUILD_RESOLVED_SOURCE_VERSION": "a1b2c3",
    "CODEBUILD_SOURCE_REPO_URL": "",
    "CODEBUILD_SOURCE_REPO_URL_Other": "",
    "CODEBUILD_SOURCE_VERSION": "arn:aws:s3:::artifacts-of-ours/shop/Source/{source}",
    "CODEBUILD_SOURCE_VERSION_Other": "arn:aws:s3:::artifacts-of-ours/shop/Other/{other}",
    "CODEBUILD_SRC_DIR": "{work}/build/src",
    "CODEBUILD_SRC_DIR_Other": "{work}/inputs/Other",
    "CODEBUILD_START_TIME": "1767355200000",
    "CODEBUILD_WEBHOOK_ACTOR_ACCOUNT_ID": None,
    "CODEBUILD_WEBHOOK_BASE_REF": None,
    "CODEBUILD_WEBHOOK_EVENT": None,
    "CODEBUILD_WEBHOOK_HEAD_REF": None,
    "CODEBUILD_WEBHOOK_MERGE_COMMIT": None,
    "CODEBUILD_WEBHOOK_PREV_COMMIT": None,
    "CODEBUILD_WEBHOOK_TRIGGER": None,
    "HOME": "{home}",
}


def test_the_table_of_variables(kit: Kit) -> None:
    source = kit.files({"buildspec.yml": spec(build={"commands": ["true", "env"]})})
    other = kit.tree(a="b")
    image = {
        "projects": {"web": {"image": "aws/codebuild/standard:7.0"}},
        "region": "eu-west-1",
        "account": "111122223333",
    }
    job = kit.job(
        inputs={"Source": source, "Other": other},
        configuration={"ProjectName": "web", "PrimarySource": "Source"},
        revisions={"Source": Revision("", "a1b2c3", "a1b2c3")},
        project=ProjectFile.model_validate(image),
    )
    kit.run(dataclasses.replace(job, artifact_store=STORE))
    seen = dict(line.split("=", 1) for line in kit.output() if "=" in line)
    words = {"id": kit.action_execution_id, "log": kit.log, "work": kit.workspace, "home": os.environ["HOME"]}
    words |= {"source": source[:7], "other": other[:7]}
    wanted = {name: value and value.format(**words) for name, value in TABLE.items()}
    assert {name: seen.get(name) for name in TABLE} == wanted
    assert {name for name in seen if name.startswith("CODEBUILD_")} <= set(TABLE)


# What gives the variable, from weak to strong; what the build sees; whether it is hidden.
ROWS: list[tuple[dict[str, str], str, bool]] = [
    ({"spec": "PLAINTEXT"}, "spec", False),
    ({"spec": "PARAMETER_STORE"}, "value-of-spec", True),
    ({"spec": "SECRETS_MANAGER", "project": "PLAINTEXT"}, "project", False),
    ({"spec": "PLAINTEXT", "project": "SECRETS_MANAGER"}, "value-of-project", True),
    ({"project": "PLAINTEXT", "action": "PARAMETER_STORE"}, "value-of-action", True),
    ({"project": "PARAMETER_STORE", "action": "PLAINTEXT"}, "action", False),
    ({"spec": "SECRETS_MANAGER", "project": "PARAMETER_STORE", "action": "SECRETS_MANAGER"}, "value-of-action", True),
    ({"spec": "MISSING", "action": "PLAINTEXT"}, "action", False),
]


@pytest.mark.parametrize(
    ("given", "value", "hidden"), ROWS, ids=lambda row: "-".join(row) if isinstance(row, dict) else ""
)
def test_the_strongest_source_wins_whole_type_included(
    kit: Kit, given: dict[str, str], value: str, hidden: bool
) -> None:
    """https://docs.aws.amazon.com/codebuild/latest/userguide/build-env-ref-env-vars.html, and what a type brings."""
    places = {"PLAINTEXT": "environment", "PARAMETER_STORE": "parameter-store", "SECRETS_MANAGER": "secrets-manager"}
    references = {"spec": "/spec", "project": "/project", "action": "/action"}
    env: dict[str, object] = {}
    web: dict[str, object] = {}
    rows = []
    for place, kind in given.items():
        text = place if kind == "PLAINTEXT" else "/absent" if kind == "MISSING" else references[place]
        kind = "PARAMETER_STORE" if kind == "MISSING" else kind
        if place == "spec":
            env["variables" if kind == "PLAINTEXT" else places[kind]] = {"A": text}
        elif place == "project":
            web[places[kind]] = {"A": text}
        else:
            rows.append({"name": "A", "value": text, "type": kind})
    values = {f"/{place}": f"value-of-{place}" for place in references}
    project = ProjectFile.model_validate({"parameters": values, "secrets": values, "projects": {"web": web}})
    text = json.dumps(
        {"version": 0.2, "env": env, "phases": {"build": {"commands": [f'test "$A" = {value}', "echo $A"]}}}
    )
    configuration = {"ProjectName": "web", "EnvironmentVariables": json.dumps(rows)}
    outcome = kit.build(text, project=project, configuration=configuration)
    assert outcome.failure is None
    assert kit.output() == ["***" if hidden else value]


def test_the_region_is_the_pipelines_unless_the_buildspec_says_another(
    kit: Kit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_REGION", "of-the-user")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "of-the-user")
    text = "version: 0.2\nenv: {variables: {AWS_DEFAULT_REGION: eu-north-1, CODEBUILD_CI: mine}}\n"
    text += "phases: {build: {commands: ['echo $AWS_REGION $AWS_DEFAULT_REGION $CODEBUILD_CI']}}\n"
    for aws in ("local", "real"):
        kit.build(text, project=ProjectFile.model_validate({"aws": aws, "region": "eu-west-1"}))
        assert kit.output() == ["eu-west-1 eu-north-1 true"]


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
