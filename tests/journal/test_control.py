"""The control socket: private, patient, and not to be stopped by a bad client."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import stat
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.journal import control
from engine.journal.control import REQUEST_BYTES, Server, call, private_directory, serve, socket_path
from engine.journal.errors import ControlError


async def echo(request: dict[str, Any]) -> dict[str, Any]:
    if request.get("fail"):
        raise ValueError("no such stage")
    return {"ok": True, "asked": request}


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    server = await serve(tmp_path / "control.sock", echo)
    yield server
    await server.close()


async def ask(server: Server, request: dict[str, Any]) -> dict[str, Any]:
    return await asyncio.to_thread(call, server.path, request, 20.0)


async def send(server: Server, data: bytes) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_unix_connection(server.path)
    writer.write(data)
    return reader, writer


async def told(server: Server, data: bytes) -> dict[str, Any]:
    reader, writer = await send(server, data)
    answer = json.loads(await reader.readline())
    writer.close()
    assert isinstance(answer, dict)
    return answer


async def test_a_request_is_answered(server: Server) -> None:
    assert await ask(server, {"type": "Stop", "é": [1]}) == {"ok": True, "asked": {"type": "Stop", "é": [1]}}


async def test_one_connection_may_ask_often(server: Server) -> None:
    reader, writer = await send(server, b'{"n": 1}\n{"n": 2}\n')
    assert json.loads(await reader.readline())["asked"] == {"n": 1}
    assert json.loads(await reader.readline())["asked"] == {"n": 2}
    writer.close()


async def test_only_the_owner_may_come_near_it(server: Server) -> None:
    assert server.path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("line", [b"hello\n", b'{"a"\n', b"[1]\n", b"\xff\xfe\n", b"[" * 100_000 + b"\n"])
async def test_nonsense_is_answered_with_an_error(server: Server, line: bytes) -> None:
    answer = await told(server, line)
    assert (answer["ok"], answer["exception"]) == (False, "BadRequest")
    assert (await ask(server, {}))["ok"]


async def test_a_request_beyond_all_measure_is_refused(server: Server) -> None:
    assert (await ask(server, {"a": "x" * (REQUEST_BYTES // 2)}))["ok"]
    reader, writer = await send(server, b"x" * (REQUEST_BYTES + 2))
    assert str(REQUEST_BYTES) in json.loads(await reader.readline())["message"]
    assert await reader.read() == b""
    writer.close()


async def test_a_handler_that_fails_is_an_answer(server: Server) -> None:
    answer = await ask(server, {"fail": True})
    assert answer == {"ok": False, "exception": "InternalFailure", "message": "ValueError: no such stage"}


async def test_clients_that_hang_hold_up_nobody(server: Server) -> None:
    held = [await send(server, data) for data in (b"", b'{"half": ', b'{"whole": 1}\n') for _ in range(5)]
    assert (await ask(server, {"n": 1}))["asked"] == {"n": 1}
    for _, writer in held:
        writer.close()


async def test_a_client_that_leaves_early_is_forgotten(server: Server) -> None:
    for data in (b"", b"{", b'{"a": 1}\n'):
        _, writer = await send(server, data)
        writer.close()
    assert (await ask(server, {}))["ok"]


async def test_an_idle_client_is_let_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(control, "_PATIENCE", 0.01)
    server = await serve(tmp_path / "s", echo)
    reader, writer = await send(server, b"{")
    assert json.loads(await reader.readline())["message"] == "No request came."
    assert await reader.read() == b""
    writer.close()
    await server.close()


async def test_strangers_are_turned_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    server = await serve(tmp_path / "s", echo)
    monkeypatch.setattr(os, "getuid", lambda: 4_000_000)
    monkeypatch.setattr(control, "_TRUSTED", ())
    with pytest.raises(ControlError):
        await ask(server, {})
    await server.close()


async def test_closing_ends_the_conversations_and_removes_the_socket(tmp_path: Path) -> None:
    server = await serve(tmp_path / "s", echo)
    reader, writer = await send(server, b'{"a": 1}\n')
    await reader.readline()
    await server.close()
    assert await reader.read() == b""
    assert not server.path.exists()
    await server.close()
    writer.close()


async def test_a_dead_ones_socket_is_replaced_but_nothing_else_is(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(tmp_path / "s"))
    server = await serve(tmp_path / "s", echo)
    assert (await ask(server, {}))["ok"]
    await server.close()
    (tmp_path / "s").write_text("a file of the user's")
    with pytest.raises(ControlError, match="cannot be made"):
        await serve(tmp_path / "s", echo)
    assert (tmp_path / "s").read_text() == "a file of the user's"


def test_nobody_there(tmp_path: Path) -> None:
    with pytest.raises(ControlError, match="No greenroom answers"):
        call(tmp_path / "s", {})
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(tmp_path / "s"))
    with pytest.raises(ControlError, match="No greenroom answers"):
        call(tmp_path / "s", {})


@pytest.mark.parametrize(("said", "complaint"), [(b"", "went away"), (b"{", "went away"), (b"[]\n", "not greenroom")])
async def test_a_strange_server(tmp_path: Path, said: bytes, complaint: str) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.write(said)
        writer.close()

    async with await asyncio.start_unix_server(answer, tmp_path / "s"):
        with pytest.raises(ControlError, match=complaint):
            await asyncio.to_thread(call, tmp_path / "s", {})


def test_a_server_that_never_answers(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(str(tmp_path / "s"))
        silent.listen()
        with pytest.raises(ControlError, match="did not answer in"):
            call(tmp_path / "s", {}, timeout=0.05)


def test_the_socket_lies_in_the_state_directory_where_its_name_fits(tmp_path: Path) -> None:
    assert socket_path(Path("/srv/shop/.greenroom")) == Path("/srv/shop/.greenroom/control.sock")


@pytest.fixture
def runtime(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A runtime directory with a short name: a socket's name may not be long."""
    with tempfile.TemporaryDirectory(dir="/tmp") as name:
        monkeypatch.setenv("XDG_RUNTIME_DIR", name)
        yield Path(name)


