"""What decides whether a build must run again."""

from __future__ import annotations

from typing import Any

from engine.model.project import ActionSettings
from tests.providers.kit import Kit, spec
from tests.providers.test_codebuild_variables import SECRETS, given


def parts(kit: Kit, text: str, **job: Any) -> dict[tuple[str, str], str]:
    made = kit.job(inputs={"Source": kit.files({"buildspec.yml": text})}, **job)
    return {(part.kind, part.subject): part.value for part in kit.identify(made).parts}


def test_the_fingerprint_leaves_out_what_differs_in_every_run(kit: Kit) -> None:
    text = spec(build={"commands": ["true"]})
    before = parts(kit, text)
    kit.action_execution_id = "another"
    assert parts(kit, text) == before
    assert not any(kind == "run" for kind, _ in before)


def test_unless_a_command_mentions_it(kit: Kit) -> None:
    text = spec(build={"commands": ["echo $CODEBUILD_BUILD_ID $CODEBUILD_START_TIME"]})
    before = parts(kit, text)
    assert before["run", "CODEBUILD_BUILD_ID"] == f"web:{kit.action_execution_id}"
    kit.action_execution_id = "another"
    after = parts(kit, text)
    assert before["run", "CODEBUILD_START_TIME"] != after["run", "CODEBUILD_START_TIME"]


def test_secret_values_are_keyed_digests(kit: Kit) -> None:
    found = parts(kit, SECRETS, project=given())
    other = parts(kit, SECRETS, project=given().model_copy(update={"parameters": {"/app/key": "changed"}}))
    assert "parameter-value" not in str(found)
    assert found["secret", "PARAMETER"] != other["secret", "PARAMETER"]
    assert found["secret", "WHOLE"] == other["secret", "WHOLE"]
    key = kit.folder / "state" / "digest.key"
    assert key.stat().st_mode & 0o777 == 0o600


def test_local_environment_and_buildspec_decide(kit: Kit) -> None:
    found = parts(kit, spec(build={"commands": ["true"]}), settings=ActionSettings(environment={"STAGE": "dev"}))
    assert found["env", "STAGE"] == "dev"
    assert ("shell", "/bin/sh") in found
    assert (
        found["buildspec", "buildspec.yml"]
        != parts(kit, spec(build={"commands": ["false"]}))["buildspec", "buildspec.yml"]
    )


def test_declared_inputs_and_timeouts(kit: Kit) -> None:
    job = kit.job(
        inputs={"S": kit.files({"buildspec.yml": spec(build={"commands": ["true"]})})},
        settings=ActionSettings(inputs=("src/**",), timeout_minutes=2),
    )
    identity = kit.identify(job)
    assert identity.reads == ("src/**",)
    assert identity.timeout == 120
