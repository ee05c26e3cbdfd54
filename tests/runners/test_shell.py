"""Values survive the way from one shell to the next."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.runners.host import HostRunner
from engine.runners.identity import find_shell, host_parts
from engine.runners.output import open_output
from engine.runners.shell import ShellSession, where_it_stands

values = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=30)
names = st.sampled_from(["A", "name", "_x1", "LONGER_NAME", "IFSX"])


@pytest.mark.parametrize("shell", ["sh", "bash"])
@settings(max_examples=15, deadline=None)
@given(variables=st.dictionaries(names, values, min_size=1), secret=st.booleans())
def test_any_value_arrives_whole(
    tmp_path_factory: pytest.TempPathFactory, shell: str, variables: dict[str, str], secret: bool
) -> None:
    folder = tmp_path_factory.mktemp("shell")
    found = find_shell(shell)
    if found is None:
        pytest.skip(f"no {shell}")

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
    shell = tmp_path / "sh"
    shell.write_text("one")
    first = host_parts(shell)
    shell.write_text("another")
    assert first[0] == host_parts(shell)[0]
    assert first[1] != host_parts(shell)[1]
    assert find_shell("no-such-shell") is None


def test_what_a_killed_greenroom_left_in_memory_goes_with_the_next_session(tmp_path: Path) -> None:
    def session() -> ShellSession:
        return ShellSession(
            HostRunner("shell-test", lambda *_: None),
            Path("/bin/sh"),
            tmp_path / "tmp",
            directory=tmp_path,
            environment={"A": "secret-value"},
            secrets=["secret-value"],
        )

    killed = session()
    killed.show(killed.moment().masked(lambda text: "***"), at_breakpoint=False)
    memory = killed.folders[-1]
    assert where_it_stands(tmp_path / "tmp") == (memory / "env.sh", tmp_path / "tmp" / "dir.txt")
    following = session()
    assert not memory.exists()
    assert where_it_stands(tmp_path / "tmp") is None
    following.close()
