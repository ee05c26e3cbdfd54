"""Which of the machine's versions serves a buildspec's runtime-versions."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine.model.project import ProjectFile, ProjectSettings
from engine.model.status import ActionStatus
from engine.providers.buildspec.model import BuildspecError
from engine.providers.codebuild.runtimes import path_with, refuse_unknown, select
from tests.providers.kit import Kit


def install(folder: Path, *programs: str, says: str = "") -> Path:
    """Programs that tell a version."""
    folder.mkdir(parents=True, exist_ok=True)
    for program in programs:
        (folder / program).write_text(f"#!/bin/sh\necho '{says}'\n")
        (folder / program).chmod(0o755)
    return folder


@pytest.mark.parametrize(
    ("wanted", "version"),
    [
        ("3.11", "3.11.9"),
        ("3.x", "3.12.1"),
        ("latest", "3.12.1"),
        ("3", "3.12.1"),
        ("$V", "3.9.2"),
        ("3.11.2", "3.11.2"),
    ],
)
def test_the_newest_fitting_version_of_a_manager(tmp_path: Path, wanted: str, version: str) -> None:
    for one in ("3.9.2", "3.11.9", "3.11.2", "3.12.1"):
        install(tmp_path / ".pyenv/versions" / one / "bin", "python3")
    (tmp_path / ".pyenv/versions/3.13.0").mkdir()  # a broken install
    (chosen,) = select({"python": wanted}, {"PATH": "", "V": "3.9"}, tmp_path)
    assert chosen.version == version
    assert chosen.difference() == ""
    assert path_with((chosen,), "/bin") == f"{tmp_path}/.pyenv/versions/{version}/bin:/bin"
    assert chosen.lines() == [
        f"Selecting 'python' runtime version '{chosen.wanted}' based on manual selections...",
        f"greenroom: python {version} ({tmp_path}/.pyenv/versions/{version}/bin)",
    ]


@pytest.mark.parametrize(
    ("place", "name", "program", "wanted"),
    [
        (".nvm/versions/node/v20.1.0", "nodejs", "node", "20"),
        (".asdf/installs/golang/1.22.1", "golang", "go", "1.22"),
        (".local/share/mise/installs/ruby/3.2.0", "ruby", "ruby", "3.2"),
        (".sdkman/candidates/java/17.0.2-tem", "java", "java", "corretto17"),
    ],
)
def test_where_managers_keep_things(tmp_path: Path, place: str, name: str, program: str, wanted: str) -> None:
    folder = install(tmp_path / place / "bin", program)
    (chosen,) = select({name: wanted}, {"PATH": ""}, tmp_path)
    assert chosen.folder == folder


@pytest.mark.parametrize(
    ("name", "program", "says", "wanted", "difference"),
    [
        ("nodejs", "node", "v18.19.1", "18", ""),
        ("nodejs", "node", "v18.19.1", "20", "runtime nodejs 20: this machine has 18.19.1"),
        ("python", "python3", "Python 3.1.0", "3.10", "runtime python 3.10: this machine has 3.1.0"),
        ("golang", "go", "go version go1.22.3 linux/amd64", "1.22", ""),
        ("java", "java", 'openjdk version "1.8.0_392"', "corretto8", ""),
        ("java", "java", "nothing to see", "17", "does not tell its version"),
    ],
)
def test_what_path_has(tmp_path: Path, name: str, program: str, says: str, wanted: str, difference: str) -> None:
    folder = install(tmp_path / "bin", program, says=says)
    (chosen,) = select({name: wanted}, {"PATH": str(folder)}, tmp_path)
    assert chosen.folder is None
    assert difference in chosen.difference()
    assert bool(chosen.difference()) is bool(difference)


def test_what_this_machine_does_not_have(tmp_path: Path) -> None:
    found = select({"php": "8.2", "pyhton": "3.11"}, {"PATH": str(tmp_path)}, tmp_path)
    assert [line for one in found for line in one.lines()] == [
        "Selecting 'php' runtime version '8.2' based on manual selections...",
        "greenroom: runtime php 8.2: this machine has no php",
        "greenroom: runtime pyhton: no such runtime. Did you mean python?",
    ]


def test_a_runtime_that_never_was_is_refused_unless_the_image_is_none_of_awss(kit: Kit) -> None:
    spec = json.dumps({"version": 0.2, "phases": {"install": {"runtime-versions": {"pyhton": "3.11"}}}})
    refused = kit.build(
        spec, project=ProjectFile(projects={"web": ProjectSettings(image="aws/codebuild/standard:7.0")})
    )
    assert refused.failure is not None
    assert "Unknown runtime named 'pyhton'. This build image has the following runtimes: " in refused.failure.message
    assert refused.failure.hint == "Did you mean python?"
    refuse_unknown({"docker": "18"})  # early images had it
    with pytest.raises(BuildspecError, match=r"following runtimes: dotnet, golang, java, nodejs, php, python, ruby$"):
        refuse_unknown({"java": "corretto11", "docker": "20"}, "aws/codebuild/standard:7.0-25.01.02")
    passed = kit.build(spec, project=ProjectFile(projects={"web": ProjectSettings(image="python:3.11")}))
    assert passed.status is ActionStatus.SUCCEEDED


def test_a_build_runs_with_the_chosen_version(kit: Kit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(kit.folder))
    install(kit.folder / ".rbenv/versions/3.2.1/bin", "ruby", says="this one")
    phases = {"install": {"runtime-versions": {"ruby": "3.2"}}, "build": {"commands": ["ruby"]}}
    spec = json.dumps({"version": 0.2, "phases": phases})
    kit.build(spec)
    assert kit.output() == ["this one"]
    before = kit.identify(kit.job(inputs={"S": kit.files({"buildspec.yml": spec})}))
    install(kit.folder / ".rbenv/versions/3.2.4/bin", "ruby")
    after = kit.identify(kit.job(inputs={"S": kit.files({"buildspec.yml": spec})}))
    assert before.parts != after.parts


def test_a_failed_command_reminds_of_the_difference(kit: Kit) -> None:
    phases = {"install": {"runtime-versions": {"nodejs": "3"}}, "build": {"commands": ["false"]}}
    outcome = kit.build(json.dumps({"version": 0.2, "phases": phases}))
    assert outcome.failure is not None
    assert "The buildspec asks for runtime nodejs 3: this machine has" in outcome.failure.hint
