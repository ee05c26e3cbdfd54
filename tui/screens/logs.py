"""Several logs at once: side by side, or as one, merged by time."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

from textual import events, on
from textual.binding import Binding, BindingType
from textual.containers import Grid
from textual.content import Content
from textual.widget import Widget
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from tui.graph.fitting import Item
from tui.log.arrivals import Arrivals
from tui.log.merge import Merge, Strand, letter, pen
from tui.log.reading import Reading
from tui.logs import OneLog
from tui.messages import LogLookWanted
from tui.screens.dialog import Dialog
from tui.screens.full import FullScreen, Title
from tui.store import Store
from tui.widgets._log_together import Together
from tui.widgets._log_view import LIVE_RATE, LogView
from tui.widgets.choice import Choice
from tui.widgets.log_pane import LogPane

MOST = 12
"""Logs at once."""
WIDTH, HEIGHT = 50, 8
"""What a log needs beside others."""
_COLOURS = ("black", "red", "green", "yellow", "blue", "magenta", "cyan")


class LogsDialog(Dialog[list[int]]):
    """Which logs. Returns their numbers; the last one is -1 where they are wanted side by side."""

    DEFAULT_CSS = """
    LogsDialog OptionList { height: auto; max-height: 14; background: $surface; border: none; padding: 0; }
    LogsDialog OptionList:focus { border: none; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "move('down')", show=False, id="logs.down"),
        Binding("k", "move('up')", show=False, id="logs.up"),
        Binding("space", "pick", show=False, id="logs.pick"),
        Binding("enter", "take(False)", show=False, priority=True, id="logs.merge"),
        Binding("s", "take(True)", show=False, id="logs.beside"),
    ]
    title_text = " Several logs "

    def __init__(self, logs: Sequence[OneLog], chosen: set[int]) -> None:
        super().__init__()
        self._logs = logs
        self._chosen = chosen

    def body(self) -> list[Widget]:
        """All that there are."""
        rows = OptionList(*(Option(self._row(number)) for number in range(len(self._logs))), id="list")
        return [Static("Which logs? space takes one, or leaves it out.", markup=False), rows]

    def _row(self, number: int) -> Content:
        log = self._logs[number]
        how = "  paused" if log.paused else "  running" if log.live else ""
        return Content(f"{'✔' if number in self._chosen else '·'} {log.title}{how}")

    def choices(self) -> list[Choice]:
        """One stream, or panes."""
        return [
            Choice("enter", "Merge by time", "merge"),
            Choice("s", "Side by side", "beside"),
            Choice("esc", "Back", "later"),
        ]

    def first(self) -> Widget:
        """The list has the keys."""
        return self.query_one(OptionList)

    @on(Choice.Taken)
    def _pressed(self, event: Choice.Taken) -> None:
        if event.choice.id == "later":
            self.dismiss(None)
        else:
            self.action_take(event.choice.id == "beside")

    @on(OptionList.OptionSelected)
    def _clicked(self, event: OptionList.OptionSelected) -> None:
        self._toggle(event.option_index)

    def action_pick(self) -> None:
        """The one under the cursor."""
        at = self.query_one(OptionList).highlighted
        if at is not None:
            self._toggle(at)

    def _toggle(self, number: int) -> None:
        self._chosen ^= {number}
        self.query_one(OptionList).replace_option_prompt_at_index(number, self._row(number))

    def action_take(self, beside: bool) -> None:
        """These."""
        chosen = sorted(self._chosen)[:MOST]
        if chosen:
            self.dismiss([*chosen, -1] if beside else chosen)
        else:
            self.query_one("#box").border_subtitle = " at least one, please "

    def action_move(self, direction: str) -> None:
        """j and k."""
        getattr(self.query_one(OptionList), f"action_cursor_{direction}")()


class LogsTitle(Title):
    """Letters and names of merged logs in their colours."""

    merged: Sequence[str] = ()

    def left(self) -> Sequence[Item]:
        """The name of the screen, then of each log."""
        names: list[Item] = []
        for number, name in enumerate(self.merged):
            names.append(Item(f"{letter(number)} {name}", f"ansi_{_COLOURS[pen(number)]}", 1))
        return [*super().left(), *names]


