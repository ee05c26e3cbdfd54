"""What is said at the foot of the screen: the work stays in view, and nothing is lost."""

from __future__ import annotations

from textual.notifications import Notification, SeverityLevel

from tests.tui.conftest import Open
from tests.tui.script import failed
from tui.toasts import few


def test_the_worst_and_newest_are_seen_and_the_others_counted() -> None:
    said = [
        Notification("bad", severity="error", raised_at=1),
        *(Notification(f"word {number}", raised_at=number) for number in range(2, 6)),
        Notification("word 5", raised_at=6),
    ]
    assert [each.message for each in few(said, 80, 24, "!")] == ["bad  +4 (!)"]
    assert [each.message for each in few(said, 200, 40, "!")] == ["word 5", "bad  +3 (!)"]
    assert [each.message for each in few(said[:2], 200, 60, "!")] == ["word 2", "bad"]
    assert few([], 80, 24, "!") == []


def test_a_long_word_is_cut_to_its_place() -> None:
    (low,) = few([Notification("one two\nthree " * 20)], 80, 24, "!")
    assert len(low.message) <= 76 and low.message.endswith("…") and "\n" not in low.message
    (high,) = few([Notification("x" * 500)], 200, 50, "!")
    assert len(high.message) == 3 * 58


async def test_a_key_that_means_nothing_is_said_to(opened: Open) -> None:
    async with opened(failed(), (80, 24)) as stage:
        await stage.press("Q", "Q", "ctrl+t", "up", "x")
        said = [(each.text, each.times) for each in stage.app.store.said[:2]]
        assert said == [("Q does nothing here; ? lists every key", 2), ("^t does nothing here; ? lists every key", 1)]
        await stage.press("H", "slash", "Q")
        assert "does nothing" not in stage.app.store.said[-1].text, "what is typed into a line is text"


async def test_at_80x24_they_take_one_line_and_all_are_listed(opened: Open) -> None:
    async with opened(failed(), (80, 24)) as stage:
        before = stage.lines
        for number in range(4):
            severity: SeverityLevel = "error" if number == 1 else "information"
            stage.app.notify(f"word {number} " + "and so on " * 12, severity=severity, timeout=600)
        await stage.until(lambda: "+3 (!)" in stage.lines[-1])
        assert "word 1 and so on" in stage.lines[-1] and stage.lines[:-1] == before[:-1]
        await stage.pilot.resize_terminal(200, 50)
        await stage.until(lambda: "word 3" in stage.text and "+1 (!)" in stage.text)
        await stage.press("H", "exclamation_mark")
        await stage.until(lambda: "Said lately" in stage.text)
        assert [line.split()[2:4] for line in stage.lines if "and so on and" in line and ":" in line][:4] == [
            ["word", str(number)] for number in (3, 2, 1, 0)
        ]
