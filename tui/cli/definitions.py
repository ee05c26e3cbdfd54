"""Definition files for commands that need nothing else: no state, no lock, no engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.cli.problem import Problem, unknown
from tui.cli.settings import Settings

if TYPE_CHECKING:
    from engine.model.diagnostics import Diagnostic
    from engine.reading.definition import LoadedPipeline


def discover(chosen: Settings) -> tuple[list[LoadedPipeline], list[Diagnostic]]:
    """Every pipeline here, and what is wrong with the files."""
    from engine import opening
    from tui.cli.opening import engine_options

    return opening.discover(engine_options(chosen))


def the_pipeline(chosen: Settings) -> LoadedPipeline:
    """The one pipeline that is meant. Prints what is wrong; raises `Problem` where there is none, or several."""
    found, diagnostics = discover(chosen)
    terminal = chosen.terminal()
    wanted = [p for p in found if chosen.pipeline in (None, p.declaration.name)]
    errors = [d for d in diagnostics if d.severity == "error"]
    if not wanted or chosen.verbose:
        for diagnostic in diagnostics:
            terminal.warn(diagnostic.render())
    names = [p.declaration.name for p in found]
    if not wanted and errors:
        raise Problem("the pipeline definition has errors")
    if not wanted and chosen.pipeline:
        raise unknown("pipeline", chosen.pipeline, names)
    if not wanted:
        where = f"in {chosen.path(chosen.file) if chosen.file else chosen.directory.resolve()}"
        raise Problem(f"no pipeline definition {where}", "Point at one with --file, or write a starter: greenroom init")
    if len(wanted) > 1:
        raise Problem(f"several pipelines here: {', '.join(names)}", "Choose one with --pipeline NAME.")
    return wanted[0]
