"""The bell and OSC 9 of a run without a screen, for rules in greenroom.yaml that ask for them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import IO, TYPE_CHECKING

from tui.cli.reports.report import Result

if TYPE_CHECKING:
    from engine.execution.events import Recorded
    from engine.execution.state import PipelineState
    from engine.link import Link
    from engine.model.diagnostics import Diagnostic


class Calls:
    """Calls for attention on a terminal; the rules are those of the project file in force."""

    def __init__(self, link: Link, terminal: IO[str]) -> None:
        self._link = link
        self._terminal = terminal

    def saw(self, state: PipelineState, recorded: Recorded) -> None:
        """Call, where a rule says so."""
        if not self._link.project.notifications:
            return
        from engine.notices.terminal import terminal_calls

        if text := terminal_calls(state, [recorded], self._link.project):
            self._terminal.write(text)
            self._terminal.flush()

    def noticed(self, diagnostics: Sequence[Diagnostic]) -> None:
        """Nobody is called for that."""

    def finished(self, state: PipelineState, result: Result) -> None:
        """The end of a run was an event already."""
