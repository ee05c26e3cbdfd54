"""The action catalog: complete, consistent, and easy to ask."""

from __future__ import annotations

import pytest

from engine.model.catalog import CATEGORIES, OWNERS, ActionTypeSpec, all_types, by_provider, find, lookup
from engine.model.pipeline import ActionTypeId

ALL = all_types()


@pytest.mark.parametrize("spec", ALL, ids=lambda spec: spec.label)
def test_rows_are_sound(spec: ActionTypeSpec) -> None:
    assert spec.category in CATEGORIES
    assert spec.owner in OWNERS
    assert 0 <= spec.inputs.least <= spec.inputs.most <= 10
    assert 0 <= spec.outputs.least <= spec.outputs.most <= 5
    names = [key.name for key in spec.keys]
    assert len(names) == len(set(names))
    assert spec.timeout > 0
    assert lookup(spec.category, spec.owner, spec.provider) is spec
    assert set(spec.required) <= set(names)


def test_labels_are_unique() -> None:
    assert len({spec.label for spec in ALL}) == len(ALL)


@pytest.mark.parametrize(
    ("label", "inputs", "outputs", "required", "timeout", "v2"),
    [
        ("Source/AWS/CodeCommit", "0", "1", ("RepositoryName", "BranchName"), 3600, False),
        ("Build/AWS/CodeBuild", "1-5", "0-5", ("ProjectName",), 36 * 3600, False),
        ("Test/AWS/CodeBuild", "1-5", "0-5", ("ProjectName",), 8 * 3600, False),
        ("Compute/AWS/Commands", "1-10", "0-1", (), 55 * 60, True),
        ("Deploy/AWS/S3", "1", "0", ("BucketName", "Extract"), 90 * 60, False),
        ("Deploy/AWS/CloudFormation", "0-10", "0-1", ("ActionMode", "StackName"), 3 * 86400, False),
        ("Approval/AWS/Manual", "0", "0", (), 7 * 86400, False),
        ("Invoke/AWS/Lambda", "0-5", "0-5", ("FunctionName",), 86400, False),
    ],
)
def test_known_types(label: str, inputs: str, outputs: str, required: object, timeout: float, v2: bool) -> None:
    spec = lookup(*label.split("/"))
    assert spec is not None
    assert (str(spec.inputs), str(spec.outputs), spec.required) == (inputs, outputs, required)
    assert (spec.timeout, spec.v2_only) == (timeout, v2)


def test_custom_types_all_exist() -> None:
    spec = find(ActionTypeId(category="Test", owner="Custom", provider="Own", version="9"))
    assert spec is not None
    assert (spec.label, spec.open_keys) == ("Test/Custom/Own/9", True)


@pytest.mark.parametrize(
    "label", ["Deploy/AWS/Zeppelin/1", "Build/AWS/CodeBuild/2", "Invoke/AWS/CodeBuild/1", "Source/AWS/GitHub/1"]
)
def test_what_does_not_exist(label: str) -> None:
    assert lookup(*label.split("/")) is None


def test_secrets_and_variables() -> None:
    github = lookup("Source", "ThirdParty", "GitHub")
    assert github is not None
    assert github.secrets == ("OAuthToken",)
    assert "CommitId" in github.variables
    assert {spec.category for spec in by_provider("CodeBuild")} == {"Build", "Test"}
