"""What running actions are at: the last command that their logs name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from tui.graph.model import Key
    from tui.store import Store

_TAIL = 8192  # bytes at the end of a log that are looked at
_MOST = 64  # actions that are looked at in one go
_COMMAND = re.compile(rb"^\[Container\] [^\r\n]*?Running command (?P<command>[^\r\n]+)", re.MULTILINE)
_CONTROL = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|[\x00-\x1f\x7f-\x9f]")


class Doing:
    """Looks at the end of each log that has grown since it looked last."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[int, str]] = {}

    def of(self, store: Store) -> dict[Key, str]:
        """What each running action of the execution on the screen is at."""
        if store.state is None or store.link is None:
            return {}
        live = [run for run in store.state.live() if run.running and not run.passive][:_MOST]
        found: dict[Key, str] = {}
        known: dict[str, tuple[int, str]] = {}
        for run in live:
            known[run.id] = self._look(store.link.log(run.id), self._known.get(run.id, (0, "")))
            if known[run.id][1]:
                found[run.stage, run.action] = known[run.id][1]
        self._known = known
        return found

    def _look(self, path: Path, known: tuple[int, str]) -> tuple[int, str]:
        """The length of a log and its last command."""
        try:
            length = path.stat().st_size
            if length == known[0]:
                return known
            with path.open("rb") as log:
                log.seek(max(0, length - _TAIL))
                commands = _COMMAND.findall(log.read(_TAIL))
        except OSError:
            return known
        return length, _CONTROL.sub("", commands[-1].decode(errors="replace")).strip() if commands else known[1]
