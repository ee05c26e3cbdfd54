"""What is asked of one run in particular: what it is about, what it must not reuse, what is approved already."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tui.cli import completing

if TYPE_CHECKING:
    from engine.execution.requests import Start
    from engine.model.pipeline import PipelineDeclaration

_PLACE = "STAGE[/ACTION]"


@dataclass(frozen=True, slots=True)
class Wishes:
    """The options of `run`, and where they make sense of `plan` and `retry`."""

    only: tuple[str, ...] = ()
    start: str | None = None
    until: str | None = None
    forced: tuple[str, ...] = ()
    approve: tuple[str, ...] = ()
    watch: bool = False
    json: bool = False
    junit: Path | None = None
    strict: bool = False
    timeout: float | None = None
    sources: dict[str, str] = field(default_factory=dict)


def selection_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """--only, --from, --until and --force."""
    complete = completing.places
    for option in (
        click.option(
            "--force",
            "forced",
            multiple=True,
            is_flag=False,
            flag_value="*",
            metavar="[ACTION]",
            envvar="GREENROOM_FORCE",
            shell_complete=completing.actions,
            help="Reuse nothing, or rerun this action even if nothing changed.",
        ),
        click.option(
            "--until",
            metavar=_PLACE,
            envvar="GREENROOM_UNTIL",
            shell_complete=complete,
            help="Go no further than this.",
        ),
        click.option(
            "--from", "start", metavar=_PLACE, envvar="GREENROOM_FROM", shell_complete=complete, help="Start here."
        ),
        click.option(
            "--only",
            multiple=True,
            metavar=_PLACE,
            envvar="GREENROOM_ONLY",
            shell_complete=complete,
            help="Only this; repeatable.",
        ),
    ):
        function = option(function)
    return function


def start_request(declaration: PipelineDeclaration, wishes: Wishes) -> Start:
    """The request that starts the run. Raises `Problem` for names that do not exist."""
    from engine.execution.requests import Start
    from tui.cli.naming import find_action
    from tui.cli.selection import select

    return Start(
        selected=select(declaration, only=wishes.only, start=wishes.start, until=wishes.until),
        forced=tuple(n if n == "*" else "/".join(find_action(declaration, n)) for n in wishes.forced),
        approve=tuple(n if n == "all" else "/".join(find_action(declaration, n)) for n in wishes.approve),
        source_revisions=dict(wishes.sources),
    )
