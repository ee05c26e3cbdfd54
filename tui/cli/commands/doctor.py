"""`greenroom doctor`: every edge of this machine, and what to do where something is amiss."""

from __future__ import annotations

import json

import click

from tui.cli.exits import Exit
from tui.cli.settings import place_options, settings
from tui.cli.terminal import Tone

_GLYPHS: dict[str, tuple[str, str, Tone]] = {
    "ok": ("✔", "+", "good"),
    "warn": ("!", "!", "warn"),
    "note": ("·", "-", "dim"),
}


@click.command()
@place_options
@click.option("--json", "as_json", is_flag=True, help="One JSON array of checks.")
@click.option("--notify", is_flag=True, help="Send a message to everybody that greenroom.yaml's rules name.")
@click.pass_context
def command(ctx: click.Context, as_json: bool, notify: bool) -> int:
    """Check what greenroom can lean on here, on stdout. Everything is optional: the exit code is always 0."""
    from tui.cli.checkup import checkup
    from tui.cli.checkup_docker import docker
    from tui.cli.checkup_sealed import artifacts
    from tui.cli.checkup_told import told
    from tui.cli.looking import state_directory

    chosen = settings(ctx)
    terminal = chosen.terminal()
    state = state_directory(chosen)
    findings = [*checkup(state), artifacts(chosen, state), *docker(chosen), *told(chosen, send=notify)]
    if as_json:
        rows = [{"check": f.check, "level": f.level, "found": f.found, "advice": f.advice} for f in findings]
        terminal.result(json.dumps(rows, indent=2))
        return Exit.OK
    for finding in findings:
        fancy, plain, tone = _GLYPHS[finding.level]
        sign = terminal.paint(fancy if terminal.unicode else plain, tone, result=True)
        terminal.result(f"{sign} {finding.check:<12} {finding.found}")
        for line in finding.advice.splitlines():
            terminal.result(f"  {'':<12} {line}")
    return Exit.OK
