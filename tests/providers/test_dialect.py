"""Which shell runs commands that name none."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine.model.project import ProjectFile, ProjectSettings
from engine.providers.codebuild import dialect
from engine.providers.codebuild.dialect import usual_shell
from tests.providers.kit import Kit

AMAZON = "aws/codebuild/amazonlinux-x86_64-standard:5.0"
UBUNTU = "aws/codebuild/standard:7.0"


@pytest.fixture(autouse=True)
def plain_sh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dialect, "_sh_is_bash", lambda: False)


@pytest.mark.parametrize(
    ("command", "what"),
    [
        ("if [[ $A == b* ]]; then\n  echo\nfi", "[["),
        (". env.sh && source more.sh", "source"),
        ("set -euo pipefail", "pipefail"),
        ("TAG=${CODEBUILD_RESOLVED_SOURCE_VERSION:0:7}", "${CODEBUILD_RESOLVED_SOURCE_VERSION:0:7}"),
        ("echo ${NAME//a/b}", "${NAME//a/b}"),
        ("jq . <<< $JSON", "<<<"),
        ("names=(a b)", "names=("),
    ],
)
def test_commands_that_need_bash_get_it_where_nobody_names_an_image(command: str, what: str) -> None:
    shell, why = usual_shell("", ["echo", command])
    assert (shell, f"they use `{what}`, which" in why) == ("bash", True)
    assert usual_shell(AMAZON, [command]) == ("bash", "")
    assert usual_shell(UBUNTU, [command]) == ("/bin/sh", "")


@pytest.mark.parametrize(
    "command",
    ['[ "$A" = b ] && echo', "echo ${A:-0}${B:=1}", "cat <<X\n[x]\nX", "set -e", "A=$(ls)"],
)
def test_others_keep_sh(command: str) -> None:
    assert usual_shell("", [command]) == ("/bin/sh", "")


@pytest.mark.parametrize("command", ["MSBuild $env:SOLUTION", "echo a; Write-Host b", "if (1) {\n  Get-Item x\n}"])
def test_commands_of_powershell(command: str) -> None:
    assert usual_shell("", [command])[0] == "powershell.exe"
    assert usual_shell(UBUNTU, [command]) == ("/bin/sh", "")


def test_a_build_says_so(kit: Kit) -> None:
    spec = json.dumps(
        {"version": 0.2, "phases": {"build": {"commands": ["[[ a == a* ]] && echo ${BASH_VERSION:+bash}"]}}}
    )
    kit.build(spec)
    assert kit.output() == ["bash"]
    assert "greenroom: commands run in bash, as on Amazon Linux images: they use `[[`, which" in kit.text()
    kit.build(spec, project=ProjectFile(projects={"web": ProjectSettings(image=AMAZON)}))
    assert kit.output() == ["bash"]
    assert Path(kit.text().splitlines()[0].rpartition(", ")[2]).name == "bash"
