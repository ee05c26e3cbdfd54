"""Looking at what happened, on a project that ran."""

from __future__ import annotations

import json
import os
import resource
from pathlib import Path
from zipfile import ZipFile

import pytest

from engine.runners.tracing import obstacle
from tests.tui.cli.conftest import PATIENCE, Command


@pytest.fixture
def ran(project: Path, greenroom: Command) -> Path:
    """The project after one failed and one good run."""
    (project / "word.txt").write_text("bad\n")
    assert greenroom("run", "-C", project).code == 1
    (project / "word.txt").write_text("good\n")
    assert greenroom("run", "-C", project, "--approve", "all").code == 0
    return project


def test_before_the_first_run(greenroom: Command, project: Path) -> None:
    for name in ("status", "logs", "why"):
        done = greenroom(name, "-C", project, *(["Unit"] if name == "why" else []))
        assert (done.code, done.out) == (2, "")
        assert done.err == "greenroom: nothing has run here yet\n  Start with: greenroom run\n"
    assert greenroom("history", "-C", project).err == "Nothing has run here yet.\n"


def test_the_status(greenroom: Command, ran: Path) -> None:
    text = greenroom("status", "-C", ran)
    assert (text.code, text.err) == (0, "")
    assert text.out.startswith("demo #2  Succeeded")
    assert any(line.split()[:3] == ["Test/Unit", "✔", "succeeded"] for line in text.out.splitlines())
    first = json.loads(greenroom("status", "-C", ran, "--json", "-e", "1").out)
    assert (first["status"], first["running"], first["approvals"]) == ("Failed", None, [])
    states = {action["action"]: action["status"] for action in first["actions"]}
    assert (states["Unit"], states["Approve"]) == ("Failed", None)


def test_a_run_that_is_not_there(greenroom: Command, ran: Path) -> None:
    done = greenroom("status", "-C", ran, "-e", "9")
    assert done.code == 2
    assert "there is no run '9'" in done.err


def test_the_history(greenroom: Command, ran: Path) -> None:
    lines = greenroom("history", "-C", ran).out.splitlines()
    assert [line.split()[:2] for line in lines[1:]] == [["#2", "Succeeded"], ["#1", "Failed"]]
    rows = json.loads(greenroom("history", "-C", ran, "--json", "-n", "1").out)
    assert [row["execution"] for row in rows] == [2]


def test_why(greenroom: Command, ran: Path) -> None:
    text = greenroom("why", "-C", ran, "compile").out
    assert text.startswith("Build/Compile  #2  ✔ succeeded\n")
    assert "input Source changed: word.txt" in text
    body = json.loads(greenroom("why", "-C", ran, "Build/Compile", "--json").out)
    assert body["parts"] and len(body["fingerprint"]) == 64
    assert "fingerprint" in greenroom("why", "-C", ran, "Compile", "-v").out


def test_why_an_action_was_not_reached(greenroom: Command, ran: Path) -> None:
    done = greenroom("why", "-C", ran, "-e", "1", "Deploy")
    assert done.code == 2
    assert "#1 has not reached Deploy/Deploy" in done.err


def test_a_log(greenroom: Command, ran: Path) -> None:
    text = greenroom("logs", "-C", ran, "Compile")
    assert (text.code, text.err) == (0, "")
    assert "\ncompiling\n" in text.out
    path = Path(greenroom("logs", "-C", ran, "Compile", "--path").out.strip())
    assert path.read_text() == text.out
    assert len(greenroom("logs", "-C", ran, "Compile", "-n", "3").out.splitlines()) == 3


def test_every_log_of_a_run(greenroom: Command, ran: Path) -> None:
    text = greenroom("logs", "-C", ran).out
    assert text.index("==> Build/Compile <==") < text.index("==> Test/Unit <==")


def test_following_a_run_that_is_over_prints_it_and_ends(greenroom: Command, ran: Path) -> None:
    text = greenroom("logs", "-C", ran, "-f").out
    assert "Build/Compile | compiling\n" in text
    assert greenroom("logs", "-C", ran, "-f", "Compile").out == greenroom("logs", "-C", ran, "Compile").out


def test_artifacts(greenroom: Command, ran: Path, tmp_path: Path) -> None:
    assert "Out       Build/Compile" in greenroom("artifacts", "-C", ran).out
    assert greenroom("artifacts", "ls", "Out", "-C", ran).out.split() == ["5", "B", "out.txt"]
    assert greenroom("artifacts", "export", "Out", tmp_path / "o.zip", "-C", ran).code == 0
    assert ZipFile(tmp_path / "o.zip").read("out.txt") == b"good\n"
    assert greenroom("artifacts", "export", "Out", tmp_path / "o", "-C", ran).code == 0
    assert (tmp_path / "o" / "out.txt").read_text() == "good\n"
    again = greenroom("artifacts", "export", "Out", tmp_path / "o", "-C", ran)
    assert (again.code, "is not empty" in again.err) == (2, True)
    unknown = greenroom("artifacts", "ls", "Outt", "-C", ran)
    assert (unknown.code, "Did you mean Out?" in unknown.err) == (2, True)


