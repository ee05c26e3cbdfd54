"""Whole logs of batches: the phases of a batch as on AWS, and a line for whatever becomes of each build.

Each file of `golden_batches` is a buildspec, a line of tildes, and the log it must give, as in `test_golden_logs`.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from engine.model.status import ActionStatus
from tests.providers.kit import Kit
from tests.providers.test_golden_logs import CUT, normalised

GOLDEN = Path(__file__).with_name("golden_batches")
CASES = {
    "list": (ActionStatus.SUCCEEDED, ("one", "two_extra")),
    "graph-fails": (ActionStatus.FAILED, ()),
    "matrix-combined": (ActionStatus.SUCCEEDED, ("All",)),
    "fan-out": (ActionStatus.SUCCEEDED, ()),
    "fast-fail": (ActionStatus.FAILED, ()),
    "refused": (ActionStatus.FAILED, ()),
}


@pytest.mark.parametrize("name", CASES)
def test_a_golden_log(kit: Kit, name: str) -> None:
    status, outputs = CASES[name]
    file = GOLDEN / f"{name}.txt"
    buildspec, _, expected = file.read_text(encoding="utf-8").partition(CUT)
    combine = {"CombineArtifacts": "true"} if outputs == ("All",) else {}
    configuration = {"ProjectName": "web", "BatchEnabled": "true", **combine}
    files = {"README": "read me\n", "ci/other.yml": "version: 0.2\nphases: {build: {commands: [echo other]}}\n"}
    outcome = kit.build(buildspec, outputs=outputs, configuration=configuration, files=files)
    found = normalised(kit)
    if os.environ.get("GREENROOM_WRITE_GOLDEN"):
        file.write_text(f"{buildspec}{CUT}{found}", encoding="utf-8")
        expected = found
    assert found == expected
    assert outcome.status is status


def test_every_golden_file_is_tested() -> None:
    assert {file.stem for file in GOLDEN.iterdir()} == set(CASES)
