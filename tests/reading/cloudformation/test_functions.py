"""CloudFormation's functions, one by one and against each other."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.reading.cloudformation.absent import NO_VALUE
from engine.reading.cloudformation.scope import Scope
from engine.reading.scalars import Symbolic
from tests.reading.cloudformation.conftest import scope

TEMPLATE: dict[str, Any] = {
    "Parameters": {
        "Stage": {"Type": "String", "Default": "dev"},
        "Open": {"Type": "String"},
        "Names": {"Type": "CommaDelimitedList", "Default": "a, b,c"},
        "Count": {"Type": "Number", "Default": "3"},
        "Stored": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/app/image"},
    },
    "Mappings": {"Sizes": {"dev": {"build": "SMALL"}, "prod": {"build": "LARGE"}}},
    "Conditions": {
        "IsDev": {"Fn::Equals": [{"Ref": "Stage"}, "dev"]},
        "IsProd": {"Fn::Not": [{"Condition": "IsDev"}]},
        "Both": {"Fn::And": [{"Condition": "IsDev"}, {"Condition": "IsProd"}]},
        "Either": {"Fn::Or": [{"Condition": "IsDev"}, {"Condition": "IsProd"}]},
        "Circle": {"Condition": "Circle"},
    },
    "Resources": {
        "Bucket": {"Type": "AWS::S3::Bucket"},
        "Named": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": {"Fn::Sub": "x-${Stage}"}}},
        "Role": {"Type": "AWS::IAM::Role", "Properties": {}},
        "Topic": {"Type": "AWS::SNS::Topic"},
        "Odd": {"Type": "Custom::Thing", "Properties": {"Size": "3"}},
    },
}


def value(expression: Any, **given_: Any) -> Any:
    return scope(TEMPLATE, **given_).plain(expression)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ({"Ref": "Stage"}, "dev"),
        ({"Ref": "Names"}, ["a", "b", "c"]),
        ({"Ref": "AWS::Region"}, "eu-west-1"),
        ({"Ref": "AWS::AccountId"}, "111122223333"),
        ({"Ref": "AWS::StackName"}, "shop"),
        ({"Ref": "AWS::Partition"}, "aws"),
        ({"Ref": "AWS::URLSuffix"}, "amazonaws.com"),
        ({"Ref": "Bucket"}, "shop-bucket"),
        ({"Ref": "Named"}, "x-dev"),
        ({"Ref": "Topic"}, "arn:aws:sns:eu-west-1:111122223333:shop-Topic"),
        ({"Fn::Ref": "Stage"}, "dev"),
        ({"Fn::GetAtt": "Role.Arn"}, "arn:aws:iam::111122223333:role/shop-Role"),
        ({"Fn::GetAtt": ["Role", "Arn"]}, "arn:aws:iam::111122223333:role/shop-Role"),
        ({"Fn::GetAtt:": ["Named", "Arn"]}, "arn:aws:s3:::x-dev"),
        ({"Fn::GetAtt": "Odd.Size"}, "3"),
        ({"Fn::Sub": "${Stage}/${Named.Arn}/${!Literal}/$x"}, "dev/arn:aws:s3:::x-dev/${Literal}/$x"),
        ({"Fn::Sub": ["${A}-${Stage}", {"A": {"Ref": "AWS::Region"}}]}, "eu-west-1-dev"),
        ({"Fn::Join": ["-", ["a", {"Ref": "Stage"}, {"Ref": "AWS::NoValue"}]]}, "a-dev"),
        ({"Fn::Join": ["/", {"Ref": "Names"}]}, "a/b/c"),
        ({"Fn::Split": ["/", "a/b"]}, ["a", "b"]),
        ({"Fn::Select": ["1", {"Ref": "Names"}]}, "b"),
        ({"Fn::Select": ["0", {"Fn::Split": ["/", "owner/repo"]}]}, "owner"),
        ({"Fn::If": ["IsDev", "yes", "no"]}, "yes"),
        ({"Fn::If": ["IsProd", "yes", "no"]}, "no"),
        ({"Fn::If": ["Both", "yes", "no"]}, "no"),
        ({"Fn::If": ["Either", "yes", "no"]}, "yes"),
        ({"Fn::If": ["Circle", "yes", "no"]}, "no"),
        ({"Fn::FindInMap": ["Sizes", {"Ref": "Stage"}, "build"]}, "SMALL"),
        ({"Fn::FindInMap": ["Sizes", "none", "build", {"DefaultValue": "TINY"}]}, "TINY"),
        ({"Fn::ImportValue": {"Fn::Sub": "net-${Stage}"}}, "net-dev"),
        ({"Fn::Base64": "hello"}, "aGVsbG8="),
        ({"Fn::Cidr": ["10.0.0.0/16", "2", "8"]}, ["10.0.0.0/24", "10.0.1.0/24"]),
        ({"Fn::GetAZs": ""}, ["eu-west-1a", "eu-west-1b", "eu-west-1c"]),
        ({"Fn::ToJsonString": {"a": {"Ref": "Names"}}}, '{"a":["a","b","c"]}'),
        ({"Fn::Length": {"Ref": "Names"}}, "3"),
        ({"a": {"Ref": "AWS::NoValue"}, "b": 1}, {"b": 1}),
        ({"Fn::Other": 1, "Ref": "Stage"}, {"Fn::Other": 1, "Ref": "Stage"}),
        ("{{resolve:ssm:/app/x:3}}", "{{resolved}}"),
        ("a-{{resolve:secretsmanager:db:SecretString:user}}", "a-ann"),
    ],
)  # fmt: skip
def test_what_a_function_gives(expression: Any, expected: Any) -> None:
    found = value(
        expression,
        region="eu-west-1",
        account="111122223333",
        store={"/app/x": "{{resolved}}"},
        secrets={"db": json.dumps({"user": "ann"})},
    )
    assert found == expected
    assert not isinstance(found, Symbolic) or "ImportValue" in json.dumps(expression)


@pytest.mark.parametrize(
    ("expression", "shown", "names"),
    [
        ({"Ref": "Open"}, "Open", ("Open",)),
        ({"Fn::Sub": "${Open}-${Stage}"}, "Open-dev", ("Open",)),
        ({"Fn::Select": ["1", {"Fn::Split": ["/", {"Ref": "Open"}]}]}, "Open-1", ("Open",)),
        ({"Fn::Join": ["/", {"Ref": "Open"}]}, "Open", ("Open",)),
        ({"Ref": "Stored"}, "Stored", ("Stored",)),
        ({"Fn::GetAtt": "Odd.Answer"}, "Odd.Answer", ("Odd.Answer",)),
        ({"Fn::FindInMap": ["Sizes", {"Ref": "Open"}, "build"]}, "Sizes-Open-build", ("Open",)),
        ("{{resolve:secretsmanager:token}}", "token", ("token",)),
        ({"Fn::Transform": {"Name": "AWS::Include"}}, "AWS-Include", ("AWS-Include",)),
    ],
)
def test_what_nothing_gives_a_value_to_stays_by_its_name(expression: Any, shown: str, names: tuple[str, ...]) -> None:
    asked = scope(TEMPLATE)
    found = asked.plain(expression)
    assert isinstance(found, Symbolic)
    assert (str(found), found.names) == (shown, names)


def test_parameter_store_answers_for_parameters_that_are_stored() -> None:
    assert value({"Ref": "Stored"}, store={"/app/image": "node:22"}) == "node:22"


def test_an_export_can_be_given_like_a_parameter() -> None:
    assert value({"Fn::ImportValue": "net-Vpc"}, parameters={"net-Vpc": "vpc-1"}) == "vpc-1"


@pytest.mark.parametrize(
    ("expression", "complaint"),
    [
        ({"Ref": "Stgae"}, "did you mean 'Stage'?"),
        ({"Fn::GetAtt": "Bucket"}, "two non-empty parameters"),
        ({"Fn::Sub": {"a": 1}}, "Fn::Sub takes a string"),
        ({"Fn::Join": ["-"]}, "Fn::Join"),
        ({"Fn::Select": ["9", ["a"]]}, "nonexistent value at index 9"),
        ({"Fn::Select": ["x"]}, "Fn::Select"),
        ({"Fn::Split": "x"}, "Fn::Split"),
        ({"Fn::If": ["IsDev", "a"]}, "Fn::If"),
        ({"Fn::If": ["Nowhere", "a", "b"]}, "Unresolved condition dependency Nowhere"),
        ({"Fn::FindInMap": ["Sizes", "none", "build"]}, "Unable to get mapping for Sizes::none::build"),
        ({"Ref": ["a"]}, "single String value"),
    ],
)
def test_what_cloudformation_refuses_is_a_warning(expression: Any, complaint: str) -> None:
    asked = scope(TEMPLATE)
    asked.plain(expression)
    (problem,) = asked.problems
    assert complaint in f"{problem.message} {problem.hint}"
    assert problem.severity == "warning"


def test_a_macro_may_add_what_is_not_there() -> None:
    asked = scope({**TEMPLATE, "Transform": "AWS::Serverless-2016-10-31"})
    assert asked.plain({"Ref": "ServerlessRestApi"}) == "ServerlessRestApi"
    assert asked.problems == []


def test_loops_are_unrolled() -> None:
    body = {"Site${Name}": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": {"Fn::Sub": "w-${Name}"}}}}
    asked = scope({"Resources": {"Fn::ForEach::Sites": ["Name", ["one", "two"], body]}})
    assert list(asked.resources) == ["Siteone", "Sitetwo"]
    assert asked.plain({"Ref": "Sitetwo"}) == "w-two"
    broken = scope({"Resources": {"Fn::ForEach::Sites": ["Name"]}})
    assert broken.resources == {}
    assert "Fn::ForEach takes" in broken.problems[0].message


TEXTS = st.text(st.characters(blacklist_categories=["Cs"]), max_size=12)
PLAIN = TEXTS.filter(lambda text: "{{resolve:" not in text)


@given(st.lists(PLAIN, min_size=1, max_size=6), st.sampled_from([",", "-", "::", "|"]))
def test_split_undoes_join(parts: list[str], delimiter: str) -> None:
    parts = [part.replace(delimiter[0], "") for part in parts]
    joined = {"Fn::Join": [delimiter, parts]}
    assert scope().plain({"Fn::Split": [delimiter, joined]}) == parts


@given(st.lists(PLAIN, min_size=1, max_size=6), st.data())
def test_select_takes_what_stands_there(parts: list[str], choice: st.DataObject) -> None:
    index = choice.draw(st.integers(0, len(parts) - 1))
    assert scope().plain({"Fn::Select": [str(index), parts]}) == parts[index]


@given(PLAIN)
def test_sub_keeps_text_without_references(text: str) -> None:
    escaped = text.replace("${", "$ {")
    assert scope().plain({"Fn::Sub": escaped}) == escaped


@given(st.dictionaries(st.from_regex(r"[A-Za-z]{1,5}", fullmatch=True), PLAIN, min_size=1, max_size=4))
def test_sub_is_join(values: dict[str, str]) -> None:
    subbed = {"Fn::Sub": ["-".join("${" + name + "}" for name in values), values]}
    assert scope().plain(subbed) == scope().plain({"Fn::Join": ["-", list(values.values())]})


@given(PLAIN)
def test_base64_can_be_read_back(text: str) -> None:
    assert base64.b64decode(scope().plain({"Fn::Base64": text})).decode() == text


@given(st.recursive(TEXTS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3)))
def test_nothing_makes_it_fall_over(argument: Any) -> None:
    for function in ("Ref", "Fn::Sub", "Fn::Join", "Fn::Select", "Fn::Split", "Fn::If", "Fn::GetAtt", "Fn::FindInMap",
                     "Fn::Cidr", "Fn::ImportValue", "Fn::Base64", "Fn::Transform", "Fn::Length", "Fn::And", "Fn::Not",
                     "Fn::Equals", "Fn::Contains", "Condition", "Fn::ToJsonString", "Fn::GetAZs"):  # fmt: skip
        asked: Scope = scope(TEMPLATE)
        found = asked.plain({function: argument})
        assert found is NO_VALUE or isinstance(found, (str, list, dict))
