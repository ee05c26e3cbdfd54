"""`greenroom snapshot`: a run as a picture of the screen, or as a page with everything."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tui.cli.exits import Exit
from tui.cli.settings import place_options, settings

if TYPE_CHECKING:
    from engine.execution.state import Execution
    from tui.cli.looking import Look


class _Size(click.ParamType[tuple[int, int]]):
    """COLUMNSxROWS."""

    name = "size"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> tuple[int, int]:
        found = re.fullmatch(r"(\d{2,3})x(\d{2,3})", str(value))
        if found is None:
            self.fail(f"{value!r} is no size: write COLUMNSxROWS, e.g. 120x40", param, ctx)
        return int(found[1]), int(found[2])


@click.command()
@place_options
@click.option("-e", "--execution", default="", metavar="NUMBER", help="Another run than the latest.")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="FILE.svg or FILE.html.")
@click.option("--size", type=_Size(), default="120x40", show_default=True, help="Of the screen, for a picture.")
@click.option("--theme", envvar="GREENROOM_THEME", help="Colours of the picture.")
@click.option("--keys", default="", help="Keys to press first, e.g. 'w' or 'right,right,1'.")
@click.pass_context
def command(
    ctx: click.Context, execution: str, output: Path | None, size: tuple[int, int], theme: str | None, keys: str
) -> int:
    """Write a run as a picture of the screen (SVG), or as one HTML page: graph, timeline, reasons, logs.

    The suffix of --output decides; without it, NAME-NUMBER.html is written here. The page needs nothing else: it can
    be mailed, or kept by a CI job.
    """
    from tui.cli.looking import look

    chosen = settings(ctx)
    seen = look(chosen)
    found = seen.execution(execution)
    file = output or Path(f"{seen.pipeline}-{found.number}.html")
    if file.suffix.lower() not in (".svg", ".html", ".htm"):
        raise click.BadParameter(f"{file} must end in .svg or .html", param_hint="--output")
    text = _picture(seen, found, size, theme, keys) if file.suffix.lower() == ".svg" else _page(seen, found)
    file.write_text(text, encoding="utf-8")
    chosen.terminal().result(str(file))
    return Exit.OK


def _page(seen: Look, execution: Execution) -> str:
    from tui.report.page import page

    return page(seen.state, execution, seen.log, time.time())


def _picture(seen: Look, execution: Execution, size: tuple[int, int], theme: str | None, keys: str) -> str:
    from tui.picture import take
    from tui.still import StillLink

    pressed = [key.strip() for key in keys.split(",") if key.strip()]
    link = StillLink(seen)
    try:
        return take(link, execution.id, size, theme, pressed)
    finally:
        link.close()
