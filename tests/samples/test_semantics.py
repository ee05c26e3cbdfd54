"""The small samples of single semantics: each does what its README promises.

What depends on somebody's timing is rehearsed in virtual time, with the sample's own definition.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.execution import requests as rq
from engine.model.pipeline import PipelineDeclaration
from engine.model.status import ExecutionStatus, StageStatus
from engine.reading.definition import load
from tests.execution.simulator import Simulator
from tests.samples.sample import SAMPLES, Sample

pytestmark = pytest.mark.e2e

SEMANTICS = SAMPLES / "semantics"
NAMES = sorted(folder.name for folder in SEMANTICS.iterdir() if (folder / "README.md").exists())
CALM = 1_800_000_060.0  # in an odd minute of 2027


def declared(name: str) -> PipelineDeclaration:
    return load(SEMANTICS / name / "pipeline.yaml").pipelines[0].declaration


def sample(name: str, place: Path, monkeypatch: pytest.MonkeyPatch) -> Sample:
    monkeypatch.setenv("TMPDIR", str(place))
    (place / "semantics").mkdir()
    return Sample(f"semantics/{name}", place)


@pytest.mark.parametrize("name", NAMES)
def test_each_is_sound_and_says_how_to_try_it(name: str) -> None:
    loaded = load(SEMANTICS / name / "pipeline.yaml")
    assert loaded.diagnostics == ()
    text = (SEMANTICS / name / "README.md").read_text(encoding="utf-8")
    assert text.startswith(f"# {name}\n")
    assert "Try:" in text


def test_superseding() -> None:
    simulator = Simulator(declared("superseding"))
    runs = [simulator.start(f"t{number}") for number in range(4)]
    statuses = [run.status for run in runs]
    assert statuses == [
        ExecutionStatus.IN_PROGRESS,
        ExecutionStatus.SUPERSEDED,
        ExecutionStatus.SUPERSEDED,
        ExecutionStatus.IN_PROGRESS,
    ]
    simulator.finish_all()
    assert (runs[0].status, runs[3].status) == (ExecutionStatus.SUCCEEDED, ExecutionStatus.SUCCEEDED)


def test_queueing() -> None:
    simulator = Simulator(declared("queueing"))
    runs = [simulator.start(f"t{number}") for number in range(4)]
    simulator.finish_all()
    assert [run.status for run in runs] == [ExecutionStatus.SUCCEEDED] * 4
    entered = [run.stages["Deploy"].entered_at for run in runs]
    assert entered == sorted(entered)


def test_window() -> None:
    simulator = Simulator(declared("window"))
    simulator.now = CALM
    execution = simulator.start()
    simulator.finish("Build/Page")
    assert execution.stages["Deploy"].status is StageStatus.IN_PROGRESS
    assert simulator.names() == []
    simulator.wait(60)
    assert simulator.names() == ["Deploy/Page"]


def test_window_overridden() -> None:
    simulator = Simulator(declared("window"))
    simulator.now = CALM
    simulator.start()
    simulator.finish("Build/Page")
    assert simulator.ask(rq.OverrideCondition("Deploy")).ok
    assert simulator.names() == ["Deploy/Page"]


def test_skip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = sample("skip", tmp_path, monkeypatch)
    run = place.run()
    assert run.code == 0
    assert {"stage": "Deploy", "status": "Skipped"}.items() <= run.named("stage-ended")[-1].items()
    assert place.deployed() == {}
    assert place.run("--var", "ENV=prod").code == 0
    assert list(place.deployed()) == ["deployed/built.txt"]


def test_rollback(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = sample("rollback", tmp_path, monkeypatch)
    assert place.run().code == 0
    good = place.deployed()
    place.replace("page.txt", "page", "mess")
    run = place.run()
    assert run.code == 1
    assert [each["type"] for each in run.named("run-started")] == ["STANDARD", "ROLLBACK"]
    assert place.deployed() == good


def test_retry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = sample("retry", tmp_path, monkeypatch).run("--env", f"TMPDIR={tmp_path}")
    assert run.code == 0
    assert [each["trigger"] for each in run.named("run-retried")] == ["AutomatedStageRetry"]
    statuses = [each["status"] for each in run.named("action-ended") if each["action"] == "Flaky"]
    assert statuses == ["Failed", "Succeeded"]
