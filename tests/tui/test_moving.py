"""Moving around: selection, halves, tabs, zoom, history, help, palette, quitting."""

from __future__ import annotations

from datetime import datetime

import pytest
from textual.driver import Driver

from engine.execution.requests import Stop
from engine.model.status import ExecutionStatus
from tests.tui.conftest import Open
from tests.tui.script import Script, building, failed, first_run, waiting
from tui import clipboard
from tui.screens.confirm import QuitDialog, StopDialog
from tui.screens.history import HistoryScreen
from tui.screens.main import MainScreen
from tui.widgets.graph import PipelineGraph
from tui.widgets.prose_text import ProseText

sizes = pytest.mark.parametrize("size", [(80, 24), (200, 50)], ids=lambda size: "x".join(map(str, size)))


async def test_the_selection_follows_what_happens(opened: Open) -> None:
    async with opened(building()) as stage:
        assert stage.chosen == "Build/Unit"
        await stage.play(lambda script: script.succeed("Unit").run("Build", "Package"))
        assert stage.chosen == "Build/Package"


async def test_a_selection_made_by_hand_stays_until_escape(opened: Open) -> None:
    async with opened(building()) as stage:
        await stage.press("up")
        assert stage.chosen == "Build/Lint"
        await stage.play(lambda script: script.succeed("Unit").run("Build", "Package"))
        assert stage.chosen == "Build/Lint"
        await stage.press("escape")
        assert stage.chosen == "Build/Package"


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        (["j"], "Build/Compile"),
        (["k"], "Build/Lint"),
        (["h"], "Source/Infra"),
        (["l"], "Build/Package"),
        (["left", "up"], "Source/App"),
        (["right", "right"], "Review/SignOff"),
        (["g"], "Source/App"),
        (["G"], "Deploy/Smoke"),
        (["right_square_bracket"], "Build/Compile"),
        (["left_square_bracket"], "Build/Lint"),
    ],
)
async def test_keys_move_over_the_graph(opened: Open, keys: list[str], expected: str) -> None:
    async with opened(building(), (200, 50)) as stage:
        await stage.press(*keys)
        assert stage.chosen == expected


async def test_keys_move_over_the_list(opened: Open) -> None:
    async with opened(building(), (80, 24)) as stage:
        await stage.press("j", "j")
        assert stage.chosen == "Build/Package"
        await stage.press("l")
        assert stage.chosen == "Review/SignOff"
        await stage.press("h")
        assert stage.chosen == "Build/Package", "the way back is the way there"
        await stage.press("h")
        assert stage.chosen == "Source/Infra"


async def test_a_click_selects_and_a_double_click_opens(opened: Open) -> None:
    async with opened(building(), (120, 40)) as stage:
        graph = stage.app.query_one(PipelineGraph)
        box = graph.plan.boxes["Build", "Compile"]
        await stage.pilot.click(graph, offset=(box.x + 3, box.y))
        assert stage.chosen == "Build/Compile"
        await stage.pilot.click(graph, offset=(box.x + 3, box.y), times=2)
        await stage.until(lambda: stage.app.main is not None and stage.app.main.half == "panes")


async def test_a_narrow_screen_shows_graph_and_pane_where_both_have_room(opened: Open) -> None:
    async with opened(waiting(), (80, 24)) as stage:
        assert "◆ SignOff" in stage.text and "2 Why" in stage.text and "waits for a person" in stage.text


async def test_a_small_screen_shows_graph_or_pane(opened: Open) -> None:
    async with opened(failed(), (80, 20)) as stage:
        assert "Source ─" in stage.text and "1 Log" not in stage.text
        await stage.press("enter")
        assert "1 Log" in stage.text and "Source ─" not in stage.text
        await stage.press("tab")
        assert "Source ─" in stage.text
        await stage.press("tab", "escape")
        assert "Source ─" in stage.text


async def test_a_wide_screen_shows_both_and_zoom_shows_one(opened: Open) -> None:
    async with opened(failed(), (200, 50)) as stage:
        assert "╭─ ✔ Source" in stage.text and "1 Log" in stage.text
        await stage.press("z")
        assert "1 Log" not in stage.text
        await stage.press("z", "2", "z")
        assert "╭─ ✔ Source" not in stage.text and "What decides it" in stage.text
        await stage.press("escape")
        assert "╭─ ✔ Source" in stage.text and "1 Log" in stage.text


