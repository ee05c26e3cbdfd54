"""Saves, reloads, loops: the watch loop over real files."""

from __future__ import annotations

import json
from pathlib import Path
from queue import SimpleQueue

import pytest

from engine import watching
from engine.execution import requests as rq
from engine.model.diagnostics import Diagnostic
from engine.model.status import ExecutionStatus
from tests.engine.place import PATIENCE, Place, Stage, action, commands
from tests.reading.terraform.conftest import pipeline as terraform


def settled(stage: Stage, number: int) -> None:
    stage.until(lambda state: state.latest and state.latest.number >= number and not state.active)


def begin(stage: Stage) -> None:
    stage.run(approve=("all",), trigger="Save")


def test_a_save_reruns_only_what_it_affects(place: Place) -> None:
    with place.session(watch=True) as stage:
        begin(stage)
        before = len(stage.started)
        place.write(b_txt="b, saved\n")
        settled(stage, 2)
        assert stage.started[before:] == ["Source/Src", "Build/Check"]
        assert stage.state.latest is not None
        assert (stage.state.latest.trigger, stage.state.latest.detail) == ("Save", "b.txt")


def test_a_save_through_a_temporary_file_is_one_save(place: Place) -> None:
    with place.session(watch=True) as stage:
        begin(stage)
        temporary = place.directory / "b.txt~"
        temporary.write_text("b, renamed over\n")
        temporary.rename(place.directory / "b.txt")
        settled(stage, 2)
        assert "Build/Check" in stage.started
        assert stage.state.latest is not None
        assert set(stage.state.latest.revisions) == {"Src"}


def test_ignored_files_start_nothing(place: Place) -> None:
    with place.session(watch=True) as stage:
        begin(stage)
        place.write(out__ignored_txt="x\n")
        place.write(b_txt="b, after it\n")
        settled(stage, 2)
        assert stage.state.latest is not None
        assert stage.state.latest.number == 2
        assert stage.state.latest.detail == "b.txt"


def test_an_edited_definition_is_taken_up_and_a_broken_one_is_not(place: Place) -> None:
    with place.session(watch=True) as stage:
        begin(stage)
        told: SimpleQueue[list[Diagnostic]] = SimpleQueue()
        stage.session.notices(told.put)
        good = (place.directory / "pipeline.json").read_text()
        (place.directory / "pipeline.json").write_text(good.replace('"Check"', '"Check", oops'))
        assert told.get(timeout=PATIENCE)[0].line
        changed = json.loads(good)
        changed["pipeline"]["stages"][1]["actions"][1]["name"] = "Verify"
        (place.directory / "pipeline.json").write_text(json.dumps(changed))
        stage.until(lambda state: state.latest and state.latest.version == 2 and not state.active)
        assert told.get(timeout=PATIENCE) == []
        assert stage.at("Build/Verify").status.passes
        assert stage.state.latest is not None
        assert stage.state.latest.trigger == "Reload"


def test_a_misspelt_key_is_named_though_the_file_looks_like_no_definition_any_more(place: Place) -> None:
    with place.session(watch=True) as stage:
        begin(stage)
        told: SimpleQueue[list[Diagnostic]] = SimpleQueue()
        stage.session.notices(told.put)
        file = place.directory / "pipeline.json"
        file.write_text(file.read_text().replace('"stages"', '"stagez"'))
        assert any("stagez" in found.message for found in told.get(timeout=PATIENCE))


def test_pausing_holds_saves_back(place: Place) -> None:
    with place.session(watch=True) as stage:
        begin(stage)
        stage.ask(rq.SetWatch(True, "lunch"))
        place.write(b_txt="b, while paused\n")
        assert stage.state.latest is not None
        assert stage.state.latest.number == 1
        stage.ask(rq.SetWatch(False))
        settled(stage, 2)
        assert stage.started[-1] == "Build/Check"


def test_an_action_that_writes_into_its_source_is_caught(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "EXPERIMENT", 0.3)
    source = place.directory / "count.txt"
    place.define(
        ("Source", [action("Source:Src > S")]),
        ("Build", [commands("Compute:Loop S", f"date +%s%N > {source}")]),
    )
    with place.session(watch=True) as stage:
        stage.ask(rq.Start(trigger="Save"))
        state = stage.until(lambda state: state.watch_paused)
        assert "count.txt" in state.watch_reason
        assert "Build/Loop" in state.watch_reason


def test_an_emptied_deploy_folder_is_filled_again(place: Place) -> None:
    with place.session() as stage:
        stage.run(approve=("all",))
        (place.directory / "out/dist/made.txt").unlink()
        assert stage.run() == ["Deploy/Ship"]
        assert (place.directory / "out/dist/made.txt").read_text() == "A\n"


def test_a_save_while_a_build_runs_restarts_it(place: Place) -> None:
    gate = place.directory.parent / "gate"
    place.define(
        ("Source", [action("Source:Src > S")]),
        ("Build", [commands("Compute:Slow S", f"while [ ! -e {gate} ]; do sleep 0.05; done", "cat a.txt")]),
    )
    place.project("")
    with place.session(watch=True) as stage:
        stage.ask(rq.Start(trigger="Save"))
        stage.until(lambda state: any(a.processes for a in state.actions.values()))
        place.write(a_txt="the newer one\n")
        stage.until(lambda state: state.latest and state.latest.number == 2 and stage.started.count("Build/Slow") == 2)
        gate.touch()
        settled(stage, 2)
        first = stage.state.find("#1")
        assert first is not None
        assert first.status is ExecutionStatus.SUPERSEDED
        assert "the newer one" in stage.log("Build/Slow")


def test_saves_start_what_was_asked_for(place: Place) -> None:
    with place.session(watch=True) as stage:
        stage.run(selected=("Build/Make", "Build/Check"))
        place.write(a_txt="a, saved\n")
        settled(stage, 2)
        assert stage.state.approvals() == []
        assert "Deploy/Ship" not in stage.started


def test_any_file_of_a_module_reloads_its_pipeline(tmp_path: Path) -> None:
    place = Place(tmp_path / "infra")
    build = """
      pipeline_type = "V2"
      stage {
        name = "Build"
        action {
          name            = "Say"
          category        = "Compute"
          owner           = "AWS"
          provider        = "Commands"
          version         = "1"
          input_artifacts = ["src"]
          commands        = ["echo ${local.word}"]
        }
      }
    """
    place.write(**{"main.tf": terraform(more=build), "words.tf": 'locals { word = "first" }\n'})
    with place.session(watch=True) as stage:
        begin(stage)
        assert "first" in stage.log("Build/Say")
        place.write(**{"words.tf": 'locals { word = "second" }\n'})
        stage.until(lambda state: state.latest and state.latest.version == 2 and not state.active)
        assert "second" in stage.log("Build/Say")
