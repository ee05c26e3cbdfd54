"""What is known of engines and images without asking one: addresses, names, sizes, limits."""

from __future__ import annotations

import hashlib
import json
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.execution.explain import describe
from engine.execution.fingerprint import compare
from engine.model.outcome import Part
from engine.model.project import ActionSettings, DockerSettings, ProjectFile, ProjectSettings
from engine.providers.codebuild.where import wished
from engine.runners.docker import daemon, images, registry
from engine.runners.docker.daemon import EngineError, address
from engine.runners.docker.wire import agent, line
from engine.runners.docker.wish import Wish


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("python", ("registry-1.docker.io", "library/python", "latest")),
        ("python:3.12", ("registry-1.docker.io", "library/python", "3.12")),
        ("me/app", ("registry-1.docker.io", "me/app", "latest")),
        ("localhost:5000/app:1", ("localhost:5000", "app", "1")),
        ("public.ecr.aws/codebuild/x:5.0", ("public.ecr.aws", "codebuild/x", "5.0")),
        ("host.example/a/b:1@sha256:00", ("host.example", "a/b", "sha256:00")),
    ],
)
def test_names_are_read_as_docker_reads_them(name: str, parts: tuple[str, str, str]) -> None:
    assert registry.parse(name) == parts


class Registry(BaseHTTPRequestHandler):
    """A registry that wants a token and has one image for several platforms."""

    def do_GET(self) -> None:
        """Answer."""
        where = f"http://{self.headers['Host']}"
        manifests = [
            {"digest": f"sha256:{name}", "platform": {"os": "linux", "architecture": name}}
            for name in ("amd64", "arm64")
        ]
        if self.path.startswith("/token"):
            self._answer(200, {"token": "t"})
        elif self.headers.get("Authorization") != "Bearer t":
            asked = f'Bearer realm="{where}/token",service="r",scope="repository:app:pull"'
            self._answer(401, {}, {"WWW-Authenticate": asked})
        elif self.path == "/v2/app/manifests/1":
            self._answer(200, {"manifests": manifests})
        elif self.path.startswith("/v2/app/manifests/sha256:"):
            self._answer(200, {"layers": [{"size": 1000}, {"size": 234}]})
        else:
            self._answer(404, {})

    def log_message(self, *arguments: object) -> None:
        """Say nothing."""

    def _answer(self, code: int, body: object, headers: dict[str, str] | None = None) -> None:
        content = json.dumps(body).encode()
        self.send_response(code)
        for name, value in {"Content-Length": str(len(content)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)


@pytest.fixture
def port() -> Iterator[int]:
    """Where such a registry listens."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Registry) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


def test_a_registry_tells_what_a_pull_would_fetch(port: int) -> None:
    assert registry.size_of(f"127.0.0.1:{port}/app:1") == 1234
    assert registry.size_of(f"127.0.0.1:{port}/nothing:1") == 0


def test_the_current_context_names_the_engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DOCKER_HOST", "DOCKER_CONTEXT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path / ".docker"))
    meta = tmp_path / ".docker" / "contexts" / "meta" / hashlib.sha256(b"far").hexdigest()
    meta.mkdir(parents=True)
    described = {"Name": "far", "Metadata": {}, "Endpoints": {"docker": {"Host": "unix:///far/away.sock"}}}
    (meta / "meta.json").write_text(json.dumps(described))
    (tmp_path / ".docker" / "config.json").write_text(json.dumps({"currentContext": "far"}))
    assert address() == "unix:///far/away.sock"
    monkeypatch.setenv("DOCKER_CONTEXT", "nowhere")
    with pytest.raises(EngineError, match="context"):
        address()
    monkeypatch.setenv("DOCKER_HOST", "tcp://1.2.3.4:2375")
    assert address() == "tcp://1.2.3.4:2375"


def test_without_a_context_the_first_socket_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DOCKER_HOST", "DOCKER_CONTEXT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path / "none"))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    if Path("/var/run/docker.sock").exists():
        pytest.skip("this machine's own engine comes first")
    (tmp_path / "podman").mkdir()
    (tmp_path / "podman" / "podman.sock").touch()
    assert address() == f"unix://{tmp_path}/podman/podman.sock"


def test_what_runs_where() -> None:
    whole = ProjectFile(
        images={"wanted": "instead", "*": "other"},
        docker=DockerSettings(pull="never", network="none"),
        projects={"app": ProjectSettings(runner="docker", image="wanted", privileged=True, compute_type="X")},
        actions={},
    )
    assert wished(whole, ActionSettings(), "unknown", Path()) is None
    assert wished(whole, ActionSettings(runner="host"), "app", Path()) is None
    found = wished(whole, ActionSettings(), "app", Path())
    assert found == Wish("wanted", "instead", Path(), "never", "auto", "none", "X", privileged=True)
    other = wished(whole, ActionSettings(image="mine", runner="docker"), "unknown", Path())
    assert other is not None
    assert (other.name, other.privileged) == ("other", False)


def test_limits_are_codebuilds_as_far_as_the_engine_goes() -> None:
    small = Wish("x", compute_type="BUILD_GENERAL1_SMALL")
    assert small.limits(8, 64 << 30) == {"nano_cpus": 2 * 10**9, "mem_limit": 4 << 30, "memswap_limit": 4 << 30}
    assert Wish("x", compute_type="BUILD_GENERAL1_LARGE").limits(2, 3 << 30)["mem_limit"] == 3 << 30
    assert Wish("x").limits(2, 1) == {}


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0\n"), min_size=1), min_size=1))
def test_a_line_runs_exactly_the_words_given(words: list[str]) -> None:
    import shlex

    inner = line(words, "/a b", [("odd.name", "v w")], "/lo'g").partition(" && exec ")[2].rpartition(") </dev/null >>")
    assert shlex.split(inner[0]) == ["env", "odd.name=v w", *words]


def test_the_first_process_unsets_what_the_image_sets() -> None:
    assert agent(["A", "B"]).startswith("unset A B; while IFS= read -r ")


def test_an_image_that_nobody_can_be_asked_for_is_not_called_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere/docker.sock")
    now = images.part(Wish("ci:1"))
    (change,) = compare([Part("image", "ci:1", f"sha256:{'0' * 64}")], [now])
    told = (
        "whether it changed is not known, no container engine answers at unix:///nowhere/docker.sock: it has no socket"
    )
    assert describe(change) == f"image ci:1: {told}"


def test_an_engine_that_says_nothing_is_not_waited_for_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(daemon, "_HELLO", 0.1)
    monkeypatch.setattr(daemon, "_MUTE", 1e6)
    said = []
    with socket.socket(socket.AF_UNIX) as mute:
        mute.bind(str(tmp_path / "docker.sock"))
        mute.listen()
        for _ in range(2):
            with pytest.raises(EngineError) as caught:
                daemon.connect(f"unix://{tmp_path}/docker.sock")
            said.append(str(caught.value))
            mute.close()  # nobody could be asked now
    assert said == [f"no container engine answers at unix://{tmp_path}/docker.sock: timed out"] * 2
