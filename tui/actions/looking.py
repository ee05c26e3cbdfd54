"""Keys that move around: tabs, zoom, history, help, diagnostics, copy, quit."""

from __future__ import annotations

from collections.abc import Iterator

from textual.binding import Binding
from textual.dom import DOMNode
from textual.screen import Screen
from textual.widget import Widget

from tui.actions.screens import ScreenActions
from tui.graph.model import Key
from tui.keys import KEYS
from tui.screens.main import MainScreen


class LookActions(ScreenActions):
    """Nothing here changes the pipeline."""

    def action_tab(self, name: str) -> None:
        """Show a tab of the chosen action and go there."""
        main = self.main
        if main is not None and self.on_main:
            main.panes.open(name)
            main.show_half("panes")

    def action_log(self, command: str) -> None:
        """Do something with the log, wherever the focus is."""
        main = self.main
        if main is None or not self.on_main:
            return

        def obey() -> None:
            if main.panes.pane is not None:
                self.call_later(self.run_action, command, main.panes.pane)

        main.panes.open("log")
        main.show_half("panes", obey)

    def action_switch(self) -> None:
        """Go to the other half."""
        if self.main is not None:
            self.main.show_half("panes" if self.main.half == "graph" else "graph")

    def action_zoom(self) -> None:
        """Give the whole screen to one half."""
        if self.main is not None and self.on_main:
            self.main.toggle_zoom()

    def action_neighbour(self, step: int) -> None:
        """Select the next action in the pipeline's order."""
        nodes = self.store.picture().actions
        keys = [node.key for node in nodes]
        if keys and self.main is not None:
            here = keys.index(self.store.chosen) if self.store.chosen in keys else 0
            self.main.choose(keys[min(max(here + step, 0), len(keys) - 1)])

    def go_to(self, key: Key) -> None:
        """Select an action by its place."""
        if self.main is not None:
            self.main.choose(key)

    action_go_to = go_to

    def action_up(self) -> None:
        """One level up: out of zoom, out of the pane, out of an older run, then follow what happens."""
        main = self.main
        if main is None or not self.on_main:
            return
        if main.zoomed:
            main.toggle_zoom()
        elif main.half == "panes":
            main.show_half("graph")
        elif self.store.marked:
            self.store.unmark()
            self.refresh_views()
        elif self.store.viewed:
            self.store.view("")
            self.refresh_views()
        else:
            self.store.unpin()
            main.graph.loose = False
            self.refresh_views()

    def action_history(self) -> None:
        """Every run."""
        from tui.screens.history import HistoryScreen

        def view(execution_id: str | None) -> None:
            if execution_id:
                self.store.view(execution_id)
                self.refresh_views()

        if self.store.state is not None:
            self.open_full(HistoryScreen(self.store), view)

    def action_timeline(self) -> None:
        """What took how long."""
        from tui.screens.timeline import TimelineScreen

        if self.store.execution is None:
            self.say("nothing has run yet")
        else:
            self.open_full(TimelineScreen(self.store), lambda key: self.main.open(key) if key and self.main else None)

    def action_help(self) -> None:
        """Every key."""
        from tui.screens.reading import ReadingScreen, help_text

        local = [
            (self.keys_of(binding.id or "") or binding.key, binding.description, binding.id or "")
            for binding, _ in self.local_bindings(self.screen, self.focused)
        ]
        self.push_screen(ReadingScreen("Keys", help_text(local, self.keymap)))

    def local_bindings(self, screen: Screen[object], focused: Widget | None) -> Iterator[tuple[Binding, DOMNode]]:
        """Keys of what has the focus, from the inside out; the main screen's own are in the table of all keys."""
        chain: list[DOMNode] = list(focused.ancestors_with_self) if focused is not None else [screen]
        inside = [node for node in chain if node not in (self, screen)]
        known, shared = set[str](), {key.id for key in KEYS}
        for node in inside if isinstance(screen, MainScreen) else [*inside, screen]:
            for binding in _distinct(list(node._bindings)):
                if binding.id and binding.description and binding.id not in shared and binding.description not in known:
                    known.add(binding.description)
                    yield binding, node

    def action_messages(self) -> None:
        """What was said."""
        from tui.screens.reading import ReadingScreen, messages_text

        self.push_screen(ReadingScreen("Said lately", messages_text(self.store)))

    def offers(self, identity: str) -> bool:
        """Whether a key would do something now, so that the key bar can leave the others out."""
        execution = self.store.execution
        match identity:
            case "app.approve":
                return bool(self.store.approvals())
            case "app.retry":
                failed = execution is not None and bool(self.failed_stage(execution))
                return failed or self.paused_one() is not None
            case "app.stop":
                return self.store.busy
            case "app.start":
                return self.store.state is not None and not self.store.busy
            case "app.shell":
                return self.store.run() is not None
        return True

    def named(self, identity: str) -> str:
        """What a key does now, for the key bar; empty where its own word says it."""
        state = self.store.state
        match identity:
            case "app.pause":
                return "Watch" if state is not None and state.watch_paused else ""
            case "app.stop":
                return "Reject" if self.chosen_approval() is not None else ""
        return ""

    def keys_of(self, identity: str) -> str:
        """The person's own keys for a binding; empty where they left it alone."""
        return self.keymap.get(identity, "")

    def action_diagnostics(self) -> None:
        """What is wrong."""
        from tui.screens.reading import ReadingScreen, diagnostics_text

        self.push_screen(ReadingScreen("What is wrong", diagnostics_text(self.store)))

    def action_copy(self) -> None:
        """Copy the selected text, else what the pane says, else the chosen action's name."""
        from tui.widgets.text_pane import TextPane

        text = self.screen.get_selected_text() or ""
        if not text and isinstance(self.focused, TextPane):
            text = self.focused.text
        text = text or "/".join(self.store.chosen)
        self.copy_to_clipboard(text)
        lines = text.count("\n") + 1
        self.say(f"copied {lines} lines" if lines > 1 else f"copied {text}")

    def action_help_quit(self) -> None:
        """ctrl+c, where no text is selected that it could copy."""
        self.say("q quits; ctrl+c copies selected text")

    def action_leave(self) -> None:
        """Quit; ask first while something runs."""
        from tui.screens.confirm import QuitDialog

        def left(sure: bool | None) -> None:
            if sure:
                self.exit(0)

        stays = self.store.link is not None and self.store.link.remains
        running, paused = ([], []) if stays else (self.running(), self.standing())
        if running or paused:
            self.push_screen(QuitDialog(running, paused), left)
        else:
            self.exit(0)


def _distinct(bindings: list[tuple[str, Binding]]) -> list[Binding]:
    """One binding for each action, with all its keys."""
    keys: dict[str, list[str]] = {}
    first: dict[str, Binding] = {}
    for key, binding in bindings:
        keys.setdefault(binding.action, []).append(key)
        first.setdefault(binding.action, binding)
    return [
        Binding(",".join(keys[action]), action, binding.description, id=binding.id) for action, binding in first.items()
    ]
