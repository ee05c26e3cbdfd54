"""`greenroom secrets`: what builds need, where it comes from, and keeping it."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.keyring_kit import memory_keyring
from tests.tui.cli.conftest import Command
from tests.tui.cli.test_missing_values import BUILDSPEC, PIPELINE

VALUE = 'of "two\nlines" \\ and $more'


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A project whose build needs two values, in a repository."""
    (tmp_path / "pipeline.yaml").write_text(PIPELINE)
    (tmp_path / "buildspec.yml").write_text(BUILDSPEC)
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    return tmp_path


def test_a_value_is_kept_and_never_shown(greenroom: Command, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    listed = greenroom("secrets", "-C", place)
    assert listed.code == 1
    assert "missing: greenroom secrets set /app/key" in listed.out
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{VALUE}\n"))
    kept = greenroom("secrets", "set", "-C", place, "/app/key")
    assert (kept.code, "/app/key is in .secrets as APP_KEY; git does not ignore that file" in kept.err) == (0, True)
    assert (place / ".secrets").stat().st_mode & 0o777 == 0o600
    (place / ".gitignore").write_text(".secrets\n")
    with memory_keyring() as ring:
        monkeypatch.setattr(sys, "stdin", io.StringIO("second-value"))
        assert (
            "prod/token is in the keyring as secret:prod/token"
            in greenroom("secrets", "set", "-C", place, "PROD_TOKEN").err
        )
        assert ring.values == {("greenroom", "secret:prod/token"): "second-value"}
        done = greenroom("secrets", "ls", "--json", "-C", place)
        told = [(row["name"], row["kind"], row["from"], row["wanted_by"]) for row in json.loads(done.out)]
        assert told == [
            ("/app/key", "parameter", ".secrets (APP_KEY)", ["Build/Compile"]),
            ("prod/token", "secret", "the keyring (secret:prod/token)", ["Build/Compile"]),
        ]
        assert done.code == 0
        run = greenroom("run", "-C", place)
        assert run.code == 0, run.err
    assert "*** and ***\n" in greenroom("logs", "-C", place, "Compile").out
    assert not any(b"second-value" in file.read_bytes() for file in place.rglob("*") if file.is_file())


def test_what_cannot_be_kept_says_why(greenroom: Command, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("value"))
    assert "no keyring that runs" in greenroom("secrets", "set", "-C", place, "/app/key", "--in", "keyring").err
    assert "no build here asks for other" in greenroom("secrets", "set", "-C", place, "other").err
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    done = greenroom("secrets", "set", "-C", place, "other", "--secret")
    assert (done.code, "got no value" in done.err) == (2, True)


def test_where_nothing_is_asked_for(greenroom: Command, place: Path) -> None:
    (place / "buildspec.yml").write_text("version: 0.2\nphases: {build: {commands: ['true']}}\n")
    done = greenroom("secrets", "-C", place)
    assert (done.code, done.out) == (0, "")
    assert "no build of this pipeline asks" in done.err
