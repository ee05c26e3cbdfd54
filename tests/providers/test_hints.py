"""A failed command comes with advice."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.model.project import ProjectFile, ProjectSettings
from tests.providers.kit import Kit


@pytest.mark.parametrize("shell", ["", "bash"])
@pytest.mark.parametrize(
    ("command", "advice"),
    [
        ("no-such-program --flag", "install no-such-program or put it on PATH"),
        ("touch plain; ./plain", "`chmod +x` it"),
        ("kill -9 $$", "for want of memory"),
        ("echo 'Unable to locate credentials' >&2; exit 253", "`aws: real` in greenroom.yaml"),
        ("echo 'Cannot connect to the Docker daemon at ...'; exit 1", "start it, or set DOCKER_HOST"),
        ("exit 1", "The log tells why."),
    ],
)
def test_advice(kit: Kit, shell: str, command: str, advice: str) -> None:
    failure = kit.commands(command, shell=shell).failure
    assert failure is not None
    assert advice in failure.hint
    assert "`greenroom shell Stage/Make`" in failure.hint


def test_bash_forms_in_sh(kit: Kit) -> None:
    if Path("/bin/sh").resolve().name != "dash":
        pytest.skip("this sh knows [[")
    spec = '{"version": 0.2, "phases": {"build": {"commands": ["[[ a == a ]]"]}}}'
    ubuntu = ProjectFile(projects={"web": ProjectSettings(image="aws/codebuild/standard:7.0")})
    failure = kit.build(spec, project=ubuntu).failure
    assert failure is not None
    assert "env: shell: bash" in failure.hint
