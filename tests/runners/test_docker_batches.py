"""Batches in real containers: a container a build, each with its own image and limits, none left behind."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from engine.model.project import ProjectFile
from engine.model.status import ActionStatus
from engine.providers.contract import Job
from tests.providers.kit import Kit
from tests.providers.test_batch_run import BATCH, Book
from tests.runners.docker_kit import Engine

pytestmark = pytest.mark.docker


def job(kit: Kit, project: ProjectFile, batch: object, *commands: str, **more: Any) -> Job:
    spec = {"version": 0.2, "batch": batch, "phases": {"build": {"commands": list(commands)}}, **more.pop("whole", {})}
    files = {"buildspec.yml": json.dumps(spec), **{f"tests/test_{name}.py": "" for name in "abcde"}}
    return kit.job(inputs={"Source": kit.files(files)}, configuration=BATCH, project=project, **more)


@pytest.mark.parametrize("source", ["mount", "copy"])
def test_each_build_has_a_container_of_its_image(engine: Engine, kit: Kit, source: str) -> None:
    batch = {
        "build-list": [
            {"identifier": "one", "env": {"image": "first:1", "variables": {"A": "of one"}}},
            {"identifier": "two", "env": {"image": "second:2", "privileged-mode": "no"}},
        ]
    }
    book = Book(kit.log, 2)
    told = job(
        kit,
        engine.project(docker={"source": source}),
        batch,
        'echo "$CODEBUILD_BATCH_BUILD_IDENTIFIER $CODEBUILD_BUILD_IMAGE ${A-none} $PLACE" | tee made',
        whole={"artifacts": {"files": "made"}},
        outputs=("one", "two"),
    )
    outcome = kit.run(told, builds=book)
    assert outcome.status is ActionStatus.SUCCEEDED, kit.text()
    assert kit.contents(outcome.outputs["one"]) == {"made": "one first:1 of one container\n"}
    assert kit.contents(outcome.outputs["two"]) == {"made": "two second:2 none container\n"}
    assert [build.image for build in book.builds.values()] == ["first:1", "second:2"]
    assert "docker runner" in book.log("two").read_text()
    assert engine.containers(kit.folder / "state") == []


def test_a_fan_out_shares_the_tests_out_in_containers(engine: Engine, kit: Kit) -> None:
    run = (
        "codebuild-tests-run --files-search \"codebuild-glob-search '**/test_*.py'\" "
        "--test-command 'echo' --sharding-strategy stability"
    )
    book = Book(kit.log, 2)
    outcome = kit.run(job(kit, engine.project(), {"build-fanout": {"parallelism": 2}}, run), builds=book)
    assert outcome.status is ActionStatus.SUCCEEDED, kit.text()
    lines = [line for name in book.builds for line in book.log(name).read_text().splitlines()]
    seen = [word for line in lines if line.startswith("tests/") for word in line.split()]
    assert sorted(seen) == [f"tests/test_{name}.py" for name in "abcde"]


def test_a_cancelled_batch_leaves_no_container(engine: Engine, kit: Kit) -> None:
    batch = {"build-list": [{"identifier": "one"}, {"identifier": "two"}]}
    told = job(kit, engine.project(), batch, "touch started; sleep 600")
    book = Book(kit.log, 2)

    async def go() -> None:
        both = asyncio.Event()

        def heard(*_: object) -> None:
            if all(build.phase == "BUILD" for build in book.builds.values()):
                both.set()

        book.heard = heard
        running = asyncio.ensure_future(kit.provider(told).run(told, kit.desk(builds=book)))
        await both.wait()
        assert len(engine.containers(kit.folder / "state")) == 2
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running

    asyncio.run(go())
    assert engine.containers(kit.folder / "state") == []
    assert set(book.statuses().values()) == {"STOPPED"}
