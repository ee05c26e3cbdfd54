"""Taking text out of a log: copying it, saving it."""

from __future__ import annotations

import threading
from pathlib import Path

from textual import on
from textual.widget import Widget

from tui.log.save import free_name, save
from tui.widgets import _log_messages as messages
from tui.widgets._log_pick import PickView


class Taking(Widget):
    """The part of a log pane that gives text to the clipboard and to files."""

    path: Path | None
    title: str
    _view: PickView

    def action_copy(self) -> None:
        """Copies the selection, else the current line."""
        text = self.screen.get_selected_text()
        self._copy(text) if text else self.copy_line()

    def copy_line(self) -> None:
        """Copies the line gone to last, or the last one on screen."""
        view = self._view
        rows = view.visible_rows
        if rows and view.lens is not None:
            current = -1 if view.current is None else view.lens.row(view.current)
            self._copy(view.text_of(current if current in rows else rows[-1]))

    def _copy(self, text: str) -> None:
        self.app.copy_to_clipboard(text)
        lines = text.count("\n") + 1
        self.notify(f"copied {lines:,} line{'s' * (lines != 1)}", timeout=2, markup=False)

    def action_save(self) -> None:
        """Saves the log beside where greenroom was started."""
        self.save()

    def save(self, target: Path | None = None) -> None:
        """Copies the whole log to `target`, by default a new file in the working directory; then posts `Saved`."""
        if self.path is None:
            return
        log, target = self.path, target or free_name(Path.cwd(), self.title or self.path.name)

        def copy() -> None:
            self.post_message(messages.Saved(self, target, save(log, target)))

        threading.Thread(target=copy, name="log-save", daemon=True).start()

    @on(messages.Saved)
    def _log_saved(self, event: messages.Saved) -> None:
        if event.problem:
            self.notify(f"not saved: {event.problem}", severity="error", markup=False)
        else:
            self.notify(f"saved to {event.target}", markup=False)
