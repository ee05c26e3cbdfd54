"""Where values of parameters and secrets come from: which place wins, the keyring, a real account."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.model.project import ProjectFile
from engine.opening import Options, with_environment
from engine.providers import keyrings, real_aws, references
from engine.providers.references import MissingReference, find, learned, parameter, secret
from tests.keyring_kit import memory_keyring
from tests.providers.aws_kit import StandIn, aws
from tests.providers.kit import Kit

REAL = ProjectFile.model_validate({"aws": "real"})
VERSION = "0" * 32
ARN = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod/db-AbCdEf"


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[StandIn]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "example")
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    real_aws.forget()
    with aws() as stand_in:
        monkeypatch.setenv("AWS_ENDPOINT_URL", stand_in.url)
        yield stand_in
    real_aws.forget()


def test_which_place_wins(account: StandIn, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """greenroom.yaml, .secrets, the environment, the keyring, AWS: each is looked at where those before have none."""
    account.parameters = {"/app/key": "of-aws"}
    account.secrets = {"prod/db": "of-aws"}
    every: dict[str, dict[str, str]] = {"parameters": {"/app/key": "of-file"}, "secrets": {"prod/db": "of-file"}}
    (tmp_path / ".secrets").write_text("APP_KEY=of-secrets\nPROD_DB=of-secrets\n")
    monkeypatch.setenv("GREENROOM_PARAMETER_STORE_APP_KEY", "of-environment")
    monkeypatch.setenv("GREENROOM_SECRET_PROD_DB", "of-environment")
    origins = []
    with memory_keyring(**{"parameter:/app/key": "of-keyring", "secret:prod/db": "of-keyring"}) as ring:
        for step in range(6):
            project = ProjectFile.model_validate({"aws": "real", **every})
            project, _ = with_environment(project, Options(tmp_path))
            try:
                both = [find(project, "parameters", "/app/key"), find(project, "secrets", "prod/db")]
            except MissingReference:
                origins.append(("none", "none"))
                break
            assert both[0].value == both[1].value
            origins.append((both[0].value, both[1].origin))
            if step == 0:
                every = {}
            elif step == 1:
                (tmp_path / ".secrets").unlink()
            elif step == 2:
                monkeypatch.delenv("GREENROOM_PARAMETER_STORE_APP_KEY")
                monkeypatch.delenv("GREENROOM_SECRET_PROD_DB")
            elif step == 3:
                ring.values.clear()
                keyrings.forget()
            else:
                account.parameters, account.secrets = {}, {}
                real_aws.forget()
    assert origins == [
        ("of-file", "`secrets:` in greenroom.yaml"),
        ("of-secrets", ".secrets (PROD_DB)"),
        ("of-environment", "the environment (GREENROOM_SECRET_PROD_DB)"),
        ("of-keyring", "the keyring (secret:prod/db)"),
        ("of-aws", "AWS"),
        ("none", "none"),
    ]
    assert {"of-environment", "of-keyring", "of-aws"} <= set(learned())


def test_the_calls(account: StandIn) -> None:
    """Decrypted, in the region of an ARN or of the project, in the version that is asked for, and only once."""
    account.parameters = {
        "/app/key": "k",
        "arn:aws:ssm:eu-west-1:111122223333:parameter/x": "of-arn",
        "versioned:3": "v",
    }
    account.secrets = {
        "s": '{"a": {"b": 1}}',
        "s:AWSPREVIOUS": "old",
        f"s:{VERSION}": "first",
        ARN: "of-arn",
        "b": "bytes",
    }
    found = [parameter(REAL, name) for name in account.parameters] + [parameter(REAL, "/app/key")]
    assert found == ["k", "of-arn", "v", "k"]
    wanted = ["s:a", "s::AWSPREVIOUS", f"s:::{VERSION}", ARN]
    assert [secret(REAL, one) for one in wanted] == ['{"b": 1}', "old", "first", "of-arn"]
    assert [(operation.partition(".")[2], region) for operation, region, _ in account.asked] == [
        ("GetParameter", "us-east-1"),
        ("GetParameter", "eu-west-1"),
        ("GetParameter", "us-east-1"),
        *[("GetSecretValue", "us-east-1")] * 3,
        ("GetSecretValue", "eu-west-1"),
    ]
    with pytest.raises(MissingReference, match="it holds bytes"):
        secret(REAL, "b")


def test_nobody_calls_aws_unasked(account: StandIn, tmp_path: Path) -> None:
    account.parameters = {"p": "v"}
    offline, _ = with_environment(REAL, Options(tmp_path, offline=True))
    only_keyring = ProjectFile.model_validate({"aws": "real", "secrets-from": ["keyring"]})
    for project in (ProjectFile(), offline, only_keyring):
        with pytest.raises(MissingReference):
            parameter(project, "p")
    assert account.asked == []
    assert parameter(ProjectFile.model_validate({"secrets-from": ["aws"]}), "p") == "v"


def test_what_aws_refuses_is_told_in_its_words(account: StandIn, kit: Kit, monkeypatch: pytest.MonkeyPatch) -> None:
    account.refuses = "AccessDeniedException"
    with pytest.raises(MissingReference, match=r"parameter does not exist: p \(AWS: .*AccessDenied.*not authorized"):
        parameter(REAL, "p")
    text = "version: 0.2\nenv: {secrets-manager: {A: 'db'}}\nphases: {build: {commands: [true]}}\n"
    outcome = kit.build(text, project=REAL)
    assert outcome.failure
    assert "Code: Secrets Manager Error," in outcome.failure.message
    assert "AccessDenied" in outcome.failure.message
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(MissingReference, match=r"pip install 'greenroom\[aws\]'"):
        parameter(REAL, "p")


def test_a_service_that_nobody_reaches_is_not_asked_for_each_value(
    account: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    for name in ("p", "q"):
        with pytest.raises(MissingReference, match="Could not connect"):
            parameter(REAL, name)
    monkeypatch.setenv("AWS_ENDPOINT_URL", account.url)
    account.parameters = {"p": "v"}
    with pytest.raises(MissingReference, match="Could not connect"):
        parameter(REAL, "p")
    real_aws.forget()
    assert parameter(REAL, "p") == "v"


def test_a_keyring_that_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    with memory_keyring(**{"secret:db": "v"}) as ring:
        assert keyrings.trouble() == ""
        ring.locked = True
        with pytest.raises(MissingReference):
            secret(ProjectFile(), "db")
        with pytest.raises(keyrings.KeyringTrouble, match="locked"):
            keyrings.keep("secrets", "db", "new")
        ring.locked = False
        keyrings.keep("secrets", "db", "new")
        assert secret(ProjectFile(), "db") == "new"
        assert ring.values == {("greenroom", "secret:db"): "new"}
        with pytest.raises(MissingReference):
            secret(ProjectFile.model_validate({"secrets-from": []}), "db")
    assert keyrings.trouble() == "this machine has no keyring that runs"
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert "pip install 'greenroom[keyring]'" in keyrings.trouble()
    with pytest.raises(keyrings.KeyringTrouble):
        keyrings.keep("secrets", "db", "new")


def test_a_build_hides_what_the_keyring_gave(kit: Kit) -> None:
    text = "version: 0.2\nenv: {parameter-store: {A: /app/key}}\nphases: {build: {commands: ['echo $A', 'exit 3']}}\n"
    with memory_keyring(**{"parameter:/app/key": "of-the-keyring"}):
        outcome = kit.build(text)
    assert "***" in kit.output()
    everything: list[Any] = [path.read_bytes() for path in kit.folder.rglob("*") if path.is_file()]
    assert not any(b"of-the-keyring" in content for content in everything)
    assert outcome.failure
    assert references.find(ProjectFile(parameters={"x": "y"}), "parameters", "x").value == "y"
