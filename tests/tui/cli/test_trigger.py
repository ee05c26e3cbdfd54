"""`greenroom trigger`, --trigger and --webhooks."""

from __future__ import annotations

import json
import subprocess
import urllib.request
from pathlib import Path

import pytest

from tests.triggers.conftest import Repository
from tests.tui.cli.conftest import Command, Start


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_NAME", "A. Thor")
        monkeypatch.setenv(f"GIT_{role}_EMAIL", "a@example.org")
    place = Repository(tmp_path / "project")
    place.pipeline(
        {
            "push": [
                {"branches": {"includes": ["main"]}, "filePaths": {"includes": ["src/**"]}},
                {"tags": {"includes": ["v*"]}},
            ],
            "pullRequest": [{"branches": {"includes": ["main"]}, "events": ["OPEN"]}],
        }
    )
    (place.directory / ".gitignore").write_text(".greenroom/\n")
    place.commit("first", a_txt="one\n")
    return place


def test_what_starts_it(repository: Repository, greenroom: Command) -> None:
    repository.project(
        'schedules: [{name: nightly, expression: "cron(0 2 * * ? 2199)"}, {expression: rate(5 minutes)}]\n'
        "webhooks: {hook: {filters: [{json-path: $.ref, match-equals: x}]}}\n"
    )
    done = greenroom("trigger", "-C", repository.directory)
    rows = [" ".join(line.split()) for line in done.out.splitlines()]
    assert done.code == 0
    assert rows[1:4] == [
        "trigger Src push: branches main; filePaths src/**",
        "trigger Src push: tags v*",
        "trigger Src pull request: OPEN; branches main",
    ]
    assert rows[4].startswith("schedule nightly ")
    assert rows[4].endswith(" cron(0 2 * * ? 2199)")
    assert rows[5] == "schedule rate(5 minutes) rate(5 minutes)"
    assert rows[6] == "webhook hook UNAUTHENTICATED; $.ref = x; served with --webhooks"


def test_a_push_that_starts_nothing(repository: Repository, greenroom: Command) -> None:
    repository.commit("docs", docs__a_txt="a\n")
    done = greenroom("trigger", "push", "-C", repository.directory)
    assert done.code == 1
    assert done.out.splitlines()[0].startswith("push to branch main, 1 changed file, commit ")
    assert "Src: does not start\n  push[0]\n    ✓ branches: main matches main\n" in done.out
    assert "    ✗ filePaths: docs/a.txt matches none of src/**\n" in done.out


def test_a_push_that_starts_a_run(repository: Repository, greenroom: Command) -> None:
    repository.commit("code", src__a_txt="a\n")
    done = greenroom("trigger", "push", "-C", repository.directory)
    assert (done.code, "Src: starts (WebhookV2)" in done.out) == (0, True)
    assert greenroom("history", "-C", repository.directory).out == ""


def test_the_commits_of_a_push(repository: Repository, greenroom: Command) -> None:
    first = repository.git("rev-parse", "HEAD").strip()
    repository.commit("code", src__a_txt="a\n")
    repository.commit("docs", docs__a_txt="a\n")
    assert greenroom("trigger", "push", "-C", repository.directory).code == 1
    assert greenroom("trigger", "push", "-C", repository.directory, "--commits", f"{first}..main").code == 0
    repository.git("update-ref", "refs/remotes/origin/main", first)
    repository.git("config", "remote.origin.url", "x")
    repository.git("config", "remote.origin.fetch", "+refs/heads/*:refs/remotes/origin/*")
    repository.git("config", "branch.main.remote", "origin")
    repository.git("config", "branch.main.merge", "refs/heads/main")
    assert greenroom("trigger", "push", "-C", repository.directory).code == 0


def test_paths_and_branches_that_are_not_there(repository: Repository, greenroom: Command) -> None:
    here = ("-C", repository.directory)
    assert greenroom("trigger", "push", "main", *here, "--path", "src/x").code == 0
    assert greenroom("trigger", "push", "other", *here, "--path", "src/x").code == 1
    assert greenroom("trigger", "push", "main", *here, "--new").code == 1
    done = greenroom("trigger", "push", "other", *here)
    assert (done.code, "there is no branch other here" in done.err) == (2, True)


def test_a_tag(repository: Repository, greenroom: Command) -> None:
    assert greenroom("trigger", "tag", "v1", "-C", repository.directory).code == 0
    assert greenroom("trigger", "tag", "x1", "-C", repository.directory).code == 1


def test_a_pull_request(repository: Repository, greenroom: Command) -> None:
    here = ("-C", repository.directory)
    repository.git("checkout", "-qb", "topic")
    repository.commit("on it", src__a_txt="a\n")
    done = greenroom("trigger", "pull-request", *here)
    assert done.out.startswith("pull request OPEN of topic into main, 1 changed file, commit ")
    assert done.code == 0
    assert greenroom("trigger", "pull-request", *here, "--event", "CLOSED").code == 1
    done = greenroom("trigger", "pull-request", *here, "--into", "nowhere")
    assert (done.code, "there is no branch nowhere here" in done.err) == (2, True)


def test_a_source_that_is_not_there(repository: Repository, greenroom: Command) -> None:
    done = greenroom("trigger", "push", "-C", repository.directory, "--source", "Scr")
    assert (done.code, done.err) == (2, "greenroom: there is no source action 'Scr'\n  Did you mean Src?\n")


def test_a_rehearsal_that_really_starts(repository: Repository, greenroom: Command) -> None:
    repository.git("checkout", "-qb", "topic")
    commit = repository.commit("on it", a_txt="of the topic\n")
    repository.write(a_txt="not committed\n")
    assert greenroom("trigger", "pull-request", "-C", repository.directory, "--start", "-q").code == 0
    assert "of the topic\n" in greenroom("logs", "Show", "-C", repository.directory).out
    run = json.loads(greenroom("history", "--json", "-C", repository.directory).out)[0]
    assert run["trigger"] == "WebhookV2"
    assert json.loads(run["detail"])["branch-name"] == "topic"
    assert run["revision"] == commit[:7]


def test_what_would_not_start_is_not_started(repository: Repository, greenroom: Command) -> None:
    assert greenroom("trigger", "tag", "x1", "-C", repository.directory, "--start").code == 1
    assert greenroom("history", "-C", repository.directory).out == ""


def test_a_run_that_watches_commits(repository: Repository, start: Start) -> None:
    process = start("run", "-w", "--trigger=commit", "-C", repository.directory, "--json", stderr=subprocess.DEVNULL)
    assert process.stdout
    assert next(event for event in map(json.loads, process.stdout) if event["event"] == "run-ended")
    repository.commit("code", src__a_txt="a\n")
    event = next(event for event in map(json.loads, process.stdout) if event["event"] == "run-started")
    assert event["trigger"] == "WebhookV2"


def test_webhooks_are_told_and_served(project: Path, start: Start) -> None:
    (project / "greenroom.yaml").write_text("webhooks: {hook: {}}\n")
    process = start("run", "-w", "--webhooks=0", "-C", project, "--json")
    assert process.stderr
    told = next(line for line in process.stderr if "webhook" in line)
    assert told.startswith("greenroom: webhook hook at http://127.0.0.1:")
    asked = urllib.request.Request(told.split()[-1], data=b"{}", method="POST")
    with urllib.request.urlopen(asked, timeout=60) as answer:
        assert json.loads(answer.read())["message"].startswith("started #")
