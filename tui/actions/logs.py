"""What the log pane asks the app for: an editor, a browser, a pager; and several logs at once."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING

from tui.actions.outside import OutsideActions
from tui.messages import LogLookWanted

if TYPE_CHECKING:
    from tui.logs import OneLog
    from tui.widgets.log_pane import LogPane


class LogActions(OutsideActions):
    """Keys and messages about logs."""

    def on_log_pane_open_file(self, event: LogPane.OpenFile) -> None:
        """A file of the source, at the line that the log names."""
        self.edit(event.file, event.line)

    def on_log_pane_look_changed(self, event: LogPane.LookChanged) -> None:
        """Every log looks so from now on."""
        self.on_log_look_wanted(LogLookWanted(self.store.logs._replace(wrap=event.wrap, times=event.times)))

    def on_log_look_wanted(self, event: LogLookWanted) -> None:
        """Keep what is new of it."""
        before, self.store.logs = self.store.logs, event.look
        for name, value in event.look._asdict().items():
            if value != getattr(before, name):
                self.keep(name, value)
        self.refresh_views()

    def on_log_pane_page(self, event: LogPane.Page) -> None:
        """A log in the pager."""
        self.hand_over([*shlex.split(os.environ.get("PAGER") or "less -R"), str(event.path)])

    def on_log_pane_open_address(self, event: LogPane.OpenAddress) -> None:
        """Asks first: what a link is called need not be where it leads."""
        from tui.screens.gates import ConfirmDialog

        program, url = browser(os.environ), event.url
        if program is None:
            self.copy_to_clipboard(url)
            self.say(f"there is no browser to open here; copied {url}")
            return

        def answered(wanted: bool | None) -> None:
            if wanted:
                try:
                    subprocess.Popen(
                        [*program, url],
                        stdin=subprocess.DEVNULL,
                        stdout=subprocess.DEVNULL,
                        stderr=subprocess.DEVNULL,
                        start_new_session=True,
                    )
                except OSError as error:
                    self.say(str(error), "error")

        self.push_screen(ConfirmDialog("Open in the browser?", url, "Open"), answered)

    def action_logs(self) -> None:
        """Several logs: those of the marked actions, or of the ones one chooses."""
        from tui.logs import logs

        found = list(logs(self.store))
        if not found:
            self.say("no action has a log yet")
            return
        marked = [log for log in found if log.key in self.store.marked]
        if len(marked) > 1:
            self._show_logs(marked, beside=False)
            return
        from tui.screens.logs import LogsDialog

        running = {number for number, log in enumerate(found) if log.live}
        chosen = running if len(running) > 1 else {number for number, log in enumerate(found) if log in marked}

        def answered(numbers: list[int] | None) -> None:
            if numbers:
                self._show_logs([found[number] for number in numbers if number >= 0], beside=-1 in numbers)

        self.push_screen(LogsDialog(found, chosen or running), answered)

    def _show_logs(self, several: list[OneLog], *, beside: bool) -> None:
        from tui.screens.logs import LogsScreen

        self.push_screen(LogsScreen(self.store, several, beside=beside))


def browser(environ: Mapping[str, str], platform: str = sys.platform) -> list[str] | None:
    """The program that opens addresses on this desktop; None without one. Never one that wants the terminal."""
    if platform == "darwin":
        return ["open"]
    desktop = environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY")
    candidates = [*(["xdg-open", "gio"] if desktop else []), "wslview"]
    found = next((name for name in candidates if shutil.which(name)), None)
    return None if found is None else [found, *(["open"] if found == "gio" else [])]
