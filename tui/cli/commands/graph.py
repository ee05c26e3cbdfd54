"""`greenroom graph`: stages, actions and artifacts as a picture or as text."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import click

from tui.cli.exits import Exit
from tui.cli.settings import Settings, place_options, settings

if TYPE_CHECKING:
    from engine.model.pipeline import PipelineDeclaration

_FORMATS = ["text", "mermaid", "dot", "svg", "json"]


@click.command()
@place_options
@click.option("--format", "form", type=click.Choice(_FORMATS), default="text", show_default=True, help="What to print.")
@click.option("--width", type=click.IntRange(min=20), help="Columns for text; the terminal's own by default.")
@click.option("-s", "--status", is_flag=True, help="With the marks of the latest run (text only).")
@click.pass_context
def command(ctx: click.Context, form: str, width: int | None, status: bool) -> int:
    """Draw the pipeline on stdout.

    mermaid goes into Markdown, dot into Graphviz; svg is a finished picture for light and dark pages. --status shows
    how the latest run stands, who waits in front of a stage, what is disabled, and rollbacks.
    """
    from tui.cli.definitions import the_pipeline

    chosen = settings(ctx)
    if status:
        if form != "text":
            raise click.BadParameter("only text has the marks of a run", param_hint="--status")
        chosen.terminal().result(_standing(chosen, width))
        return Exit.OK
    chosen.terminal().result(_draw(chosen, the_pipeline(chosen).declaration, form, width))
    return Exit.OK


def _standing(chosen: Settings, width: int | None) -> str:
    """The graph of the latest run, beside a greenroom that may be running."""
    import time

    from tui.cli.looking import look
    from tui.graph.text import draw

    seen = look(chosen)
    run = seen.execution("")
    columns = width or shutil.get_terminal_size((100, 24)).columns
    return "\n".join(draw(seen.state.declaration(run), seen.state, columns, now=time.time()))


def _draw(chosen: Settings, declaration: PipelineDeclaration, form: str, width: int | None) -> str:
    if form == "text":
        from tui.graph.text import draw

        return "\n".join(draw(declaration, None, width or shutil.get_terminal_size((100, 24)).columns))
    from tui.cli.drawing import svg, texts
    from tui.cli.drawing.chart import chart

    render = {"mermaid": texts.mermaid, "dot": texts.dot, "svg": svg.svg, "json": texts.as_json}[form]
    return render(chart(declaration))
