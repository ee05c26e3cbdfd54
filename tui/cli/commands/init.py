"""`greenroom init`: a starter pipeline for what is found here."""

from __future__ import annotations

import click

from tui.cli.exits import Exit
from tui.cli.opening import display
from tui.cli.problem import Problem
from tui.cli.settings import place_options, settings


@click.command()
@place_options
@click.option("--force", is_flag=True, help="Write even where a pipeline is there already.")
@click.option("--print", "only_print", is_flag=True, help="Print it on stdout instead of writing a file.")
@click.pass_context
def command(ctx: click.Context, force: bool, only_print: bool) -> int:
    """Write a starter pipeline that fits what is here: Python, Node.js, Go, Rust, make, a buildspec, a site."""
    from engine.reading.definition import find
    from engine.reading.starter import starter

    chosen = settings(ctx)
    terminal = chosen.terminal()
    name, text = starter(chosen.directory.resolve())
    if only_print:
        terminal.result(text.rstrip("\n"))
        return Exit.OK
    file = chosen.path(chosen.file) if chosen.file else chosen.directory / name
    there = find(chosen.directory)
    if there and not force:
        raise Problem(f"there is a pipeline already: {display(there[0])}", "Run it: greenroom. Or write one: --force")
    if file.exists() and not force:
        raise Problem(f"{display(file)} is there already", "Overwrite it with --force, or choose another with --file.")
    file.write_text(text, encoding="utf-8")
    terminal.say(f"greenroom: wrote {display(file)}. Look it over, then: greenroom")
    return Exit.OK
