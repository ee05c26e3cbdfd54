"""`greenroom validate`: what is wrong with definition files, all of it at once."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tui.cli.exits import Exit
from tui.cli.problem import Problem
from tui.cli.settings import Settings, place_options, settings

if TYPE_CHECKING:
    from engine.model.diagnostics import Diagnostic
    from engine.reading.definition import Loaded
    from engine.reading.given import Given

_PROJECT_FILES = ("greenroom.yaml", "greenroom.yml")


@dataclass(frozen=True, slots=True)
class Wish:
    """What the command line asks for. `silence` holds codes of advice."""

    strict: bool
    as_json: bool
    advise: bool
    silence: frozenset[str]


@click.command()
@place_options
@click.argument("files", nargs=-1, metavar="FILE...", type=click.Path(path_type=Path, allow_dash=True))
@click.option("--strict", is_flag=True, envvar="GREENROOM_STRICT", help="Exit 4 on warnings too; show advice.")
@click.option("--advise", is_flag=True, help="Also say what could be better: good practice, never an error.")
@click.option("--silence", multiple=True, metavar="CODE", help="Advice that is not wanted, e.g. GR631; repeatable.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a file, on stdout.")
@click.pass_context
def command(
    ctx: click.Context, files: tuple[Path, ...], strict: bool, advise: bool, silence: tuple[str, ...], as_json: bool
) -> int:
    """Check definition files, and greenroom.yaml where it is named. `-` reads stdin.

    A good file is silent. A bad one shows each finding with its line and how to mend it, on stderr, and the
    exit code is 2. Without FILE, the definitions that are found here are checked. Advice leaves the exit code as it is;
    docs/advice.md has all of it, and `silence` in greenroom.yaml turns pieces of it off for good.
    """
    chosen = settings(ctx)
    wish = Wish(strict, as_json, advise, _silenced(chosen, silence) if advise else frozenset())
    codes = [_check(chosen, file, wish) for file in _files(chosen, files)]
    return max(codes, key=lambda code: (code is Exit.USAGE, code))


def _files(chosen: Settings, files: tuple[Path, ...]) -> list[Path]:
    from engine.reading.definition import find, in_directory

    if files or chosen.file:
        named = [file if str(file) == "-" else chosen.path(file) for file in files or (chosen.file or Path(),)]
        return [each for file in named for each in (in_directory(file) if file.is_dir() else [file])]
    found = find(chosen.directory)
    if not found:
        raise Problem(f"no pipeline definition in {chosen.directory.resolve()}", "Name the file to check.")
    return found


def _silenced(chosen: Settings, codes: tuple[str, ...]) -> frozenset[str]:
    """The codes of advice that is not wanted. Raises `Problem` for one that does not exist."""
    from engine.reading.advice import all_advice
    from engine.reading.project_file import load_project

    known = [advice.code for advice in all_advice()]
    for code in codes:
        if code not in known:
            raise Problem(f"no advice has the code {code}", f"There are {', '.join(known)}: see docs/advice.md.")
    return frozenset((*codes, *load_project(chosen.directory)[0].silence))


def _check(chosen: Settings, file: Path, wish: Wish) -> Exit:
    pipelines, actions, found = _load(chosen, file, wish)
    if wish.as_json:
        chosen.terminal().result(_json(file, pipelines, actions, found))
    else:
        _print(chosen, found, wish)
    if any(diagnostic.severity == "error" for diagnostic in found):
        return Exit.USAGE
    warned = any(diagnostic.severity == "warning" for diagnostic in found)
    return Exit.NOT_FAITHFUL if wish.strict and warned else Exit.OK


def _load(chosen: Settings, file: Path, wish: Wish) -> tuple[int, int, list[Diagnostic]]:
    """How many pipelines and actions the file holds, and what is wrong with it."""
    if file.name in _PROJECT_FILES:
        from engine.reading.project_file import load_project

        return 0, 0, load_project(file.parent)[1]
    given = _given(chosen)
    loaded = _from_stdin(given) if str(file) == "-" else _definition(file, given)
    found = [*loaded.diagnostics, *_batches(chosen, loaded), *(_advice(loaded, wish) if wish.advise else ())]
    return len(loaded.pipelines), loaded.actions, found


def _batches(chosen: Settings, loaded: Loaded) -> Iterator[Diagnostic]:
    """What is wrong with the batch buildspecs in the sources' directories; most pipelines have no batch."""
    from engine.opening import source_directories
    from engine.reading.project_file import load_project

    for pipeline in loaded.pipelines:
        actions = [action for stage in pipeline.declaration.stages for action in stage.actions]
        if any("BatchEnabled" in action.configuration for action in actions):
            from engine.providers.batch.checking import check

            project = load_project(chosen.directory)[0].over(pipeline.surroundings)
            sources = source_directories(pipeline, project, chosen.directory)
            yield from check(pipeline.declaration, project, sources, pipeline.surroundings, pipeline.file)


def _advice(loaded: Loaded, wish: Wish) -> list[Diagnostic]:
    from engine.reading.advice import advise

    return [found for pipeline in loaded.pipelines for found in advise(pipeline, wish.silence)]


def _given(chosen: Settings) -> Given:
    """What templates are evaluated with."""
    from engine.opening import given_by
    from engine.reading.project_file import load_project
    from tui.cli.opening import engine_options

    return given_by(engine_options(chosen), load_project(chosen.directory)[0])


def _definition(file: Path, given: Given) -> Loaded:
    from engine.reading.definition import load

    return load(file, given)


def _from_stdin(given: Given) -> Loaded:
    from engine.reading.definition import load_bytes

    return load_bytes(sys.stdin.buffer.read(), Path("<stdin>"), given)


def _json(file: Path, pipelines: int, actions: int, found: list[Diagnostic]) -> str:
    from tui.cli.reports.public import finding

    body = {"file": str(file), "pipelines": pipelines, "actions": actions}
    return json.dumps({**body, "diagnostics": [finding(d) for d in found]}, ensure_ascii=False)


def _print(chosen: Settings, found: list[Diagnostic], wish: Wish) -> None:
    """Advice is for those who ask: a good file stays silent."""
    terminal = chosen.terminal()
    for diagnostic in found:
        if diagnostic.severity != "advice" or wish.advise or wish.strict or chosen.verbose:
            tone = "bad" if diagnostic.severity == "error" else "warn"
            first, newline, rest = diagnostic.render().partition("\n")
            terminal.warn(terminal.paint(first, tone) + newline + rest)  # type: ignore[arg-type]