async def test_resizing_rearranges(opened: Open) -> None:
    async with opened(failed(), (200, 50)) as stage:
        await stage.pilot.resize_terminal(60, 20)
        await stage.until(lambda: "1 Log" not in stage.text)
        await stage.pilot.resize_terminal(120, 40)
        await stage.until(lambda: "1 Log" in stage.text and "╭─ ✔ Source" in stage.text)


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (100, 30), (120, 40), (200, 50), (20, 6)])
async def test_no_key_hint_is_clipped_at_any_size(opened: Open, size: tuple[int, int]) -> None:
    async with opened(failed(), size) as stage:
        bar = stage.lines[-1]
        known = {"enter Open", "r Retry", "S Start", "p Unwatch", "w Why", "s Shell", "? Help", "q Quit"}
        hints = [hint.strip() for hint in bar.split("  ") if hint.strip()]
        assert set(hints) <= known and (hints or size[0] < 40)
        assert all(len(line) <= size[0] for line in stage.lines)


async def test_keys_that_would_do_nothing_are_not_offered(opened: Open) -> None:
    async with opened(building(), (200, 50)) as stage:
        assert "Stop" in stage.lines[-1] and "Retry" not in stage.lines[-1] and "Approve" not in stage.lines[-1]
    async with opened(waiting(), (200, 50)) as stage:
        assert "a Approve" in stage.lines[-1] and "x Reject" in stage.lines[-1]


async def test_history_shows_an_older_run_and_escape_comes_back(opened: Open) -> None:
    async with opened(failed(), (120, 40)) as stage:
        await stage.press("H")
        assert "#2" in stage.text and "#1" in stage.text and "9 ran" in stage.text
        await stage.press("j", "enter")
        assert "#1" in stage.lines[0] and "an older run" in stage.lines[0]
        await stage.play(lambda script: script.start().finish(ExecutionStatus.SUPERSEDED))
        await stage.press("r")
        assert "only looked at" in stage.said[-1] and stage.asked == []
        assert "#1" in stage.lines[0], "news must not pull the older run away"
        await stage.press("escape")
        assert "#3" in stage.lines[0]


async def test_history_says_what_began_a_run_and_what_waits(opened: Open) -> None:
    async with opened(waiting(), (120, 40)) as stage:
        await stage.press("H")
        assert "◆ waits" in stage.text and "StartPipelineExecution" not in stage.text


async def test_help_lists_every_key_and_mark(opened: Open) -> None:
    async with opened(failed(), (80, 24)) as stage:
        await stage.press("question_mark")
        text = stage.app.screen.query_one(ProseText).prose.plain
        for part in ("Approve or reject", "In $EDITOR", "superseded", "↺", "/", "^p"):
            assert part.lower() in text.lower()
        await stage.press("escape")
        assert "Approve or reject" not in stage.text


async def test_the_palette_knows_every_command(opened: Open) -> None:
    async with opened(building(), (120, 40)) as stage:
        await stage.press("colon", *"pause watching")
        await stage.until(lambda: "Pause watching for saves" in stage.text)
        await stage.press("enter")
        await stage.until(lambda: stage.asked)


async def test_the_palette_opens_everywhere_and_leads_everywhere(opened: Open) -> None:
    async with opened(building(), (120, 40)) as stage:
        await stage.press("x", "colon", *"here abandon")
        await stage.until(lambda: "Here: Abandon" in stage.text)
        await stage.press("enter")
        await stage.until(lambda: stage.asked and stage.asked == [Stop(execution="exec-2", abandon=True)])
        for opening, command, seen in (
            ("T", "every run of", HistoryScreen),  # a dialog that asks for text, where a colon is text
            ("H", "stop the run", StopDialog),
            ("comma", "config", MainScreen),
        ):
            await stage.press(opening, "ctrl+p", *command)
            await stage.until(lambda command=command: command in stage.text.lower())  # type: ignore[misc]
            await stage.press("enter")
            await stage.until(lambda seen=seen: isinstance(stage.app.screen, seen))  # type: ignore[misc]
            assert len(stage.app.screen_stack) == (1 if seen is MainScreen else 2)
            await stage.press(*(["escape"] if seen is not MainScreen else []))
        assert stage.app.main is not None and stage.app.main.panes.tab == "config"


