"""`greenroom` itself: the command group, loaded lazily because start-up is a feature."""

from __future__ import annotations

from difflib import get_close_matches
from importlib import import_module
from itertools import groupby
from pathlib import Path
from typing import cast

import click

from tui.cli.exits import Exit
from tui.cli.problem import Problem
from tui.cli.registry import BY_NAME, COMMANDS
from tui.cli.settings import run_options, screen_options, watching_options


class LazyGroup(click.Group):
    """A group that imports a command when it is called, and takes a path as `tui PATH`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every command, in the order of the help."""
        return [command.name for command in COMMANDS]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command of that name."""
        entry = BY_NAME.get(cmd_name)
        if entry is None:
            return None
        command = cast(click.Command, getattr(import_module(entry.path), entry.attribute))
        command.name = cmd_name
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """A command by name; otherwise an existing path, which the terminal app opens."""
        name = args[0]
        if name in BY_NAME:
            return name, self.get_command(ctx, name), args[1:]
        if Path(name).exists() or "/" in name:
            return "tui", self.get_command(ctx, "tui"), args
        close = get_close_matches(name, BY_NAME, n=1)
        hint = f"Did you mean: greenroom {close[0]}?" if close else "Commands: greenroom --help"
        raise Problem(f"{name!r} is neither a command nor a path", hint)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The commands under their headings, from the registry alone."""
        longest = max(len(command.name) for command in COMMANDS)
        for section, commands in groupby(COMMANDS, key=lambda command: command.section):
            with formatter.section(section):
                formatter.write_dl([(c.name.ljust(longest), c.help) for c in commands])

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The exit codes: scripts look for them here."""
        with formatter.section("Exit codes"):
            formatter.write_dl([(f"{code.value:>3}", code.meaning) for code in Exit])


def _version(ctx: click.Context, param: click.Parameter, value: bool) -> None:
    if not value:
        return
    from engine import __version__

    click.echo(f"greenroom {__version__}")
    ctx.exit()


@click.group(
    cls=LazyGroup,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@run_options
@watching_options
@screen_options
@click.option("--version", is_flag=True, is_eager=True, expose_value=False, callback=_version, help="Say it.")
@click.pass_context
def cli(ctx: click.Context, theme: str | None, *, plain: bool) -> object:
    """Run your AWS CodePipeline on your own machine.

    `greenroom` in a repository opens the pipeline that is found there: its graph and logs live, every save rerun.
    `greenroom PATH` opens another directory or definition file. Nothing leaves the machine.
    """
    if ctx.invoked_subcommand is not None:
        return None
    assert isinstance(ctx.command, LazyGroup)
    command = ctx.command.get_command(ctx, "tui")
    assert command is not None
    with command.make_context("tui", [], parent=ctx) as child:
        child.params |= {"theme": theme, "plain": plain}
        return command.invoke(child)
