"""git-credential-helper: which helpers git has here, or that it has none."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.providers.codebuild.git_access import notes
from tests.providers.kit import Kit

SPEC = "version: 0.2\nenv: {git-credential-helper: yes}\nphases: {build: {commands: ['true']}}\n"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    (tmp_path / "home").mkdir()
    return tmp_path / "home"


def test_the_log_names_the_helpers(kit: Kit, home: Path) -> None:
    (home / ".gitconfig").write_text(
        '[credential]\n\thelper = store --file /a\n[credential "https://x"]\n\thelper = !/opt/aws codecommit secret\n'
    )
    kit.build(SPEC)
    told = next(line for line in kit.agent_lines() if line.startswith("greenroom: git-credential-helper: git uses"))
    assert {"store", "aws"} <= set(told.rpartition(": ")[2].split(", "))  # the machine's own file may name more
    assert "secret" not in kit.text()
    kit.build(SPEC.replace("yes", "no"))
    assert not any("git-credential-helper" in line for line in kit.agent_lines())


def test_where_there_is_none(tmp_path: Path) -> None:
    (told,) = notes({"PATH": str(tmp_path)}, in_container=False)
    assert told == "git-credential-helper: this machine has no git"
    (tmp_path / "git").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / "git").chmod(0o755)
    (told,) = notes({"PATH": str(tmp_path)}, in_container=False)
    assert "git has none on this machine" in told
    assert "container" in notes({}, in_container=True)[0]
