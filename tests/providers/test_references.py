"""Parameters and secrets that greenroom.yaml gives."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from engine.model.project import ProjectFile
from engine.providers.references import MissingReference, keyed_digest, parameter, secret

ARN = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod/db-AbCdEf"
PROJECT = ProjectFile(
    parameters={"/app/key": "k", "plain": "p"},
    secrets={"prod/db": '{"user": "u", "port": 5432}', "token": "t"},
)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("/app/key", "k"),
        ("app/key", "k"),
        ("plain", "p"),
        ("arn:aws:ssm:eu-west-1:111122223333:parameter/app/key", "k"),
        ("arn:aws:ssm:eu-west-1:111122223333:parameter/plain", "p"),
    ],
)
def test_parameters(name: str, value: str) -> None:
    assert parameter(PROJECT, name) == value


@pytest.mark.parametrize(
    ("reference", "value"),
    [
        ("token", "t"),
        ("token::AWSPREVIOUS:", "t"),
        ("prod/db:user", "u"),
        ("prod/db:port:AWSCURRENT", "5432"),
        (ARN, '{"user": "u", "port": 5432}'),
        (f"{ARN}:user::", "u"),
    ],
)
def test_secrets(reference: str, value: str) -> None:
    assert secret(PROJECT, reference) == value


@pytest.mark.parametrize("reference", ["absent", "token:key", "prod/db:absent"])
def test_what_is_missing_says_where_to_put_it(reference: str) -> None:
    with pytest.raises(MissingReference) as caught:
        secret(PROJECT, reference)
    assert "`secrets:` in greenroom.yaml" in caught.value.hint


def test_digests_are_this_machines_own(tmp_path: Path) -> None:
    assert keyed_digest(tmp_path / "a", "x") == keyed_digest(tmp_path / "a", "x")
    assert keyed_digest(tmp_path / "a", "x") != keyed_digest(tmp_path / "b", "x")
    assert keyed_digest(tmp_path / "a", "x") != keyed_digest(tmp_path / "a", "y")


def test_threads_agree_on_one_key(tmp_path: Path) -> None:
    found: list[str] = []
    threads = [threading.Thread(target=lambda: found.append(keyed_digest(tmp_path / "s", "x"))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(found)) == 1
    assert [path.name for path in (tmp_path / "s").iterdir()] == ["digest.key"]


def test_values_from_secrets_files_and_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    hidden = ProjectFile(parameters={"APP_DB_PASSWORD": "p"}, secrets={"PROD_TOKEN": "s"})
    assert parameter(hidden, "/app/db-password") == "p"
    assert secret(hidden, "prod/token") == "s"
    monkeypatch.setenv("GREENROOM_PARAMETER_STORE_APP_DB_PASSWORD", "from the environment")
    monkeypatch.setenv("GREENROOM_SECRET_PROD_DB", '{"user": "me"}')
    assert parameter(ProjectFile(), "/app/db-password") == "from the environment"
    assert secret(ProjectFile(), f"{ARN}:user") == "me"
    assert parameter(hidden, "/app/db-password") == "p"
