"""`logs -f`: log files as they grow, until the run is over."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from tui.cli.looking import Look
from tui.cli.reports.tail import last_bytes, without_escapes
from tui.cli.settings import Settings

if TYPE_CHECKING:
    from engine.execution.state import ActionExecution, Execution

_PAUSE = 0.1  # seconds between looks: fast enough for eyes, cheap enough for a laptop


@dataclass(slots=True)
class Tail:
    """One growing file. Whole lines only, so that the lines of parallel actions never mix."""

    file: Path
    prefix: bytes
    raw: bool
    lines: int | None
    _stream: BinaryIO | None = field(default=None, init=False)
    _rest: bytes = field(default=b"", init=False)

    def pump(self, *, last: bool = False) -> bool:
        """Print what is new; whether there was anything."""
        if self._stream is None:
            if not self.file.exists():
                return False
            self._stream = self.file.open("rb")
            if self.lines is not None:
                self._stream.seek(last_bytes(self._stream, self.lines))
        moved = False
        while block := self._stream.read(1 << 20):
            moved = True
            *whole, self._rest = (self._rest + block).split(b"\n")
            self._write(whole)
        if last and self._rest:
            self._write([self._rest])
            self._rest = b""
        return moved

    def close(self) -> None:
        """Give the file back."""
        if self._stream is not None:
            self._stream.close()

    def _write(self, lines: list[bytes]) -> None:
        text = b"".join(self.prefix + line + b"\n" for line in lines)
        sys.stdout.buffer.write(text if self.raw else without_escapes(text))
        sys.stdout.buffer.flush()


def follow_logs(
    chosen: Settings, seen: Look, run: Execution, only: ActionExecution | None, build: str, lines: int | None
) -> None:
    """Print until that action, or that `build` of its batch, or the whole run, is over."""
    terminal = chosen.terminal()
    tails: dict[tuple[str, str], Tail] = {}
    try:
        while True:
            over = _over(seen, run, only)
            for action, name in [(only, build)] if only else _started(seen, run):
                if (action.id, name) not in tails:
                    prefix = "" if only else "/".join(filter(None, (action.stage, action.action, name))) + " | "
                    tone = terminal.paint(prefix, "accent", result=True).encode()
                    tails[action.id, name] = Tail(seen.log(action, name), tone, terminal.out_colour, lines)
            moved = [tail.pump(last=over) for tail in list(tails.values())]
            if over:
                return
            if not any(moved) and not seen.refresh():
                time.sleep(_PAUSE)
    finally:
        for tail in tails.values():
            tail.close()


def _over(seen: Look, run: Execution, only: ActionExecution | None) -> bool:
    """Whether nothing more will be written. Nobody writes once the greenroom that ran it is gone."""
    now = seen.state.actions.get(only.id) if only else None
    live = now.live if now else seen.state.executions[run.id].active
    return not live or seen.owner is None


def _started(seen: Look, run: Execution) -> list[tuple[ActionExecution, str]]:
    from tui.cli.reports.report import with_logs

    return [(action, build) for action in with_logs(seen.state, run) for build in ("", *action.builds)]
