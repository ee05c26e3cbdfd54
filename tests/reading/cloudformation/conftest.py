"""Templates for the tests, and what they yield."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent, indent
from typing import Any

from engine.reading.cloudformation.scope import Scope
from engine.reading.definition import Loaded, load_text
from engine.reading.given import Given

STAGES = """
- Name: Source
  Actions:
    - Name: Repo
      ActionTypeId: {Category: Source, Owner: AWS, Provider: CodeCommit, Version: 1}
      OutputArtifacts: [{Name: Src}]
      Configuration: {RepositoryName: shop, BranchName: main, PollForSourceChanges: false}
- Name: Build
  Actions:
    - Name: Make
      ActionTypeId: {Category: Build, Owner: AWS, Provider: CodeBuild, Version: 1}
      InputArtifacts: [{Name: Src}]
      Configuration: {ProjectName: make}
"""
ROLE = "arn:aws:iam::111122223333:role/pipeline"


def template(
    properties: str = "", *, stages: str = STAGES, before: str = "", resources: str = "", more: str = ""
) -> str:
    """A template with one pipeline. `before` stands above Resources, `more` beside the pipeline's properties."""
    if "Stages:" not in properties:
        properties = f"{dedent(properties).strip()}\nStages:\n{indent(stages.strip(), '  ')}"
    lines = [
        dedent(before).strip(),
        "Resources:",
        indent(dedent(resources).strip(), "  "),
        "  Pipeline:",
        "    Type: AWS::CodePipeline::Pipeline",
        indent(dedent(more).strip(), "    "),
        "    Properties:",
        f"      RoleArn: {ROLE}",
        "      ArtifactStore: {Type: S3, Location: store}",
        indent(dedent(properties).strip(), "      "),
    ]
    return "\n".join(line for line in lines if line.strip()) + "\n"


def read(text: str, name: str = "shop.yaml", **given: Any) -> Loaded:
    """Load a template as if it were a file."""
    return load_text(text, Path("project") / name, Given(**given))


def pipeline(text: str, **given: Any) -> Any:
    """The one pipeline of a template; whatever is wrong with it fails the test."""
    loaded = read(text, **given)
    assert [found.render() for found in loaded.diagnostics if found.severity != "advice"] == []
    (found,) = loaded.pipelines
    return found


def scope(data: dict[str, Any] | None = None, **given: Any) -> Scope:
    """A template as data."""
    return Scope(data or {}, Given(**given), Path("project/shop.yaml"))
