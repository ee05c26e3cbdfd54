"""Modules written to a directory of their own, and read from there."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.model.diagnostics import Severity
from engine.reading.definition import Loaded, load
from engine.reading.given import Given

SOURCE = """
  role_arn = "arn:aws:iam::111122223333:role/ci"
  artifact_store {
    type     = "S3"
    location = "my-artifacts"
  }
  stage {
    name = "Source"
    action {
      name             = "Checkout"
      category         = "Source"
      owner            = "AWS"
      provider         = "CodeCommit"
      version          = "1"
      output_artifacts = ["src"]
      configuration = {
        RepositoryName = "app"
        BranchName     = "main"
      }
    }
  }
"""
BUILD = """
  stage {
    name = "Build"
    action {
      name            = "Compile"
      category        = "Build"
      owner           = "AWS"
      provider        = "CodeBuild"
      version         = "1"
      input_artifacts = ["src"]
      configuration   = { ProjectName = aws_codebuild_project.app.name }
    }
  }
"""


def pipeline(name: str = '"app"', more: str = BUILD, label: str = "app") -> str:
    """A resource with a source stage, and what else is wanted."""
    return f'resource "aws_codepipeline" "{label}" {{\n  name = {name}\n{SOURCE}{more}}}\n'


Module = Callable[..., Loaded]


@pytest.fixture
def module(tmp_path: Path) -> Module:
    """Writes files (the first is the one to read) below a fresh directory and reads it."""

    def write_and_read(first: str = "", given: Given | None = None, /, **files: str) -> Loaded:
        (tmp_path / ".git").mkdir(exist_ok=True)
        texts = {"main.tf": first, **{name.replace("__", "/"): text for name, text in files.items()}}
        for name, text in texts.items():
            place = tmp_path / (name if "." in name else f"{name}.tf")
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(textwrap.dedent(text))
        return load(tmp_path / "main.tf", given or Given())

    return write_and_read


def complaints(loaded: Loaded) -> list[str]:
    """What is worse than advice."""
    return [found.render() for found in loaded.diagnostics if found.severity is not Severity.ADVICE]
