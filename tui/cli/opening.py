"""From the options to a pipeline: open the project, or say in one go why that does not work."""

from __future__ import annotations

import contextlib
import fcntl
import os
import stat
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from tui.cli.problem import Problem
from tui.cli.settings import Settings
from tui.cli.terminal import Terminal

if TYPE_CHECKING:
    from engine.opening import Opened, Options
    from engine.session import Session


def engine_options(settings: Settings, *, watch: bool = False) -> Options:
    """The engine's view of the options."""
    from engine.opening import Options

    environment: dict[str, str] = {}
    for file in settings.env_file:
        environment.update(_read_env(settings.path(file)))
    return Options(
        file=settings.path(settings.file) if settings.file else None,
        directory=settings.directory.resolve(),
        jobs=settings.jobs,
        runner=settings.runner,
        variables=dict(settings.var),
        parameters=dict(settings.parameter),
        parameter_files=tuple(settings.path(file) for file in settings.parameter_file),
        environment=environment | settings.env,
        watch=watch,
        offline=settings.offline,
        pull=settings.pull,
        pipeline=settings.pipeline,
        images=dict(settings.image),
        trigger=settings.trigger,
        webhooks=settings.webhooks,
        on_failure=settings.on_failure,
        outputs=_outputs(),
        said=_said(settings),
    )


def _outputs() -> tuple[Path, ...]:
    """The files that standard output and error were sent to, as far as the system tells where they are."""
    found: list[Path] = []
    for descriptor in (1, 2):
        with contextlib.suppress(OSError):
            if stat.S_ISREG(os.fstat(descriptor).st_mode):
                found.append(_file_of(descriptor))
    return tuple(found)


def _file_of(descriptor: int) -> Path:
    if sys.platform == "darwin":
        return Path(os.fsdecode(fcntl.fcntl(descriptor, fcntl.F_GETPATH, bytes(1024)).rstrip(b"\0")))
    return Path(f"/proc/self/fd/{descriptor}").readlink()


def _said(settings: Settings) -> dict[str, str]:
    """How each setting was given that files did not give: by an option, or by a variable of the environment."""
    names = {
        "jobs": "jobs",
        "runner": "runner",
        "trigger": "trigger",
        "webhooks": "webhooks",
        "on_failure": "on-failure",
    }
    names |= {"pull": "docker.pull", "offline": "docker.pull", "file": "definition", "pipeline": "pipeline"}
    found = {key: _how(settings, option) for option, key in names.items() if getattr(settings, option)}
    tables = {"var": "variables", "env": "environment", "parameter": "template-parameters", "image": "images"}
    for option, section in tables.items():
        found |= {f"{section}.{name}": _how(settings, option) for name in getattr(settings, option)}
    return found


def _how(settings: Settings, option: str) -> str:
    dashed = option.replace("_", "-")
    return f"--{dashed}" if option in settings.given else f"GREENROOM_{option.upper()}"


def _read_env(file: Path) -> dict[str, str]:
    """The variables of an --env-file. Raises `Problem`: what was asked for by name must be there and make sense."""
    from engine.reading.env_file import read_env

    if not file.is_file():
        raise Problem(f"there is no env file {file}")
    found, problems = read_env(file)
    if problems:
        raise Problem(problems[0].render())
    return found


def open_project(
    settings: Settings, *, watch: bool = False, pipeline: str | None = None, report: Path | None = None
) -> Opened:
    """The project as the options say. Prints its diagnostics; raises `Problem` where there is none to run.

    `report` is a file that the run is going to write.
    """
    from engine import opening

    options = engine_options(settings, watch=watch)
    if report is not None:
        options = replace(options, outputs=(*options.outputs, settings.path(report)))
    if pipeline is not None:
        options = replace(options, pipeline=pipeline)
    terminal = settings.terminal()
    try:
        opened = opening.open_project(options)
    except opening.OpenError as error:
        for diagnostic in error.diagnostics:
            terminal.warn(diagnostic.render())
        raise Problem(error.message, error.hint) from error
    for diagnostic in opened.diagnostics:
        if diagnostic.severity != "advice" or settings.verbose:
            terminal.say(diagnostic.render())
    if not settings.verbose:
        _tell_what_is_open(terminal, opened)
    return opened


def _tell_what_is_open(terminal: Terminal, opened: Opened) -> None:
    """One line for all parameters of a template that stand by their names."""
    count = sum(diagnostic.code == "GR120" for diagnostic in opened.diagnostics)
    if count:
        what = "a parameter has" if count == 1 else f"{count} parameters have"
        terminal.say(
            f"greenroom: {what} no value in {display(opened.pipeline.file)}; names stand in: "
            "--parameter NAME=VALUE gives values, greenroom validate -v lists them"
        )


def start_session(terminal: Terminal, opened: Opened, command: str) -> Session:
    """A running engine. Raises `Problem` where another greenroom has this directory."""
    from engine.journal.lock import Busy
    from engine.session import Session

    _tell_what_is_missing(terminal, opened)
    try:
        session = Session.start(opened, command=command)
    except Busy as busy:
        raise Problem(
            busy.message.rstrip("."),
            "See it here, too: greenroom attach\n"
            "Use that one: approve, reject, retry, stop, status and logs reach it from here.\n"
            "Or end it with: greenroom down",
        ) from busy
    if session.recovered:
        names = ", ".join(dict.fromkeys(f"{action.stage}/{action.action}" for action in session.recovered))
        paused = any(action.stopped_at for action in session.recovered)
        what = "greenroom retry --from command takes it up" if paused else "nothing is left of it"
        terminal.say(f"greenroom: the last one here ended while {names} ran; that is abandoned, {what}")
    return session


def _tell_what_is_missing(terminal: Terminal, opened: Opened) -> None:
    """Parameters and secrets without a value: all at once, before anything starts."""
    from engine.providers.codebuild.needs import missing, told

    needs = missing(opened.declaration, opened.project, opened.sources)
    for line in told(needs) if needs else ():
        terminal.warn(line)


def display(path: Path) -> str:
    """A path as short as it can be said from here."""
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except (ValueError, OSError):
        return str(path)
