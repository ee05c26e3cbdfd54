"""`greenroom completion`: what a shell needs to complete commands, options, pipelines, stages and actions."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from tui.cli.exits import Exit
from tui.cli.settings import settings, speech_options

_INSTALL = {
    "bash": 'add to ~/.bashrc:                   eval "$(greenroom completion bash)"',
    "zsh": 'add to ~/.zshrc, after compinit:    eval "$(greenroom completion zsh)"',
    "fish": "once:  greenroom completion fish > ~/.config/fish/completions/greenroom.fish",
}


@click.command()
@speech_options
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def command(ctx: click.Context, shell: str) -> int:
    """Print the completion script of a shell on stdout.

    \b
    bash: add to ~/.bashrc                  eval "$(greenroom completion bash)"
    zsh:  add to ~/.zshrc, after compinit   eval "$(greenroom completion zsh)"
    fish: greenroom completion fish > ~/.config/fish/completions/greenroom.fish
    """
    kind = get_completion_class(shell)
    assert kind is not None
    script = kind(ctx.find_root().command, {}, "greenroom", "_GREENROOM_COMPLETE").source()
    terminal = settings(ctx).terminal()
    terminal.result(script.rstrip("\n"))
    if terminal.out_colour:  # a person reads it: say where it goes
        terminal.say(_INSTALL[shell])
    return Exit.OK
