"""The app in a browser: it works there, and nobody else gets in."""

from __future__ import annotations

import asyncio
import json
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import pyte
import pytest

from tests.e2e.browser import PROGRAM, chromium
from tests.e2e.terminal import PATIENCE, program

pytestmark = pytest.mark.e2e
HELLO = Path(__file__).parents[2] / "sample-pipelines" / "hello"


@dataclass(frozen=True, slots=True)
class Served:
    """A `greenroom web`: its project, its address with the token, and without."""

    project: Path
    address: str

    @property
    def origin(self) -> str:
        parts = urlsplit(self.address)
        return f"{parts.scheme}://{parts.netloc}"


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    place = tmp_path / "hello"
    shutil.copytree(HELLO, place)
    process = subprocess.Popen([program(), "web"], cwd=place, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None
        yield Served(place, process.stdout.readline().decode().strip())
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=PATIENCE)
        assert process.returncode == 0


async def until(holds: Callable[[], object], otherwise: str) -> None:
    for _ in range(int(PATIENCE) * 20):
        if holds():
            return
        await asyncio.sleep(0.05)  # no event of ours tells what another program did
    raise AssertionError(otherwise)


async def test_nobody_gets_in_without_the_token_and_a_page_is_a_screen_of_the_greenroom_that_runs(
    served: Served,
) -> None:
    await _nobody_gets_in_without_the_token(served)
    await _the_token_becomes_a_cookie_and_the_page_may_load_nothing_from_elsewhere(served)
    await _a_page_is_a_screen(served)


async def _nobody_gets_in_without_the_token(served: Served) -> None:
    async with aiohttp.ClientSession() as stranger:
        for path in ("/", "/ws", "/static/js/textual.js", "/?token=wrong", "/nowhere"):
            async with stranger.get(served.origin + path) as answer:
                assert answer.status == 403, path
        elsewhere = (("Host", "evil.example"), ("Origin", "http://evil.example"), ("Origin", "null"))
        for name, value in elsewhere:
            async with stranger.get(served.address, headers={name: value}, allow_redirects=False) as answer:
                assert answer.status == 421, (name, value)


async def _the_token_becomes_a_cookie_and_the_page_may_load_nothing_from_elsewhere(served: Served) -> None:
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as person:
        async with person.get(served.address) as answer:
            assert answer.status == 200 and "token" not in str(answer.url)
            (cookie,) = answer.history[0].headers.getall("Set-Cookie")
            assert "HttpOnly" in cookie and "SameSite=Strict" in cookie
            policy = answer.headers["Content-Security-Policy"]
            assert policy.startswith("default-src 'none'") and "http" not in policy
        async with person.get(served.origin + "/static/js/textual.js") as answer:
            assert answer.status == 200


async def _a_page_is_a_screen(served: Served) -> None:
    shown = pyte.Screen(120, 40)
    stream = pyte.ByteStream(shown)
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as person:
        await (await person.get(served.address)).read()
        async with person.ws_connect(served.origin + "/ws?width=120&height=40", origin=served.origin) as socket:
            await _sees(socket, stream, shown, "waits for you")
            for key, expected in (("a", "Approve Approve/Publish?"), ("\r", "✔ Site")):
                await socket.send_str(json.dumps(["stdin", key]))
                await _sees(socket, stream, shown, expected)
    assert (served.project / "deployed" / "index.html").is_file()


async def _sees(
    socket: aiohttp.ClientWebSocketResponse, stream: pyte.ByteStream, shown: pyte.Screen, expected: str
) -> None:
    async with asyncio.timeout(PATIENCE):
        async for message in socket:
            if message.type is aiohttp.WSMsgType.BINARY:
                stream.feed(message.data)
            if expected in "\n".join(shown.display):
                return
    raise AssertionError("\n".join(shown.display))


@pytest.mark.skipif(PROGRAM is None, reason="no Chromium here")
async def test_a_real_browser_shows_it_and_its_keys_work(served: Served, tmp_path: Path) -> None:
    approved = served.project / "deployed" / "index.html"
    async with chromium(tmp_path / "profile") as browser:
        await browser.open(served.address)
        for _ in range(int(PATIENCE) * 10):
            if await browser.evaluate("document.body.classList.contains('-first-byte')"):
                break
            await asyncio.sleep(0.1)
        await browser.click(600, 500)  # the keys go to the terminal
        for _ in range(int(PATIENCE) * 2):  # the approval may not wait yet when the page is there
            await browser.press("a", "a")
            await browser.press("Enter", "\r")
            if approved.is_file():
                break
            await asyncio.sleep(0.5)
        assert approved.is_file()
        assert {urlsplit(address).netloc for address in browser.asked_for} <= {urlsplit(served.address).netloc}
