"""Engines that are elsewhere: by ssh, and images that come from a registry."""

from __future__ import annotations

import getpass
import hashlib
import io
import json
import os
import shutil
import socket
import subprocess
import tarfile
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from engine.model.project import ActionSettings, DockerSettings, ProjectFile, ProjectSettings
from engine.runners.docker import daemon as daemons
from engine.runners.docker.daemon import connect
from tests.providers.kit import Kit, artifacts
from tests.runners import docker_image
from tests.runners.docker_kit import Engine

pytestmark = pytest.mark.docker


@pytest.fixture
def login(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """``user@host:port`` of an ssh server on loopback, which the `ssh` on the PATH reaches without a prompt."""
    server, keygen, client = (
        shutil.which("sshd", path="/usr/sbin:/sbin"),
        shutil.which("ssh-keygen"),
        shutil.which("ssh"),
    )
    if not (server and keygen and client):
        pytest.skip("there is no ssh server here")
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)
    place = tmp_path_factory.mktemp("ssh")
    for name in ("host", "user"):
        subprocess.run([keygen, "-q", "-t", "ed25519", "-N", "", "-f", str(place / name)], check=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (place / "sshd_config").write_text(
        f"Port {port}\nListenAddress 127.0.0.1\nHostKey {place}/host\nAuthorizedKeysFile {place}/user.pub\n"
        f"PidFile {place}/pid\nPasswordAuthentication no\nStrictModes no\nUsePAM no\n"
    )
    (place / "bin").mkdir()
    options = f"-F none -i {place}/user -o StrictHostKeyChecking=no -o UserKnownHostsFile={place}/known"
    (place / "bin" / "ssh").write_text(f'#!/bin/sh\nexec {client} {options} "$@"\n')
    (place / "bin" / "ssh").chmod(0o755)
    monkeypatch.setenv("PATH", f"{place}/bin:{os.environ['PATH']}")
    with (place / "log").open("wb") as log:
        process = subprocess.Popen([server, "-D", "-e", "-f", str(place / "sshd_config")], stdout=log, stderr=log)
    try:
        until = time.monotonic() + 10
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                if process.poll() is not None or time.monotonic() > until:
                    pytest.skip(f"sshd does not start here: {(place / 'log').read_text()}")
                time.sleep(0.02)
        yield f"{getpass.getuser()}@127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


def test_an_engine_by_ssh_gets_copies_and_gives_them_back(
    engine: Engine, kit: Kit, login: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    local = engine.daemon.address.removeprefix("unix://")
    monkeypatch.setenv("DOCKER_HOST", f"ssh://{login}{local}")
    far = connect()
    assert far.remote
    try:
        spec = artifacts({"files": ["made"]}, "cat given > made; echo $S >> made", "echo one $S two", "id -u")
        variables = json.dumps([{"name": "S", "value": "key", "type": "SECRETS_MANAGER"}])
        outcome = kit.build(
            spec,
            files={"given": "from here\n"},
            project=engine.project(secrets={"key": "hidden-value"}),
            configuration={"ProjectName": "web", "EnvironmentVariables": variables},
            outputs=("Out",),
        )
        assert outcome.failure is None, kit.text()
        assert kit.output() == ["one *** two", "0"]
        assert kit.contents(outcome.outputs["Out"]) == {"made": "from here\nhidden-value\n"}
        assert engine.containers(kit.folder / "state") == []
        # Builds that may use Docker use that engine.
        privileged = engine.project(projects={"web": ProjectSettings(privileged=True)})
        kit.commands("docker image inspect --format '{{.Id}}' " + engine.image, project=privileged)
        assert kit.output() == [engine.daemon.client.images.get(engine.image).id]
        # A connection that broke is made anew.
        process, near = daemons._tunnels[far.address]
        process.kill()
        process.wait()
        shutil.rmtree(Path(near.removeprefix("unix://")).parent)
        assert kit.commands("echo again", project=engine.project()).failure is None
    finally:
        process, near = daemons._tunnels.pop(far.address)
        daemons._close_tunnel(process, Path(near.removeprefix("unix://")).parent)


class Registry(BaseHTTPRequestHandler):
    """A registry with one image of one layer."""

    blobs: dict[str, bytes]
    manifest: bytes

    def do_GET(self) -> None:
        """Answer."""
        kind = "application/vnd.docker.distribution.manifest.v2+json"
        name = self.path.rpartition("/")[2]
        if self.path == "/v2/":
            self._answer(b"{}", "application/json")
        elif "/manifests/" in self.path and name in ("1", _digest(self.manifest)):
            self._answer(self.manifest, kind)
        elif "/blobs/" in self.path and name in self.blobs:
            self._answer(self.blobs[name], "application/octet-stream")
        else:
            self.send_error(404)

    do_HEAD = do_GET  # noqa: N815

    def log_message(self, *arguments: object) -> None:
        """Say nothing."""

    def _answer(self, content: bytes, kind: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        if "/manifests/" in self.path:
            self.send_header("Docker-Content-Digest", _digest(content))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(content)


def _digest(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def _packed(engine: Engine, image: str) -> tuple[dict[str, bytes], bytes]:
    """Blobs and manifest of a local image."""
    saved = io.BytesIO(b"".join(engine.daemon.client.images.get(image).save()))
    with tarfile.open(fileobj=saved) as archive:

        def read(name: str) -> bytes:
            file = archive.extractfile(name)
            assert file is not None
            return file.read()

        (described,) = json.loads(read("manifest.json"))
        config, layers = read(described["Config"]), [read(name) for name in described["Layers"]]
    rows: list[dict[str, Any]] = [
        {"mediaType": "application/vnd.docker.image.rootfs.diff.tar", "size": len(layer), "digest": _digest(layer)}
        for layer in layers
    ]
    kind = "application/vnd.docker.container.image.v1+json"
    manifest = {
        "schemaVersion": 2,
        "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
        "config": {"mediaType": kind, "size": len(config), "digest": _digest(config)},
        "layers": rows,
    }
    return {_digest(one): one for one in (config, *layers)}, json.dumps(manifest).encode()


@pytest.fixture
def stand(engine: Engine) -> Iterator[str]:
    """The name of an image in a registry on loopback, which the engine does not have."""
    small = docker_image.make(engine.daemon.client, ("sh", "cat", "id"))
    handler = type("Stocked", (Registry,), dict(zip(("blobs", "manifest"), _packed(engine, small), strict=True)))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        name = f"127.0.0.1:{server.server_address[1]}/greenroom-test/ci:1"
        yield name
        server.shutdown()
        thread.join()
    engine.forget(name)


def test_an_image_is_pulled_when_somebody_says_so(engine: Engine, kit: Kit, stand: str) -> None:
    def outcome(pull: str) -> Any:
        project = ProjectFile(runner="docker", docker=DockerSettings.model_validate({"pull": pull}))
        return kit.commands("echo pulled", project=project, settings=ActionSettings(image=stand))

    asked = outcome("ask").failure
    assert asked.hint.startswith(f"`--pull` gets {stand} (")
    assert "MiB compressed)" in asked.hint
    assert outcome("never").failure.hint.startswith("Nothing is pulled offline")
    assert outcome("missing").failure is None, kit.text()
    assert any(line.startswith(f"greenroom: pulling {stand}, ") for line in kit.agent_lines())
    assert kit.output() == ["pulled"]
    assert outcome("never").failure is None  # it is here now
    assert not any("pulling" in line for line in kit.agent_lines())
