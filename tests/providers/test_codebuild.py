"""Phases and their transitions, and where a buildspec comes from."""

from __future__ import annotations

import json
from typing import Any

import pytest

from engine.model.project import ActionSettings, ProjectFile
from engine.model.status import ActionStatus
from tests.providers.kit import Kit, artifacts, spec

ALL = ("install", "pre_build", "build", "post_build")


@pytest.mark.parametrize(
    ("failing", "ran"),
    [
        ("install", ["install"]),
        ("pre_build", ["install", "pre_build"]),
        ("build", ["install", "pre_build", "build", "post_build"]),
        ("post_build", ["install", "pre_build", "build", "post_build"]),
    ],
)
def test_what_runs_after_a_failed_phase(kit: Kit, failing: str, ran: list[str]) -> None:
    phases = {name: {"commands": [f"echo {name}", "false" if name == failing else "true"]} for name in ALL}
    outcome = kit.build(spec(**phases))
    assert kit.output() == ran
    assert outcome.status is ActionStatus.FAILED
    assert outcome.failure is not None
    assert outcome.failure.type == "JobFailed"
    assert outcome.failure.message == (
        f"Build terminated with state: FAILED. Phase: {failing.upper()}, Code: COMMAND_EXECUTION_ERROR, "
        "Message: Error while executing command: false. Reason: exit status 1"
    )
    assert "greenroom shell Stage/Make" in outcome.failure.hint


def test_post_build_learns_that_the_build_failed(kit: Kit) -> None:
    report = {"commands": ["echo $CODEBUILD_BUILD_SUCCEEDING"]}
    kit.build(spec(pre_build=report, build={"commands": ["false"]}, post_build=report))
    assert kit.output() == ["1", "0"]


def test_finally_runs_after_a_failure_and_after_a_success(kit: Kit) -> None:
    phase = {"commands": ["false", "echo skipped"], "finally": ["echo cleaned"]}
    assert kit.build(spec(install={"commands": ["true"], "finally": ["echo tidy"]}, build=phase)).failure
    assert kit.output() == ["tidy", "cleaned"]


def test_a_failing_finally_fails_the_phase(kit: Kit) -> None:
    outcome = kit.build(spec(build={"commands": ["true"], "finally": ["exit 3", "echo skipped"]}))
    assert kit.output() == []
    assert outcome.failure is not None
    assert "exit status 3" in outcome.failure.message


def test_on_failure_abort_skips_post_build(kit: Kit) -> None:
    outcome = kit.build(
        spec(build={"on-failure": "ABORT", "commands": ["false"]}, post_build={"commands": ["echo no"]})
    )
    assert outcome.status is ActionStatus.FAILED
    assert kit.output() == []


def test_on_failure_continue_goes_on_and_still_fails(kit: Kit) -> None:
    outcome = kit.build(
        spec(install={"on-failure": "CONTINUE", "commands": ["false"]}, build={"commands": ["echo built"]})
    )
    assert outcome.status is ActionStatus.FAILED
    assert kit.output() == ["built"]


@pytest.mark.parametrize(
    ("form", "tries"),
    [("RETRY", 4), ("RETRY-1", 2), ("RETRY-0", 1), ("RETRY-.*status 1", 4), ("RETRY-2-no match", 1)],
)
def test_on_failure_retry(kit: Kit, form: str, tries: int) -> None:
    outcome = kit.build(
        spec(build={"on-failure": form, "commands": ["echo try; exit 1"]}, post_build={"commands": ["echo no"]})
    )
    assert kit.output() == ["try"] * tries
    assert outcome.status is ActionStatus.FAILED


def test_a_retry_can_succeed(kit: Kit) -> None:
    once = "test -e mark || { touch mark; false; }"
    outcome = kit.build(spec(build={"on-failure": "RETRY", "commands": [once, "echo fine"]}))
    assert outcome.status is ActionStatus.SUCCEEDED


def test_a_build_killed_by_a_signal_says_which(kit: Kit) -> None:
    outcome = kit.commands("kill -9 $$")
    assert outcome.failure is not None
    assert outcome.failure.message.endswith("Reason: signal: killed")


