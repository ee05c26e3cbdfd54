"""Pipelines out of CloudFormation and SAM templates, and out of what CDK synthesises."""

from __future__ import annotations

from engine.reading.foreign import Found
from engine.reading.given import Given
from engine.reading.problem import Problem
from engine.reading.source import Document, Source


def read(document: Document, source: Source, given: Given) -> Found:
    """The pipelines of a template."""
    del document, source, given
    problem = Problem("GR108", (), "this is a CloudFormation template, which is not read yet", _GET)
    return Found(problems=(problem,))


_GET = "save the pipeline as AWS has it: `aws codepipeline get-pipeline --name NAME > pipeline.json`"
