"""Templates that nobody in their right mind writes: an answer, and soon."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.reading.definition import load_text
from tests.reading.cloudformation.conftest import scope
from tests.reading.cloudformation.test_cdk import stack

FUNCTIONS = (
    "Ref",
    "Condition",
    "Fn::Sub",
    "Fn::Join",
    "Fn::If",
    "Fn::GetAtt",
    "Fn::Select",
    "Fn::ForEach::X",
    "Fn::Odd",
)


def test_chains_and_doublings_of_conditions() -> None:
    def doubled(number: int) -> dict[str, Any]:
        return {"Fn::And": [{"Condition": f"C{number + 1}"}, {"Condition": f"C{number + 1}"}]}

    conditions: dict[str, Any] = {f"C{number}": doubled(number) for number in range(40)}
    asked = scope({"Conditions": conditions | {"C40": {"Fn::Equals": ["a", "a"]}}})
    assert asked.holds("C0", ()) is True
    long: dict[str, Any] = {f"C{number}": {"Condition": f"C{number + 1}"} for number in range(3000)}
    assert scope({"Conditions": long}).holds("C0", ()) is False


def test_names_that_grow_without_end() -> None:
    def name(number: int) -> dict[str, Any]:
        return {"Fn::Sub": f"${{B{number + 1}}}${{B{number + 1}}}"}

    resources = {
        f"B{number}": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": name(number)}} for number in range(100)
    }
    asked = scope({"Resources": resources})
    assert len(asked.plain({"Ref": "B0"})) < 3_000_000
    assert scope({"Resources": {"A": {"Type": "T", "Properties": {"Name": {"Ref": "A"}}}}}).plain({"Ref": "A"})


def test_loops_in_loops() -> None:
    body: dict[str, Any] = {"R${A}${B}${C}": {"Type": "AWS::SNS::Topic"}}
    for name in "CBA":
        body = {f"Fn::ForEach::{name}": [name, [str(number) for number in range(200)], body]}
    assert len(scope({"Resources": body}).resources) <= 5000


def test_functions_in_functions() -> None:
    value: Any = "x"
    for _ in range(45):
        value = {"Fn::Join": ["", [value, {"Fn::Sub": "y"}]]}
    assert scope().plain(value) == "x" + "y" * 45


@given(st.data())
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_mutilated_template_never_raises(choice: st.DataObject) -> None:
    data = stack()
    for _ in range(choice.draw(st.integers(1, 4))):
        _mutilate(data, choice)
    loaded = load_text(json.dumps(data), Path("Shop.template.json"))
    assert loaded.pipelines or loaded.diagnostics
    assert all(found.render() for found in loaded.diagnostics)


def _mutilate(data: Any, choice: st.DataObject) -> None:
    """Put something wrong, or a function, in a random place."""
    node = data["Resources"] if isinstance(data.get("Resources"), dict) else data
    while True:
        keys = list(node) if isinstance(node, dict) else list(range(len(node)))
        if not keys:
            return
        key = choice.draw(st.sampled_from(keys))
        if isinstance(node[key], (dict, list)) and choice.draw(st.integers(0, 4)):
            node = node[key]
            continue
        wrong = [None, "", 1, True, [], {}, [None], {"a": None}, "Pipeline", "${Pipeline.Arn}", ["IsDev", "a", "b"]]
        value = choice.draw(st.sampled_from(wrong))
        node[key] = {choice.draw(st.sampled_from(FUNCTIONS)): value} if choice.draw(st.booleans()) else value
        return
