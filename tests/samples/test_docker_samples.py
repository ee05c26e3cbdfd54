"""Every sample comes out of containers as it comes out of the host."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.runners.docker_kit import engine_here
from tests.samples.sample import NAMES, Sample

pytestmark = [pytest.mark.docker, pytest.mark.e2e]

EXPECTED = Path(__file__).with_name("expected")


@pytest.mark.parametrize("name", NAMES)
def test_a_sample_in_containers(name: str, tmp_path: Path) -> None:
    engine = engine_here()
    sample = Sample(name, tmp_path)
    run = sample.run("--runner", "docker", "--image", f"*={engine.image}")
    assert run.code == 0, run.errors
    expected = json.loads((EXPECTED / f"{name}.json").read_text(encoding="utf-8"))
    assert json.loads(json.dumps({"actions": sample.ended(run), "deployed": sample.deployed()})) == expected
    assert engine.containers(sample.directory / ".greenroom") == []
