"""The tools that are measured: how each is called, and what it remembers between runs."""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "greenroom-benchmarks"


@dataclass(frozen=True, slots=True)
class Tool:
    """One tool. `remembers` are glob patterns of its state; without any it does everything each time.

    `resident`: it is started once and asked again and again, instead of being started each time.
    `watch` is how it is called to rerun on a save, None where it cannot. `cutoff` tells whether it stops after an
    action whose output is as before: then a save that changes no output reruns one action, else the whole column.
    """

    name: str
    argv: tuple[str, ...]
    remembers: tuple[str, ...] = ()
    watch: tuple[str, ...] | None = None
    cutoff: bool = False
    resident: bool = False


def environment() -> dict[str, str]:
    """What every tool sees: no telemetry, no daemon, two jobs, a local cache, Python as people have it."""
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith(("GREENROOM_", "PYTHON", "CI"))},
        "TURBO_TELEMETRY_DISABLED": "1",
        "DO_NOT_TRACK": "1",
        "NO_UPDATE_NOTIFIER": "1",
        "npm_config_update_notifier": "false",
        "WIREIT_PARALLEL": "2",
        "WIREIT_CACHE": "local",
        "WIREIT_LOGGER": "quiet-ci",
        "PATH": f"{CACHE / 'node_modules' / '.bin'}{os.pathsep}{os.environ['PATH']}",
    }


def greenroom() -> Tool:
    """greenroom of this environment, as the installed command."""
    program = str(Path(sys.executable).with_name("greenroom"))
    run = (program, "run", "--json", "--jobs", "2")
    return Tool("greenroom", run, (".greenroom",), (*run, "--watch"), cutoff=True)


def present() -> list[Tool]:
    """Every tool that is here, the bare shell first."""
    tools = [
        Tool("sh", ("sh", "run.sh")),
        greenroom(),
        Tool("greenroom, open", (), (".greenroom",), cutoff=True, resident=True),
    ]
    if shutil.which("make"):
        tools.append(Tool("make", ("make", "-sr", "-j2"), ("p/*/out.txt",)))
    doit = CACHE / "venv" / "bin" / "doit"
    if doit.exists():
        tools.append(Tool("doit", (str(doit), "-n2", "-P", "thread"), (".doit.db*",), cutoff=True))
    # The platform's own program: without the start of node in front of it.
    for turbo in sorted(CACHE.glob("node_modules/@turbo/*/bin/turbo")):
        run = (str(turbo), "run", "build", "--concurrency=2", "--no-daemon", "--output-logs=none", "--cache=local:rw")
        watch = (str(turbo), "watch", "build", "--concurrency=2", "--output-logs=none")
        tools.append(Tool("turbo", run, (".turbo", "p/*/.turbo", "node_modules/.cache"), watch))
    if (CACHE / "node_modules" / "wireit").exists():
        script = ("npm", "run", "-s", "all")
        tools.append(Tool("wireit", script, (".wireit",), (*script, "--watch")))
    return tools


def missing() -> list[str]:
    """The peers that are not here."""
    names = {tool.name for tool in present()}
    return [name for name in ("make", "doit", "turbo", "wireit") if name not in names]