class LogsScreen(FullScreen[None]):
    """Panes like the one below the graph, each with all of its keys; `M` changes from one form to the other."""

    DEFAULT_CSS = """
    LogsScreen Grid { height: 1fr; grid-gutter: 0 1; }
    LogsScreen LogPane { height: 1fr; }
    LogsScreen Grid.-several LogPane { border-top: solid $panel; border-title-color: $muted; }
    LogsScreen Grid.-several LogPane:focus-within { border-top: solid $primary; border-title-color: $foreground; }
    LogsScreen Grid.-one LogPane { display: none; }
    LogsScreen Grid.-one LogPane.-alone { display: block; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("M", "turn", "Merge or split", id="logs.turn"),
        Binding("Z", "together", "Scroll together", id="logs.together"),
        Binding("z", "alone", "Give one log the whole screen", show=False, id="logs.alone"),
        Binding("L", "pager", "Open in $PAGER", show=False, id="logs.pager"),
        Binding("tab", "step(1)", "Next log", show=False, id="logs.next"),
        Binding("shift+tab", "step(-1)", "Log before", show=False, id="logs.previous"),
    ]

    def __init__(self, store: Store, logs: Sequence[OneLog], *, beside: bool = False) -> None:
        super().__init__(store)
        self.title_line = LogsTitle()
        self.logs = list(logs)
        self.beside = beside
        self._folder: Path | None = None
        self._merge: Merge | None = None
        self._reading: Reading[Merge] | None = None
        self._together: Together | None = None

    def body(self) -> list[Widget]:
        """The panes."""
        return [Grid(id="grid")]

    def on_mount(self) -> None:
        """Shows them."""
        super().on_mount()
        self.set_interval(LIVE_RATE, self._beat)
        self.call_next(self._fill)

    def on_unmount(self) -> None:
        """Takes the merged log away."""
        self._unmerge()

    @property
    def panes(self) -> list[LogPane]:
        """What is on the screen."""
        return list(self.query(LogPane))

    @property
    def pane(self) -> LogPane | None:
        """The log that the keys go to."""
        return next((pane for pane in self.panes if pane.has_focus_within), None)

    async def _fill(self) -> None:
        grid = self.query_one(Grid)
        await grid.remove_children()
        grid.set_class(self.beside, "-several")
        grid.remove_class("-one")
        panes = [LogPane() for _ in self.logs] if self.beside else [LogPane()]
        await grid.mount_all(panes)
        if self.beside:
            self._unmerge()
            for pane, log in zip(panes, self.logs, strict=True):
                pane.show(log.path, title=log.title, live=log.live, places=log.places)
                pane.look(self.store.logs)
        else:
            panes[0].show(self._merged(), title="merged", live=True, places=self.logs[0].places)
            panes[0].look(self.store.logs)
        self._together = Together([pane.view for pane in panes]) if self.store.logs.together and self.beside else None
        self._arrange()
        panes[0].focus()
        self._entitle()

    def _entitle(self) -> None:
        title = self.title_line
        assert isinstance(title, LogsTitle)
        title.merged = () if self.beside else [log.title for log in self.logs]
        if not self.beside:
            title.say("Logs", "", "merged by time")
        else:
            how = f"scroll together, by {self._together.by}" if self._together else "side by side"
            title.say("Logs", f"{len(self.logs)} {how}", "Z ends that" if self._together else "Z scrolls them together")
        title.refresh()

    def on_resize(self, event: events.Resize) -> None:
        """As many columns as have room."""
        self._arrange()

    def _arrange(self) -> None:
        grid = self.query_one(Grid)
        count = len(self.logs) if self.beside and not grid.has_class("-one") else 1
        width, height = self.size
        columns = max(1, min(count, width // WIDTH))
        while (
            columns > 1 and -(-count // (columns - 1)) * HEIGHT <= height and width // columns < 2 * WIDTH and count > 3
        ):
            columns -= 1  # rather a second row than narrow columns
        grid.styles.grid_size_columns = columns

    # --- the merged log ---

    def _merged(self) -> Path:
        self._folder = Path(tempfile.mkdtemp(prefix="greenroom-logs-"))
        strands = [Strand(log.path, not log.live, Arrivals(log.path).between, log.title) for log in self.logs]
        self._merge = Merge(strands, self._folder / "merged.log")
        self._reading = Reading("log-merge", self._merge, lambda: None)
        return self._merge.target

    def _unmerge(self) -> None:
        if self._reading is not None and self._merge is not None:
            self._reading.cancel()
            self._merge.close()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
        self._reading = self._merge = self._folder = None

    def _beat(self) -> None:
        if self._reading is not None:
            self._reading.resume()

    def update(self) -> None:
        """The store has changed: what has ended will not be written to any more."""
        from tui.logs import logs

        live = {log.path: log.live for log in logs(self.store)}
        for pane in self.panes:
            pane.look(self.store.logs)
        panes = self.panes if self.beside else []
        for number, log in enumerate(self.logs):
            if log.live and not live.get(log.path, False):
                self.logs[number] = ended = replace(log, live=False, paused=False)
                if self._merge is not None:
                    self._merge.ended(number)
                if number < len(panes):
                    panes[number].show(ended.path, title=ended.title, live=False, places=ended.places)

    # --- scrolling as one ---

    @on(LogView.Moved)
    def _moved(self, event: LogView.Moved) -> None:
        event.stop()
        if self._together is not None:
            self._together.lead(event.view)

    def action_together(self) -> None:
        """All logs go where one goes, or each by itself again."""
        if not self.beside:
            self.notify("merged logs are together already; M shows them side by side", markup=False)
            return
        self._together = None if self._together else Together([pane.view for pane in self.panes])
        self.post_message(LogLookWanted(self.store.logs._replace(together=self._together is not None)))
        if self._together is not None and (pane := self.pane) is not None:
            self._together.lead(pane.view)
        self._entitle()

    # --- keys ---

    async def action_turn(self) -> None:
        """Side by side, or merged."""
        self.beside = not self.beside
        await self._fill()

    def action_alone(self) -> None:
        """One log has the whole screen, or all share it again."""
        grid, chosen = self.query_one(Grid), self.pane
        if self.beside and (chosen is not None or grid.has_class("-one")):
            alone = not grid.has_class("-one")
            for pane in self.panes:
                pane.set_class(alone and pane is chosen, "-alone")
            grid.set_class(alone, "-one")
            self._arrange()

    def action_step(self, step: int) -> None:
        """To the next log, or the one before."""
        panes, chosen = self.panes, self.pane
        at = panes.index(chosen) + step if chosen is not None else 0
        wanted = panes[at % len(panes)]
        if self.query_one(Grid).has_class("-one"):
            for pane in panes:
                pane.set_class(pane is wanted, "-alone")
        wanted.focus()

    def action_filter(self) -> None:
        """A log is searched, not the list of them."""
        if (pane := self.pane or next(iter(self.panes), None)) is not None:
            pane.action_search()

    def action_pager(self) -> None:
        """The log with the focus in the pager."""
        if (pane := self.pane) is not None and pane.path is not None:
            self.post_message(LogPane.Page(pane.path))
