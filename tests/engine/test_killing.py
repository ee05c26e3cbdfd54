"""kill -9 at any moment: nothing lost, nothing run twice, no process left, and the pipeline can be run on."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from engine.execution.abandon import SUMMARY
from engine.execution.state import PipelineState
from engine.journal.processes import leftovers
from engine.model.status import ActionStatus, ExecutionStatus
from engine.recovery import marker
from engine.session import Reader
from tests.engine.place import Place, action, commands
from tests.execution.pipelines import condition, rule

ROOT = Path(__file__).parents[2]
KILLS = 24


@pytest.fixture
def victim(tmp_path: Path) -> Place:
    """Actions whose marks on the disk tell how often they ran."""
    place = Place(tmp_path / "project")
    place.write(a_txt="a\n")
    marks = tmp_path / "marks"
    marks.touch()

    def build(name: str, order: int = 1) -> dict[str, object]:
        lines = [f"echo {name} >> {marks}", "cat a.txt > made.txt", f"sleep 0.02; echo {name} done >> {marks}"]
        return commands(f"Compute:{name}@{order} S > {name}Out", *lines)

    smoke = rule("Smoke", "Commands") | {"commands": ["sleep 0.02"], "inputArtifacts": [{"name": "COut"}]}
    place.define(
        ("Source", [action("Source:Src > S")]),
        ("Build", [build("A"), build("B"), build("C", 2)]),
        ("Deploy", [action("Deploy:Ship COut", configuration={"BucketName": "site", "Extract": "true"})]),
        gates={"Deploy": {"beforeEntry": condition("FAIL", smoke)}},
    )
    (place.directory / ".gitignore").write_text("out/\n")
    place.project("buckets: {site: out}\n")
    return place


class Victims:
    """One greenroom after the other, each killed when it has told some number of events."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.process = process

    def kill_after(self, events: int) -> list[str]:
        """What it told; a last line may be a piece of one."""
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write(b"\n")
        self.process.stdin.flush()
        victim = int(self.process.stdout.readline())
        told: list[str] = []
        while (line := self.process.stdout.readline().decode()) != "over\n":
            assert line, "the victims' parent has ended"
            told.append(line)
            if len(told) == events:
                with suppress(ProcessLookupError):  # that was its last event
                    os.kill(victim, signal.SIGKILL)
        return told[:-1] if told[-1] == "\n" else [*told[:-1], told[-1].rstrip()]


@pytest.fixture
def victims(victim: Place) -> Iterator[Victims]:
    command = [sys.executable, "-m", "tests.engine.victim", str(victim.directory), "many"]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        yield Victims(process)


def check_story(place: Place, told: list[str]) -> PipelineState:
    """Everything that was told is on the disk, in order, once."""
    kept = list(Reader(place.directory / ".greenroom").events("demo"))
    assert [item.seq for item in kept] == list(range(1, len(kept) + 1))
    by_seq = {item.seq: item.event.type for item in kept}
    for line in told:
        if line.endswith("\n"):
            seq, name = line.split()
            assert by_seq[int(seq)] == name
    return Reader(place.directory / ".greenroom").state("demo")


def test_killed_at_random_points_it_tells_the_truth_and_goes_on(victim: Place, victims: Victims) -> None:
    rng = random.Random(20)
    for _ in range(KILLS):
        told = victims.kill_after(rng.randint(1, 46))
        before = check_story(victim, told)
        in_flight = before.live()
        with victim.session() as stage:
            assert not stage.state.active
            assert not stage.state.locks
            for found in in_flight:
                now = stage.state.actions[found.id]
                assert (now.status, now.summary) == (ActionStatus.ABANDONED, SUMMARY)
                assert not leftovers(marker(found.id))
            stage.run()
            assert stage.state.latest is not None
            assert stage.state.latest.status is ExecutionStatus.SUCCEEDED
            after = stage.state
        known = {identity: a.status for identity, a in before.actions.items() if not a.live}
        assert {identity: after.actions[identity].status for identity in known} == known
    runs = [a for a in after.actions.values() if a.started_at and a.stage == "Build"]
    marks = (victim.directory.parent / "marks").read_text().split("\n")
    for name in "ABC":
        started = [a for a in runs if a.action == name]
        finished = [a for a in started if a.status is ActionStatus.SUCCEEDED]
        assert len(finished) <= marks.count(f"{name} done") <= len(started)
        assert marks.count(name) <= len(started)
