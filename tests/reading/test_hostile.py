"""Files that mean harm, and files that mean well but are odd: a result or a sentence, soon, never a traceback."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.model.diagnostics import Severity
from engine.reading.advice import advise
from engine.reading.definition import Loaded, load, load_text
from engine.reading.export import dump_json, dump_yaml, to_aws
from engine.reading.project_file import load_project_file
from tests.reading.conftest import Reader

GOOD = sorted((Path(__file__).parent / "good").iterdir())
TEXTS = [(file.suffix, file.read_text(encoding="utf-8-sig")) for file in GOOD]
TEXTS += [(file.suffix, file.read_text()) for file in (Path(__file__).parent / "advice" / "given").iterdir()]
CODES = {"GR103", "GR104", "GR106", "GR107", "GR109", "GR112", "GR113", "GR114", "GR115", "GR307"}


def codes(loaded: Loaded) -> list[str]:
    return [found.code for found in loaded.diagnostics]


def judged(loaded: Loaded) -> Loaded:
    """What must hold of any file: it loads or says why not, and whatever it says can be shown."""
    assert loaded.pipelines or loaded.diagnostics
    assert loaded.pipelines or any(found.severity is Severity.ERROR for found in loaded.diagnostics)
    assert len(loaded.diagnostics) <= 1_100
    for found in loaded.diagnostics:
        shown = found.render()
        shown.encode()
        assert len(shown) < 4_000
        assert not any(ord(character) < 32 for character in shown.replace("\n", ""))
    for pipeline in loaded.pipelines[:3]:
        aws = to_aws(pipeline.declaration)
        dump_yaml(aws).encode()
        again = load_text(dump_json(aws), Path("again.json"))
        assert [each.declaration for each in again.pipelines] == [pipeline.declaration]
        for found in advise(pipeline):
            found.render().encode()
    return loaded


# -- anything at all -----------------------------------------------------------------------------------------------

_PIECES = st.sampled_from(
    [
        *"{}[]:,'\"#&*|>?%@`\\\t\n\0~",
        *("- ", "? ", "<<: *a", "&a ", "*a", "!Ref ", "!Sub ", "!!binary ", "#{", "${", "{{", "{%", "\r\n", "---\n"),
        *("...\n", "\ufeff", "\u2028", "\x85", "\x1b[31m", "null", "yes", "1e999", "NaN", "-1", "9" * 30, '"\\ud800"'),
        *("Fn::If", "stages", "actions", "pipeline", "Resources", "Fn::Sub", "x" * 1200, "[[]]", "{a: {b: c}}"),
    ]
)


@st.composite
def mutants(draw: st.DrawFn) -> tuple[str, str]:
    """A good file with a few parts cut out, doubled, moved, or replaced."""
    suffix, text = draw(st.sampled_from(TEXTS))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.sampled_from([0, 1, 2, 8, 40, 300])))
        part = draw(st.one_of(_PIECES, st.just(""), st.just(text[start:end] * 2)))
        text = text[:start] + part + text[end:]
    return suffix, text


@given(mutants())
@settings(max_examples=100, deadline=None)
def test_damaged_files_are_judged(mutant: tuple[str, str]) -> None:
    suffix, text = mutant
    judged(load_text(text, Path(f"f{suffix}")))


_WORDS = (
    "name stages actions actionTypeId category owner provider version configuration commands deploy approval buildspec"
    " type input output env runOrder variables triggers beforeEntry conditions rules onFailure result artifactStores"
    " pipeline tags"
)
_KEYS = st.one_of(st.sampled_from(_WORDS.split()), st.text(max_size=5))
_LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=12),
    st.sampled_from(["Source", "Build", "AWS", "CodeBuild", "S3", "Lambda", "#{a.b}", "V2", "main", "1", "make"]),
)
_TREES = st.recursive(
    _LEAVES,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(_KEYS, inner, max_size=5)),
    max_leaves=30,
)


@given(_TREES, st.sampled_from(["stages", "pipeline", "pipelines", "Resources"]))
@settings(max_examples=100, deadline=None)
def test_any_tree_is_judged(tree: Any, key: str) -> None:
    judged(load_text(json.dumps({key: tree}), Path("f.json")))


@given(_TREES)
@settings(max_examples=50, deadline=None)
def test_any_project_file_is_judged(tmp_path_factory: pytest.TempPathFactory, tree: Any) -> None:
    file = tmp_path_factory.getbasetemp() / "greenroom.yaml"
    file.write_text(json.dumps({"sources": tree, "actions": tree, "watch": tree}))
    for found in load_project_file(file)[1]:
        found.render().encode()


# -- large, deep, endless ------------------------------------------------------------------------------------------


def _crowd(stages: int, actions: int) -> dict[str, Any]:
    kind = {"category": "Build", "owner": "AWS", "provider": "CodeBuild", "version": "1"}
    rows = [{"name": f"A{n}", "actionTypeId": kind, "configuration": {"ProjectName": "p"}} for n in range(actions)]
    return {"name": "big", "stages": [{"name": f"S{n}", "actions": rows} for n in range(stages)]}


def _large() -> Iterator[tuple[str, str, str]]:
    yield "actions", "f.json", json.dumps(_crowd(100, 100))
    yield "actions", "f.yaml", "stages:\n" + "".join(f"  S{n}: {{A: make}}\n" for n in range(6_000))
    yield "keys", "f.json", json.dumps(dict.fromkeys(map(str, range(200_000))))
    yield "values", "f.yaml", "stages:\n" + "- 1\n" * 310_000
    yield "documents", "f.yaml", "--- {a: 1}\n" * 50_000
    yield "pipelines", "f.json", json.dumps([{"name": f"p{n}", "stages": {"B": "make"}} for n in range(1_200)])
    yield "numbers", "f.json", json.dumps([1] * 200_000)
    yield "depth", "f.json", '{"stages": ' + "[" * 500 + "]" * 500 + "}"
    yield "depth", "f.yaml", "".join(" " * n + "a:\n" for n in range(300))
    yield (
        "merges",
        "f.yaml",
        "a0: &a0 {x: 1}\n"
        + "".join(f"a{n}: &a{n}\n  k{n}: 1\n  <<: [{', '.join([f'*a{n - 1}'] * 50)}]\n" for n in range(1, 30)),
    )
    yield "duplicates", "f.json", "{" + ",".join(['"name": "x"'] * 50_000) + "}"
    yield "brackets", "f.yaml", "[" * 1_000_000
    yield "quotes", "f.yaml", '"' * 1_000_000


@pytest.mark.parametrize(("what", "name", "text"), list(_large()), ids=lambda part: part if len(part) < 20 else "")
def test_what_is_too_large_is_refused_in_a_word(what: str, name: str, text: str) -> None:
    loaded = judged(load_text(text, Path(name)))
    assert set(codes(loaded)) & CODES


def test_long_values_are_told_short(read: Reader) -> None:
    loaded = judged(read(json.dumps({"name": "x" * 1_000_000, "stages": {"S": {"provider": "y" * 100_000}}}), "f.json"))
    assert codes(loaded) == ["GR205", "GR212"]


def test_shared_parts_within_reason_are_read(read: Reader) -> None:
    anchored = "name: one\nstages:\n  A: &a {commands: [make]}\n" + "".join(f"  S{n}: *a\n" for n in range(40))
    assert judged(read(anchored)).actions == 42


def test_a_device_without_an_end_is_read_to_a_limit() -> None:
    zero = Path("/dev/zero")
    if not zero.exists():
        pytest.skip("no such device here")
    assert codes(load(zero)) == ["GR112"]


# -- odd values ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('{"stages": {"S": "\\ud83d"}}', "GR104"),
        ('{"\\udc00": 1, "stages": {}}', "GR104"),
        ('{"name": "a\\u0000b", "stages": {"S": "make"}}', "GR204"),
        ('{"name": "a\\u001b[31mb", "stages": {"S": "make"}}', "GR204"),
        ('{"name": "x", "version": ' + "9" * 5_000 + ', "stages": {"S": "make"}}', "GR203"),
        ('{"name": "x", "version": NaN, "stages": {"S": "make"}}', "GR203"),
        ('{"name": "x", "version": 1e400, "stages": {"S": "make"}}', "GR203"),
    ],
)
def test_odd_json(read: Reader, text: str, code: str) -> None:
    assert codes(judged(read(text, "f.json"))) == [code]


def test_whole_pairs_of_surrogates_are_characters(read: Reader) -> None:
    (loaded,) = judged(read('{"stages": {"S": "echo \\ud83d\\ude00 \\\\ud83d"}}', "f.json")).pipelines
    assert loaded.declaration.stages[1].actions[0].commands == ("echo \U0001f600 \\ud83d",)


def test_json_in_a_configuration_value_may_be_hostile_too(read: Reader) -> None:
    for value in ("[" * 900, "9" * 900, '{"a": ' * 100):
        text = json.dumps({"stages": {"S": {"buildspec": "b", "configuration": {"EnvironmentVariables": value}}}})
        judged(read(text, "f.json"))
    judged(
        read('{"stages": {"S": {"buildspec": "b", "configuration": {"EnvironmentVariables": "' + "9" * 9_000 + '"}}}}')
    )


def test_numbers_dates_and_truths_are_the_text_that_was_written(read: Reader) -> None:
    text = "name: 2024-01-02\nvariables: {A: 3.10, B: on, C: 010, D: 1_000, E: .inf}\nstages: {yes: make, 1.5: make}\n"
    (loaded,) = judged(read(text)).pipelines
    assert loaded.declaration.name == "2024-01-02"
    assert [each.defaultValue for each in loaded.declaration.variables] == ["3.10", "on", "010", "1_000", ".inf"]
    assert [stage.name for stage in loaded.declaration.stages] == ["Source", "yes", "1.5"]


def test_a_value_that_yaml_cuts_is_named(read: Reader) -> None:
    commands = "    - echo #{variables.V} done # why\n    - '#{variables.V}'\n"
    text = f"variables: {{V: x}}\nstages:\n  S:\n    commands:\n{commands}"
    loaded = judged(read(text))
    (found,) = loaded.diagnostics
    assert (found.code, found.severity, found.line, found.column) == ("GR114", Severity.WARNING, 5, 7)
    assert found.hint == 'quote it: "echo #{variables.V} done # why"'
    assert loaded.pipelines


@pytest.mark.parametrize(
    ("text", "tool", "line"),
    [
        ("{% if x %}\nstages: {}\n{% endif %}\n", "a Jinja", 1),
        ("name: x\nstages:\n{%- for s in stages %}\n- name: {{ s }}\n{% endfor %}\n", "a Jinja", 3),
        ("stages:\n  S:\n  - {{cookiecutter.command}}\n", "a cookiecutter", 3),
        ("name: x\nstages:\n{{- range .Stages }}\n  - name: {{ .Name }}\n{{- end }}\n", "a Go", 3),
        ("name: <%= name %>\nstages: [\n", "an ERB or EJS", 1),
        ('{"name": "x", "stages": {{ stages }} }', "a Jinja or Go", 1),
    ],
)
def test_a_template_of_another_tool_is_called_one(read: Reader, text: str, tool: str, line: int) -> None:
    for name in ("f.yaml", "f.json"):
        found = [each for each in judged(read(text, name)).diagnostics if each.code == "GR115"]
        assert [(each.line, each.message.startswith(f"this is {tool} template")) for each in found] == [(line, True)]


def test_what_only_looks_like_a_template_is_none(read: Reader) -> None:
    text = "stages:\n  S:\n    commands:\n    - echo '{{ x }}' \"{% if %}\"\n    env: {T: '{{resolve:ssm:x}}'}\n"
    assert codes(judged(read(text))) == []


def test_a_file_of_another_kind_is_not_taken_apart(read: Reader) -> None:
    (found,) = read("# Notes\n\n- use: {{cookiecutter.name}}: {% x %}\n", "notes.md").diagnostics
    assert (found.code, found.message) == ("GR113", "a .md file is no pipeline definition")


def test_placeholders_are_to_be_filled_in(read: Reader) -> None:
    (found,) = judged(read("name: <NAME>\nstages: {S: make}\n")).diagnostics
    assert (found.code, found.hint) == ("GR204", "<NAME> is a placeholder: fill it in")


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        ({"version": 0.2, "phases": {}}, "a buildspec"),
        ({"version": 0.0, "os": "linux", "files": []}, "an AppSpec file"),
        ({"version": 1, "Resources": [{"TargetService": {}}]}, "an AppSpec file"),
        ({"family": "x", "containerDefinitions": []}, "an ECS task definition"),
        ({"dependencies": {}, "platformConfig": {}, "name": "obs"}, "an OBS Studio buildspec"),
        ({"Parameters": {"A": "b"}}, "a template configuration file"),
        ({"on": {}, "jobs": {}}, "a GitHub Actions workflow"),
        ({"stages": ["build"], "job": {"script": ["make"]}}, "a GitLab CI file"),
        ([{"name": "app", "imageUri": "x"}], "an imagedefinitions file"),
        ({"pipelineName": "x", "stageStates": []}, "the output of get-pipeline-state"),
        ({"runner": "host", "sources": {}}, "a greenroom.yaml"),
    ],
)
def test_what_is_no_pipeline_is_called_by_its_name(read: Reader, data: Any, kind: str) -> None:
    for text, name in ((json.dumps(data), "f.json"), (yaml.safe_dump(data), "f.yaml")):
        (found,) = judged(read(text, name)).diagnostics
        assert (found.code, found.message) == ("GR113", f"this is {kind}, not a pipeline definition")
