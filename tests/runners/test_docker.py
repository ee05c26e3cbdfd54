"""Builds in real containers: the same as on the host, limited, owned, cancelled, copied, cleaned up."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import os
import uuid
from pathlib import Path

import pytest

from engine.model.project import ActionSettings, DockerSettings, ProjectFile, ProjectSettings
from engine.runners.docker import ledger
from engine.runners.docker.daemon import EngineError
from tests.providers.kit import Kit, artifacts
from tests.runners import docker_image
from tests.runners.docker_kit import Box, Engine

pytestmark = pytest.mark.docker

SEMANTICS = {
    "directory": ("cd /usr", "pwd", "cd bin; false", "pwd"),
    "variables": ("A=1; export B='x  y'", 'echo "$A $B"', "unset A", 'echo "${A-gone}"', "A='l1\nl2'", 'echo "$A"'),
    "lost": ("f() { echo f; }; set -e; alias g=echo", "f; echo $?; false; echo on"),
    "status": ("exit 7",),
    "several lines": ("false\necho after\ntrue", "echo $CODEBUILD_LAST_EXIT"),
    "syntax": ("if then",),
    "missing": ("no-such-program",),
    "streams": ("echo out; echo err >&2; printf 'no newline'", "cat; echo $?"),
    "bytes": ("printf '\\000\\377\\000x\\n'; printf 'a\\000'", "true"),
    "many": ("seq 20000 | tail -c 100000",),
}


@pytest.mark.parametrize("case", SEMANTICS)
def test_commands_do_what_they_do_on_the_host(engine: Engine, kit: Kit, case: str) -> None:
    told = []
    for project in (ProjectFile(), engine.project(), engine.project(secrets={"S": "a secret value"})):
        outcome = kit.commands(*SEMANTICS[case], project=project)
        log = kit.log.read_bytes().partition(b"Entering phase INSTALL")[2]
        lines = [line for line in log.split(b"\n") if not line.startswith(b"[Container]") or b"exit status" in line]
        told.append((outcome.status, [line.partition(b".000000 ")[2] or line for line in lines]))
    assert told[0] == told[1] == told[2]


def test_the_environment_is_that_of_the_image(engine: Engine, kit: Kit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JAVA_HOME", "/of/the/host")
    own = "P=${PATH#*/tmp/bin:}; P=${P%:*/tmp/last}"
    kit.commands(
        f"{own}; echo $PLACE $P ${{JAVA_HOME-none}} $HOME $(id -u)", "unset PLACE", "env", project=engine.project()
    )
    seen = kit.output()
    assert seen[0] == "container /usr/local/bin:/usr/bin:/bin none /root 0"
    assert not [line for line in seen if line.startswith("PLACE=")]


@pytest.mark.parametrize("source", ["mount", "copy"])
def test_phases_run_as_the_user_that_the_buildspec_names(engine: Engine, kit: Kit, source: str) -> None:
    text = """\
version: 0.2
run-as: nobody
phases:
  install: {run-as: root, commands: [A=carried, mkdir made]}
  build: {commands: [id -un, 'echo "$A $USER $HOME"', 'echo own > made/file', 'echo no > /root/file || echo kept out']}
  post_build: {run-as: root, commands: [id -un, 'cat made/file; echo $HOME']}
