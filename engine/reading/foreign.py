"""Pipelines out of other tools' files: who reads which document.

A reader is a row of `READERS`: a quick look that tells its documents from others, and a module that is imported only
once one was seen. That module has ``read(document, source, given) -> Found``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path as File
from typing import Any

from engine.model.project import ProjectFile
from engine.reading.given import Given
from engine.reading.problem import Path, Problem
from engine.reading.source import Document, HclText, Source


@dataclass(frozen=True, slots=True)
class Foreign:
    """One pipeline of such a file, in AWS's long form. `files` are the others that it was made of.

    `origins` maps parts of `data` to where the document has them; the longest known beginning of a path counts.
    `surroundings` is what the file says of the pipeline's neighbours. `problems` have paths of the document.
    `tags` are the pipeline's, as create-pipeline takes them. `notes` say which parameters a part of `data` was made of.
    """

    data: dict[str, Any]
    form: str
    origins: Mapping[Path, Path] = field(default_factory=dict)
    surroundings: ProjectFile = field(default_factory=ProjectFile)
    problems: tuple[Problem, ...] = ()
    tags: list[Any] | None = None
    notes: Mapping[Path, str] = field(default_factory=dict)
    files: tuple[File, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """What a document holds. `problems` concern all of it and have its paths."""

    pipelines: tuple[Foreign, ...] = ()
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads a kind of document. `knows` must be quick: every definition is shown to it."""

    knows: Callable[[Any], bool]
    module: str

    def read(self, document: Document, source: Source, given: Given) -> Found:
        """The document's pipelines."""
        found: Found = import_module(self.module).read(document, source, given)
        return found


def reader_of(document: Document) -> Reader | None:
    """Who reads a document, None where it is a definition of our own."""
    return next((reader for reader in READERS if reader.knows(document.data)), None)


def _is_template(data: Any) -> bool:
    """A CloudFormation template, some resources of it, a single one, or a resource's properties."""
    if not isinstance(data, dict):
        return False
    if "AWSTemplateFormatVersion" in data or data.get("Type") == "AWS::CodePipeline::Pipeline":
        return True
    resources = data.get("Resources")
    if isinstance(resources, dict):
        return any(
            isinstance(item, dict) and str(item.get("Type", "")).startswith("AWS::") for item in resources.values()
        )
    if "Stages" in data and "RoleArn" in data:
        return True
    return any(isinstance(item, dict) and item.get("Type") == "AWS::CodePipeline::Pipeline" for item in data.values())


def _is_terraform(data: Any) -> bool:
    """A module's file, or what `terraform show -json` prints."""
    if isinstance(data, HclText):
        return True
    if not isinstance(data, dict) or "stages" in data or "pipeline" in data:
        return False
    if "format_version" in data:
        return "planned_values" in data or "values" in data or "terraform_version" in data
    resources = data.get("resource")
    return isinstance(resources, (dict, list)) and "aws_codepipeline" in _types(resources)


def _types(resources: dict[str, Any] | list[Any]) -> set[str]:
    rows = resources if isinstance(resources, list) else [resources]
    return {str(name) for row in rows if isinstance(row, dict) for name in row}


READERS: tuple[Reader, ...] = (
    Reader(_is_template, "engine.reading.cloudformation"),
    Reader(_is_terraform, "engine.reading.terraform"),
)
