"""Every key of the table does what it says, in a state where it means something."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.tui.conftest import Open
from tests.tui.screens import LOG, gated
from tests.tui.script import Script, building, failed, first_run, waiting
from tests.tui.stage import Stage
from tests.tui.test_debugging import paused
from tui.app import GreenroomApp
from tui.keys import KEYS


class Case(NamedTuple):
    """What happened before, what was pressed before, and what can be observed afterwards."""

    story: Callable[[], Script]
    seen: str
    before: tuple[str, ...] = ()


def done() -> Script:
    return first_run(Script())


CASES: dict[str, Case] = {
    "app.approve": Case(waiting, "Approve Review/SignOff?"),
    "app.retry": Case(failed, "asked Retry(stage='Build'"),
    "app.retry_stage": Case(failed, "mode='ALL_ACTIONS'"),
    "app.start": Case(done, "asked Start("),
    "app.force": Case(failed, "forced=('Build/Unit',)"),
    "app.mark": Case(failed, "1 marked"),
    "app.undo": Case(done, "watching for saves again", ("p",)),
    "app.only": Case(failed, "selected=('Source/App', 'Build/Unit')"),
    "app.from": Case(failed, "asked Start("),
    "app.until": Case(failed, "asked Start("),
    "app.restart": Case(building, "asked Stop(execution='exec-2', abandon=True"),
    "app.stop": Case(building, "Stop run #2?"),
    "app.transition": Case(building, "Disable the transition into"),
    "app.rollback": Case(failed, "Roll Build back to"),
    "app.override": Case(failed, "said no condition holds Build of #2"),
    "app.alarms": Case(gated, "Set an alarm"),
    "app.pause": Case(done, "asked SetWatch(paused=True"),
    "app.secrets": Case(done, "said every parameter and secret that builds ask for has a value"),
    "app.log": Case(failed, "tab log", ("2",)),
    "app.why": Case(failed, "tab why"),
    "app.artifacts": Case(failed, "tab artifacts"),
    "app.variables": Case(failed, "tab variables"),
    "app.config": Case(failed, "tab config"),
    "app.tests": Case(failed, "tab tests"),
    "app.follow": Case(failed, "follows False", ("1",)),
    "app.search": Case(failed, "focus Input"),
    "app.next_error": Case(failed, "tab log", ("2",)),
    "app.next_failure": Case(failed, "tab log", ("2",)),
    "app.filter": Case(failed, "focus Input"),
    "app.timestamps": Case(failed, "tab log", ("2",)),
    "app.pager": Case(failed, "handed less -R"),
    "app.shell": Case(failed, "handed sh -i"),
    "app.edit": Case(failed, "handed vi"),
    "app.suspend": Case(failed, "suspended"),
    "app.copy": Case(failed, "said copied"),
    "app.next_action": Case(failed, "chosen Build/Compile"),
    "app.last_action": Case(failed, "chosen Build/Lint"),
    "app.zoom": Case(failed, "zoomed"),
    "app.history": Case(failed, "History"),
    "app.timeline": Case(failed, "critical path"),
    "app.continue": Case(paused, "screen WayDialog"),
    "app.paused": Case(paused, "enter goes there"),
    "app.logs": Case(failed, "screen LogsDialog"),
    "app.nearer": Case(failed, "zoom changed"),
    "app.further": Case(failed, "zoom changed"),
    "app.auto_zoom": Case(failed, "zoom changed", ("plus",)),
    "app.turn": Case(failed, "zoom changed"),
    "app.centre": Case(failed, "zoom changed"),
    "app.browse": Case(failed, "screen BrowserScreen"),
    "app.all_variables": Case(failed, "screen VariablesScreen"),
    "app.sources": Case(failed, "screen SourcesScreen"),
    "app.settings": Case(failed, "screen SettingsScreen"),
    "app.problems": Case(failed, "nothing is wrong"),
    "app.messages": Case(failed, "Said lately"),
    "app.switch": Case(failed, "half panes"),
    "app.back": Case(failed, "half graph", ("w",)),
    "app.palette": Case(failed, "Approve or reject"),
    "app.help": Case(failed, "Run the chosen or marked actions anew"),
    "app.quit": Case(done, "exit 0"),
    "app.quit_now": Case(building, "exit None"),
}


def test_there_is_a_case_for_every_key() -> None:
    assert set(CASES) == {key.id for key in KEYS}


@pytest.mark.parametrize(
    ("identity", "key"),
    [(key.id, name) for key in KEYS for name in key.keys.split(",") if key.id in CASES],
)
async def test_key(opened: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, identity: str, key: str) -> None:
    case, told = CASES[identity], list[str]()
    monkeypatch.setattr(GreenroomApp, "hand_over", lambda app, argv, *rest: told.append(f"handed {' '.join(argv)}"))
    monkeypatch.setattr(GreenroomApp, "action_suspend_process", lambda app: told.append("suspended"))
    monkeypatch.setattr(GreenroomApp, "exit", lambda app, result=None, *rest, **more: told.append(f"exit {result}"))
    (tmp_path / "work" / "2-Unit-1").mkdir(parents=True)
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "2-Unit-1.log").write_text(LOG)
    async with opened(case.story(), (120, 40)) as stage:
        await stage.press(*case.before)
        zoom = stage.app.store.zoom
        assert case.seen not in observed(stage, told, zoom), "the key would not have to do anything"
        await stage.press(key)
        await stage.until(lambda: case.seen in observed(stage, told, zoom))


def observed(stage: Stage, told: list[str], zoom: object) -> str:
    """All that somebody could notice."""
    main = stage.app.main
    places = [f"half {main.half}", f"tab {main.panes.tab}", "zoomed" if main.zoomed else ""] if main else []
    focus = f"focus {type(stage.app.focused).__name__}"
    asked = [f"asked {request!r}" for request in stage.asked]
    said = [f"said {text}" for text in stage.said]
    places += ["zoom changed"] if stage.app.store.zoom != zoom else []
    pane = main.panes.pane if main else None
    places += [f"follows {getattr(pane, 'follow', '')}", f"screen {type(stage.app.screen).__name__}"]
    return "\n".join([*told, *places, focus, *asked, *said, f"chosen {stage.chosen}", stage.text])
