"""Encrypted artifacts on the command line: what a person sees when the key is there, another one, or lost."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.tui.cli.conftest import Command

pytest.importorskip("cryptography")


def test_the_life_of_a_key(greenroom: Command, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.delenv("GREENROOM_KEY", raising=False)
    key = tmp_path / "config" / "greenroom" / "artifacts.key"

    def doctor() -> str:
        lines = greenroom("doctor", "-C", project).out.splitlines()
        return next(line for line in lines if "artifacts" in line)

    assert "plain files, in a folder of yours alone; AWS always encrypts them" in doctor()
    (project / "greenroom.yaml").write_text("encrypt: true\n")
    assert "encrypted from the next run on" in doctor()
    assert greenroom("run", "-C", project, "--approve", "all").code == 0
    assert "encrypted, key " in doctor() and str(key) in doctor()
    assert "sealed" in greenroom("cache", "ls", "-C", project).out
    assert "out.txt" in greenroom("artifacts", "ls", "-C", project, "Out").out

    key.rename(tmp_path / "kept")
    for args in (("run",), ("artifacts", "ls", "Out")):
        done = greenroom(*args, "-C", project)
        assert done.code != 0
        assert f"there is no {key}, GREENROOM_KEY is not set, and no keyring that can be asked has it" in done.err
        assert "nothing is lost" in done.err
    assert "is missing" in doctor()
    assert greenroom("status", "-C", project).code == 0
    (tmp_path / "kept").rename(key)
    assert "Succeeded" in greenroom("run", "-C", project, "--approve", "all", "--json").out

    monkeypatch.setenv("GREENROOM_KEY", "cd" * 32)
    assert "were encrypted with another key" in greenroom("run", "-C", project).err
    done = greenroom("cache", "prune", "--all", "-C", project)
    assert done.code == 0, done.err
    assert greenroom("run", "-C", project, "--approve", "all").code == 0
    assert "from GREENROOM_KEY" in doctor()


def test_the_key_that_a_definition_names(greenroom: Command, project: Path) -> None:
    long = json.loads(greenroom("show", "--format", "aws", "-C", project).out)
    long["pipeline"]["artifactStore"] = {
        "type": "S3",
        "location": "ours",
        "encryptionKey": {"id": "alias/ours", "type": "KMS"},
    }
    (project / "pipeline.yaml").unlink()
    (project / "pipeline.json").write_text(json.dumps(long))
    assert "plain files; on AWS they are encrypted with alias/ours" in greenroom("doctor", "-C", project).out
