"""`greenroom secrets`: the parameters and secrets that builds need, where each comes from, and keeping one."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import click

from tui.cli.exits import Exit
from tui.cli.settings import place_options, settings

if TYPE_CHECKING:
    from engine.opening import Opened
    from engine.providers.codebuild.needs import Need
    from tui.cli.columns import Cell
    from tui.cli.terminal import Terminal

_KINDS = {"parameters": "parameter", "secrets": "secret"}
_PLACES = {"keyring": "keyring", "file": ".secrets"}


@click.group(invoke_without_command=True)
@place_options
@click.pass_context
def command(ctx: click.Context) -> int:
    """List the parameters and secrets that builds need and where each comes from. Values are never shown."""
    return ctx.invoke(ls) if ctx.invoked_subcommand is None else Exit.OK


@command.command("ls")
@place_options
@click.option("--json", "as_json", is_flag=True, help="One JSON array of values, without the values themselves.")
@click.pass_context
def ls(ctx: click.Context, as_json: bool = False) -> int:
    """List them, on stdout. The exit code is 1 where one is missing."""
    chosen = settings(ctx)
    terminal = chosen.terminal()
    found = _needed(_open(ctx))
    if as_json:
        terminal.result(json.dumps([_public(need) for need in found], indent=2))
    elif found:
        _list(terminal, found)
    else:
        terminal.say("no build of this pipeline asks for a parameter or secret")
    return Exit.FAILED if any(not need.origin for need in found) else Exit.OK


@command.command("set")
@place_options
@click.argument("name")
@click.option("--secret", "section", flag_value="secrets", help="It is a secret, whatever builds ask for.")
@click.option("--parameter-store", "section", flag_value="parameters", help="It is a parameter.")
@click.option(
    "--in", "place", type=click.Choice(["keyring", ".secrets"]), help="Where; the keyring where there is one."
)
@click.pass_context
def put(ctx: click.Context, name: str, section: str | None, place: str | None) -> int:
    """Keep the value of NAME, which is asked for, or read from stdin where that is no terminal."""
    from engine.providers.keeping import NotKept, keep, usual_place
    from tui.cli.problem import Problem

    opened = _open(ctx)
    need = next((need for need in _needed(opened) if name in (need.key, need.word)), None)
    section = section or (need.section if need else None)
    if section is None:
        raise Problem(
            f"no build here asks for {name}",
            "--secret or --parameter-store says what it is; greenroom secrets lists what is asked for",
        )
    where = "keyring" if place == "keyring" else "file" if place else usual_place()
    try:
        told = keep(opened.directory, section, need.key if need else name, _value(name), where)
    except NotKept as error:
        raise Problem(str(error), "--in chooses the other place: keyring or .secrets") from error
    settings(ctx).terminal().say(told)
    return Exit.OK


def _value(name: str) -> str:
    from tui.cli.problem import Problem

    if sys.stdin.isatty():
        value = str(click.prompt(f"value of {name}", hide_input=True, err=True))
    else:
        value = sys.stdin.read().removesuffix("\n")
    if not value:
        raise Problem(f"{name} got no value", "type it, or pipe it in: printf %s … | greenroom secrets set " + name)
    return value


def _open(ctx: click.Context) -> Opened:
    from tui.cli.opening import open_project

    return open_project(settings(ctx))


def _needed(opened: Opened) -> list[Need]:
    from engine.providers.codebuild.needs import needed

    return needed(opened.declaration, opened.project, opened.sources)


def _public(need: Need) -> dict[str, object]:
    return {
        "name": need.key,
        "kind": _KINDS[need.section],
        "from": need.origin or None,
        "missing": need.reason or None,
        "wanted_by": need.wanted_by,
    }


def _list(terminal: Terminal, found: list[Need]) -> None:
    from tui.cli.columns import table

    rows: list[list[Cell]] = [
        [
            need.key,
            _KINDS[need.section],
            (need.origin, "dim") if need.origin else (f"missing: greenroom secrets set {need.key}", "bad"),
            (", ".join(need.wanted_by), "dim"),
        ]
        for need in found
    ]
    terminal.result(table(terminal, ["NAME", "KIND", "FROM", "WANTED BY"], rows))
