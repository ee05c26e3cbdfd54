"""Services beside a build: there before it, reached by it, gone with it, their logs kept."""

from __future__ import annotations

import io
import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.model.project import ProjectFile, ProjectSettings, ServiceSettings
from engine.runners.docker import ledger
from engine.runners.docker.daemon import connect
from engine.runners.docker.service import Service, variables
from engine.runners.docker.services import Services
from engine.runners.docker.wish import Wish
from tests.providers.kit import Kit, spec
from tests.runners import docker_image
from tests.runners.docker_kit import Engine
from tests.runners.own_daemon import OwnDaemon, started

docker = pytest.mark.docker
GREENROOM = Path(sys.executable).with_name("greenroom")

# It is there for a moment before it is ready.
SERVER = """
import os, pathlib, socket, sys, time
print("begun with", os.environ["WORDS"])
ours = socket.create_server(("0.0.0.0", int(sys.argv[1])))
time.sleep(0.15)
pathlib.Path("/ready").touch()
while True:
    client, _ = ours.accept()
    client.sendall(os.environ["WORDS"].encode())
    client.close()
"""
ASK = "python3 -c \"import socket; print(socket.create_connection(('{host}', {port}), 5).recv(99).decode())\""
BY_VARIABLE = ASK.format(host="$WEB_APP_HOST", port="$WEB_APP_PORT")


def free_port() -> int:
    with socket.socket() as ours:
        ours.bind(("127.0.0.1", 0))
        return int(ours.getsockname()[1])


def project(engine: Engine, folder: Path, port: int, *, runner: str = "docker", **settings: object) -> ProjectFile:
    """A project whose builds have a server beside them, of an image that a Dockerfile makes."""
    (folder / "server").mkdir(exist_ok=True)
    (folder / "server" / "server.py").write_text(SERVER)
    lines = f"FROM {engine.image}\nCOPY server.py /server.py\nENTRYPOINT []\nEXPOSE 8080\n"
    (folder / "server" / "Dockerfile").write_text(f'{lines}CMD ["python3", "-u", "/server.py", "8080"]\n')
    described = {
        "image": "server",
        "environment": {"WORDS": "hello from beside"},
        **({} if port == 8080 else {"ports": [port], "command": ["python3", "-u", "/server.py", str(port)]}),
        "health": "[ -e /ready ]",
        "alias": ["shop.test"],
        "timeout-seconds": 20,
    }
    service = ServiceSettings.model_validate(described | settings.pop("service", {}))  # type: ignore[operator]
    web = ProjectSettings(services={"web-app": service})
    images = {"server": "./server"}
    made = engine.project(images=images, projects={"web": web}, **settings)  # type: ignore[arg-type]
    return made if runner == "docker" else made.model_copy(update={"runner": "host"})


def left(engine: Engine, kit: Kit) -> tuple[list[str], list[Path]]:
    """Containers and ledger entries that are still there."""
    state = kit.folder / "state"
    return engine.containers(state), list((state / "containers").iterdir())


def service_log(kit: Kit) -> str:
    return kit.log.with_name(f"{kit.log.stem}.service-web-app.log").read_text()


@docker
@pytest.mark.parametrize("runner", ["host", "docker"])
def test_a_build_reaches_what_runs_beside_it(engine: Engine, kit: Kit, runner: str) -> None:
    port = free_port()
    ours = project(engine, kit.folder, port, runner=runner)
    asked = BY_VARIABLE.replace("python3", sys.executable if runner == "host" else "python3")
    kit.commands(asked, f"echo ${{WEB_APP_PORT_{port}}}", project=ours)
    words, told = kit.output()
    assert words == "hello from beside", kit.text()
    assert int(told) > 0
    assert "begun with hello from beside" in service_log(kit)
    assert any("service web-app (greenroom-built:" in line for line in kit.agent_lines())
    assert left(engine, kit) == ([], [])


@docker
def test_a_service_that_does_not_come_up_fails_the_build(engine: Engine, kit: Kit) -> None:
    port = free_port()
    ended = {"command": ["sh", "-c", "echo no room; sleep 0.1; exit 3"]}
    for service in (ended | {"health": None}, ended):
        failure = kit.commands("true", project=project(engine, kit.folder, port, service=service)).failure
        assert failure is not None
        assert failure.message == "PROVISIONING: service web-app ended, exit code 3"
        assert failure.hint.endswith(".service-web-app.log.")
    assert service_log(kit) == "no room\n" * 2
    never = {"health": "false", "timeout-seconds": 0.2}
    failure = kit.commands("true", project=project(engine, kit.folder, port, service=never)).failure
    assert failure is not None
    assert "service web-app was not ready after 0.2 s" in failure.message
    assert left(engine, kit) == ([], [])


