"""Every sample comes out of containers as it comes out of this machine, byte by byte."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.runners.docker_kit import engine_here
from tests.samples.sample import NAMES, Run, Sample

pytestmark = [pytest.mark.docker, pytest.mark.e2e]

# Of the small ones, those that run commands and wait for nobody's minute. semantics/retry keeps its count outside its
# workspace, where a new container, as on AWS, does not find it.
SMALL = {"semantics/rollback": (), "semantics/skip": ("--var", "ENV=prod")}


def came_of(run: Run) -> list[tuple[object, ...]]:
    """Status, variables and artifacts (their digests) of each action, in no order."""
    ended = run.named("action-ended")
    return sorted(
        (str(each["stage"]), str(each["action"]), each["status"], str(each["variables"]), str(each["outputs"]))
        for each in ended
    )


@pytest.mark.parametrize("name", [*NAMES, *SMALL])
def test_a_sample_yields_the_same_in_containers(name: str, tmp_path: Path) -> None:
    engine = engine_here()
    (tmp_path / "semantics").mkdir()
    sample = Sample(name, tmp_path)
    here = sample.run(*SMALL.get(name, ()))
    assert here.code == 0, here.errors
    results = came_of(here), sample.deployed()
    for made in (".greenroom", "deployed", "public"):
        shutil.rmtree(sample.directory / made, ignore_errors=True)
    there = sample.run("--runner", "docker", "--image", f"*={engine.image}", *SMALL.get(name, ()))
    assert there.code == 0, there.errors
    assert (came_of(there), sample.deployed()) == results
    assert any(row[4] != "{}" for row in results[0])
    assert engine.containers(sample.directory / ".greenroom") == []
