"""What becomes of a build when the engine is killed, or greenroom is."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.model.project import ProjectFile
from engine.recovery import remove_containers
from engine.runners.docker.daemon import connect
from tests.providers.kit import Kit, spec
from tests.runners import docker_image
from tests.runners.docker_kit import Box, Engine
from tests.runners.own_daemon import OwnDaemon, started

pytestmark = pytest.mark.docker

GREENROOM = Path(sys.executable).with_name("greenroom")


@pytest.fixture
def own() -> Iterator[OwnDaemon]:
    """A daemon to be killed."""
    with started() as daemon:
        yield daemon


async def test_a_killed_engine_fails_the_action_and_the_next_run_works(
    own: OwnDaemon, kit: Kit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_HOST", own.address)
    engine = Engine(connect(), docker_image.make(connect().client, ("sh", "touch", "sleep")))
    waiting = spec(build={"commands": ["touch $CODEBUILD_SRC_DIR/up; sleep 60"]})
    job = kit.job(inputs={"Source": kit.files({"buildspec.yml": waiting})}, project=engine.project())
    running = asyncio.create_task(kit.provider(job).run(job, kit.desk()))
    while not (kit.source / "up").exists():  # noqa: ASYNC110 - the other side is a shell
        await asyncio.sleep(0.02)
    await asyncio.to_thread(own.kill)
    failure = (await running).failure
    assert failure is not None
    assert failure.message == f"BUILD: the container engine at {own.address} went away while the build ran"
    assert "Phase complete: BUILD State: FAILED" in kit.agent_lines()[-2]
    gone = await asyncio.to_thread(kit.run, job)
    assert gone.failure is not None
    assert "no container engine answers" in gone.failure.message
    assert len(remove_containers(kit.folder / "state")[1]) == 1
    await asyncio.to_thread(own.up)
    assert remove_containers(kit.folder / "state") == (1, [])
    assert engine.containers(kit.folder / "state") == []
    await asyncio.to_thread(kit.commands, "echo back", project=engine.project())
    assert kit.output() == ["back"]


def _pipeline(folder: Path, image: str) -> None:
    """A pipeline of one build, which waits."""

    def action(category: str, provider: str, name: str, **more: object) -> dict[str, object]:
        kind = {"category": category, "owner": "AWS", "provider": provider, "version": "1"}
        return {"name": name, "actionTypeId": kind, **more}

    source = action(
        "Source", "CodeCommit", "Src",
        configuration={"RepositoryName": "r", "BranchName": "main"}, outputArtifacts=[{"name": "S"}],
    )  # fmt: skip
    build = action("Build", "CodeBuild", "Make", configuration={"ProjectName": "w"}, inputArtifacts=[{"name": "S"}])
    stages = [{"name": "Source", "actions": [source]}, {"name": "Build", "actions": [build]}]
    store = {"type": "S3", "location": "bucket"}
    role = "arn:aws:iam::111122223333:role/r"
    whole = {"pipeline": {"name": "p", "roleArn": role, "artifactStore": store, "stages": stages}}
    (folder / "pipeline.json").write_text(json.dumps(whole))
    (folder / "buildspec.yml").write_text(spec(build={"commands": ["echo begun", "sleep ${NAP:-0}"]}))
    (folder / "greenroom.yaml").write_text(f"runner: docker\nimages:\n  '*': {image}\n")


def test_a_killed_greenroom_leaves_nothing_after_the_next_start(engine: Engine, tmp_path: Path) -> None:
    _pipeline(tmp_path, engine.image)
    state = tmp_path / ".greenroom"
    with (tmp_path / ".out").open("wb") as out:
        first = subprocess.Popen(
            [GREENROOM, "run", "--env", "NAP=60"], cwd=tmp_path, stdin=subprocess.DEVNULL, stdout=out, stderr=out
        )
    until = time.monotonic() + 30
    while not any("begun\n" in log.read_text() for log in state.rglob("*.log")):
        assert first.poll() is None, (tmp_path / ".out").read_text()
        assert time.monotonic() < until
        time.sleep(0.02)
    first.kill()
    first.wait()
    assert len(engine.containers(state)) == 1
    done = subprocess.run([GREENROOM, "run"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert engine.containers(state) == []
    look: list[str | Path] = [GREENROOM, "shell", "Make", "-c", "echo $PLACE $CODEBUILD_CI; ls; exit 3"]
    done = subprocess.run(look, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.split()[:3]) == (3, ["container", "true", "buildspec.yml"]), done.stderr


async def test_down_removes_what_is_left(engine: Engine, tmp_path: Path) -> None:
    _pipeline(tmp_path, engine.image)
    box = Box(engine, tmp_path)
    box.runner.setting = dataclasses.replace(box.runner.setting, state=tmp_path / ".greenroom")
    output = await box.start()
    down: list[str | Path] = [GREENROOM, "down"]
    done = await asyncio.to_thread(lambda: subprocess.run(down, cwd=tmp_path, capture_output=True, text=True))
    assert "container" not in done.stderr  # this process lives, and may need it
    (entry,) = (tmp_path / ".greenroom" / "containers").iterdir()
    entry.write_text(json.dumps(json.loads(entry.read_text()) | {"greenroom": [os.getpid(), "another birth"]}))
    done = await asyncio.to_thread(lambda: subprocess.run(down, cwd=tmp_path, capture_output=True, text=True))
    assert "removed 1 container" in done.stderr
    assert engine.containers(box.state) == []
    await box.runner.end()
    await output.close()


def test_the_doctor_tells_of_the_engine_and_its_images(engine: Engine, tmp_path: Path) -> None:
    _pipeline(tmp_path, engine.image)
    done = subprocess.run([GREENROOM, "doctor", "--json"], cwd=tmp_path, capture_output=True, text=True, check=True)
    (found,) = [row for row in json.loads(done.stdout) if row["check"] == "docker"]
    assert (found["level"], engine.daemon.version in found["found"]) == ("ok", True)


def test_without_docker_nothing_asks_for_it(kit: Kit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:1")
    assert kit.commands("true", project=ProjectFile()).failure is None
