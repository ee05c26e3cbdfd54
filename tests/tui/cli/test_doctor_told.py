"""The doctor's look at who is told of a pipeline."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from tests.tui.cli.conftest import Command

# apprise imports it where Python still has it.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")


@pytest.fixture(autouse=True)
def no_docker(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/nothing.sock")


def findings(greenroom: Command, directory: Path, *options: str) -> list[tuple[str, str, str]]:
    done = greenroom("doctor", "-C", directory, "--json", *options)
    assert done.code == 0
    rows = [row for row in json.loads(done.out) if row["check"] in ("events", "notify")]
    return [(row["level"], row["found"], row["advice"]) for row in rows]


def test_nobody_is_told_unless_somebody_asks_for_it(greenroom: Command, tmp_path: Path) -> None:
    assert findings(greenroom, tmp_path) == []


def test_each_target_is_looked_at(greenroom: Command, tmp_path: Path) -> None:
    (tmp_path / "greenroom.yaml").write_text(
        "events: {file: a/events.jsonl, hook: [./missing]}\n"
        "notifications:\n"
        "  - {events: [pipeline.FAILED], to: [bell, 'arn:aws:sns:eu-west-1:1:t', 'json://${NOWHERE}/']}\n"
        "  - {events: [stage.*], to: [bell, 'pigeon://roof']}\n"
    )
    assert findings(greenroom, tmp_path) == [
        ("ok", str(tmp_path / "a" / "events.jsonl"), ""),
        ("warn", "hook ./missing is not there", "Mend `events: hook` in greenroom.yaml."),
        ("ok", "bell: pipeline.FAILED, stage.*", ""),
        ("note", "arn:aws:sns:eu-west-1:1:t: pipeline.FAILED", "It is told on AWS only."),
        (
            "warn",
            "json://${NOWHERE}/ is not told: NOWHERE is neither in the environment nor in .secrets",
            "Export it, or put it into .secrets.",
        ),
        ("warn", "pigeon://roof is no URL that apprise knows", "See github.com/caronc/apprise/wiki."),
    ]


def test_a_message_is_sent_when_asked_for(greenroom: Command, tmp_path: Path) -> None:
    heard: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            heard.append(json.loads(self.rfile.read(int(self.headers["Content-Length"])))["title"])
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        target = f"json://127.0.0.1:{server.server_address[1]}/"
        (tmp_path / "greenroom.yaml").write_text(f"notifications:\n  - to: ['{target}']\n")
        assert [level for level, *_ in findings(greenroom, tmp_path)] == ["ok"]
        assert heard == []
        [(level, found, _)] = findings(greenroom, tmp_path, "--notify")
        server.shutdown()
        thread.join()
    assert (level, found) == ("ok", f"{target}: pipeline.FAILED, approval.NEEDED; told just now")
    assert heard == ["greenroom can be heard here"]
