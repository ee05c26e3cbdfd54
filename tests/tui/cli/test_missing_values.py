"""Parameters and secrets that nothing gives are listed before anything starts."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tui.cli.conftest import Command

PIPELINE = """\
name: demo
stages:
  Build:
    Compile:
      buildspec: buildspec.yml
"""
BUILDSPEC = """\
version: 0.2
env:
  parameter-store: {KEY: /app/key}
  secrets-manager: {TOKEN: prod/token}
phases: {build: {commands: ['echo "$KEY and $TOKEN"']}}
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A project whose build needs two values."""
    (tmp_path / "pipeline.yaml").write_text(PIPELINE)
    (tmp_path / "buildspec.yml").write_text(BUILDSPEC)
    return tmp_path


def test_all_in_one_message_before_the_first_action(greenroom: Command, place: Path) -> None:
    done = greenroom("run", "-C", place)
    assert done.code == 1
    told, _, rest = done.err.partition("demo #1")
    assert "parameter does not exist: /app/key (Build/Compile)" in told
    assert "Secrets Manager can't find the specified secret: prod/token (Build/Compile)" in told
    assert "/app/key: …" in told
    assert "parameter does not exist: /app/key; Secrets Manager" in rest


def test_what_is_given_is_used_and_hidden(greenroom: Command, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (place / ".secrets").write_text("APP_KEY=value-of-the-key\n")
    monkeypatch.setenv("GREENROOM_SECRET_PROD_TOKEN", "value-of-the-token")
    done = greenroom("run", "-C", place)
    assert done.code == 0, done.err
    assert "need values" not in done.err
    assert "*** and ***\n" in greenroom("logs", "-C", place, "Compile").out
