"""`greenroom cache`: what is kept on disk, and making it less."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tui.cli.exits import Exit
from tui.cli.settings import Settings, place_options, settings
from tui.cli.words import Size, count, size

if TYPE_CHECKING:
    from engine.journal.journal import Journal

_PARTS = {
    "store": "results and snapshots",
    "sealed": "results and snapshots, encrypted",
    "logs": "logs of past runs",
    "work": "workspaces of the latest runs",
    "caches": "folders that builds in containers keep",
    "buckets": "deployments without a folder of their own",
}


@click.group()
@place_options
@click.pass_context
def command(ctx: click.Context) -> None:
    """Show or shrink what is kept in .greenroom. It also keeps itself under max-size of greenroom.yaml."""


@command.command("ls")
@place_options
@click.option("--json", "as_json", is_flag=True, help="One JSON object: bytes by part.")
@click.pass_context
def ls(ctx: click.Context, as_json: bool) -> int:
    """Show what takes how much, on stdout."""
    from tui.cli.columns import Cell, table
    from tui.cli.looking import state_directory

    chosen = settings(ctx)
    directory = state_directory(chosen)
    weights = {part: _weight(directory / part) for part in _PARTS}
    weights["journal"] = sum(_bytes(file) for file in directory.glob("journal.db*"))
    terminal = chosen.terminal()
    if as_json:
        terminal.result(json.dumps({**weights, "total": sum(weights.values())}, indent=2))
        return Exit.OK
    words = {**_PARTS, "journal": "history of everything that happened"}
    rows: list[list[Cell]] = [[part, size(weight), (words[part], "dim")] for part, weight in weights.items()]
    terminal.result(table(terminal, ["PART", "SIZE", "WHAT"], rows))
    terminal.say(f"{size(sum(weights.values()))} in {directory}")
    return Exit.OK


@command.command("prune")
@place_options
@click.option("--max-size", type=Size(), help="Shrink to this; max-size of greenroom.yaml by default.")
@click.option(
    "--all",
    "everything",
    is_flag=True,
    help="Drop every result, log, workspace and kept folder: the next run does everything.",
)
@click.pass_context
def prune(ctx: click.Context, max_size: int | None, everything: bool) -> int:
    """Drop the least recently used results, then the oldest logs. The history stays."""
    from sqlite3 import OperationalError

    from engine.journal.lock import Busy, Lock
    from tui.cli.looking import state_directory
    from tui.cli.problem import Problem

    chosen = settings(ctx)
    directory = state_directory(chosen)
    terminal = chosen.terminal()
    if not directory.exists():
        terminal.say("greenroom: nothing is kept here")
        return Exit.OK
    cap = 0 if everything else _cap(chosen) if max_size is None else max_size
    try:
        with Lock.acquire(directory, "cache prune"):
            freed, dropped = _prune(directory, cap, everything)
    except Busy as busy:
        raise Problem(busy.message.rstrip("."), "It keeps itself under max-size; or end it: greenroom down") from busy
    except OperationalError as error:
        raise Problem(
            f"what is dropped cannot be recorded: {error}",
            "Make some room first, or begin with the workspaces: greenroom cache prune --all",
        ) from error
    terminal.say(f"greenroom: dropped {count(dropped, 'result')}, freed {size(freed)}")
    return Exit.OK


def _cap(chosen: Settings) -> int:
    from engine.model.size import parse_size
    from engine.reading.project_file import load_project

    return int(parse_size(load_project(chosen.directory)[0].max_size))


def _prune(directory: Path, cap: int, everything: bool) -> tuple[int, int]:
    """Bytes freed and results dropped. What dropped results stood for is recorded, so that nothing reuses them."""
    from engine.artifacts.store import Store
    from engine.journal.journal import Journal
    from engine.journal.logs import prune_logs
    from engine.sealed import PLAIN, SEALED, drop_workspaces, dropped, is_sealed

    kept = [directory / name for name in ("logs", "work", "caches")]
    place = directory / (SEALED if is_sealed(directory) else PLAIN)
    store = Store(place)  # nothing is read, so no key is needed: this is what helps where it is lost
    before = sum(map(_weight, (place, *kept)))
    if everything:
        drop_workspaces(directory)  # first: on a full disk it makes the room that the rest takes
    journal = Journal(directory)
    try:
        trees = store.prune(cap, set() if everything else _standing(journal))
        gone = _record_evictions(journal, set(trees))
    finally:
        journal.close()
    prune_logs(directory, max(0, cap - store.usage()))
    _drop_spares(directory / "work")
    if everything:
        dropped(directory)
    return max(0, before - sum(map(_weight, (place, *kept)))), gone


def _drop_spares(work: Path) -> None:
    """What is only kept so that the next save starts faster."""
    from engine.artifacts.spare import drop

    for found in [*work.glob("*/*/*/build/.*.spare"), *work.glob("*/*/*/inputs/.*.spare")]:
        drop(found.with_name(found.name.removeprefix(".").removesuffix(".spare")))


def _standing(journal: Journal) -> set[str]:
    """What the newest runs stand on is kept, whatever the cap."""
    from engine.execution.fold import replay
    from engine.history import recorded
    from engine.upkeep import kept_trees

    keep: set[str] = set()
    for name in journal.pipelines():
        keep |= kept_trees(replay(name, [recorded(row) for row in journal.read(name)]))
    return keep


def _record_evictions(journal: Journal, dropped: set[str]) -> int:
    from engine.execution.codec import encode
    from engine.execution.events import ResultsEvicted
    from engine.execution.fold import replay
    from engine.history import recorded
    from engine.upkeep import evicted

    total = 0
    for name in journal.pipelines():
        gone = evicted(replay(name, [recorded(row) for row in journal.read(name)]), dropped)
        if gone:
            event = ResultsEvicted(tuple(gone))
            journal.append(name, time.time(), [(event.type, encode(event))])
            total += len(gone)
    return total


def _weight(directory: Path) -> int:
    """Bytes of all files below. What is being deleted meanwhile counts for nothing."""
    walked = os.walk(directory)  # unlike `rglob`, it passes by a folder that has just gone
    return sum(_bytes(Path(folder, name)) for folder, folders, files in walked for name in (*files, *folders))


def _bytes(file: Path) -> int:
    try:
        return file.lstat().st_size if file.is_symlink() or file.is_file() else 0
    except OSError:
        return 0
