"""run-as on this machine: another user's processes where greenroom may start such, and words where it may not."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.execution.pausing import How
from engine.model.status import ActionStatus
from engine.providers.shell import shell_in
from engine.runners import users
from tests.providers.kit import Kit, spec
from tests.providers.test_debugging import Bench, fixed

SPEC = """\
version: 0.2
run-as: nobody
phases:
  install:
    run-as: root
    commands: [id -un, 'CARRIED=over', mkdir made, 'echo root > by-root', 'echo $HOME > ../home']
  build:
    commands:
      - id -un
      - 'echo "$CARRIED $USER $(whoami)"'
      - echo mine > made/file && rm by-root && cd made
      - pwd | xargs basename
      - test -r /etc/shadow && echo reads it || echo reads no secrets
  post_build:
    run-as: root
    commands: [id -un, 'echo "$HOME" | diff - ../../home && echo at home', 'ls']
artifacts: {files: ['**/*']}
"""


@pytest.fixture
def open_kit() -> Iterator[Kit]:
    """A kit below a folder that everybody may enter, its state for nobody else."""
    folder = Path(tempfile.mkdtemp(prefix="greenroom-test-"))
    folder.chmod(0o755)
    kit = Kit(folder)
    kit.workspace = folder / "state" / "work"
    (folder / "state").mkdir(mode=0o700, exist_ok=True)
    yield kit
    shutil.rmtree(folder)


@pytest.mark.skipif(os.getuid() != 0, reason="only root may act as somebody else")
def test_phases_as_other_users(open_kit: Kit) -> None:
    big = {f"many/{at}": "x" for at in range(20)}
    outcome = open_kit.build(SPEC, outputs=("Out",), files={"own.txt": "text", **big})
    assert open_kit.output() == [
        "root",
        "nobody",
        "over nobody nobody",
        "made",
        "reads no secrets",
        "root",
        "at home",
        "file",
    ]
    assert outcome.failure is None
    assert set(open_kit.contents(outcome.outputs["Out"])) >= {"made/file", "own.txt"}
    # The way in was opened for that user alone, and only to pass.
    assert (open_kit.folder / "state").stat().st_mode & 0o007 == 0
    assert not users.obstacle("nobody", open_kit.workspace, below=open_kit.folder / "state")
    # Again, over files of another owner.
    assert open_kit.build(SPEC, outputs=("Out",), files={"own.txt": "new"}).failure is None


@pytest.mark.parametrize("user", ["nobody", "nobody-is-called-so"])
def test_where_it_cannot_be(kit: Kit, monkeypatch: pytest.MonkeyPatch, user: str) -> None:
    if user == "nobody":
        monkeypatch.setattr(os, "getuid", lambda: 1000)
        why = "only root may run commands as somebody else"
    else:
        why = f"this machine has no user {user}" if os.getuid() == 0 else "only root may"
    outcome = kit.build(f"version: 0.2\nrun-as: {user}\nphases: {{build: {{commands: [id -un]}}}}\n")
    assert outcome.failure is None
    assert any(
        line.startswith(f"greenroom: run-as {user}: commands run as") and why in line for line in kit.agent_lines()
    )


@pytest.mark.skipif(os.getuid() != 0, reason="only root is kept out by nobody's permissions alone")
def test_folders_of_others_are_left_as_they_are(tmp_path: Path) -> None:
    (tmp_path / "closed" / "state" / "work").mkdir(parents=True)
    (tmp_path / "closed").chmod(0o700)
    before = (tmp_path / "closed").stat().st_mode
    said = users.obstacle("nobody", tmp_path / "closed" / "state" / "work", below=tmp_path / "closed" / "state")
    assert said.startswith("nobody may not enter /")
    assert (tmp_path / "closed").stat().st_mode == before


def test_a_file_of_several_names_keeps_its_owner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Large inputs are links into the store: what is changed in one place is changed in all."""
    (tmp_path / "own").write_text("a")
    (tmp_path / "linked").write_text("b")
    (tmp_path / "elsewhere").mkdir()
    os.link(tmp_path / "linked", tmp_path / "elsewhere" / "object")
    given: list[str] = []
    monkeypatch.setattr(os, "lchown", lambda path, uid, gid: given.append(Path(path).name))
    users.hand_over(users.Account("x", 12345, 12345, (), "/"), [tmp_path])
    assert sorted(given) == sorted([tmp_path.name, "elsewhere", "own"])


@pytest.mark.skipif(os.getuid() != 0, reason="only root runs as somebody else")
def test_a_phase_of_another_user_that_was_paused_goes_on_as_that_user(open_kit: Kit) -> None:
    commands = ["cd /; export A=1", "test -f $CODEBUILD_SRC_DIR/fix && id -un && echo $A $PWD", "A=2", "echo $A"]
    open_kit.source = open_kit.workspace / "build" / "src"
    bench = Bench(open_kit, spec(build={"run-as": "nobody", "commands": commands}))
    assert bench.run("command", fixed).status is ActionStatus.SUCCEEDED
    assert open_kit.output()[-3:] == ["nobody", "1 /", "2"]


@pytest.mark.skipif(os.getuid() != 0 or not shutil.which("setpriv"), reason="only root may act as somebody else")
def test_a_shell_is_the_users_as_whom_the_failed_command_ran(open_kit: Kit) -> None:
    text = spec(build={"run-as": "nobody", "commands": ["mkdir made; cd made", "export A=1; false"]})

    def seen() -> list[str]:
        argv, directory, environment = shell_in(open_kit.workspace, "id -un; echo $A $USER; touch mine && pwd")
        done = subprocess.run(argv, cwd=directory, env=environment, capture_output=True, text=True, check=False)
        return [*done.stdout.split(), done.stderr]

    here = ["nobody", "1", "nobody", str(open_kit.workspace / "build" / "src" / "made"), ""]

    def looked(bench: Bench) -> How:
        assert seen() == here
        return "fail"

    assert Bench(open_kit, text).run(looked).status is ActionStatus.FAILED
    assert seen() == here