@docker
def test_a_service_is_part_of_the_fingerprint(engine: Engine, kit: Kit) -> None:
    found = set()
    for words in ("one", "two", "one"):
        ours = project(engine, kit.folder, 80, service={"environment": {"WORDS": words}})
        job = kit.job(inputs={"S": kit.files({"buildspec.yml": spec(build={"commands": ["true"]})})}, project=ours)
        parts = kit.identify(job).parts
        found.add(next((part for part in parts if part.kind == "service"), None))
    assert len(found - {None}) == 2


@pytest.fixture(scope="module")
def own() -> Iterator[OwnDaemon]:
    """An engine with networks of its own."""
    with started(networks=True) as daemon:
        yield daemon


@pytest.fixture
def networked(own: OwnDaemon, monkeypatch: pytest.MonkeyPatch) -> Engine:
    monkeypatch.setenv("DOCKER_HOST", own.address)
    return Engine(connect(), docker_image.make(connect().client, ("sh", "env", "cat")))


@docker
@pytest.mark.parametrize("network", ["host", "none", "ours"])
def test_names_lead_to_services_in_every_network(networked: Engine, kit: Kit, network: str) -> None:
    client = networked.daemon.client
    ours = project(networked, kit.folder, 8080, docker={"network": network})
    if network == "ours":
        client.networks.create("ours")
    before = len(client.networks.list())
    kit.commands(*(ASK.format(host=name, port=8080) for name in ("shop.test", "$WEB_APP_HOST")), project=ours)
    assert kit.output() == ["hello from beside"] * 2, kit.text()
    assert left(networked, kit) == ([], [])
    assert len(client.networks.list()) == before


@docker
async def test_services_that_a_crash_left_are_removed_with_their_network(networked: Engine, tmp_path: Path) -> None:
    client, log = networked.daemon.client, tmp_path / "log"
    before = {one.id for one in client.networks.list()}
    bare = io.BytesIO(f"FROM {networked.image}\nENTRYPOINT []\n".encode())
    client.images.build(fileobj=bare, tag="greenroom-test-bare:1", rm=True)
    wanted = Service("db", Wish("greenroom-test-bare:1"), command=("sh", "-c", "cat < /dev/zero > /dev/null"))
    services = Services([wanted], tmp_path, log, labels={})
    reach = await services.start("bridge", lambda text: None)
    assert reach.network in {one.name for one in client.networks.list()}
    (entry,) = (tmp_path / "containers").iterdir()
    entry.write_text(json.dumps(json.loads(entry.read_text()) | {"greenroom": [1, "another birth"]}))
    assert ledger.reap(tmp_path) == (1, [])
    assert {one.id for one in client.networks.list()} == before
    assert client.containers.list(all=True) == []
    await services.end()


@docker
def test_builds_on_the_machine_reach_published_ports(networked: Engine, own: OwnDaemon, kit: Kit) -> None:
    project(networked, kit.folder, 8080)
    (kit.folder / "greenroom.yaml").write_text(
        f"images: {{server: ./server}}\nprojects: {{{kit.folder.name}: {{services: {{web-app: {{image: server, "
        f"health: '[ -e /ready ]', environment: {{WORDS: hello}}}}}}}}}}\n"
    )
    told = BY_VARIABLE.replace("python3", sys.executable)
    (kit.folder / "buildspec.yml").write_text(json.dumps({"version": 0.2, "phases": {"build": {"commands": [told]}}}))
    assert own.process is not None
    inside = ["nsenter", f"--net=/proc/{own.process.pid}/ns/net", str(GREENROOM), "build"]
    done = subprocess.run(inside, cwd=kit.folder, capture_output=True, text=True, check=False)
    assert (done.returncode, "\nhello\n" in done.stdout + done.stderr) == (0, True), done.stdout + done.stderr


def test_variables_of_a_service() -> None:
    assert variables("my-db", "h", [(5432, 40000), (80, 80)]) == {
        "MY_DB_HOST": "h",
        "MY_DB_PORT": "40000",
        "MY_DB_PORT_5432": "40000",
        "MY_DB_PORT_80": "80",
    }
    assert variables("x", "h", []) == {"X_HOST": "h"}
