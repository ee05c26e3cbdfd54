"""Keys that hand the terminal to another program: a shell, an editor, a pager."""

from __future__ import annotations

import errno
import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import termios
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from textual import on
from textual.app import SuspendNotSupported
from textual.driver import Driver
from textual.message import Message

from tui.actions.looking import LookActions
from tui.messages import FileReady

if TYPE_CHECKING:
    from tui.widgets.artifact_pane import ArtifactPane, Leaf
    from tui.widgets.test_pane import TestPane


@dataclass
class Exported(Message):
    """An artifact was written, or could not be; `open` is a file in it to be opened in the editor."""

    path: Path | None
    problem: str
    open: str = ""


class HungUp(Exception):
    """The terminal went away while another program had it."""


class OutsideActions(LookActions):
    """The screen is given back as soon as the other program ends; the engine goes on meanwhile."""

    def hand_over(
        self,
        argv: Sequence[str],
        directory: Path | None = None,
        environment: Mapping[str, str] | None = None,
        told: str = "",
    ) -> None:
        """Run a program in the terminal; `told` is said there first."""
        if shutil.which(argv[0]) is None and not Path(argv[0]).is_file():
            self.say(f"{argv[0]} is not installed here", "error")
            return
        try:
            with self.suspend():
                if told:
                    sys.stderr.write(f"{told}\n")
                _run(argv, directory, environment)
                _still_there()
        except HungUp:
            self.exit(129, 129)
            return
        except SuspendNotSupported:
            self.say("this terminal cannot be handed over to another program", "warning")
        except OSError as error:
            self.say(str(error), "error")
        self.refresh(layout=True)

    @on(Driver.SignalResume)
    def _come_back(self) -> None:
        """After ctrl+z the terminal has forgotten the screen; Textual sends what changes, and nothing has (8.2.8)."""
        self.refresh(layout=True)

    def action_shell(self) -> None:
        """A shell where the chosen action ran."""
        run, link, state = self.store.run(), self.store.link, self.store.state
        if run is None or link is None or state is None:
            self.say("this action has not run yet: there is no workspace to look into")
            return
        try:
            build = self.store.build()
            argv, directory, environment = link.shell(state.origin(run).id, build.identifier if build else "")
        except LookupError as error:
            self.say(str(error.args[0] if error.args else error), "warning")
            return
        place = f"{run.stage}/{run.action}{f' {build.identifier}' if build else ''}"
        self.hand_over(argv, directory, environment, f"{place} in {directory}   (exit to come back)")

    def action_pager(self) -> None:
        """The chosen action's log in the pager."""
        run, link, state = self.store.run(), self.store.link, self.store.state
        build = self.store.build()
        path = link.log(run.id, build.identifier if build else "") if run and link and state else None
        if path is None or not path.exists():
            self.say("this action has no log yet")
            return
        self.hand_over([*shlex.split(os.environ.get("PAGER") or "less -R"), str(path)])

    def action_edit(self) -> None:
        """The definition in the editor, at the first thing that is wrong with it."""
        if self.store.link is None:
            return
        found = next((d for d in self.store.diagnostics if d.file is not None), None)
        file = found.file if found is not None and found.file else self.store.link.definition
        self.edit(file, found.line if found else 0)

    def edit(self, file: Path, line: int = 0) -> None:
        """A file in the editor."""
        editor = shlex.split(os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi")
        self.hand_over([*editor, *editor_arguments(editor[0], file, line)])

    def on_test_pane_open(self, event: TestPane.Open) -> None:
        """The source of a test, as it is now."""
        execution = self.store.execution
        for revision in execution.revisions.values() if execution else ():
            file = Path(revision.directory) / event.file
            if revision.directory and file.is_file():
                self.edit(file, event.line)
                return
        self.say(f"{event.file} is in no source any more", "warning")

    # -- artifacts ----------------------------------------------------------------------------------------------

    def on_artifact_pane_export(self, event: ArtifactPane.Export) -> None:
        """Ask where to, then write."""
        from tui.screens.confirm import PathDialog

        leaf = event.leaf

        def write(answer: str | None) -> None:
            if answer:
                self._export(leaf, Path(answer).expanduser())

        hint = "A .zip file, or a folder that receives the files."
        self.push_screen(PathDialog(f"Write {leaf.name}", f"{leaf.name}.zip", hint), write)

    def on_artifact_pane_view(self, event: ArtifactPane.View) -> None:
        """Open a file of an artifact: a copy of it, for an artifact never changes."""
        self._export(event.leaf, Path(tempfile.mkdtemp(prefix=f"greenroom-{event.leaf.name}-")), event.leaf.path or ".")

    def _export(self, leaf: Leaf, destination: Path, then_open: str = "") -> None:
        link = self.store.link
        if link is None:
            return

        def written(future: Future[Path]) -> None:
            error = future.exception()
            path = None if error else future.result()
            self.post_message(Exported(path, str(error or ""), then_open))

        link.export(leaf.tree, destination).add_done_callback(written)

    def on_file_ready(self, event: FileReady) -> None:
        """A file was written to be looked at."""
        error = event.future.exception()
        if error is not None:
            self.say(f"not opened: {error}", "error")
        elif event.pager:
            self.hand_over([*shlex.split(os.environ.get("PAGER") or "less -R"), str(event.future.result())])
        else:
            self.edit(event.future.result())

    def on_exported(self, event: Exported) -> None:
        """Say so, or open it."""
        if event.path is None:
            self.say(f"not written: {event.problem}", "error")
        elif event.open:
            self.edit(event.path / event.open)
        else:
            self.say(f"written to {event.path}")


def editor_arguments(editor: str, file: Path, line: int) -> list[str]:
    """How this editor is told a file and a line."""
    name = Path(editor).name
    if not line:
        return [str(file)]
    if name in ("code", "codium", "cursor", "windsurf"):
        return ["--goto", f"{file}:{line}"]
    if name in ("subl", "zed", "hx", "helix"):
        return [f"{file}:{line}"]
    return [f"+{line}", str(file)]


def _still_there() -> None:
    """Raises `HungUp` where the terminal is gone: to take it back would wait for ever for somebody to read."""
    if sys.__stdin__ is None:
        return
    try:
        termios.tcgetattr(sys.__stdin__.fileno())
    except termios.error as error:
        if error.args[0] == errno.EIO:
            raise HungUp from error
    except (OSError, ValueError):
        return  # it never was a terminal


def _run(argv: Sequence[str], directory: Path | None, environment: Mapping[str, str] | None) -> None:
    """Run in the foreground. Ctrl-C is the other program's; what ends us from outside ends it, too."""
    env = None if environment is None else {"TERM": os.environ.get("TERM", "xterm"), **environment}
    children: list[subprocess.Popen[bytes]] = []
    missed: list[int] = []  # what came before there was anybody to pass it on to

    def leave_to_child(number: int, frame: FrameType | None) -> None:
        return None

    def pass_on(number: int, frame: FrameType | None) -> None:
        missed.append(number)
        for child in children:
            child.send_signal(number)

    handlers = {signal.SIGINT: leave_to_child, signal.SIGHUP: pass_on, signal.SIGTERM: pass_on}
    before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
    try:
        children.append(subprocess.Popen(argv, cwd=directory, env=env))
        for number in missed:
            children[0].send_signal(number)
        _wait(children[0])
    finally:
        for number, kept in before.items():
            signal.signal(number, kept)


def _wait(child: subprocess.Popen[bytes]) -> None:
    """Wait for the end. In turns: a signal that another thread takes does not wake a wait of this one."""
    while True:
        try:
            child.wait(timeout=1)
            return
        except subprocess.TimeoutExpired:
            continue
