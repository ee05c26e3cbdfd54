"""Values survive the way from one shell to the next."""

from __future__ import annotations

import asyncio
import errno
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.providers.codebuild.docker_config import DockerConfig
from engine.recovery import forget_secrets
from engine.runners import shell
from engine.runners.host import HostRunner
from engine.runners.identity import find_shell, host_parts
from engine.runners.output import open_output
from engine.runners.shell import ShellSession, where_it_stands

values = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=30)
names = st.sampled_from(["A", "name", "_x1", "LONGER_NAME", "IFSX"])


@pytest.mark.parametrize("name", ["sh", "bash"])
@settings(max_examples=15, deadline=None)
@given(variables=st.dictionaries(names, values, min_size=1), secret=st.booleans())
def test_any_value_arrives_whole(
    tmp_path_factory: pytest.TempPathFactory, name: str, variables: dict[str, str], secret: bool
) -> None:
    folder = tmp_path_factory.mktemp("shell")
    found = find_shell(name)
    if found is None:
        pytest.skip(f"no {name}")

    async def carry() -> dict[str, str]:
        output = open_output(folder / "log")
        session = ShellSession(
            HostRunner("shell-test", lambda *_: None),
            found,
            folder / "tmp",
            directory=folder,
            environment={"PATH": "/usr/bin:/bin", **variables},
            secrets=["never seen"] if secret else [],
        )
        for _ in range(2):
            assert await session.run("true", output) == 0
        session.export("EXTRA", "it's new")
        read = await session.read([*variables, "EXTRA", "NOT_SET", "not a name"])
        session.close()
        await output.close()
        return read

    assert asyncio.run(carry()) == {**variables, "EXTRA": "it's new"}


def test_a_shell_is_known_by_its_program(tmp_path: Path) -> None:
    program = tmp_path / "sh"
    program.write_text("one")
    first = host_parts(program)
    program.write_text("another")
    assert first[0] == host_parts(program)[0]
    assert first[1] != host_parts(program)[1]
    assert find_shell("no-such-shell") is None


def session(workspace: Path) -> ShellSession:
    """One with a secret, whose environment therefore lies in memory."""
    return ShellSession(
        HostRunner("shell-test", lambda *_: None),
        Path("/bin/sh"),
        workspace / "tmp",
        directory=workspace,
        environment={"A": "secret-value"},
        secrets=["secret-value"],
    )


@pytest.mark.parametrize("paused", [False, True])
@pytest.mark.parametrize("by", ["the next session", "the next start"])
def test_what_a_killed_greenroom_left_in_memory_goes(tmp_path: Path, paused: bool, by: str) -> None:
    workspace = tmp_path / "work" / "pipeline" / "Stage" / "Action"
    killed = session(workspace)
    memory = killed.folders[-1]
    logins = Path(DockerConfig(workspace).open()["DOCKER_CONFIG"])
    if paused:
        killed.show(killed.moment().masked(lambda text: "***"), at_breakpoint=False)
        assert where_it_stands(workspace / "tmp") == (memory / "env.sh", workspace / "tmp" / "dir.txt")
    assert memory.exists()
    if by == "the next start":
        forget_secrets(tmp_path)
        assert not logins.exists()
    else:
        DockerConfig(workspace).forget()
        session(workspace).close()
    assert not memory.exists()
    assert where_it_stands(workspace / "tmp") is None


def test_a_full_disk_leaves_no_secrets_in_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begun = session(tmp_path)
    memory = begun.folders[-1]

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(shell, "_write", full)
    with pytest.raises(OSError, match="No space"):
        begun.close()
    assert not memory.exists()
