"""Where the values of parameters come from, and what is wrong with them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine.opening import Options, discover
from engine.reading.cloudformation.parameter_file import read_parameters
from tests.reading.cloudformation.conftest import pipeline, read, template

BEFORE = """
    Parameters:
      Title: {Type: String, Default: shop, AllowedPattern: "[a-z]+"}
      Stage: {Type: String, Default: dev, AllowedValues: [dev, prod]}
"""
TEXT = template("Name: !Sub '${Title}-${Stage}'", before=BEFORE)


def name(**given: object) -> str:
    return str(pipeline(TEXT, **given).declaration.name)


def test_the_command_line_beats_files_which_beat_defaults(tmp_path: Path) -> None:
    first, second = tmp_path / "a.json", tmp_path / "b.json"
    first.write_text('{"Title": "first", "Stage": "prod"}')
    second.write_text('{"Title": "second"}')
    assert name() == "shop-dev"
    assert name(files=(first, second)) == "second-prod"
    assert name(files=(first, second), parameters={"Title": "third"}) == "third-prod"


@pytest.mark.parametrize(
    "text",
    [
        '[{"ParameterKey": "Title", "ParameterValue": "web"}]',
        '{"Parameters": {"Title": "web"}, "Tags": {"a": "b"}, "StackPolicy": {}}',
        '{"Parameters": [{"ParameterKey": "Title", "ParameterValue": "web"}]}',
        '{"Title": "web"}',
        '["Title=web"]',
        "Title: web\n",
    ],
)
def test_the_shapes_of_parameter_files(tmp_path: Path, text: str) -> None:
    file = tmp_path / "parameters.json"
    file.write_text(text)
    if not text.startswith(("{", "[")):
        file = file.rename(tmp_path / "parameters.yaml")
    assert read_parameters(file) == ({"Title": "web"}, [])
    assert name(files=(file,)) == "web-dev"


def test_lists_and_numbers_of_a_parameter_file(tmp_path: Path) -> None:
    file = tmp_path / "parameters.json"
    file.write_text('{"Names": ["a", "b"], "Count": 3, "On": true, "Nested": {"a": 1}}')
    assert read_parameters(file)[0] == {"Names": "a,b", "Count": "3", "On": "true"}


@pytest.mark.parametrize("text", ['"text"', '[{"Key": "a"}]', "{", ""])
def test_a_parameter_file_that_is_none(tmp_path: Path, text: str) -> None:
    file = tmp_path / "parameters.json"
    file.write_text(text)
    (found,) = [each for each in read(TEXT, files=(file,)).diagnostics if each.code == "GR121"]
    assert "parameters.json" in found.message


def test_a_parameter_file_that_is_not_there(tmp_path: Path) -> None:
    found = read(TEXT, files=(tmp_path / "none.json",)).diagnostics
    assert [each.code for each in found] == ["GR121"]


@pytest.mark.parametrize(("given", "hint"), [({"Stage": "test"}, "one of dev, prod"), ({"Title": "UPPER"}, "'UPPER'")])
def test_a_value_that_the_template_does_not_allow(given: dict[str, str], hint: str) -> None:
    (found,) = [each for each in read(TEXT, parameters=given).diagnostics if each.severity == "error"]
    assert found.code == "GR121"
    assert hint in found.hint
    assert next(iter(given)) in found.source


def test_a_misspelt_parameter_is_named() -> None:
    (found,) = read(TEXT, parameters={"Titel": "x"}).diagnostics
    assert (found.code, found.severity, found.hint) == ("GR121", "warning", "is 'Title' meant?")


def test_greenroom_yaml_gives_values_too(tmp_path: Path) -> None:
    (tmp_path / "template.yaml").write_text(TEXT)
    (tmp_path / "values.json").write_text(json.dumps({"Parameters": {"Stage": "prod"}}))
    (tmp_path / "greenroom.yaml").write_text(
        "template-parameters: {Title: web}\nparameter-files: [values.json]\nregion: eu-west-1\n"
    )
    found, _ = discover(Options(directory=tmp_path))
    assert [each.declaration.name for each in found] == ["web-prod"]
    found, _ = discover(Options(directory=tmp_path, parameters={"Title": "mine"}))
    assert [each.declaration.name for each in found] == ["mine-prod"]
