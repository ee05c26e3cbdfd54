"""`greenroom graph`: stages, actions and artifacts as a picture or as text."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import click

from tui.cli.exits import Exit
from tui.cli.settings import Settings, place_options, settings

if TYPE_CHECKING:
    from engine.model.pipeline import PipelineDeclaration
    from tui.graph.zoom import Level

_FORMATS = ["text", "mermaid", "dot", "svg", "json"]
_LEVELS = ["auto", "stages", "actions", "detail"]


@click.command()
@place_options
@click.option("--format", "form", type=click.Choice(_FORMATS), default="text", show_default=True, help="What to print.")
@click.option("--width", type=click.IntRange(min=20), help="Columns for text; the terminal's own by default.")
@click.option("-s", "--status", is_flag=True, help="With the marks of the latest run (text and svg).")
@click.option(
    "--zoom", type=click.Choice(_LEVELS), default="auto", show_default=True, help="How near the text is to the actions."
)
@click.pass_context
def command(ctx: click.Context, form: str, width: int | None, status: bool, zoom: Level) -> int:
    """Draw the pipeline on stdout.

    mermaid goes into Markdown, dot into Graphviz; svg is a finished picture for light and dark pages. --status shows
    how the latest run stands, who waits in front of a stage, what is disabled, and rollbacks. --zoom stages sums each
    stage up; --zoom detail tells what each action does or did.
    """
    from tui.cli.definitions import the_pipeline

    chosen = settings(ctx)
    columns = width or shutil.get_terminal_size((100, 24)).columns
    if status:
        if form not in ("text", "svg"):
            raise click.BadParameter("only text and svg have the marks of a run", param_hint="--status")
        chosen.terminal().result(_standing(chosen, form, columns, zoom))
        return Exit.OK
    chosen.terminal().result(_draw(the_pipeline(chosen).declaration, form, columns, zoom))
    return Exit.OK


def _standing(chosen: Settings, form: str, columns: int, zoom: Level) -> str:
    """The graph of the latest run, beside a greenroom that may be running."""
    import time

    from tui.cli.looking import look
    from tui.graph.text import draw, standing

    seen = look(chosen)
    declaration = seen.state.declaration(seen.execution(""))
    if form == "text":
        return "\n".join(draw(declaration, seen.state, columns, now=time.time(), level=zoom))
    from tui.cli.drawing import svg
    from tui.cli.drawing.chart import chart

    return svg.svg(chart(declaration), standing(declaration, seen.state, time.time()))


def _draw(declaration: PipelineDeclaration, form: str, columns: int, zoom: Level) -> str:
    if form == "text":
        from tui.graph.text import draw

        return "\n".join(draw(declaration, None, columns, level=zoom))
    from tui.cli.drawing import svg, texts
    from tui.cli.drawing.chart import chart

    render = {"mermaid": texts.mermaid, "dot": texts.dot, "svg": svg.svg, "json": texts.as_json}[form]
    return render(chart(declaration))
