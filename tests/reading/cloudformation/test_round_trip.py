"""A pipeline written as a template is the same pipeline."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from engine.model.pipeline import PipelineDeclaration
from engine.reading.definition import load, load_text
from engine.reading.export import dump_yaml, to_aws
from engine.reading.placeholders import BUCKET, ROLE
from tests.reading.test_round_trip import declarations, errors

_VERBATIM = ("configuration",)


def as_template(pipeline: dict[str, Any]) -> dict[str, Any]:
    """The long form as a template has it."""
    properties = _pascal(pipeline)
    properties.pop("Version", None)
    if "ArtifactStores" in properties:
        stores = pipeline["artifactStores"].items()
        properties["ArtifactStores"] = [{"Region": region, "ArtifactStore": _pascal(store)} for region, store in stores]
    return {"Resources": {"Pipeline": {"Type": "AWS::CodePipeline::Pipeline", "Properties": properties}}}


def _pascal(value: Any) -> Any:
    if isinstance(value, list):
        return [_pascal(item) for item in value]
    if isinstance(value, dict):
        return {key[0].upper() + key[1:]: item if key in _VERBATIM else _pascal(item) for key, item in value.items()}
    return value


@given(declarations())
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
def test_a_declaration_survives_a_template(data: dict[str, Any]) -> None:
    data.pop("version", None)
    data.setdefault("roleArn", "arn:aws:iam::111122223333:role/x")
    if "artifactStores" not in data:
        data.setdefault("artifactStore", {"type": "S3", "location": "bucket-name"})
    declaration = PipelineDeclaration.model_validate(data)
    template = as_template(to_aws(declaration)["pipeline"])
    for name, text in (("t.json", json.dumps(template)), ("t.yaml", dump_yaml(template))):
        loaded = load_text(text, Path(name))
        assert errors(loaded) == []
        assert loaded.pipelines[0].declaration == declaration


GOOD = [file for file in sorted((Path(__file__).parents[1] / "good").iterdir()) if "template" not in file.name]


@pytest.mark.parametrize("file", GOOD, ids=lambda file: file.name)
def test_every_feature_survives_a_template(file: Path) -> None:
    for given_ in load(file).pipelines:
        declaration = given_.declaration.model_copy(update={"version": 1})
        text = dump_yaml(as_template(to_aws(declaration)["pipeline"]))
        (again,) = load_text(text, Path("t.yaml")).pipelines
        assert again.declaration == declaration


def test_placeholders_of_a_local_definition_go_through_a_template() -> None:
    local = load_text("name: one\nstages: {Build: {commands: [make], output: Out}}\n", Path("p.yaml")).pipelines[0]
    long = to_aws(local.declaration)["pipeline"]
    assert (long["roleArn"], long["artifactStore"]["location"]) == (ROLE, BUCKET)
    assert load_text(dump_yaml(as_template(long)), Path("t.yaml")).pipelines[0].declaration == local.declaration