artifacts: {files: ['**/*']}
"""
    for secrets in ({}, {"S": "a secret value"}):
        project = engine.project(docker={"source": source}, secrets=secrets)
        outcome = kit.build(text, project=project, outputs=("Out",))
        assert outcome.failure is None, kit.text()
        lines = [line for line in kit.output() if "Permission denied" not in line]
        assert lines == ["nobody", "carried nobody /", "kept out", "root", "own", "/root"]
        assert kit.contents(outcome.outputs["Out"])["made/file"] == "own\n"


def test_output_reaches_the_log_by_itself_unless_there_are_secrets(engine: Engine, kit: Kit) -> None:
    where = "readlink /proc/self/fd/1"
    kit.commands(where, project=engine.project())
    assert kit.output() == [str(kit.log)]
    variables = json.dumps([{"name": name, "value": "key", "type": "SECRETS_MANAGER"} for name in ("S", "odd-name")])
    configuration = {"ProjectName": "web", "EnvironmentVariables": variables}
    project = engine.project(secrets={"key": "hidden-value"})
    odd = "env | grep odd-name || echo not shown"  # no shell holds it: it would be among the arguments of `env`
    kit.commands(where, "echo one $S two", odd, project=project, configuration=configuration)
    pipe, *masked = kit.output()
    assert (pipe.startswith("pipe:"), masked) == (True, ["one *** two", "not shown"])
    assert not [file for file in kit.folder.rglob("*") if file.is_file() and b"hidden-value" in file.read_bytes()]


def test_a_compute_type_limits_memory(engine: Engine, kit: Kit) -> None:
    project = engine.project(projects={"web": ProjectSettings(compute_type="BUILD_LAMBDA_1GB")})
    hungry = "python3 -c 'b = bytes(range(256)) * (5 << 20); print(len(b))'"
    outcome = kit.commands(hungry, project=project)
    if "this engine sets no limits" in kit.text():
        assert outcome.failure is None
        return
    assert outcome.failure is not None
    assert "exit status 137" in outcome.failure.message
    assert "memory" in outcome.failure.hint


@pytest.mark.parametrize("source", ["mount", "copy"])
def test_files_come_and_go(engine: Engine, kit: Kit, source: str) -> None:
    spec = artifacts(
        {"files": ["**/*"], "enable-symlinks": "yes"},
        "rm old; mkdir -p a/b; echo new > a/b/new; ln -s new a/b/link; chmod +x run",
        "cat old 2>/dev/null || cat $CODEBUILD_SRC_DIR_Other/more; mv a/b moved",
    )
    outcomes = []
    for project in (ProjectFile(), engine.project(docker={"source": source})):
        more = {"Other": kit.tree(more="more\n")}
        job = {"inputs": more, "configuration": {"ProjectName": "web", "PrimarySource": "Source"}, "outputs": ("Out",)}
        outcomes.append(kit.build(spec, files={"old": "old", "run": "#!/bin/sh\n"}, project=project, **job))
        assert kit.output() == ["more"]
    assert outcomes[0].outputs == outcomes[1].outputs != {}


def test_a_cached_folder_outlives_its_container(engine: Engine, kit: Kit) -> None:
    command = "cat /opt/kept/d/word; mkdir -p /opt/kept/d && id -un > /opt/kept/d/word"
    cached = {"version": 0.2, "phases": {"build": {"commands": [command]}}, "cache": {"paths": ["/opt/kept/**/*"]}}
    for user in ("nobody", "root", "nobody"):  # whose the folder is in time
        assert kit.build(json.dumps(cached | {"run-as": user}), project=engine.project()).failure is None, kit.text()
    assert kit.output() == ["root"]


def test_a_build_finds_the_local_aws_side(engine: Engine, kit: Kit) -> None:
    ask = "import os, urllib.request as r, urllib.error as e\ntry: r.urlopen(os.environ['AWS_ENDPOINT_URL'])\n"
    kit.commands(f'python3 -c "{ask}except e.HTTPError as x: print(x.code)"', project=engine.project())
    assert kit.output()[-1].isdigit()


def test_without_a_network(engine: Engine, kit: Kit) -> None:
    kit.commands(
        "tail -n +3 /proc/net/dev | cut -d: -f1 | tr -d ' '", project=engine.project(docker={"network": "none"})
    )
    assert kit.output() == ["lo"]


def test_an_image_that_is_not_here(engine: Engine, kit: Kit) -> None:
    settings = ActionSettings(image="aws/codebuild/standard:7.0")
    project = ProjectFile(runner="docker", docker=DockerSettings(pull="never"))
    failure = kit.commands("true", project=project, settings=settings).failure
    assert failure is not None
    assert failure.message == "PROVISIONING: image aws/codebuild/standard:7.0 is not here"
    assert kit.agent_lines()[-1].startswith("Phase context status code: BUILD_CONTAINER_UNABLE_TO_PULL_IMAGE Message: ")
    assert failure.hint.startswith("Nothing is pulled offline: `--image aws/codebuild/standard:7.0=NAME`")


def test_an_image_made_of_a_dockerfile(engine: Engine, kit: Kit) -> None:
    (kit.folder / "ci").mkdir()
    dockerfile = kit.folder / "ci" / "Dockerfile"
    os.mkfifo(kit.folder / "ci" / "pipe")  # nobody waits for what comes out of it
    project = engine.project(images={"ours": "./ci"})
    made = []
    for words in (uuid.uuid4().hex for _ in range(4)):
        dockerfile.write_text(f"FROM {engine.image}\nENV WORDS={words}\n")
        job = kit.job(
            inputs={"S": kit.files({"buildspec.yml": artifacts({"files": "x"})})},
            project=project,
            settings=ActionSettings(image="ours"),
        )
        made.append(kit.identify(job).parts)
        assert kit.commands("echo $WORDS", project=project, settings=ActionSettings(image="ours")).failure is None
        assert kit.output() == [words]
    assert made[0] != made[1]
    images = engine.daemon.client.images
    kept = images.list(filters={"label": f"com.greenroom.from={dockerfile}"})
    assert len(kept) == 3  # an older one goes when a newer one is made
    for image in kept:
        images.remove(str(image.id))


def test_the_image_is_part_of_the_fingerprint(engine: Engine, kit: Kit) -> None:
    job = kit.job(inputs={"S": kit.files({"buildspec.yml": artifacts({"files": "x"})})}, project=engine.project())
    (part,) = [part for part in kit.identify(job).parts if part.kind == "image"]
    assert part.value == engine.daemon.client.images.get(engine.image).id


async def test_files_belong_to_the_user(engine: Engine, tmp_path: Path) -> None:
    box = Box(engine, tmp_path, owner=engine.somebody)
    output = await box.start()
    await box.sh("mkdir d; touch d/f; ln -s nowhere d/l; chmod 600 d/f", output)
    await box.runner.hand_over("nobody", [box.source, box.scratch])
    assert await box.sh(f"touch by-nobody {box.scratch}/left; exit 3", output, user="nobody") == 3
    # A next script is written there by greenroom itself, which need not be root.
    assert {_owner(p) for p in (box.scratch, box.scratch / "left")} == {engine.somebody}
    assert _owner(box.source / "by-nobody") != engine.somebody
    await box.runner.fetch()
    await box.runner.end()
    await output.close()
    assert {_owner(p) for p in (*box.source.iterdir(), *(box.source / "d").iterdir())} == {engine.somebody}
    assert box.left() == ([], [])


async def test_an_image_without_chown_leaves_no_folder_of_roots(engine: Engine, tmp_path: Path) -> None:
    small = docker_image.make(engine.daemon.client, ("sh", "mkdir"))
    box = Box(dataclasses.replace(engine, image=small), tmp_path, owner=engine.somebody)
    output = await box.start()
    await box.sh("mkdir -p d/e", output)
    await box.runner.fetch()
    await box.runner.end()
    await output.close()
    assert {_owner(box.source / "d"), _owner(box.source / "d" / "e")} == {engine.somebody}
    assert (box.log.read_text(), box.left()) == ("", ([], []))


async def test_cancelling_kills_at_once_and_leaves_nothing_of_root(engine: Engine, tmp_path: Path) -> None:
    box = Box(engine, tmp_path, owner=engine.somebody)
    output = await box.start()
    assert len(box.left()[0]) == 1
    running = asyncio.create_task(
        box.sh("trap '' TERM INT; touch of-nobody; chown nobody *; touch up; while :; do sleep 60; done", output)
    )
    while not (box.source / "up").exists():  # noqa: ASYNC110 - the other side is a shell
        await asyncio.sleep(0.01)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert box.left() == ([], [])
    assert {_owner(p) for p in box.source.iterdir()} == {engine.somebody}
    await box.runner.end()
    await output.close()


def _owner(path: Path) -> tuple[int, int]:
    found = path.lstat()
    return found.st_uid, found.st_gid


def test_images_that_cannot_run_a_build_are_told_apart(engine: Engine, kit: Kit) -> None:
    foreign = docker_image.alone(engine.daemon.client, "arm64", {"bin/sh": b"\x7fELF of another machine"})
    empty = docker_image.alone(engine.daemon.client, "", {"hello": b""})
    for image, words in (
        (foreign, "is made for linux/arm64, this engine runs linux/"),
        (empty, "has no /bin/sh, which"),
    ):
        failure = kit.commands("true", project=engine.project(images={"*": image})).failure
        assert failure is not None
        assert f"image {image} {words}" in failure.message
    assert engine.containers(kit.folder / "state") == []


async def test_nobody_waits_for_an_image_that_is_not_wanted_any_more(engine: Engine, kit: Kit) -> None:
    if engine.daemon.podman:
        pytest.skip("Podman's builds are not among its containers")
    (kit.folder / "ci").mkdir()
    (kit.folder / "ci" / "Dockerfile").write_text(
        f"FROM {engine.image}\nENTRYPOINT []\nRUN echo {kit.folder}; sleep 600\n"
    )
    job = kit.job(inputs={"S": kit.files({"buildspec.yml": artifacts({"files": "x"})})})
    job = dataclasses.replace(job, project=engine.project(images={"*": "./ci"}))
    running = asyncio.create_task(kit.provider(job).run(job, kit.desk()))

    def building() -> bool:
        return any(str(kit.folder) in one["Command"] for one in engine.daemon.client.api.containers())

    while not await asyncio.to_thread(building):  # noqa: ASYNC110 - the other side is an engine
        await asyncio.sleep(0.02)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    while await asyncio.to_thread(building):  # noqa: ASYNC110 - it stops, too
        await asyncio.sleep(0.02)


async def test_a_container_that_ends_by_itself_is_no_exit_status(engine: Engine, tmp_path: Path) -> None:
    box = Box(engine, tmp_path)
    output = await box.start()
    (name,), _ = box.left()
    running = asyncio.create_task(box.sh("touch up; sleep 60", output))
    while not (box.source / "up").exists():  # noqa: ASYNC110 - the other side is a shell
        await asyncio.sleep(0.01)
    await asyncio.to_thread(engine.daemon.client.api.kill, name)
    with pytest.raises(EngineError, match="ended by itself, exit code 137"):
        await running
    await box.runner.end()
    await output.close()
    assert box.left() == ([], [])


async def test_what_a_crash_left_is_removed(engine: Engine, tmp_path: Path) -> None:
    box = Box(engine, tmp_path)
    output = await box.start()
    ledger.note(box.state, "greenroom-never-made", engine.daemon.address, engine.image, None, [])
    (box.state / "containers" / "torn").write_text("{")
    assert ledger.reap(box.state) == (3, [])
    assert box.left() == ([], [])
    await box.runner.end()
    await output.close()
