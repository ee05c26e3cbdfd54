"""`greenroom help`: a command's help, or a topic's."""

from __future__ import annotations

import click

from tui.cli.exits import Exit
from tui.cli.problem import unknown
from tui.cli.registry import BY_NAME
from tui.cli.settings import settings, speech_options

_TOPICS = ["exit-codes", "environment"]


@click.command()
@speech_options
@click.argument("topic", required=False)
@click.pass_context
def command(ctx: click.Context, topic: str | None) -> int:
    """Explain a command, `exit-codes`, or `environment`."""
    root = ctx.find_root()
    terminal = settings(ctx).terminal()
    if topic is None:
        terminal.result(root.get_help())
    elif topic == "exit-codes":
        terminal.result("\n".join(f"{code.value:>4}  {code.meaning}" for code in Exit))
    elif topic == "environment":
        terminal.result(_environment(root))
    elif isinstance(root.command, click.Group) and (found := root.command.get_command(root, topic)):
        with found.make_context(topic, [], parent=root, resilient_parsing=True) as child:
            terminal.result(found.get_help(child))
    else:
        raise unknown("command or topic", topic, [*BY_NAME, *_TOPICS])
    return Exit.OK


def _environment(root: click.Context) -> str:
    options = [p for p in root.command.params if isinstance(p, click.Option) and p.envvar]
    rows = [(str(option.envvar), f"as {option.opts[-1]}") for option in options]
    rows += [
        ("GREENROOM_WATCH", "as run --watch"),
        ("GREENROOM_DRY_RUN", "as run --dry-run"),
        ("GREENROOM_ONLY", "as run --only; several separated by blanks"),
        ("GREENROOM_FROM", "as run --from"),
        ("GREENROOM_UNTIL", "as run --until"),
        ("GREENROOM_FORCE", "as run --force; *: reuse nothing"),
        ("GREENROOM_APPROVE", "as run --approve; several separated by blanks"),
        ("GREENROOM_STRICT", "as run --strict and validate --strict"),
        ("GREENROOM_TIMEOUT", "as run --timeout"),
        ("GREENROOM_DEBUG", "1: show the traceback of an internal error"),
        ("NO_COLOR", "any value: no colours, unless --color always"),
        ("CI", "any value: never open the terminal app"),
    ]
    return "\n".join(f"{name:<22}{what}" for name, what in rows)
