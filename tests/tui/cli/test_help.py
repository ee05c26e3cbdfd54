"""Help is complete, and the page of the commands says the same."""

from __future__ import annotations

from pathlib import Path

import click
import pytest

from tests.tui.cli.conftest import Command
from tui.cli.exits import Exit
from tui.cli.group import cli
from tui.cli.registry import COMMANDS

PAGE = (Path(__file__).parents[3] / "docs" / "commands.md").read_text()


@pytest.mark.parametrize("name", [entry.name for entry in COMMANDS])
def test_every_command_explains_itself(greenroom: Command, name: str) -> None:
    done = greenroom(name, "--help")
    assert done.code == 0
    assert done.out.startswith(f"Usage: greenroom {name}")
    assert len(done.out.splitlines()[2].strip()) > 20
    assert done.err == ""


def test_the_help_lists_every_command_and_exit_code(greenroom: Command) -> None:
    done = greenroom("--help")
    assert done.code == 0
    for entry in COMMANDS:
        assert f"  {entry.name} " in done.out
        assert entry.help in done.out
    for code in Exit:
        assert f"{code.value}  {code.meaning}" in done.out


@pytest.mark.parametrize("name", [entry.name for entry in COMMANDS])
def test_every_option_says_what_it_does(name: str) -> None:
    context = click.Context(cli, info_name="greenroom")
    command = cli.get_command(context, name)
    assert command is not None
    assert [p.name for p in command.params if isinstance(p, click.Option) and not p.help] == []


def test_the_page_of_the_commands_is_complete() -> None:
    assert [entry.name for entry in COMMANDS if f"`{entry.name}" not in PAGE and f" {entry.name}" not in PAGE] == []
    assert [code.value for code in Exit if f"| {code.value} |" not in PAGE] == []
    variables = [str(p.envvar) for p in cli.params if isinstance(p, click.Option) and p.envvar]
    assert [name for name in variables if name not in PAGE] == []


def test_topics(greenroom: Command) -> None:
    assert "  77  paused" in greenroom("help", "exit-codes").out
    assert "GREENROOM_FILE" in greenroom("help", "environment").out
    assert greenroom("help", "plan").out.startswith("Usage: greenroom plan")
    assert greenroom("help").out.startswith("Usage: greenroom [OPTIONS]")


def test_an_unknown_topic_names_the_nearest(greenroom: Command) -> None:
    done = greenroom("help", "exit-code")
    assert (done.code, done.out) == (2, "")
    assert "Did you mean exit-codes?" in done.err


def test_the_version(greenroom: Command) -> None:
    from engine import __version__

    assert greenroom("--version").out == f"greenroom {__version__}\n"
