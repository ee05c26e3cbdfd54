"""validate, show, graph, schema, completion, init, demo, doctor."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.tui.cli.conftest import PATIENCE, Command

GOOD = Path(__file__).parents[3] / "sample-pipelines" / "hello" / "pipeline.json"
ADVICE = Path(__file__).parents[2] / "reading" / "advice" / "given"


def test_a_good_file_is_silent(greenroom: Command) -> None:
    done = greenroom("validate", GOOD)
    assert (done.code, done.out, done.err) == (0, "", "")


def test_a_bad_file(greenroom: Command, tmp_path: Path) -> None:
    bad = tmp_path / "bad.json"
    bad.write_text(GOOD.read_text().replace('"provider": "CodeBuild"', '"provider": "Kodebuild"', 1))
    done = greenroom("validate", bad)
    assert (done.code, done.out) == (2, "")
    assert f"{bad}:" in done.err
    assert "^" in done.err


def test_one_object_a_file(greenroom: Command, tmp_path: Path) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text("name: x\nstages: 3\n")
    done = greenroom("validate", "--json", GOOD, bad, tmp_path / "missing.json")
    assert done.code == 2
    good, broken, missing = done.events
    assert good == {"file": str(GOOD), "pipelines": 1, "actions": 7, "diagnostics": []}
    assert list(broken) == list(missing) == ["file", "pipelines", "actions", "diagnostics"]
    finding = broken["diagnostics"][0]  # type: ignore[index]
    assert list(finding) == ["code", "severity", "line", "column", "message", "hint"]
    assert missing["diagnostics"]


def test_stdin(greenroom: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"name: x\nstages: 3\n")))
    done = greenroom("validate", "-")
    assert done.code == 2
    assert "<stdin>:2" in done.err


def test_stdin_may_be_anything(greenroom: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"name: \xff\xfe\x00\n")))
    done = greenroom("validate", "-")
    assert done.code == 2
    assert "<stdin>:1:7: error[GR102]: not UTF-8 text" in done.err


def test_greenroom_yaml_is_checked_where_it_is_named(greenroom: Command, tmp_path: Path) -> None:
    file = tmp_path / "greenroom.yaml"
    file.write_text("runer: host\n")
    done = greenroom("validate", file)
    assert done.code == 2
    assert "runer" in done.err


def test_strict_fails_on_warnings(greenroom: Command, tmp_path: Path) -> None:
    file = tmp_path / "warned.json"
    role = json.loads(GOOD.read_text())["pipeline"]["roleArn"]
    file.write_text(GOOD.read_text().replace(role, "REPLACE_ME"))
    warned = greenroom("validate", file)
    assert (warned.code, "warning[" in warned.err) == (0, True)
    assert greenroom("validate", "--strict", file).code == 4


def test_without_a_file_what_is_found_is_checked(greenroom: Command, project: Path, tmp_path: Path) -> None:
    assert greenroom("validate", "-C", project).code == 0
    assert greenroom("validate", project).code == 0
    (tmp_path / "empty").mkdir()
    done = greenroom("validate", "-C", tmp_path / "empty")
    assert (done.code, "no pipeline definition" in done.err) == (2, True)


def test_show_reads_back(greenroom: Command, project: Path, tmp_path: Path) -> None:
    forms = (("yaml", "a.yaml"), ("json", "a.json"), ("aws", "b.json"), ("cloudformation", "c.yaml"))
    for form, name in forms:
        done = greenroom("show", "-C", project, "--format", form)
        assert (done.code, done.err) == (0, "")
        (tmp_path / name).write_text(done.out)
        assert greenroom("validate", tmp_path / name).code == 0
        assert json.loads(greenroom("graph", "--format", "json", "-f", tmp_path / name).out)["pipeline"] == "demo"


def test_the_graph_in_every_format(greenroom: Command, project: Path) -> None:
    starts = {"text": "╭─", "mermaid": "flowchart LR", "dot": "digraph", "svg": "<svg", "json": "{"}
    for form, beginning in starts.items():
        done = greenroom(
            "graph",
            "-C",
            project,
            "--format",
            form,
            "--width" if form == "text" else "-v",
            *(["120"] if form == "text" else []),
        )
        assert done.code == 0
        assert done.out.startswith(beginning)


def test_several_pipelines(greenroom: Command, project: Path) -> None:
    (project / "other.yaml").write_text("name: other\nstages:\n  Build:\n    Unit:\n      commands: ['true']\n")
    done = greenroom("show", "-C", project)
    assert (done.code, "several pipelines here" in done.err) == (2, True)
    assert greenroom("show", "-C", project, "--pipeline", "other").out.startswith("name: other")
    wrong = greenroom("show", "-C", project, "-p", "othr")
    assert (wrong.code, "Did you mean other?" in wrong.err) == (2, True)


def test_the_schema(greenroom: Command) -> None:
    assert "properties" in json.loads(greenroom("schema").out)


def test_completion_scripts(greenroom: Command) -> None:
    for shell in ("bash", "zsh", "fish"):
        done = greenroom("completion", shell)
        assert done.code == 0
        assert "_GREENROOM_COMPLETE" in done.out


def complete(line: str, **environment: str) -> list[str]:
    """What a bash would offer for the last word of the line."""
    words = line.split(" ")
    asked = {"_GREENROOM_COMPLETE": "bash_complete", "COMP_WORDS": line, "COMP_CWORD": str(len(words) - 1)}
    argv = [sys.executable, "-c", "from tui.cli.main import main; main()"]
    done = subprocess.run(
        argv, env={**os.environ, **asked, **environment}, capture_output=True, text=True, timeout=PATIENCE
    )
    return [row.partition(",")[2] for row in done.stdout.split()]


def test_completion_knows_commands_pipelines_stages_and_actions(project: Path) -> None:
    assert complete("greenroom val") == ["validate"]
    assert complete(f"greenroom -C {project} why Build/") == ["Build/Compile"]
    assert complete(f"greenroom run -C {project} --only Te") == ["Test", "Test/Unit", "Test/Lint"]
    assert complete(f"greenroom -C {project} run --approve ") == ["Approve/Approve", "all"]
    assert complete(f"greenroom -C {project} show --pipeline d") == ["demo"]


def test_completion_never_complains(tmp_path: Path) -> None:
    (tmp_path / "pipeline.yaml").write_text(": : :")
    assert complete(f"greenroom -C {tmp_path} why B") == []


def test_init(greenroom: Command, tmp_path: Path) -> None:
    (tmp_path / "package.json").write_text('{"scripts": {"test": "true"}}')
    assert greenroom("init", "--print", "-C", tmp_path).out.startswith("# A pipeline for a Node.js project")
    assert greenroom("init", "-C", tmp_path).code == 0
    assert greenroom("validate", "-C", tmp_path).code == 0
    again = greenroom("init", "-C", tmp_path)
    assert (again.code, "there is a pipeline already" in again.err) == (2, True)
    assert greenroom("init", "--force", "-C", tmp_path).code == 0


def test_the_demo_is_broken_in_one_line_and_mended_by_it(greenroom: Command, tmp_path: Path) -> None:
    place = tmp_path / "demo"
    done = greenroom("demo", place)
    assert (done.code, done.out) == (0, "")
    marker = json.loads((GOOD.parent / ".demo.json").read_text())
    assert not (place / ".demo.json").exists()
    assert f"{marker['file']}:" in done.err
    broken = place / marker["file"]
    assert greenroom("run", "-C", place).code == 1
    broken.write_text(broken.read_text().replace(marker["replace"], marker["find"]))
    assert greenroom("run", "-C", place, "--approve", "all").code == 0
    status = subprocess.run(["git", "status", "--short"], cwd=place, capture_output=True, text=True, check=True)
    assert status.stdout.split() == ["M", marker["file"]]


def test_a_demo_overwrites_nothing(greenroom: Command, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    done = greenroom("demo", tmp_path)
    assert (done.code, "is there already" in done.err) == (2, True)
    assert [file.name for file in tmp_path.iterdir()] == ["mine.txt"]


def test_the_doctor_never_fails(greenroom: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/nothing.sock")
    monkeypatch.setenv("TMUX", "yes")
    done = greenroom("doctor", "-C", tmp_path, "--json")
    assert done.code == 0
    found = {row["check"]: row for row in json.loads(done.out)}
    assert found["git"]["level"] == found["shell"]["level"] == "warn"
    assert found["docker"]["level"] == "note"
    assert all(row["advice"] for row in found.values() if row["level"] == "warn")
    assert greenroom("doctor", "-C", tmp_path).out.count("\n") >= len(found)


def test_advice_is_given_to_those_who_ask(greenroom: Command) -> None:
    file = ADVICE / "GR621.yaml"
    assert (greenroom("validate", file).code, greenroom("validate", file).err) == (0, "")
    asked = greenroom("validate", file, "--advise", "--strict")
    assert asked.code == 0
    assert "GR621.yaml:11:70: advice[GR621]: OAuthToken of action Code is written out" in asked.err
    found = json.loads(greenroom("validate", file, "--advise", "--json").out)["diagnostics"]
    assert [(each["code"], each["severity"]) for each in found] == [("GR641", "advice"), ("GR621", "advice")]
    assert "https://docs.aws.amazon.com/" in found[0]["hint"]


def test_advice_is_silenced_for_once_or_for_good(greenroom: Command, tmp_path: Path) -> None:
    file = ADVICE / "GR621.yaml"
    once = greenroom("validate", file, "--advise", "--silence", "GR641").err
    assert "GR621" in once.replace(str(file), "")
    assert "GR641" not in once
    (tmp_path / "greenroom.yaml").write_text("silence: [GR621, GR641]\n")
    assert greenroom("-C", tmp_path, "validate", file, "--advise").err == ""
    unknown = greenroom("validate", file, "--advise", "--silence", "GR666")
    assert unknown.code == 2
    assert "no advice has the code GR666" in unknown.err
