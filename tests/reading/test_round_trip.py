"""What goes out comes back: any declaration, in AWS's JSON and in YAML."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.model.diagnostics import Severity
from engine.model.pipeline import PipelineDeclaration
from engine.reading.definition import load_text
from engine.reading.export import dump_json, dump_yaml, to_aws
from engine.reading.export_template import to_template
from engine.reading.placeholders import BUCKET, ROLE
from tests.reading.conftest import Reader

_NAMES = st.from_regex(r"[A-Za-z0-9.@_-]{1,12}", fullmatch=True)
_ARTIFACTS = st.from_regex(r"[A-Za-z0-9_-]{1,8}", fullmatch=True)
_TEXTS = st.text(
    st.characters(blacklist_categories=["Cs", "Cc"], blacklist_characters="#{}\ufeff\ufffe\uffff"),
    min_size=1,
    max_size=20,
)
_SCALARS = st.sampled_from(
    ["3.10", "yes", "null", "~", "0x1F", "2024-01-02", "<<", "a: b", "- x", "1e3", " x ", "'", "*a"]
)
_VALUES = st.one_of(_TEXTS, _SCALARS)


@st.composite
def declarations(draw: st.DrawFn) -> dict[str, Any]:
    """A valid declaration: a source stage, then stages of custom, Commands and approval actions in a chain."""
    made: list[str] = []
    stages = [{"name": "Src", "actions": [_source(draw, made)]}]
    for number in range(draw(st.integers(1, 3))):
        actions = [_action(draw, f"A{place}", made) for place in range(draw(st.integers(1, 3)))]
        stages.append({"name": f"{draw(_NAMES)}{number}", "actions": [action for action, _ in actions]})
        made += [name for _, outputs in actions for name in outputs]
    pipeline: dict[str, Any] = {"name": draw(_NAMES), "stages": stages, "pipelineType": "V2"}
    for stage in stages[1:]:
        stage.update(draw(_conditions()))
    if draw(st.booleans()):
        pipeline["roleArn"] = "arn:aws:iam::111122223333:role/x"
        pipeline.update(draw(_stores()))
    if draw(st.booleans()):
        stages[0]["actions"].append(_connection())
        pipeline["triggers"] = [{"providerType": "CodeStarSourceConnection", "gitConfiguration": draw(_git())}]
    if draw(st.booleans()):
        pipeline["variables"] = [{"name": "V", "defaultValue": draw(_VALUES), "description": draw(_VALUES)}]
        pipeline["executionMode"] = draw(st.sampled_from(["QUEUED", "SUPERSEDED", "PARALLEL"]))
        pipeline["version"] = draw(st.integers(1, 9))
    return pipeline


_STORE = st.fixed_dictionaries(
    {"type": st.just("S3"), "location": st.just("bucket-name")},
    optional={"encryptionKey": st.builds(lambda: {"id": "alias/key", "type": "KMS"})},
)
_PATTERNS = st.lists(_VALUES, min_size=1, max_size=3)
_FILTER = st.fixed_dictionaries({"includes": _PATTERNS}, optional={"excludes": _PATTERNS})


@st.composite
def _stores(draw: st.DrawFn) -> dict[str, Any]:
    """One store, or one for each region."""
    if draw(st.booleans()):
        return {"artifactStore": draw(_STORE)}
    regions = st.sampled_from(["us-east-1", "eu-west-1", "ap-south-1"])
    return {"artifactStores": draw(st.dictionaries(regions, _STORE, min_size=1))}


def _connection() -> dict[str, Any]:
    kind = {"category": "Source", "owner": "AWS", "provider": "CodeStarSourceConnection", "version": "1"}
    arn = "arn:aws:codestar-connections:us-east-1:111122223333:connection/x"
    configuration = {"ConnectionArn": arn, "FullRepositoryId": "me/app", "BranchName": "main"}
    outputs = [{"name": "Connected"}]
    return {"name": "__Git", "actionTypeId": kind, "configuration": configuration, "outputArtifacts": outputs}


@st.composite
def _git(draw: st.DrawFn) -> dict[str, Any]:
    """Filters of a trigger: pushes (branches or tags, never both) or pull requests."""
    if draw(st.booleans()):
        either = st.sampled_from(["branches", "tags"])
        pushes = st.builds(lambda kind, patterns: {kind: patterns}, either, _FILTER)
        return {"sourceActionName": "__Git", "push": draw(st.lists(pushes, min_size=1, max_size=3))}
    events = st.lists(st.sampled_from(["OPEN", "UPDATED", "CLOSED"]), min_size=1, unique=True)
    request = st.fixed_dictionaries({"events": events, "branches": _FILTER}, optional={"filePaths": _FILTER})
    return {"sourceActionName": "__Git", "pullRequest": [draw(request)]}


@st.composite
def _conditions(draw: st.DrawFn) -> dict[str, Any]:
    """What stands before and after a stage."""
    found: dict[str, Any] = {}
    if draw(st.booleans()):
        found["beforeEntry"] = {"conditions": [_condition("Before", draw(st.sampled_from(["FAIL", "SKIP"])))]}
    if draw(st.booleans()):
        found["onSuccess"] = {"conditions": [_condition("After", "FAIL")]}
    if draw(st.booleans()):
        mode = draw(st.sampled_from(["ALL_ACTIONS", "FAILED_ACTIONS"]))
        found["onFailure"] = {"result": "RETRY", "retryConfiguration": {"retryMode": mode}}
    return found


def _condition(name: str, result: str) -> dict[str, Any]:
    kind = {"category": "Rule", "owner": "AWS", "provider": "VariableCheck", "version": "1"}
    configuration = {"Variable": "#{Src0.Level}", "Value": "3", "Operator": "EQ"}
    return {"result": result, "rules": [{"name": name, "ruleTypeId": kind, "configuration": configuration}]}


def _source(draw: st.DrawFn, made: list[str]) -> dict[str, Any]:
    made.append("Src0")
    return {
        "name": draw(_NAMES),
        "actionTypeId": {"category": "Source", "owner": "Custom", "provider": "Own", "version": "1"},
        "outputArtifacts": [{"name": "Src0"}],
        "namespace": "Src0",
        "configuration": draw(st.dictionaries(_NAMES, _VALUES, max_size=3)),
    }


def _action(draw: st.DrawFn, name: str, made: list[str]) -> tuple[dict[str, Any], list[str]]:
    kind = draw(st.sampled_from(["Build/Custom/Own", "Compute/AWS/Commands", "Approval/AWS/Manual"]))
    category, owner, provider = kind.split("/")
    action: dict[str, Any] = {
        "name": name,
        "actionTypeId": {"category": category, "owner": owner, "provider": provider, "version": "1"},
        "runOrder": draw(st.integers(1, 3)),
    }
    if provider == "Manual":
        return action | {"configuration": {"CustomData": draw(_VALUES)}}, []
    action["inputArtifacts"] = [{"name": draw(st.sampled_from(made))}]
    outputs: list[str] = []
    if draw(st.booleans()):
        outputs = [f"{draw(_ARTIFACTS)}{len(made)}{name}"]
        files = {"files": [draw(_VALUES)]} if provider == "Commands" else {}
        action["outputArtifacts"] = [{"name": outputs[0], **files}]
    if provider == "Commands":
        action["commands"] = [draw(_VALUES)]
        action["environmentVariables"] = [{"name": "A", "value": draw(_VALUES)}]
    else:
        action["configuration"] = draw(st.dictionaries(_NAMES, _VALUES, max_size=3))
    return action, outputs


def errors(found: Any) -> list[str]:
    return [each.render() for each in found.diagnostics if each.severity is Severity.ERROR]


@given(declarations())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
def test_a_declaration_survives_json_and_yaml(data: dict[str, Any]) -> None:
    declaration = PipelineDeclaration.model_validate(data)
    long = to_aws(declaration)
    for name, text in (
        ("p.json", dump_json(long)),
        ("p.yaml", dump_yaml(long)),
        ("p.yaml", dump_yaml(long["pipeline"])),
    ):
        loaded = load_text(text, Path(name))
        assert errors(loaded) == []
        assert loaded.pipelines[0].declaration == declaration
        assert loaded.pipelines[0].local is (declaration.roleArn is None)


@given(declarations())
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
def test_what_get_pipeline_prints_and_what_a_template_holds_load_equal(data: dict[str, Any]) -> None:
    declaration = PipelineDeclaration.model_validate(data)
    long = to_aws(declaration)
    now = 1700000000.123
    metadata = {"pipelineArn": "arn:aws:codepipeline:us-east-1:111122223333:x", "created": now, "updated": now}
    (got,) = load_text(dump_json({**long, "metadata": metadata}), Path("p.json")).pipelines
    assert (got.declaration, got.form) == (declaration, "metadata")
    template = to_template(declaration)
    for name, text in (("t.json", dump_json(template)), ("t.yaml", dump_yaml(template))):
        loaded = load_text(text, Path(name))
        assert errors(loaded) == []
        assert loaded.pipelines[0].declaration == declaration.model_copy(update={"version": 1})
        assert loaded.pipelines[0].form == "cloudformation"


@given(declarations(), st.data())
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
def test_a_mutilated_declaration_never_raises(data: dict[str, Any], choice: st.DataObject) -> None:
    for _ in range(choice.draw(st.integers(1, 3))):
        _mutilate(data, choice)
    for name, text in (("p.json", dump_json(data)), ("p.yaml", dump_yaml(data))):
        loaded = load_text(text, Path(name))
        assert loaded.ok or loaded.diagnostics
        for found in loaded.diagnostics:
            assert found.render()
            assert found.code != "GR200"


def _mutilate(data: dict[str, Any], choice: st.DataObject) -> None:
    """Put something wrong in a random place."""
    node: Any = data
    while True:
        keys = list(node) if isinstance(node, dict) else list(range(len(node)))
        if not keys:
            return
        key = choice.draw(st.sampled_from(keys))
        if isinstance(node[key], (dict, list)) and choice.draw(st.integers(0, 3)):
            node = node[key]
            continue
        wrong = [
            None,
            "",
            "x y",
            0,
            -1,
            [],
            {},
            [None],
            {"a": None},
            True,
            ["a", ["b"]],
            {"name": {"name": 1}},
            "#{a.b}",
        ]
        if choice.draw(st.booleans()):
            node[key] = choice.draw(st.sampled_from(wrong))
        elif isinstance(node, dict):
            node[choice.draw(st.sampled_from(["commands", "actions", "stages", "type", "input", "deploy", "env"]))] = (
                choice.draw(st.sampled_from(wrong))
            )
        return


def test_shorthand_becomes_what_aws_takes(read: Reader) -> None:
    (short,) = read((Path(__file__).parent / "good" / "shorthand.yaml").read_text()).pipelines
    long = to_aws(short.declaration)
    assert (long["pipeline"]["roleArn"], long["pipeline"]["artifactStore"]["location"]) == (ROLE, BUCKET)
    (again,) = read(dump_yaml(long)).pipelines
    assert again.declaration == short.declaration
    assert again.local


def test_yaml_is_in_block_style_and_in_order(read: Reader) -> None:
    (loaded,) = read("name: one\nstages: {Build: {commands: [make], output: Out}}\n").pipelines
    lines = dump_yaml(to_aws(loaded.declaration)).splitlines()
    assert lines[:3] == ["pipeline:", "  name: one", f"  roleArn: {ROLE}"]
    build = lines.index("    - name: Build")
    assert lines[build : build + 8] == [
        "    - name: Build",
        "      actions:",
        "        - name: Build",
        "          actionTypeId:",
        "            category: Compute",
        "            owner: AWS",
        "            provider: Commands",
        "            version: '1'",
    ]