async def test_a_theme_that_was_looked_at_is_left_behind_whichever_way_one_leaves(opened: Open) -> None:
    async with opened(building(), (120, 40)) as stage:
        before = stage.app.theme
        await stage.press("comma", "slash", *"paper", "enter")
        await stage.until(lambda: stage.app.theme == "greenroom-paper")
        await stage.press("H")
        await stage.until(lambda: stage.app.theme == before)


async def test_the_palette_knows_the_log_and_the_colours_on_one_line_each(opened: Open) -> None:
    async with opened(failed(), (120, 40)) as stage:
        await stage.press("colon", *"wrap")
        await stage.until(lambda: "Log: wrap lines   W" in stage.text)
        await stage.press("escape", "colon", *"choose a theme")
        await stage.until(lambda: "Change the colours: choose a theme" in stage.text)


async def test_quit_asks_while_something_runs(opened: Open) -> None:
    async with opened(building()) as stage:
        await stage.press("q")
        assert isinstance(stage.app.screen, QuitDialog) and "Build/Unit would be abandoned" in stage.text
        await stage.press("escape")
        assert stage.app.is_running
        await stage.press("q", "q", "enter")
        assert stage.app.return_value == 0 or stage.app.return_code == 0


async def test_quit_leaves_at_once_when_nothing_runs(opened: Open) -> None:
    async with opened(first_run(Script())) as stage:
        await stage.press("q")
        assert stage.app.return_code == 0 and not stage.app.is_running


async def test_copy(opened: Open) -> None:
    async with opened(failed(), (120, 40)) as stage:
        await stage.press("y")
        assert stage.app.clipboard == "Build/Unit"
        await stage.press("w", "y")
        assert "What decides it" in stage.app.clipboard


async def test_what_the_mouse_selects_is_copied_by_ctrl_c_which_is_said_once(
    opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    handed: list[str] = []
    monkeypatch.setattr(clipboard, "copy", handed.append)
    async with opened(failed(), (120, 40)) as stage:
        await stage.press("w")
        row = next(y for y, line in enumerate(stage.lines) if "What decides it" in line)
        for _ in range(2):
            await stage.pilot.mouse_down(offset=(1, row))
            await stage.pilot.hover(offset=(16, row))
            await stage.pilot.mouse_up(offset=(16, row))
            await stage.until(lambda: stage.app.screen.get_selected_text())
        await stage.press("ctrl+c")
        assert "What decides" in stage.app.clipboard and handed == [stage.app.clipboard]
        assert [said for said in stage.said if "ctrl+c" in said] == ["ctrl+c copies what is selected"]


async def test_no_tab_is_lost_where_room_is_short(opened: Open) -> None:
    async with opened(failed(), (60, 24)) as stage:
        await stage.press("enter", "4")
        bar = next(line for line in stage.lines if "4 Variables" in line)
        assert bar.split()[:2] == ["1", "Log"] and " 5  6 " in bar and "Unit" in bar


async def test_the_title_of_the_timeline_shows_whole_hints_only(opened: Open) -> None:
    async with opened(failed(), (60, 20)) as stage:
        await stage.press("v")
        assert "esc back" in stage.lines[0] and not stage.lines[0].rstrip().endswith("h l")


async def test_history_says_when_a_run_began_on_a_narrow_screen(opened: Open) -> None:
    async with opened(failed(), (60, 20)) as stage:
        began = datetime.fromtimestamp(stage.app.store.state.executions["exec-1"].started_at).astimezone()  # type: ignore[union-attr]
        await stage.press("H")
        assert f"{began:%b %d %H:%M:%S}" in stage.text


async def test_after_ctrl_z_all_of_the_screen_is_drawn_anew(opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    async with opened(failed(), (80, 24)) as stage:
        drawn: list[bool] = []
        monkeypatch.setattr(stage.app, "refresh", lambda *_, layout=False, **__: drawn.append(layout))
        stage.app.post_message(Driver.SignalResume())
        await stage.until(lambda: True in drawn)


async def test_a_shell_says_where_it_is_and_how_to_come_back(opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    async with opened(failed(), (80, 24)) as stage:
        handed: list[object] = []
        stage.link.workspace(stage.link.script.id("Unit")).mkdir(parents=True)
        monkeypatch.setattr(stage.app, "hand_over", lambda *given: handed.extend(given))
        await stage.press("s")
        assert str(handed[-1]).startswith("Build/Unit in ") and "exit to come back" in str(handed[-1])