def test_the_list(greenroom: Command, ran: Path) -> None:
    rows = json.loads(greenroom("list", "-C", ran, "--json").out)
    assert [(row["name"], row["stages"], row["last"]) for row in rows] == [("demo", 5, "#2 Succeeded")]
    assert "#2 Succeeded" in greenroom("list", "-C", ran).out


def test_the_cache(greenroom: Command, ran: Path) -> None:
    before = json.loads(greenroom("cache", "ls", "-C", ran, "--json").out)
    assert before["store"] > 0 and before["total"] >= before["store"]
    assert "results and snapshots" in greenroom("cache", "ls", "-C", ran).out
    assert greenroom("cache", "prune", "-C", ran).err == "greenroom: dropped 0 results, freed 0 B\n"
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, hard))  # as on a full disk
    try:
        full = greenroom("cache", "prune", "--max-size", "0", "-C", ran)
        assert (full.code, "cache prune --all" in full.err) == (2, True), full.err
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    kept = ran / ".greenroom" / "caches" / "app" / "of a container"
    kept.parent.mkdir(parents=True)
    kept.write_bytes(bytes(10_000))
    assert json.loads(greenroom("cache", "ls", "-C", ran, "--json").out)["caches"] == 10_000
    done = greenroom("cache", "prune", "--all", "-C", ran)
    assert done.code == 0
    assert "dropped 0 results" not in done.err
    assert not kept.exists()
    assert not list((ran / ".greenroom").glob("work/*"))
    again = greenroom("run", "-C", ran, "--approve", "all", "--json")
    assert again.code == 0
    whys = {e["action"]: e["why"] for e in again.events if e["event"] == "action-decided"}
    assert whys["Compile"] == ["the earlier result was dropped from the cache"]


def test_a_shell_where_an_action_ran(ran: Path, start: object) -> None:
    process = start("shell", "Compile", "-C", ran, "-c", "cat word.txt; exit 3")  # type: ignore[operator]
    out, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, out) == (3, "good\n"), err


def test_pruning_does_without_spare_workspaces(greenroom: Command, ran: Path) -> None:
    spare = next((ran / ".greenroom" / "work").glob("*/*/*/build")) / ".src.spare"
    (spare / "a").mkdir(parents=True)
    assert greenroom("cache", "prune", "-C", ran).code == 0
    assert not spare.exists()


def test_the_graph_with_the_marks_of_the_latest_run(greenroom: Command, ran: Path) -> None:
    done = greenroom("graph", "-C", ran, "--status", "--width", "140")
    assert done.code == 0
    assert "✔ Compile" in done.out and "✔ Deploy" in done.out
    assert "only text and svg have the marks" in greenroom("graph", "-C", ran, "-s", "--format", "dot").err


def test_what_an_action_was_seen_to_read(greenroom: Command, project: Path) -> None:
    unknown = greenroom("run", "-C", project, "--approve", "all").code
    assert unknown == 0
    done = greenroom("why", "-C", project, "Compile", "--reads")
    assert (done.code, "`inputs: observed` in greenroom.yaml does that" in done.err) == (2, True)
    if obstacle():
        pytest.skip(obstacle())
    (project / "greenroom.yaml").write_text("inputs: observed\n")
    (project / "unread.txt").write_text("1\n")
    greenroom("run", "-C", project, "--approve", "all", "--force", "Build/Compile")
    assert greenroom("why", "-C", project, "Compile", "--reads").out == "word.txt\n"
    (project / "unread.txt").write_text("2\n")
    greenroom("run", "-C", project, "--approve", "all")
    text = greenroom("why", "-C", project, "Compile").out
    assert "reused: unread.txt changed, which it does not read (observed in #2)" in text
    body = json.loads(greenroom("why", "-C", project, "Compile", "--json").out)
    assert (body["observed"]["execution"], body["observed"]["unread"], body["observed"]["read"]) == (
        2,
        ["unread.txt"],
        1,
    )
    assert json.loads(greenroom("why", "-C", project, "Compile", "--reads", "--json").out)["reads"] == {
        "Source": ["word.txt"]
    }


def test_what_is_deleted_while_it_is_weighed_counts_for_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tui.cli.commands import cache

    (tmp_path / "going").mkdir()
    (tmp_path / "kept").write_text("four")
    scandir = os.scandir

    def vanishing(path: str) -> object:
        if str(path).endswith("going"):
            (tmp_path / "going").rmdir()
        return scandir(path)

    monkeypatch.setattr(os, "scandir", vanishing)
    assert cache._weight(tmp_path) == 4
    assert not (tmp_path / "going").exists()
