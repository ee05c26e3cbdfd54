"""Shared options: before or after the command, or in the environment; the nearest wins."""

from __future__ import annotations

from pathlib import Path

import click
import pytest

from tui.cli.settings import Settings, run_options, settings


def parse(*arguments: str) -> Settings:
    """The settings that a group and its command add up to."""
    seen: list[Settings] = []

    @click.group()
    @run_options
    def root() -> None: ...

    @root.command()
    @run_options
    @click.pass_context
    def leaf(ctx: click.Context) -> None:
        seen.append(settings(ctx))

    root.main(list(arguments), standalone_mode=False)
    return seen[0]


def test_an_option_may_stand_on_either_side() -> None:
    assert parse("-j", "3", "leaf").jobs == 3
    assert parse("leaf", "-j", "3").jobs == 3


def test_the_one_nearer_to_the_command_wins() -> None:
    assert parse("--jobs", "3", "leaf", "--jobs", "5").jobs == 5


def test_the_environment_is_weaker_than_the_command_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GREENROOM_JOBS", "7")
    assert parse("leaf").jobs == 7
    assert parse("-j", "3", "leaf").jobs == 3
    assert parse("leaf", "-j", "3").jobs == 3


def test_lists_add_up_and_later_values_win() -> None:
    found = parse("--var", "A=1", "--var", "B=1", "leaf", "--var", "B=2=3")
    assert found.var == {"A": "1", "B": "2=3"}


def test_values_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GREENROOM_ENV", "STAGE=dev DEBUG=1")
    monkeypatch.setenv("GREENROOM_OFFLINE", "1")
    found = parse("leaf")
    assert (found.env, found.offline) == ({"STAGE": "dev", "DEBUG": "1"}, True)


def test_a_pair_needs_its_equals_sign() -> None:
    with pytest.raises(click.BadParameter, match="'A' is not NAME=VALUE"):
        parse("leaf", "--var", "A")


def test_paths_start_at_the_directory(tmp_path: Path) -> None:
    found = parse("-C", str(tmp_path), "leaf")
    assert found.path(Path("a.json")) == tmp_path / "a.json"
    assert found.path(Path("/a.json")) == Path("/a.json")


def test_quiet_and_verbose() -> None:
    assert parse("leaf", "-vv").verbose == 2
    assert parse("-q", "leaf").quiet
