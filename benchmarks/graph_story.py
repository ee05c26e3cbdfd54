"""A pipeline of 20 stages of 25 actions in the middle of its run, told by a link without an engine."""

from __future__ import annotations

import threading
import time
from pathlib import Path

from engine.model.status import StageStatus
from tests.tui.fake_link import FakeLink
from tests.tui.script import Script, Spec, pipeline

STAGES, ACTIONS, AT = 20, 25, 8
FIRST, SECOND = 3, 4
"""Actions of the running stage between which the selection goes to and fro."""
EVENTS = 50
"""Events a second while the engine is busy."""


def name(stage: int, action: int) -> str:
    """An action's name."""
    return f"unit-{stage:02}-{action:02}"


def story() -> Script:
    """One whole run, so that lengths are known, and a second one in its ninth stage."""
    stages: dict[str, list[Spec]] = {"Source": [("App", "Source", 1, (), ("AppSource",))]}
    for number in range(1, STAGES):
        kinds = [(name(number, i), "Test", 1 + i // 20, ("AppSource",), ()) for i in range(ACTIONS)]
        stages[f"Stage-{number:02}"] = list(kinds)
    script = Script(pipeline("grid", stages)).define()
    for last in (STAGES, AT):
        script.start(after=5).enter("Source").run("Source", "App").succeed("App", 0.2).leave("Source")
        for number in range(1, last):
            stage = f"Stage-{number:02}"
            script.enter(stage)
            for i in range(ACTIONS):
                script.run(stage, name(number, i)).succeed(name(number, i), 0.3)
            script.leave(stage, StageStatus.SUCCEEDED)
    script.enter(f"Stage-{AT:02}")
    for i in range(20):
        script.run(f"Stage-{AT:02}", name(AT, i))
    return script


class StoryLink(FakeLink):
    """Goes on with the story from a thread of its own while it is busy."""

    def __init__(self, root: Path) -> None:
        super().__init__(story(), root)
        (root / "logs").mkdir(exist_ok=True)
        self._stop = threading.Event()

    def be_busy(self) -> None:
        """Attempts end and begin again, many a second."""
        threading.Thread(target=self._tell, daemon=True).start()

    def _tell(self) -> None:
        attempt = 2
        while not self._stop.wait(0):
            for i in range(10, 20):
                self.play(lambda script, i=i, attempt=attempt: self._again(script, i, attempt))  # type: ignore[misc]
                time.sleep(4 / EVENTS)
            attempt += 1

    def _again(self, script: Script, i: int, attempt: int) -> None:
        script.succeed(name(AT, i), 0.1, attempt=attempt - 1)
        script.run(f"Stage-{AT:02}", name(AT, i), attempt=attempt)
