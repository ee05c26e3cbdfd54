"""`greenroom list`: the pipelines that are found here."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from tui.cli.exits import Exit
from tui.cli.settings import Settings, place_options, settings

if TYPE_CHECKING:
    from engine.reading.definition import LoadedPipeline


@click.command()
@place_options
@click.option("--json", "as_json", is_flag=True, help="One JSON array.")
@click.pass_context
def command(ctx: click.Context, as_json: bool) -> int:
    """List the pipelines of the definition files here, on stdout. Files with errors are named on stderr."""
    from tui.cli.definitions import discover

    chosen = settings(ctx)
    found, diagnostics = discover(chosen)
    terminal = chosen.terminal()
    broken = {str(d.file): d for d in diagnostics if d.severity == "error"}
    for name, first in broken.items():
        terminal.warn(f"{name}: {first.message}   (all of it: greenroom validate)")
    for hidden in (d for d in diagnostics if d.code == "GR116"):
        terminal.warn(f"{hidden.file}: {hidden.message}   ({hidden.hint})")
    if as_json:
        terminal.result(json.dumps([_row(chosen, pipeline) for pipeline in found], indent=2))
    elif found:
        _print(chosen, found)
    else:
        terminal.say("No pipelines here. Write a starter with: greenroom init")
    return Exit.USAGE if broken else Exit.OK


def _row(chosen: Settings, pipeline: LoadedPipeline) -> dict[str, object]:
    declaration = pipeline.declaration
    return {
        "name": declaration.name,
        "file": str(pipeline.file),
        "form": pipeline.form,
        "stages": len(declaration.stages),
        "actions": sum(len(stage.actions) for stage in declaration.stages),
        "type": declaration.pipelineType,
        "mode": declaration.mode,
        "last": _last(chosen, declaration.name),
    }


def _print(chosen: Settings, found: list[LoadedPipeline]) -> None:
    from tui.cli.columns import Cell, table
    from tui.cli.opening import display

    rows: list[list[Cell]] = []
    for pipeline in found:
        row = _row(chosen, pipeline)
        last = str(row["last"] or "-")
        rows.append(
            [(str(row["name"]), "strong"), f"{row['stages']}", f"{row['actions']}", last, display(pipeline.file)]
        )
    terminal = chosen.terminal()
    terminal.result(table(terminal, ["PIPELINE", "STAGES", "ACTIONS", "LAST RUN", "FILE"], rows))


def _last(chosen: Settings, name: str) -> str | None:
    """``#12 Succeeded``, or None before the first run."""
    from engine.journal.journal import Journal
    from tui.cli.looking import Look, state_directory

    directory = state_directory(chosen)
    journal = Journal(directory, readonly=True)
    if name not in journal.pipelines():
        return None
    latest = Look(directory, name, journal).state.latest
    return f"#{latest.number} {latest.status}" if latest else None