def test_version_0_1_carries_nothing_over(kit: Kit) -> None:
    kit.build('{"version": 0.1, "phases": {"build": {"commands": ["cd /; A=1", "pwd; echo ${A-unset}"]}}}')
    assert kit.output() == [str(kit.source), "unset"]


@pytest.mark.parametrize("files", [{}, {"buildspec.yaml": "version: 0.2"}])
def test_a_missing_buildspec(kit: Kit, files: dict[str, str]) -> None:
    outcome = kit.run(kit.job(inputs={"Source": kit.files({"a": "", **files})}))
    assert outcome.failure is not None
    assert outcome.failure.message.endswith("Code: YAML_FILE_ERROR, Message: YAML file does not exist")
    assert ("buildspec.yaml, but CodeBuild reads buildspec.yml" in outcome.failure.hint) is bool(files)
    named = kit.run(
        kit.job(inputs={"A": kit.tree(a=""), "B": kit.tree()}, configuration={"BuildspecOverride": "b.yml"})
    )
    assert named.failure is not None
    assert named.failure.message.endswith(f"Message: stat {kit.source}/b.yml: no such file or directory")
    assert f"CODEBUILD_SRC_DIR_B={kit.workspace}/inputs/B" in kit.text()


@pytest.mark.parametrize(
    "where",
    [
        {"configuration": {"ProjectName": "web", "BuildspecOverride": "ci/other.yml"}},
        {"configuration": {"ProjectName": "web", "BuildspecOverride": spec(build={"commands": ["echo other"]})}},
        {"project": ProjectFile.model_validate({"projects": {"web": {"buildspec": "./ci/other.yml"}}})},
        {"settings": ActionSettings(buildspec="ci/other.yml")},
    ],
)
def test_where_a_buildspec_may_come_from(kit: Kit, where: dict[str, Any]) -> None:
    other = spec(build={"commands": ["echo other"]})
    kit.build(spec(build={"commands": ["echo default"]}), files={"ci/other.yml": other}, **where)
    assert kit.output() == ["other"]


def test_a_batch_section_means_nothing_to_a_plain_build(kit: Kit) -> None:
    text = json.dumps({"version": 0.2, "batch": {"build-lists": []}, "phases": {"build": {"commands": ["echo one"]}}})
    assert kit.build(text).status is ActionStatus.SUCCEEDED
    assert kit.output() == ["one"]
    assert "greenroom: batch: BatchEnabled of the action is not true, so this is one plain build" in kit.text()


def test_without_an_engine_the_docker_runner_fails_in_a_clear_sentence(
    kit: Kit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{kit.folder}/nothing.sock")
    job = kit.job(
        inputs={"S": kit.files({"buildspec.yml": spec(build={"commands": ["true"]})})},
        settings=ActionSettings(runner="docker"),
    )
    assert "no container engine answers" in next(p.value for p in kit.identify(job).parts if p.kind == "image")
    failure = kit.run(job).failure
    assert failure is not None
    where = f"unix://{kit.folder}/nothing.sock"
    assert failure.message == f"PROVISIONING: no container engine answers at {where}: it has no socket"
    assert "--runner host" in failure.hint


def test_an_input_that_left_the_store(kit: Kit) -> None:
    tree = kit.files({"buildspec.yml": spec(build={"commands": ["true"]})})
    outcome = kit.run(kit.job(inputs={"Source": tree, "Gone": "0" * 64}))
    assert outcome.failure is not None
    assert outcome.failure.type == "SystemUnavailable"


def test_phases_are_reported(kit: Kit) -> None:
    kit.build(artifacts({"files": "buildspec.yml"}, "true"), outputs=("Out",))
    assert kit.phases == ["DOWNLOAD_SOURCE", "BUILD", "UPLOAD_ARTIFACTS"]


def test_every_process_is_reported_with_its_birth(kit: Kit) -> None:
    kit.commands("true", "true")
    assert len(kit.processes) == 2
    assert all(pid > 1 and birth for pid, birth in kit.processes)
