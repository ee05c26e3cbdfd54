"""The screens that are kept as text: what happened, what is pressed. A state is one line of `SCREENS` or `BESIDE`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from engine.execution.events import AlarmSet, ExecutionEnded, TransitionDisabled, WatchChanged
from engine.model.diagnostics import Diagnostic, Severity
from engine.model.status import ExecutionStatus, StageStatus
from engine.providers.codebuild.needs import Need
from tests.tui.script import Script, big, building, failed, first_run, pipeline, waiting
from tests.tui.stage import Stage
from tests.tui.test_builds import running
from tests.tui.test_debugging import paused
from tests.tui.test_gates import entering
from tui.attached import GONE

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


def succeeded() -> Script:
    """One run, all of which went well."""
    return first_run(Script())


def unwatched() -> Script:
    """The watch has stopped itself."""
    return succeeded().add(WatchChanged(True, "a build writes src/made.py, which starts the next one"))


def queueing() -> Script:
    """A second run waits in front of a disabled transition, a third one runs behind it."""
    script = building().succeed("Unit", 1).run("Build", "Package").succeed("Package", 8).leave("Build")
    script.add(TransitionDisabled("Review", "nobody is there, 休業中 until Monday", "ada"))
    script.start("c0ffee1", after=5).enter("Source").run("Source", "App").succeed("App", 0.1)
    script.leave("Source").enter("Build").run("Build", "Unit")
    script.at += 2
    return script


def longest() -> Script:
    """Names as long as they may be."""
    name = "The-Quick-Brown-Fox-Jumps-Over-The-Lazy-Dog-And-Comes-Back-By-The-Very-Same-Way-Before-The-Sun-Sets."
    script = Script(
        pipeline(
            name,
            {
                f"Source-{name[:93]}": [("App", "Source", 1, (), ("AppSource",))],
                f"Build-{name[:94]}": [
                    (f"{which}-{name[:95]}", "Build", 1, ("AppSource",), (f"{which}_Output",))
                    for which in ("One", "Two")
                ],
                f"Review-{name[:93]}": [(f"Sign-{name[:95]}", "Approval", 1, (), ())],
            },
        )
    )
    source, build, _ = (stage.name for stage in script.declaration.stages)
    script.define().start().enter(source).run(source, "App").succeed("App", 0.1).leave(source).enter(build)
    for action in (f"One-{name[:95]}", f"Two-{name[:95]}"):
        script.run(build, action)
    script.fail(f"One-{name[:95]}", 3)
    script.at += 70_000
    return script


def wide() -> Script:
    """A run whose words take two cells a character, or none."""
    script = first_run(Script()).start("日本語のブランチ 👩‍👩‍👧 é +3 files", after=60).enter("Source")
    script.run("Source", "App").succeed("App", 0.1).leave("Source").enter("Build").run("Build", "Unit")
    script.add(TransitionDisabled("Deploy", "凍結中（月曜日まで）🧊", "アダ"))
    return script.fail("Unit", 3).leave("Build", StageStatus.FAILED).finish(ExecutionStatus.FAILED)


NEEDS = (
    Need("parameters", "/app/key", "parameter does not exist: /app/key", ["Build/Unit"]),
    Need("secrets", "prod/db", "Secrets Manager can't find the specified secret: prod/db", ["Build/Lint"]),
)
BROKEN = Diagnostic(
    "GR301", "no action makes the artifact [Binry]", "did you mean Binary?", Severity.ERROR,
    None, 12, 15, 5, "      - name: Binry", "InvalidActionDeclarationException",
)  # fmt: skip


def lacking(stage: Stage) -> None:
    """Builds want what nobody has given."""
    stage.link.wanted = NEEDS
    stage.app.look_for_needs()


def lost(stage: Stage) -> None:
    """The greenroom elsewhere has ended."""
    stage.link.diagnose(GONE)


def broken(stage: Stage) -> None:
    """The last save broke the definition."""
    stage.link.diagnose(BROKEN)


@dataclass(frozen=True)
class Shown:
    """A screen: its name, what happened before, the keys that lead there, a text that it is complete with.

    `above`: it opens above the main screen and leaves no trace there, as the main screen itself does. These are looked
    at one after the other in one app. `themed`: it tells which theme is in force.
    """

    name: str
    story: Callable[[], Script]
    keys: tuple[str, ...] = ()
    sees: str = ""
    log: str = LOG
    dress: Callable[[Stage], object] | None = None
    above: bool = False
    themed: bool = False

    def prepare(self, root: Path) -> None:
        """Put the logs where the link has them."""
        (root / "logs").mkdir(exist_ok=True)
        for name in ("1-Unit-1", "2-Unit-1", "2-SignOff-1", "1-Integration-4-1") if self.log else ():
            (root / "logs" / f"{name}.log").write_text(self.log, errors="surrogateescape")


def _above(name: str, story: Callable[[], Script], *keys: str, sees: str = "") -> Shown:
    return Shown(name, story, keys, sees, above=True)


_TAIL = "1 failed, 48 passed"  # the log is there
_ODD = (
    "\r".join(f"{done}%" for done in range(90, 101)) + "\n日本語のログ 👍 \x1b]0;owned\x07\tafter a tab\n\0\1\2\udcff\n"
)

SCREENS = (
    Shown("main-nothing-yet", nothing_yet),
    _above("main-building", building, sees=_TAIL),
    _above("main-failed", failed, sees=_TAIL),
    _above("main-waiting", waiting),
    _above("main-succeeded", succeeded),
    Shown("main-stopped", stopped, sees=_TAIL),
    _above("main-gated", gated),
    _above("main-paused", paused, sees=_TAIL),
    Shown("main-batch", running, sees="unit"),
    _above("main-big", big),
    Shown("main-condition", entering),
    Shown("main-queueing", queueing, sees="c0ffee1"),
    Shown("main-unwatched", unwatched, sees="src/made.py"),
    Shown("main-longest", longest),
    Shown("main-wide", wide, sees="after a tab", log=_ODD),
    Shown("main-lost", building, sees="has ended", dress=lost),
    Shown("main-broken", building, sees="Binry", dress=broken),
    Shown("main-lacking", succeeded, sees="W gives them", dress=lacking),
    Shown("dialog-values", succeeded, ("W",), sees="prod/db", dress=lacking),
    Shown("main-said", failed, ("W",), sees="has a value"),
    Shown("main-marked", failed, ("space", "right", "space")),
    Shown("main-zoomed", failed, ("z",)),
    Shown("main-stages", big, ("minus", "minus")),
    Shown("main-detail", failed, ("plus", "plus")),
    Shown("main-turned", failed, ("vertical_line",), _TAIL),
    Shown("pane-log", failed, ("1",), _TAIL),
    Shown("pane-log-empty", failed, ("1",), "No output", log=""),
    Shown("pane-log-folded", failed, ("1", "left_curly_bracket"), "✘ FAILED"),
    Shown("pane-log-search", failed, ("1", "slash", *"passed"), "1/1"),
    Shown("pane-log-not-found", failed, ("1", "slash", *"zebra"), "0/0"),
    Shown("pane-why", failed, ("w",), "Now  Build/Unit"),
    Shown("pane-artifacts", failed, ("3",)),
    Shown("pane-artifacts-source", failed, ("g", "3"), "AppSource"),
    Shown("pane-variables", failed, ("4",)),
    Shown("pane-config", failed, ("5",)),
    Shown("pane-tests", failed, ("6",)),
    _above("dialog-reject", waiting, "x"),
    _above("dialog-stop", building, "x"),
    _above("dialog-quit", building, "q"),
    _above("dialog-retry", paused, "r"),
    _above("dialog-transition", building, "T"),
    _above("dialog-rollback", failed, "B"),
    _above("dialog-alarms", gated, "A"),
    _above("dialog-logs", building, "M"),
    _above("list-paused", paused, "P", sees="exit status 1"),
    _above("help", failed, "question_mark"),
    _above("problems", failed, "D"),
    _above("messages", failed, "exclamation_mark", sees="nothing so far"),
    _above("timeline", failed, "v", sees="critical path"),
    _above("timeline-big", big, "v", sees="critical path"),
    Shown("timeline-nothing-yet", nothing_yet, ("v",)),
    _above("history-nothing-yet", nothing_yet, "H"),
    _above("artifacts-nothing-yet", nothing_yet, "b", sees="nothing has run yet"),
    _above("variables-nothing-yet", nothing_yet, "V"),
    _above("sources-nothing-yet", nothing_yet, "i"),
    _above("palette", failed, "colon", sees="Approve or reject"),
    _above("palette-not-found", failed, "colon", *"zebra", sees="No match"),
    _above("history-not-found", failed, "H", "slash", *"zebra"),
    Shown("logs-merged", failed, ("M",)),
)
"""Above a pipeline without files."""

BESIDE = (
    _above("approve", Script, "a", sees="1 added, 1 changed, 1 removed"),
    _above("approve-source", Script, "a", "2", "j", sees="src/names.py"),
    _above("approve-artifacts", Script, "a", "3", sees="index.html"),
    _above("approve-tests", Script, "a", "4", sees="new failure"),
    _above("approve-deploys", Script, "a", "5", sees="assets/logo.png"),
    _above("history", Script, "H", sees="succeeded"),
    _above("compare", Script, "H", "c", sees="Build/Compile"),
    _above("compare-sources", Script, "H", "c", "2", sees="src/names.py"),
    _above("artifacts", Script, "b", "G", sees="6 files"),
    _above("artifacts-differences", Script, "b", "d", "j", sees="function.zip"),
    _above("variables", Script, "V", "j", "j", "j", sees="1 use"),
    _above("sources", Script, "i", sees="2 changed"),
    _above("sources-difference", Script, "i", "d", sees="README.txt"),
    Shown("settings", Script, ("comma",), "greenroom-paper", above=True, themed=True),
    _above("settings-search", Script, "comma", "slash", *"docker", sees="docker.network"),
    _above("settings-not-found", Script, "comma", "slash", *"zebra", sees="nothing"),
)
"""Above the pipeline of `real_story`, with its files; of a dialog what is within its frame."""
