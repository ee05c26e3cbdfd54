"""Several pipelines: in one file, in a directory, of one name."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.model.diagnostics import Severity
from engine.opening import OpenError, Options, discover, open_project
from tests.reading.terraform.conftest import pipeline

SHORT = "name: app\nstages: {Build: make}\n"


def write(directory: Path, **files: str) -> Path:
    (directory / ".git").mkdir()
    for name, text in files.items():
        place = directory / name.replace("__", "/").replace("-", ".")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
    return directory


def test_one_module_with_several_pipelines(tmp_path: Path) -> None:
    text = pipeline('"app-${each.key}"', '  for_each = toset(["dev", "prod"])\n' + STAGE)
    directory = write(tmp_path, **{"infra__main-tf": text})
    with pytest.raises(OpenError) as several:
        open_project(Options(directory))
    assert [each.declaration.name for each in several.value.candidates] == ["app-dev", "app-prod"]
    assert "app-dev (infra/main.tf), app-prod (infra/main.tf)" in several.value.message
    assert open_project(Options(directory, pipeline="app-prod")).declaration.name == "app-prod"


STAGE = """
  stage {
    name = "Approve"
    action {
      name     = "Ok"
      category = "Approval"
      owner    = "AWS"
      provider = "Manual"
      version  = "1"
    }
  }
"""


def test_equal_names_are_said_and_the_other_can_be_had(tmp_path: Path) -> None:
    directory = write(tmp_path, **{"pipeline-yaml": SHORT, "infra__main-tf": pipeline(more=STAGE)})
    found, diagnostics = discover(Options(directory))
    assert [each.file.name for each in found] == ["pipeline.yaml"]
    (said,) = [each for each in diagnostics if each.code == "GR116"]
    assert said.message == "pipeline app is read from pipeline.yaml, not from here"
    assert (said.severity, said.hint, said.line) == (Severity.WARNING, "--file infra/main.tf reads this one", 2)
    assert said in open_project(Options(directory)).diagnostics
    other = open_project(Options(directory, file=directory / "infra/main.tf"))
    assert other.pipeline.form == "terraform"


def test_a_copy_is_worth_advice_only(tmp_path: Path) -> None:
    directory = write(tmp_path, **{"pipeline-yaml": SHORT, "old__pipeline-yaml": SHORT})
    _, diagnostics = discover(Options(directory))
    assert [each.severity for each in diagnostics if each.code == "GR116"] == [Severity.ADVICE]


def test_a_directory_in_place_of_a_file(tmp_path: Path) -> None:
    call = 'module "ci" {\n  source = "../../modules/ci"\n  name = "%s"\n}\n'
    directory = write(
        tmp_path,
        **{
            "modules__ci__main-tf": pipeline("var.name", STAGE) + 'variable "name" {}\n',
            "envs__dev__main-tf": call % "dev",
            "envs__prod__main-tf": call % "prod",
            "notes__pipeline-yaml": SHORT,
        },
    )
    prod = open_project(Options(directory, file=directory / "envs/prod"))
    assert (prod.declaration.name, prod.pipeline.file) == ("prod", directory / "envs/prod/main.tf")
    assert open_project(Options(directory, file=directory / "notes")).declaration.name == "app"
    names = [each.declaration.name for each in discover(Options(directory))[0]]
    assert names == ["app", "dev", "prod"]
