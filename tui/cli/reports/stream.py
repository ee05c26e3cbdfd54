"""The run as programs follow it: one JSON object a line, on stdout. `docs/events.md` is its contract."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING

from tui.cli.reports.public import VERSION, Body, finding, public
from tui.cli.reports.report import Result
from tui.cli.words import stamp

if TYPE_CHECKING:
    from engine.execution.events import Recorded
    from engine.execution.state import PipelineState
    from engine.model.diagnostics import Diagnostic


class Stream:
    """Writes events. A reader that goes away ends the writing, never the run."""

    def __init__(self, out: IO[str], log: Callable[[str, str], Path], *, since: float = 0.0) -> None:
        self._since = since
        self._out = out
        self._log = log
        self._gone = False

    def saw(self, state: PipelineState, recorded: Recorded) -> None:
        """Write the public form of an event; some events have none."""
        for body in public(state, recorded, self._log, since=self._since):
            name = body.pop("event")
            head = {"v": VERSION, "event": name, "at": stamp(recorded.at), "pipeline": state.name}
            self._write({**head, **body})

    def noticed(self, diagnostics: Sequence[Diagnostic]) -> None:
        """What is wrong with the definition as it was edited; an empty list: all well again."""
        self._write({"v": VERSION, "event": "diagnostics", "diagnostics": [finding(d) for d in diagnostics]})

    def finished(self, state: PipelineState, result: Result) -> None:
        """The last line. Its keys are fixed."""
        figures = result.tally
        self._write(
            {
                "event": "summary",
                "status": result.status,
                "ran": figures.ran,
                "reused": figures.reused,
                "failed": figures.failed,
                "stubbed": figures.stubbed,
                "seconds": round(figures.seconds, 3),
            }
        )

    def _write(self, body: Body) -> None:
        if self._gone:
            return
        try:
            self._out.write(json.dumps(body, ensure_ascii=False) + "\n")
            self._out.flush()
        except (BrokenPipeError, ValueError):
            self._gone = True
