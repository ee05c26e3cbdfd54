"""Builds that build images: on this machine and in containers, the local engine is where their pushes land."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.model.project import ProjectFile, ProjectSettings
from engine.providers.codebuild.ecr import Ecr
from engine.providers.codebuild.layout import Layout
from engine.providers.pushed import Shelf
from engine.runners.docker import ledger
from engine.runners.docker.adopting import adopt
from engine.runners.docker.daemon import Daemon
from tests.providers.kit import Kit, artifacts, spec
from tests.runners.docker_kit import Engine

pytestmark = pytest.mark.docker

HOST = "111122223333.dkr.ecr.us-east-1.amazonaws.com"


@pytest.fixture
def repository(engine: Engine) -> Iterator[str]:
    """A repository of one test, forgotten after it."""
    name = f"greenroom-test/{uuid.uuid4().hex[:12]}"
    yield name
    engine.forget(f"{HOST}/{name}", name)


def commands(repository: str, image: str) -> tuple[str, ...]:
    """What the buildspecs that AWS shows for images do, and what people add."""
    uri = f"{HOST}/{repository}"
    return (
        f"echo greenroom | docker login --username AWS --password-stdin {HOST}",
        f"docker build -q -t {repository} . 2>/dev/null >id && docker tag {repository}:latest {uri}:v1",
        f"docker push {uri}:v1 2>/dev/null && docker pull -q {uri}:v1 && docker rmi {uri}:v1",
        f"""printf '[{{"name":"app","imageUri":"%s"}}]' {uri}:v1 > imagedefinitions.json""",
        f"echo $(docker inspect --format '{{{{index .RepoDigests 0}}}}' {uri}:v1) > digest.txt",
        f"docker run -d --network none --entrypoint sleep --name {repository.replace('/', '-')} {image} 60 2>&1",
        "[ ! -e ~/.docker/config.json ] || ! grep -q dkr.ecr ~/.docker/config.json",
    )


@pytest.mark.parametrize("where", ["host", "container"])
def test_what_is_pushed_to_ecr_is_in_the_local_engine(engine: Engine, kit: Kit, repository: str, where: str) -> None:
    settings = {"projects": {"web": ProjectSettings(privileged=True)}}
    project = ProjectFile() if where == "host" else engine.project(**settings)
    outcome = kit.build(
        artifacts({"files": ["*.json", "*.txt"]}, *commands(repository, engine.image)),
        files={"Dockerfile": "FROM scratch\nCOPY Dockerfile /x\n"},
        project=project,
        outputs=("Out",),
    )
    assert outcome.failure is None, kit.text()
    image = engine.daemon.client.images.get(f"{HOST}/{repository}:v1")
    made = kit.contents(outcome.outputs["Out"])
    assert json.loads(made["imagedefinitions.json"])[0]["imageUri"] == f"{HOST}/{repository}:v1"
    assert made["digest.txt"] == f"{HOST}/{repository}@{image.id}\n"
    (known,) = Shelf(kit.folder / "state").images()
    assert (known.repository, known.tag, known.digest) == (repository, "v1", image.id)
    left = engine.daemon.client.containers.list(all=True, filters={"label": f"com.greenroom.build={kit.workspace}"})
    assert left == []
    job = kit.job(inputs={"Source": kit.files({"buildspec.yml": spec(build={"commands": ["true"]})})}, project=project)
    assert kit.identify(job).stands
    # A later build finds it; one that is not privileged finds no engine, as on AWS.
    uri = f"{HOST}/{repository}"
    assert kit.commands(f"docker pull {uri}:v1; ! docker pull {uri}:v2", project=project).failure is None
    if where == "container":
        failure = kit.commands("docker ps", project=engine.project()).failure
        assert failure is not None
        assert "only privileged builds have Docker" in failure.hint
    # What is not there any more does not stand for a new run.
    engine.forget(uri)
    found = kit.identify(job)
    assert (found.stands, found.target) == (False, f"image {uri}:v1")


def test_an_engine_that_listens_elsewhere_leaves_docker_to_the_image(
    engine: Engine, kit: Kit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Daemon, "socket", "/nowhere/docker.sock")
    (kit.folder / "ci").mkdir()
    entry = """ENTRYPOINT ["/bin/sh", "-c", "echo its own entry point; exec \\"$@\\"", "entry"]"""
    (kit.folder / "ci" / "Dockerfile").write_text(f"FROM {engine.image}\n{entry}\n")
    project = engine.project(images={"*": "./ci"}, projects={"web": ProjectSettings(privileged=True)})
    assert kit.commands("! docker ps 2>&1", project=project).failure is None
    assert "its own entry point" in kit.text()
    assert "Cannot connect to the Docker daemon" in kit.text()


def test_folders_of_a_containers_root_become_the_users(engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "made" / "deep").mkdir(parents=True)
    (tmp_path / "made" / "deep" / "file").write_text("kept")
    (tmp_path / "made" / "deep").chmod(0o700)
    (tmp_path / "made" / "link").symlink_to("deep")
    adopt(tmp_path, engine.somebody)
    owners = [(path.lstat().st_uid, path.lstat().st_gid) for path in (tmp_path / "made", tmp_path / "made" / "deep")]
    assert owners == [engine.somebody] * 2
    assert (tmp_path / "made" / "deep").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "made" / "deep" / "file").read_text() == "kept"


def test_what_a_killed_build_had_started_is_removed(engine: Engine, kit: Kit) -> None:
    layout, state = Layout(kit.workspace), kit.folder / "state"
    ecr = Ecr(kit.job(), layout)
    ecr.begin()
    compose = f"com.docker.compose.project={ecr.expect_containers()['COMPOSE_PROJECT_NAME']}"
    (entry,) = (state / "containers").iterdir()
    entry.write_text(json.dumps(json.loads(entry.read_text()) | {"greenroom": [1, "another birth"]}))
    label = f"com.greenroom.build={kit.workspace}"
    for one in (label, compose):
        name, _, value = one.partition("=")
        run: dict[str, Any] = {"command": ["60"], "network_mode": "none", "entrypoint": ["sleep"], "detach": True}
        engine.daemon.client.containers.run(engine.image, labels={name: value}, **run)
    layout.pushed.with_name("pushed.tsv.used").touch()
    assert ledger.reap(state) == (1, [])
    for one in (label, compose):
        assert engine.daemon.client.containers.list(all=True, filters={"label": one}) == []
    assert list((state / "containers").iterdir()) == []
