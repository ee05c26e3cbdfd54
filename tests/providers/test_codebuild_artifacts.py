"""What becomes of the files a build made."""

from __future__ import annotations

import os

import pytest

from engine.model.status import ActionStatus
from tests.providers.kit import Kit, artifacts


def test_one_output_takes_the_top_level_artifacts(kit: Kit) -> None:
    section = {"files": ["**/*"], "base-directory": "dist", "exclude-paths": ["**/*.map"]}
    made = "mkdir -p dist/js && echo a > dist/a && echo b > dist/js/b && echo m > dist/js/b.map && touch other"
    outcome = kit.build(artifacts(section, made), outputs=("Out",))
    assert kit.contents(outcome.outputs["Out"]) == {"a": "a\n", "js/b": "b\n"}


def test_several_outputs_take_secondary_artifacts_by_name(kit: Kit) -> None:
    section = {
        "files": "never",
        "secondary-artifacts": {"One": {"files": "a"}, "Two": {"files": ["b"], "discard-paths": "yes"}},
    }
    outcome = kit.build(artifacts(section, "echo a > a; echo b > b"), outputs=("One", "Two"))
    assert {name: kit.contents(tree) for name, tree in outcome.outputs.items()} == {
        "One": {"a": "a\n"},
        "Two": {"b": "b\n"},
    }


def test_without_outputs_artifacts_are_ignored(kit: Kit) -> None:
    assert kit.build(artifacts({"files": ["nothing"]}, "true")).status is ActionStatus.SUCCEEDED
    assert "Expanding nothing" not in kit.agent_lines()


@pytest.mark.parametrize(
    ("section", "message"),
    [
        ({"files": ["missing.txt"]}, "no matching artifact paths found"),
        ({"files": ["**/*"], "base-directory": "dist"}, "no matching base directory path found for dist"),
    ],
)
def test_missing_artifacts_fail_the_upload(kit: Kit, section: object, message: str) -> None:
    outcome = kit.build(artifacts(section, "true"), outputs=("Out",))
    assert outcome.failure is not None
    assert outcome.failure.message.endswith(f"Phase: UPLOAD_ARTIFACTS, Code: CLIENT_ERROR, Message: {message}")
    assert outcome.outputs == {}


def test_a_folder_named_without_a_pattern_gets_a_hint(kit: Kit) -> None:
    outcome = kit.build(artifacts({"files": ["dist"]}, "mkdir dist; touch dist/a"), outputs=("Out",))
    assert outcome.failure is not None
    assert "write dist/**/*" in outcome.failure.hint
    outcome = kit.build(artifacts({"files": ["a"], "base-directory": "$NOWHERE"}, "true"), outputs=("Out",))
    assert outcome.failure is not None
    assert outcome.failure.hint == "No file matches artifacts.files: a. Not set: NOWHERE"


def test_a_missing_file_beside_others_is_skipped(kit: Kit) -> None:
    outcome = kit.build(artifacts({"files": ["missing", "here"]}, "touch here"), outputs=("Out",))
    assert kit.contents(outcome.outputs["Out"]) == {"here": ""}
    assert "Skipping invalid file path missing" in kit.agent_lines()


def test_base_directory_patterns_are_merged_and_variables_expanded(kit: Kit) -> None:
    section = {"files": ["${WHAT}/*"], "base-directory": "out-*"}
    made = "mkdir -p out-1/js out-2/js && echo 1 > out-1/js/a && echo 2 > out-2/js/b; WHAT=js"
    outcome = kit.build(artifacts(section, made), outputs=("Out",))
    assert kit.contents(outcome.outputs["Out"]) == {"js/a": "1\n", "js/b": "2\n"}


def test_artifacts_may_come_from_another_input(kit: Kit) -> None:
    section = {"files": ["**/*"], "base-directory": "$CODEBUILD_SRC_DIR_Other"}
    outcome = kit.build(artifacts(section, "true"), inputs={"Other": kit.tree(x="1")}, outputs=("Out",))
    assert kit.contents(outcome.outputs["Out"]) == {"x": "1"}


@pytest.mark.parametrize(("keep", "kind"), [("yes", "link"), ("no", "file")])
def test_links_are_kept_or_followed(kit: Kit, keep: str, kind: str) -> None:
    section = {"files": ["**/*"], "base-directory": "d", "enable-symlinks": keep}
    outcome = kit.build(
        artifacts(section, "mkdir d && echo a > d/a && ln -s a d/b && ln -s . d/round"), outputs=("Out",)
    )
    kinds = {entry.path: entry.kind for entry in kit.store.walk(outcome.outputs["Out"])}
    assert kinds["b"] == kind
    assert kinds["a"] == "file"
    assert not any(path.startswith("round/round") for path in kinds)


def test_executables_stay_executable(kit: Kit) -> None:
    outcome = kit.build(artifacts({"files": "run"}, "touch run && chmod +x run"), outputs=("Out",))
    assert [entry.kind for entry in kit.store.walk(outcome.outputs["Out"])] == ["exec"]


def test_a_failed_build_hands_nothing_on(kit: Kit) -> None:
    outcome = kit.build(artifacts({"files": ["a"]}, "touch a", "false"), outputs=("Out",))
    assert outcome.outputs == {}
    assert "Found 1 file(s)" in kit.agent_lines()


def test_greenrooms_own_files_are_no_artifacts(kit: Kit) -> None:
    outcome = kit.build(artifacts({"files": ["**/*"]}, "true"), outputs=("Out",))
    assert list(kit.contents(outcome.outputs["Out"])) == ["buildspec.yml"]


def test_the_workspace_is_the_input_again_in_the_next_run(kit: Kit) -> None:
    section = artifacts({"files": ["**/*"]}, "test ! -e left && touch left && echo more >> data")
    for _ in range(2):
        outcome = kit.build(section, files={"data": "data\n"}, outputs=("Out",))
        assert kit.contents(outcome.outputs["Out"])["data"] == "data\nmore\n"
        assert not outcome.tainted


def test_what_a_build_makes_beside_its_source_is_gone_in_the_next_run(kit: Kit) -> None:
    section = {"files": ["**/*"], "base-directory": "../dist"}
    for _ in range(2):
        outcome = kit.build(artifacts(section, "mkdir ../dist", "echo 1 > ../dist/a; touch ../left"), outputs=("Out",))
        assert kit.contents(outcome.outputs["Out"]) == {"a": "1\n"}


def test_nothing_of_greenrooms_lies_above_the_source(kit: Kit) -> None:
    outcome = kit.build(artifacts({"files": ["**/*.sh"], "base-directory": ".."}, "touch a.sh"), outputs=("Out",))
    assert kit.contents(outcome.outputs["Out"]) == {"src/a.sh": ""}


def test_pipes_are_left_out_and_named(kit: Kit) -> None:
    outcome = kit.build(artifacts({"files": ["**/*"]}, "mkfifo pipe"), outputs=("Out",))
    assert list(kit.contents(outcome.outputs["Out"])) == ["buildspec.yml"]


def test_large_inputs_are_links_and_changing_them_is_noticed(kit: Kit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.providers.codebuild.inputs.COPIED_FILES", 1)
    outcome = kit.build(artifacts({"files": ["data"]}, "echo more >> data"), files={"data": "data\n"}, outputs=("Out",))
    if os.geteuid() == 0:
        assert outcome.tainted
        assert "Inputs were changed in place: data; this result is not reused" in kit.agent_lines()
        assert kit.contents(outcome.outputs["Out"]) == {"data": "data\nmore\n"}
    else:
        assert outcome.failure is not None
        assert "read-only links" in outcome.failure.hint
