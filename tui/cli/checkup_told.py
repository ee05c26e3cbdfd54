"""The doctor's look at those who are told: the file, the hook and the targets of greenroom.yaml's rules."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from tui.cli.checkup import Finding

if TYPE_CHECKING:
    from engine.model.project import ProjectFile
    from engine.notices.rules import Message
    from tui.cli.settings import Settings


def told(chosen: Settings, *, send: bool) -> Iterator[Finding]:
    """What is known of each of them. `send`: each gets a message, to see whether it arrives."""
    project = _project(chosen)
    if project.events.file:
        yield _file(chosen.directory / project.events.file)
    if project.events.hook:
        yield _hook(project.events.hook[0], chosen.directory)
    patterns: dict[str, list[str]] = {}
    for rule in project.notifications:
        for target in rule.to:
            patterns.setdefault(target, []).extend(rule.events)
    for target, events in patterns.items():
        yield _target(target, ", ".join(dict.fromkeys(events)), project, send=send)


def _project(chosen: Settings) -> ProjectFile:
    """The project's settings, with what its template says where there is one."""
    from engine.opening import OpenError, open_project
    from engine.reading.project_file import load_project
    from tui.cli.opening import engine_options

    try:
        return open_project(engine_options(chosen)).project
    except OpenError:
        return load_project(chosen.directory)[0]


def _file(file: Path) -> Finding:
    parent = next((folder for folder in file.parents if folder.exists()), file.parent)
    if os.access(file if file.exists() else parent, os.W_OK) and not file.is_dir():
        return Finding("events", "ok", f"{file}")
    return Finding("events", "warn", f"{file} cannot be written", "Mend `events: file` in greenroom.yaml.")


def _hook(program: str, directory: Path) -> Finding:
    found = shutil.which(str(directory / program) if "/" in program else program)
    if found is None:
        return Finding("events", "warn", f"hook {program} is not there", "Mend `events: hook` in greenroom.yaml.")
    return Finding("events", "ok", f"hook {found}")


def _target(target: str, events: str, project: ProjectFile, *, send: bool) -> Finding:
    from engine.notices.herald import known_values
    from engine.notices.targets import is_of_aws, is_terminal

    found = f"{target}: {events}"
    if is_of_aws(target):
        return Finding("notify", "note", found, "It is told on AWS only.")
    if is_terminal(target):
        if send and sys.stderr.isatty():
            _call(target)
        return Finding("notify", "ok", found)
    return _service(target, found, known_values(project), send=send)


def _service(target: str, found: str, values: Mapping[str, str], *, send: bool) -> Finding:
    from engine.notices import sending

    try:
        if send:
            sending.send(target, _message(), values)
            return Finding("notify", "ok", f"{found}; told just now")
        sending.check(target, values)
    except sending.SendProblem as problem:
        return Finding("notify", "warn", problem.message, problem.hint or "Mend `notifications` in greenroom.yaml.")
    return Finding("notify", "ok", found)


def _call(target: str) -> None:
    from engine.notices.terminal import BELL, osc9

    sys.stderr.write(BELL if target == "bell" else osc9(_message()))
    sys.stderr.flush()


def _message() -> Message:
    from engine.notices.rules import Message

    return Message("greenroom can be heard here", "Sent by greenroom doctor --notify.", "info", ())
