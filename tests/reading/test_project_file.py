"""greenroom.yaml: defaults, values as written, and every mistake in its place."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine.model.project import ProjectFile, SourceSettings
from engine.reading.project_file import find_project, load_project, load_project_file, project_schema


def project(folder: Path, text: str) -> ProjectFile:
    (folder / "greenroom.yaml").write_text(text)
    loaded, found = load_project(folder)
    assert [each.render() for each in found] == []
    return loaded


def test_without_a_file_all_is_default(tmp_path: Path) -> None:
    assert load_project(tmp_path) == (ProjectFile(), [])
    assert find_project(tmp_path) is None


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "{}\n", "actions:\nsources:\n"])
def test_an_empty_file_is_all_default(tmp_path: Path, text: str) -> None:
    assert project(tmp_path, text) == ProjectFile()


def test_values_are_as_written(tmp_path: Path) -> None:
    found = project(
        tmp_path,
        """
account: 000123456789
jobs: 4
max-size: 1.5GB
environment: {PORT: 8080, VERSION: 3.10, DEBUG: yes, EMPTY: }
sources:
  Api: api
  Web: {directory: web, exclude: ["*.tmp"]}
actions:
  Build/Go: {cache: no, on-change: finish, timeout-minutes: 1.5, environment: {ON: on}}
watch: {debounce-ms: 20}
""",
    )
    assert (found.account, found.jobs, found.max_bytes) == ("000123456789", 4, 1_500_000_000)
    assert found.environment == {"PORT": "8080", "VERSION": "3.10", "DEBUG": "yes", "EMPTY": ""}
    assert found.sources == {"Api": "api", "Web": SourceSettings(directory="web", exclude=("*.tmp",))}
    action = found.action("Build", "Go")
    assert (action.cache, action.on_change, action.timeout_minutes) == (False, "finish", 1.5)
    assert action.environment == {"ON": "on"}
    assert found.watch.debounce_ms == 20


@pytest.mark.parametrize(
    ("text", "code", "place", "hint"),
    [
        ("piplines: x\n", "GR401", (1, 1), "did you mean 'pipeline'?"),
        ("actions:\n  A: {on_chang: x}\n", "GR401", (2, 7), "did you mean 'on-change'?"),
        ("watch: {debounce: 1}\n", "GR401", (1, 9), "did you mean 'debounce-ms'?"),
        ("runner: dokcer\n", "GR402", (1, 9), "did you mean 'docker'?"),
        ("approvals: sometimes\n", "GR402", (1, 12), "one of once, always"),
        ("actions: {A: {cache: maybe}}\n", "GR402", (1, 22), ""),
        ("actions: [A]\n", "GR402", (1, 10), ""),
        ("sources: {A: {exclude: []}}\n", "GR402", (1, 14), "add 'directory'"),
        ("sources: {A: [b]}\n", "GR402", (1, 14), ""),
        ("jobs: 0\n", "GR403", (1, 7), ""),
        ("watch: {debounce-ms: 100000}\n", "GR403", (1, 22), ""),
        ("max-size: plenty\n", "GR404", (1, 11), ""),
        ("- a\n", "GR402", (1, 1), ""),
        ("a: [\n", "GR103", (1, 4), ""),
    ],
)
def test_mistakes(tmp_path: Path, text: str, code: str, place: tuple[int, int], hint: str) -> None:
    file = tmp_path / "greenroom.yml"
    file.write_text(text)
    loaded, found = load_project_file(file)
    assert loaded == ProjectFile()
    assert [(each.code, (each.line, each.column)) for each in found] == [(code, place)]
    assert found[0].hint == hint
    assert found[0].source == text.splitlines()[place[0] - 1]


def test_all_mistakes_at_once(tmp_path: Path) -> None:
    (tmp_path / "greenroom.yaml").write_text("runner: x\njobs: y\nbogus: 1\n")
    assert [each.line for each in load_project(tmp_path)[1]] == [1, 2, 3]


def test_what_is_no_file_is_not_passed_over(tmp_path: Path) -> None:
    (tmp_path / "greenroom.yaml").mkdir()
    (tmp_path / "greenroom.yml").symlink_to("nowhere")
    assert [(each.code, str(each.severity)) for each in load_project(tmp_path)[1]] == [("GR101", "error")] * 2


def test_two_files(tmp_path: Path) -> None:
    (tmp_path / "greenroom.yml").write_text("jobs: 1\n")
    (tmp_path / "greenroom.yaml").write_text("jobs: 2\n")
    loaded, found = load_project(tmp_path)
    assert loaded.jobs == 2
    assert [(each.code, str(each.severity)) for each in found] == [("GR405", "warning")]


def test_the_schema_knows_every_key() -> None:
    schema = project_schema()
    json.dumps(schema)
    assert {"pipeline", "max-size", "inherit-environment", "watch"} <= set(schema["properties"])
    silent = [key for key, value in schema["properties"].items() if not {"description", "$ref"} & value.keys()]
    assert silent == []
