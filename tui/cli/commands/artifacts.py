"""`greenroom artifacts`: what the actions of a run made."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.shell_completion import CompletionItem

from tui.cli.exits import Exit
from tui.cli.looking import Look
from tui.cli.problem import Problem, unknown
from tui.cli.settings import Settings, place_options, settings
from tui.cli.words import size

if TYPE_CHECKING:
    from engine.artifacts.store import Store
    from engine.artifacts.tree import Entry

_execution = click.option("-e", "--execution", default="", metavar="NUMBER", help="Of another run than the latest.")


@dataclass(frozen=True, slots=True)
class Artifact:
    """One artifact of a run."""

    name: str
    maker: str
    tree: str


def _names(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    from tui.cli.looking import look

    try:
        found = _artifacts(look(settings(ctx)), "")
    except Exception:  # completion must never complain
        return []
    return [CompletionItem(name) for name in found if name.startswith(incomplete)]


@click.group(invoke_without_command=True)
@place_options
@_execution
@click.option("--json", "as_json", is_flag=True, help="One JSON array.")
@click.pass_context
def command(ctx: click.Context, execution: str, as_json: bool) -> int:
    """List the artifacts of the latest run, on stdout; `ls` lists one's files, `export` writes one out."""
    if ctx.invoked_subcommand is not None:
        return Exit.OK
    from tui.cli.looking import look

    chosen = settings(ctx)
    seen = look(chosen)
    rows = [_row(_store(seen), artifact) for artifact in _artifacts(seen, execution).values()]
    if as_json:
        chosen.terminal().result(json.dumps(rows, indent=2))
    else:
        _print(chosen, rows)
    return Exit.OK


@command.command("ls")
@place_options
@_execution
@click.argument("name", shell_complete=_names)
@click.pass_context
def ls(ctx: click.Context, execution: str, name: str) -> int:
    """List the files of artifact NAME: size and path."""
    from tui.cli.looking import look

    chosen = settings(ctx)
    seen = look(chosen)
    for entry in _entries(_store(seen), _find(seen, execution, name)):
        chosen.terminal().result(f"{size(entry.size):>10}  {entry.path}")
    return Exit.OK


@command.command("export")
@place_options
@_execution
@click.argument("name", shell_complete=_names)
@click.argument("destination", type=click.Path(path_type=Path))
@click.pass_context
def export(ctx: click.Context, execution: str, name: str, destination: Path) -> int:
    """Write artifact NAME to DESTINATION: a zip where it ends in .zip, else a folder."""
    from engine import session
    from tui.cli.looking import look

    chosen = settings(ctx)
    seen = look(chosen)
    artifact = _find(seen, execution, name)
    _entries(_store(seen), artifact)
    place = chosen.path(destination)
    if place.suffix != ".zip" and place.is_dir() and any(place.iterdir()):
        raise Problem(f"{place} is not empty", "Name a new folder, or a file that ends in .zip.")
    written = session.export(_store(seen), artifact.tree, place)
    chosen.terminal().say(f"wrote {written}")
    return Exit.OK


def _store(seen: Look) -> Store:
    from engine.sealed import store_of

    return store_of(seen.directory)


def _artifacts(seen: Look, execution: str) -> dict[str, Artifact]:
    """By name, in pipeline order."""
    run = seen.execution(execution)
    found = {}
    for stage in seen.state.declaration(run).stages:
        for declared in stage.actions:
            action = seen.state.current(run, stage.name, declared.name)
            for name, tree in action.outputs.items() if action else ():
                found[name] = Artifact(name, f"{stage.name}/{declared.name}", tree)
    return found


def _find(seen: Look, execution: str, name: str) -> Artifact:
    found = _artifacts(seen, execution)
    if name not in found:
        raise unknown("artifact", name, list(found))
    return found[name]


def _entries(store: Store, artifact: Artifact) -> list[Entry]:
    if not store.has(artifact.tree):
        raise Problem(f"{artifact.name} was dropped from the cache", "Make it again: greenroom run")
    return list(store.walk(artifact.tree))


def _row(store: Store, artifact: Artifact) -> dict[str, object]:
    kept = store.has(artifact.tree)
    entries = list(store.walk(artifact.tree)) if kept else []
    return {
        "name": artifact.name,
        "action": artifact.maker,
        "files": len(entries) if kept else None,
        "bytes": sum(entry.size for entry in entries) if kept else None,
        "digest": artifact.tree,
    }


def _print(chosen: Settings, rows: list[dict[str, object]]) -> None:
    from tui.cli.columns import Cell, table

    cells: list[list[Cell]] = []
    for row in rows:
        weight = size(int(str(row["bytes"]))) if row["bytes"] is not None else "dropped"
        files = str(row["files"]) if row["files"] is not None else "-"
        cells.append([str(row["name"]), str(row["action"]), files, weight, (str(row["digest"])[:12], "dim")])
    terminal = chosen.terminal()
    terminal.result(table(terminal, ["ARTIFACT", "MADE BY", "FILES", "SIZE", "DIGEST"], cells))
