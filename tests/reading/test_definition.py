"""What is accepted: the shapes people keep pipelines in."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from engine.model.diagnostics import Severity
from engine.reading.definition import find, load, load_text
from tests.reading.conftest import Reader

GOOD = sorted((Path(__file__).parent / "good").iterdir())
SAMPLES = sorted(
    file
    for pattern in ("*.json", "*.yaml")
    for file in (Path(__file__).parents[2] / "sample-pipelines").glob(f"*/pipeline{pattern[1:]}")
)
SHORT = "name: one\nstages: {Build: make}\n"


@pytest.mark.parametrize("file", GOOD, ids=lambda file: file.name)
def test_good_files_load_in_silence(file: Path) -> None:
    loaded = load(file)
    assert [found.render() for found in loaded.diagnostics] == []
    assert loaded.ok


@pytest.mark.parametrize("file", SAMPLES, ids=lambda file: file.parent.name)
def test_the_samples_load(file: Path) -> None:
    loaded = load(file)
    assert [found.render() for found in loaded.diagnostics if found.severity is Severity.ERROR] == []


@pytest.mark.parametrize("file", GOOD, ids=lambda file: file.name)
def test_line_ends_and_encodings_make_no_difference(file: Path, tmp_path: Path) -> None:
    text = file.read_text(encoding="utf-8-sig")
    for data in (text.replace("\n", "\r\n").encode(), text.encode("utf-16"), text.rstrip().encode()):
        (tmp_path / file.name).write_bytes(data)
        assert load(tmp_path / file.name).pipelines[0].declaration == load(file).pipelines[0].declaration


def test_the_form_is_known(read: Reader) -> None:
    bare = {"name": "one", "stages": {"Build": "make"}}
    forms = {
        "bare": bare,
        "pipeline": {"pipeline": bare},
        "metadata": {"pipeline": bare, "metadata": {"pipelineArn": "arn"}},
        "tags": {"pipeline": bare, "tags": [{"key": "team", "value": ""}]},
    }
    for form, data in forms.items():
        (loaded,) = read(json.dumps(data), "pipeline.json").pipelines
        assert (loaded.form, loaded.local, loaded.declaration.name) == (form, True, "one")


@pytest.mark.parametrize(
    "text",
    [
        f"{SHORT}---\n{SHORT.replace('one', 'two')}",
        "- {name: one, stages: {Build: make}}\n- {pipeline: {name: two, stages: {Build: make}}}\n",
        "pipelines:\n- {name: one, stages: {Build: make}}\n- {name: two, stages: {Build: make}}\n",
    ],
    ids=["documents", "list", "pipelines"],
)
def test_a_file_may_hold_several(read: Reader, text: str) -> None:
    loaded = read(text)
    assert [each.declaration.name for each in loaded.pipelines] == ["one", "two"]
    assert loaded.actions == 4


def test_a_broken_pipeline_leaves_its_neighbour(read: Reader) -> None:
    loaded = read(f"{SHORT}---\nname: two words\nstages: {{Build: make}}\n")
    assert [each.declaration.name for each in loaded.pipelines] == ["one"]
    assert [(found.code, found.line, found.column) for found in loaded.diagnostics] == [("GR204", 4, 7)]
    assert not loaded.ok


def test_values_are_what_the_user_wrote(read: Reader) -> None:
    loaded = read(
        "stages:\n  Build:\n    type: Build/Custom/Own/3\n    namespace: on\n    configuration:\n"
        "      a: 3.10\n      b: yes\n      c: 0x1F\n      d: 2024-01-02\n      e: 010\n      f: 1e3\n"
        "      g: null-ish\n"
    )
    action = loaded.pipelines[0].declaration.stages[1].actions[0]
    assert action.configuration == {
        "a": "3.10",
        "b": "yes",
        "c": "0x1F",
        "d": "2024-01-02",
        "e": "010",
        "f": "1e3",
        "g": "null-ish",
    }
    assert (action.namespace, action.actionTypeId.version) == ("on", "3")


def test_json_values_too(read: Reader) -> None:
    data = {"stages": {"Build": {"type": "Build/Custom/Own/3", "configuration": {"a": True, "b": 3, "c": 1.50}}}}
    loaded = read(json.dumps(data).replace("1.5", "1.50"), "pipeline.json")
    assert loaded.pipelines[0].declaration.stages[1].actions[0].configuration == {"a": "true", "b": "3", "c": "1.50"}


def test_serialisers_leave_their_types_behind(read: Reader) -> None:
    text = (Path(__file__).parent / "good" / "get-pipeline.json").read_text()
    assert read(text.replace('"category"', '"__type": "ActionTypeId", "category"'), "pipeline.json").diagnostics == ()


def test_where_leads_back_to_the_users_line(read: Reader) -> None:
    (loaded,) = read("name: one\nstages:\n  Build:\n    Compile: make\n    Lint:\n      commands: [ruff]\n").pipelines
    lint = loaded.where(("stages", 1, "actions", 1, "commands", 0))
    assert lint is not None
    assert (lint.line, lint.column, lint.length) == (6, 18, 4)
    compile_ = loaded.where(("stages", 1, "actions", 0))
    assert compile_ is not None
    assert compile_.line == 4


def test_a_thousand_actions(read: Reader) -> None:
    stages = {f"S{n}": {f"A{m}": "make" for m in range(50)} for n in range(21)}
    codes = [found.code for found in read(json.dumps({"name": "big", "stages": stages}), "p.json").diagnostics]
    assert codes == ["GR307"]


def test_many_problems_end_in_a_word(read: Reader) -> None:
    stages = {f"S{n}": {f"A {m}": "make" for m in range(40)} for n in range(20)}
    loaded = read(json.dumps({"name": "big", "stages": stages}), "p.json")
    assert len(loaded.diagnostics) == 501
    assert loaded.diagnostics[-1].code == "GR110"


def test_a_hostile_number_of_problems_ends_soon(read: Reader) -> None:
    kind = {"category": "Build", "owner": "AWS", "provider": "CodeBiuld", "version": "1"}
    actions = [
        {
            "name": "A",
            "actionTypeId": kind,
            "inputArtifacts": [{"name": f"I{n}"}],
            "outputArtifacts": [{"name": f"O{n}"}],
        }
        for n in range(5_000)
    ]
    assert len(read(json.dumps({"name": "big", "stages": [{"name": "S", "actions": actions}]})).diagnostics) == 501


def test_a_missing_file_and_a_directory(tmp_path: Path) -> None:
    for path in (tmp_path / "none.yaml", tmp_path):
        loaded = load(path)
        assert [found.code for found in loaded.diagnostics] == ["GR101"]
        assert not loaded.ok


def test_find_ranks_and_prunes(tmp_path: Path) -> None:
    long = (Path(__file__).parent / "good" / "get-pipeline.json").read_text()
    files = {
        "infra/release.json": long,
        "pipeline.yaml": SHORT,
        "win/bom.yaml": "\ufeffstages:\r\n  Build:\r\n    Make:\r\n      commands: make\r\n",
        "ci/flow.yml": "stages:\n  - name: Build\n    actions:\n      - commands: make\n",
        "node_modules/x/pipeline.json": long,
        ".hidden/pipeline.json": long,
        "package.json": '{"stages": 1, "actionTypeId": 2}',
        "gitlab.yml": "stages:\n  - build\njob:\n  script: make\n",
        "greenroom.yaml": "pipeline: pipeline.yaml\n",
        "notes.yaml": "a: 1\n",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    found = [str(file.relative_to(tmp_path)) for file in find(tmp_path)]
    assert found == ["pipeline.yaml", "infra/release.json", "ci/flow.yml", "win/bom.yaml"]


def test_a_nameless_local_pipeline_is_called_after_its_directory() -> None:
    loaded = load_text("stages: {Build: make}\n", Path("/work place/my app/pipeline.yaml"))
    assert loaded.pipelines[0].declaration.name == "my-app"


def test_triggers_have_a_size_together(read: Reader) -> None:
    kind = {"category": "Source", "owner": "AWS", "provider": "CodeStarSourceConnection", "version": "1"}
    settings = {"ConnectionArn": "c", "FullRepositoryId": "a/b", "BranchName": "main"}

    def definition(count: int) -> str:
        patterns = {
            "includes": [f"{n}{'x' * 250}" for n in range(8)],
            "excludes": [f"{n}{'y' * 250}" for n in range(8)],
        }
        push = [{"branches": patterns, "filePaths": patterns}]
        names = [f"S{n}" for n in range(count)]
        sources = [
            {"name": name, "actionTypeId": kind, "configuration": settings, "outputArtifacts": [{"name": name}]}
            for name in names
        ]
        return json.dumps(
            {
                "triggers": [
                    {
                        "providerType": "CodeStarSourceConnection",
                        "gitConfiguration": {"sourceActionName": name, "push": push},
                    }
                    for name in names
                ],
                "stages": [
                    {"name": "Source", "actions": sources},
                    {"name": "Build", "actions": {"A": {"commands": "make", "input": "S0"}}},
                ],
            }
        )

    assert [found.code for found in read(definition(20), "p.json").diagnostics] == []
    assert [found.code for found in read(definition(26), "p.json").diagnostics] == ["GR355"]


def test_find_does_not_wait_for_a_pipe(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipeline.yaml")
    (tmp_path / "pipeline.json").write_text(json.dumps({"stages": {"Build": {"commands": "make"}}}))
    assert [file.name for file in find(tmp_path)] == ["pipeline.json"]
