"""The screens that are kept as text: what happened, what is pressed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from engine.execution.events import AlarmSet, ExecutionEnded, TransitionDisabled
from engine.model.status import ExecutionStatus
from tests.tui.fake_link import FakeLink
from tests.tui.script import Script, big, building, failed, first_run, waiting
from tests.tui.test_builds import running
from tests.tui.test_debugging import paused

LOG = """\
[Container] 2026/09/21 14:15:11.000001 Entering phase BUILD
[Container] 2026/09/21 14:15:11.000001 Running command pytest -q
\x1b[32m................................................\x1b[0m [ 96%]
\x1b[31mF\x1b[0m
E   AssertionError: assert 'Hello, Ada' == 'Hello'
1 failed, 48 passed in 6.31s

[Container] 2026/09/21 14:15:17.400000 Command did not exit successfully pytest -q exit status 1
[Container] 2026/09/21 14:15:17.400010 Phase complete: BUILD State: FAILED
"""


def nothing_yet() -> Script:
    """The definition is loaded, nothing has run."""
    return Script().define()


def gated() -> Script:
    """A transition is disabled, an alarm rings, the second run has succeeded up to there."""
    script = first_run(Script())
    script.add(TransitionDisabled("Deploy", "freeze until Monday", "ada")).add(AlarmSet("High", "ALARM", "drill"))
    return script


def stopped() -> Script:
    """The second run was stopped."""
    script = building()
    return script.add(ExecutionEnded(script.execution, ExecutionStatus.STOPPED, "stopped by ada"))


@dataclass(frozen=True)
class Shown:
    """A screen: its name, what happened before, the keys that lead there, a text that it is complete with."""

    name: str
    story: Callable[[], Script]
    keys: tuple[str, ...] = ()
    sees: str = ""
    log: str = LOG
    dress: Callable[[FakeLink], object] = lambda link: None

    def prepare(self, root: Path) -> None:
        """Put the logs where the link has them."""
        (root / "logs").mkdir(exist_ok=True)
        for name in ("1-Unit-1", "2-Unit-1", "2-SignOff-1", "1-Integration-4-1"):
            (root / "logs" / f"{name}.log").write_text(self.log)


_TAIL = "1 failed, 48 passed"  # the log is there

SCREENS = (
    Shown("main-nothing-yet", nothing_yet),
    Shown("main-building", building, sees=_TAIL),
    Shown("main-failed", failed, sees=_TAIL),
    Shown("main-waiting", waiting),
    Shown("main-succeeded", lambda: first_run(Script())),
    Shown("main-stopped", stopped, sees=_TAIL),
    Shown("main-gated", gated),
    Shown("main-paused", paused, sees=_TAIL),
    Shown("main-batch", running, sees="unit"),
    Shown("main-big", big),
    Shown("main-marked", failed, ("space", "right", "space")),
    Shown("main-zoomed", failed, ("z",)),
    Shown("main-stages", big, ("minus", "minus")),
    Shown("main-detail", failed, ("plus", "plus")),
    Shown("main-turned", failed, ("vertical_line",), _TAIL),
    Shown("pane-log", failed, ("1",), _TAIL),
    Shown("pane-log-folded", failed, ("1", "left_curly_bracket"), "✘ FAILED"),
    Shown("pane-log-search", failed, ("1", "slash", *"passed"), "1/1"),
    Shown("pane-why", failed, ("w",), "Now  Build/Unit"),
    Shown("pane-artifacts", failed, ("3",)),
    Shown("pane-variables", failed, ("4",)),
    Shown("pane-config", failed, ("5",)),
    Shown("pane-tests", failed, ("6",)),
    Shown("dialog-reject", waiting, ("x",)),
    Shown("dialog-stop", building, ("x",)),
    Shown("dialog-quit", building, ("q",)),
    Shown("dialog-retry", paused, ("r",)),
    Shown("dialog-transition", building, ("T",)),
    Shown("dialog-rollback", failed, ("B",)),
    Shown("dialog-alarms", gated, ("A",)),
    Shown("list-paused", paused, ("P",), "exit status 1"),
    Shown("logs-merged", failed, ("M",)),
    Shown("help", failed, ("question_mark",)),
    Shown("problems", failed, ("D",)),
    Shown("timeline", failed, ("v",), "critical path"),
    Shown("palette", failed, ("colon",), "Approve or reject"),
)
