"""Notifications by apprise, against a server of our own."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from engine.notices import sending
from engine.notices.rules import Message
from engine.notices.sending import SendProblem, send
from engine.notices.targets import UnknownName, filled
from tests.engine.place import Place, commands
from tests.execution.pipelines import action

# apprise imports it where Python still has it.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")

MESSAGE = Message("shop #7 has failed", "Build/Make: exit 1", "failure", ())


class Mailbox:
    """A server on 127.0.0.1 that keeps what is posted to it."""

    def __init__(self, status: int) -> None:
        self.letters: list[dict[str, Any]] = []
        self.paths: list[str] = []
        mailbox = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                mailbox.paths.append(self.path)
                mailbox.letters.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None: ...

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.place = f"127.0.0.1:{self.server.server_address[1]}"


@pytest.fixture
def mailbox(request: pytest.FixtureRequest) -> Iterator[Mailbox]:
    mailbox = Mailbox(getattr(request, "param", 200))
    thread = threading.Thread(target=mailbox.server.serve_forever, args=(0.01,))
    thread.start()
    yield mailbox
    mailbox.server.shutdown()
    thread.join()
    mailbox.server.server_close()


def test_a_message_arrives(mailbox: Mailbox) -> None:
    send(f"json://{mailbox.place}/hook", MESSAGE, {})
    [letter] = mailbox.letters
    assert (letter["title"], letter["message"], letter["type"]) == (MESSAGE.title, MESSAGE.body, "failure")


@pytest.mark.parametrize("mailbox", [500], indirect=True)
def test_a_refusal_says_why_without_the_secret(mailbox: Mailbox) -> None:
    target = f"json://{mailbox.place}/${{HOOK_TOKEN}}"
    with pytest.raises(SendProblem) as caught:
        send(target, MESSAGE, {"HOOK_TOKEN": "sesame-open"})
    assert mailbox.paths == ["/sesame-open"]
    assert caught.value.message.startswith(f"{target} was not told")
    assert "sesame-open" not in caught.value.message


def test_nobody_there(mailbox: Mailbox) -> None:
    with pytest.raises(SendProblem, match="was not told"):
        send("json://127.0.0.1:1/", MESSAGE, {})


def test_what_apprise_does_not_know() -> None:
    with pytest.raises(SendProblem, match="carrier-pigeon://roof is no URL that apprise knows"):
        send("carrier-pigeon://roof", MESSAGE, {})


def test_a_name_without_a_value() -> None:
    with pytest.raises(SendProblem, match=r"SLACK_URL is neither in the environment nor in \.secrets") as caught:
        send("${SLACK_URL}", MESSAGE, {})
    assert caught.value.hint == "Export it, or put it into .secrets."


def test_names_are_filled_in() -> None:
    found = filled("slack://${A}/${B}", {"A": "1", "B": "2"})
    assert (found.url, found.secrets) == ("slack://1/2", ("1", "2"))
    with pytest.raises(UnknownName):
        filled("${C}", {})


def test_without_apprise_it_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "can_send", lambda: False)
    with pytest.raises(SendProblem, match="apprise is not installed") as caught:
        send("json://127.0.0.1", MESSAGE, {})
    assert caught.value.hint == "pip install 'greenroom[notify]'"


# -- in a session --------------------------------------------------------------------------------------------------


@pytest.fixture
def place(tmp_path: Path) -> Place:
    place = Place(tmp_path / "project")
    place.write(a_txt="a\n")
    place.define(("Source", [action("Source:Src > S")]), ("Build", [commands("Compute:Make S", "grep a a.txt")]))
    return place


def test_a_run_tells_by_rule_once_and_not_again_after_a_restart(place: Place, mailbox: Mailbox) -> None:
    (place.directory / ".secrets").write_text("HOOK=/secret-path\n")
    place.project(
        f"notifications:\n  - events: [pipeline.*]\n    to: ['json://{mailbox.place}${{HOOK}}', 'arn:aws:x']\n"
    )
    for _ in range(2):
        with place.session() as stage:
            stage.run(forced=("*",))
        assert stage.session.unheard == []
    assert mailbox.paths == ["/secret-path"] * 4
    titles = [letter["title"] for letter in mailbox.letters]
    assert titles == [f"demo #{run} has {word}" for run in (1, 2) for word in ("started", "succeeded")]


def test_a_service_that_fails_is_a_notice_told_once(place: Place) -> None:
    place.project("notifications:\n  - events: [pipeline.*]\n    to: ['json://127.0.0.1:1/']\n")
    with place.session() as stage:
        assert stage.run() == ["Source/Src", "Build/Make"]
    [found] = stage.session.unheard
    assert found.message.startswith("notifications: json://127.0.0.1:1/ was not told")
