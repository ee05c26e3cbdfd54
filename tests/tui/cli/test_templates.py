"""Templates and their parameters on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.reading.cloudformation.conftest import template
from tests.tui.cli.conftest import Command

BEFORE = """
    Parameters:
      Title: {Type: String, AllowedPattern: "[a-z]+"}
"""


@pytest.fixture
def stack(tmp_path: Path) -> Path:
    (tmp_path / "template.yaml").write_text(template("Name: !Sub '${Title}-pipeline'", before=BEFORE))
    return tmp_path


def test_a_parameter_names_the_pipeline(greenroom: Command, stack: Path) -> None:
    (stack / "values.json").write_text('[{"ParameterKey": "Title", "ParameterValue": "file"}]')
    assert "Title-pipeline" in greenroom("list", "-C", stack).out
    assert "shop-pipeline" in greenroom("list", "-C", stack, "--parameter", "Title=shop").out
    assert "file-pipeline" in greenroom("list", "-C", stack, "--parameter-file", "values.json").out


def test_what_is_open_is_told_once_and_listed_on_request(greenroom: Command, stack: Path) -> None:
    planned = greenroom("plan", "-C", stack)
    assert "a parameter has no value in" in planned.err
    assert greenroom("validate", "-C", stack).err == ""
    listed = greenroom("validate", "-C", stack, "-v")
    assert (listed.code, "GR120" in listed.err) == (0, True)
    assert "no value" not in greenroom("plan", "-C", stack, "--parameter", "Title=shop").err


def test_a_value_that_is_not_allowed(greenroom: Command, stack: Path) -> None:
    done = greenroom("validate", "-C", stack, "--parameter", "Title=UPPER")
    assert (done.code, "GR121" in done.err) == (2, True)


def test_show_prints_what_the_template_amounts_to(greenroom: Command, stack: Path) -> None:
    shown = greenroom("show", "-C", stack, "--parameter", "Title=shop", "--format", "aws")
    assert json.loads(shown.out)["pipeline"]["name"] == "shop-pipeline"
