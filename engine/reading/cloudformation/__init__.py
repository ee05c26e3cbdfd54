"""Pipelines out of CloudFormation and SAM templates, and out of what CDK synthesises."""

from __future__ import annotations

from typing import Any

from engine.model.diagnostics import Severity
from engine.reading.cloudformation.neighbours import Neighbours
from engine.reading.cloudformation.pipeline import read_pipeline
from engine.reading.cloudformation.scope import Resource, Scope
from engine.reading.cloudformation.values import used_at
from engine.reading.foreign import Foreign, Found
from engine.reading.given import Given
from engine.reading.problem import Problem
from engine.reading.source import Document, Source

PIPELINE = "AWS::CodePipeline::Pipeline"


def read(document: Document, source: Source, given: Given) -> Found:
    """The pipelines of a template, with what it says of their neighbours."""
    data: dict[str, Any] = document.data
    bare = _bare(data)
    whole = isinstance(data.get("Resources"), dict)
    template = data if whole else {} if bare else {"Resources": data}
    scope = Scope(template, given, source.file, root=("Resources",) if whole else ())
    resources = [bare] if bare else [each for each in scope.resources.values() if each.type == PIPELINE]
    there = [each for each in resources if scope.exists(each)]
    form = _form(data, source)
    neighbours = Neighbours(scope)
    pipelines = []
    for resource in there:
        written = read_pipeline(scope, resource)
        around = neighbours.of(written)
        pipelines.append(
            Foreign(written.data, form, written.origins, around, tuple(written.problems), written.tags, written.notes)
        )
    problems = [*scope.values.problems, *scope.problems, *_absent(scope, resources, there)]
    problems += scope.values.unknown()
    problems += used_at(scope.open, scope.values)
    return Found(tuple(pipelines), tuple(problems))


def _bare(data: dict[str, Any]) -> Resource | None:
    """A document that is one resource of a template, or only its properties."""
    if isinstance(data.get("Resources"), dict):
        return None
    if data.get("Type") == PIPELINE:
        return Resource("Pipeline", PIPELINE, data.get("Properties"), data, ("Properties",))
    if "Stages" in data:
        return Resource("Pipeline", PIPELINE, data, {}, ())
    return None


def _form(data: dict[str, Any], source: Source) -> str:
    """``cdk``, ``sam`` or ``cloudformation``."""
    resources = data.get("Resources")
    rows = resources.values() if isinstance(resources, dict) else ()
    if any(isinstance(row, dict) and row.get("Type") == "AWS::CDK::Metadata" for row in rows):
        return "cdk"
    parameters = data.get("Parameters")
    if isinstance(parameters, dict) and "BootstrapVersion" in parameters:
        return "cdk"
    if source.file.absolute().parent.name == "cdk.out" or _has_cdk_paths(rows):
        return "cdk"
    return "sam" if "Serverless" in str(data.get("Transform", "")) else "cloudformation"


def _has_cdk_paths(rows: Any) -> bool:
    return any(
        isinstance(row, dict) and isinstance(row.get("Metadata"), dict) and "aws:cdk:path" in row["Metadata"]
        for row in rows
    )


def _absent(scope: Scope, resources: list[Resource], there: list[Resource]) -> list[Problem]:
    """What to say where no pipeline is left."""
    if not resources:
        message = f"this template has no pipeline: no resource is of type {PIPELINE}"
        return [Problem("GR113", (), message, "name the template that has it")]
    found = []
    for resource in resources:
        if resource not in there:
            condition = str(resource.data.get("Condition"))
            message = f"the pipeline {resource.name} is left out: its condition {condition} does not hold"
            severity = Severity.ADVICE if there else Severity.WARNING
            hint = "--parameter NAME=VALUE gives the parameters it depends on other values"
            found.append(Problem("GR124", (*resource.at[:-1], "Condition"), message, hint, severity))
    return found
