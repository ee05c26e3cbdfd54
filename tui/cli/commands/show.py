"""`greenroom show`: the resolved pipeline."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tui.cli.exits import Exit
from tui.cli.settings import place_options, settings

if TYPE_CHECKING:
    from engine.model.pipeline import PipelineDeclaration


@click.command()
@place_options
@click.option(
    "--format",
    "form",
    type=click.Choice(["yaml", "json", "aws", "cloudformation"]),
    default="yaml",
    show_default=True,
    help="aws: what `aws codepipeline create-pipeline --cli-input-json` accepts; cloudformation: a template.",
)
@click.pass_context
def command(ctx: click.Context, form: str) -> int:
    """Print the pipeline as greenroom understands it, on stdout: shorthand written out, templates worked out."""
    from tui.cli.definitions import the_pipeline

    chosen = settings(ctx)
    declaration = the_pipeline(chosen).declaration
    chosen.terminal().result(_text(declaration, form).rstrip("\n"))
    return Exit.OK


def _text(declaration: PipelineDeclaration, form: str) -> str:
    from engine.reading import export

    if form == "aws":
        return export.dump_json(export.to_aws(declaration))
    if form == "cloudformation":
        from engine.reading.export_template import to_template

        return export.dump_yaml(to_template(declaration))
    body = declaration.model_dump(mode="json", exclude_defaults=True)
    return export.dump_yaml(body) if form == "yaml" else export.dump_json(body)