async def test_a_deep_directory_gets_a_short_private_name(tmp_path: Path, runtime: Path) -> None:
    deep, other = (tmp_path / ("é" * 60) / name / ".greenroom" for name in "ab")
    path = socket_path(deep)
    assert path.parent == runtime / "greenroom"
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert path == socket_path(deep)
    assert path != socket_path(other)
    server = await serve(path, echo)
    assert (await ask(server, {}))["ok"]
    await server.close()


@pytest.mark.parametrize("runtime", ["", "relative", "/nowhere/at/all", "/" + "x" * 90])
def test_without_a_runtime_directory_it_is_tmp(monkeypatch: pytest.MonkeyPatch, runtime: str) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", runtime)
    directory = private_directory()
    assert directory == Path(f"/tmp/greenroom-{os.getuid()}")
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700


def _link(path: Path) -> None:
    (path.parent / "target").mkdir(mode=0o700)
    path.symlink_to(path.parent / "target")


def _open(path: Path) -> None:
    path.mkdir()
    path.chmod(0o755)


@pytest.mark.parametrize("trick", [_link, _open, Path.touch])
def test_a_directory_somebody_else_prepared_is_not_trusted(runtime: Path, trick: Any) -> None:
    trick(runtime / "greenroom")
    with pytest.raises(ControlError):
        private_directory()


def test_a_directory_of_another_user_is_not_trusted(runtime: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    private_directory()
    monkeypatch.setattr(os, "getuid", lambda: 4_000_000)
    with pytest.raises(ControlError, match="only you can enter"):
        private_directory()


async def test_who_is_ended_while_it_begins_to_serve_leaves_no_socket(tmp_path: Path) -> None:
    path = tmp_path / "control.sock"
    served = []
    for steps in range(6):
        beginning = asyncio.create_task(serve(path, echo))
        for _ in range(steps):
            await asyncio.sleep(0)
        beginning.cancel()
        await asyncio.gather(beginning, return_exceptions=True)
        if beginning.cancelled():
            assert not path.exists(), steps
        else:
            served.append(steps)
            await beginning.result().close()
    assert served and served[0] > 1
