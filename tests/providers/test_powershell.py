"""PowerShell: run by `pwsh` where there is one. What stands in for it here looks at what it is given."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from engine.model.project import ProjectFile
from tests.providers.kit import Kit

SPEC = "version: 0.2\nenv: {{shell: {shell}}}\nphases: {{build: {{commands: {commands}}}}}\n"
# It says what it was asked, ends as the text tells it to, and leaves what the real one would.
STAND_IN = """#!/bin/sh
echo "$1 $2 $3 $4"
sed -n 2p "$5"
state=$(sed -n "s/.*WriteAllText('\\([^']*env.sh\\)'.*/\\1/p" "$5")
place=$(sed -n "s/.*WriteAllText('\\([^']*dir.txt\\)'.*/\\1/p" "$5")
echo "CARRIED=${CARRIED-none} in $(basename "$PWD")"
export CARRIED=over CODEBUILD_LAST_EXIT=0
export -p > "$state"; mkdir -p sub; (cd sub; pwd) > "$place"
grep -q '^exit 5' "$5" && exit 5 || exit 0
"""


@pytest.fixture
def pwsh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "bin").mkdir()
    program = tmp_path / "bin" / "pwsh"
    program.write_text(STAND_IN)
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")


def test_commands_go_to_powershell(kit: Kit, pwsh: None) -> None:
    commands = "['Write-Host \"one\"', 'Write-Host two', 'exit 5', never]"
    outcome = kit.build(SPEC.format(shell="powershell.exe", commands=commands))
    assert kit.output() == [
        *("-NoLogo -NoProfile -NonInteractive -File", 'Write-Host "one"', "CARRIED=none in src"),
        *("-NoLogo -NoProfile -NonInteractive -File", "Write-Host two", "CARRIED=over in sub"),
        *("-NoLogo -NoProfile -NonInteractive -File", "exit 5", "CARRIED=over in sub"),
    ]
    assert outcome.failure
    assert "exit 5. Reason: exit status 5" in outcome.failure.message


def test_a_project_of_windows_runs_powershell(kit: Kit, pwsh: None) -> None:
    project = ProjectFile.model_validate({"projects": {"web": {"image": "aws/codebuild/windows-base:2022-1.0"}}})
    kit.build("version: 0.2\nphases: {build: {commands: [Get-Date]}}\n", project=project)
    assert "Get-Date" in kit.output()


@pytest.mark.skipif(shutil.which("pwsh") is not None, reason="this machine has PowerShell")
def test_without_it_the_build_is_refused_in_words(kit: Kit) -> None:
    outcome = kit.build(SPEC.format(shell="pwsh", commands="[Get-Date]"))
    assert outcome.failure
    assert "env.shell is pwsh, and this machine has no PowerShell (pwsh)" in outcome.failure.message
    assert "Install PowerShell" in outcome.failure.hint


@pytest.mark.skipif(shutil.which("pwsh") is None, reason="this machine has no PowerShell")
def test_the_real_one(kit: Kit) -> None:
    commands = "['$env:A = \"it''s over\"; Set-Location /', 'Write-Host \"$env:A $PWD\"', 'exit 5']"
    outcome = kit.build(SPEC.format(shell="pwsh", commands=commands))
    assert "it's over /" in kit.output()
    assert outcome.failure
