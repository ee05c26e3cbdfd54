"""`greenroom schema`: the JSON Schema of greenroom.yaml."""

from __future__ import annotations

import json

import click

from tui.cli.exits import Exit
from tui.cli.settings import settings, speech_options


@click.command()
@speech_options
@click.pass_context
def command(ctx: click.Context) -> int:
    """Print the JSON Schema of greenroom.yaml, for editors that complete and check it."""
    from engine.reading.project_file import project_schema

    settings(ctx).terminal().result(json.dumps(project_schema(), indent=2))
    return Exit.OK
