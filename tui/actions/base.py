"""What all actions share: the store, the main screen, a word to the person."""

from __future__ import annotations

import getpass
import traceback
from collections.abc import Callable
from concurrent.futures import Future
from typing import TYPE_CHECKING, Literal

from textual import events
from textual.notifications import Notification, SeverityLevel
from textual.widgets._toast import ToastRack

from tui import clipboard
from tui._compat import Enduring
from tui.keys import KEYS, readable
from tui.messages import Answered
from tui.screens.main import MainScreen
from tui.store import Store
from tui.toasts import LOW, few, remember

if TYPE_CHECKING:
    from pathlib import Path

    from engine.execution.requests import Answer, Request
    from tui.preferences import Preferences


_UNDONE = 50  # requests that can be taken back


class AppBase(Enduring):
    """The part of the app that the action mixins stand on."""

    store: Store
    keymap: dict[str, str]
    preferences: Preferences
    last_key = ""
    """The key pressed last; empty after a click."""
    _told_of_copying = False
    undoable: list[tuple[Request, str]]

    @property
    def main(self) -> MainScreen | None:
        """The main screen, once it is there."""
        return next((screen for screen in self.screen_stack if isinstance(screen, MainScreen)), None)

    @property
    def on_main(self) -> bool:
        """Whether the main screen is in front."""
        return isinstance(self.screen, MainScreen)

    def say(self, text: str, severity: Literal["information", "warning", "error"] = "information") -> None:
        """A short word to the person. The text is shown as it is, whatever brackets it holds."""
        self.notify(text, severity=severity, markup=False, timeout=4 if severity == "information" else 8)

    def unknown_key(self, event: events.Key) -> None:
        """Say so, rather than leave somebody wondering."""
        if event.is_printable or event.key.startswith(("ctrl+", "f")):
            key = event.character if event.is_printable and event.character else readable(event.key)
            self.say(f"{key} does nothing here; {self._readable('app.help')} lists every key")

    def _readable(self, identity: str) -> str:
        keys = self.keymap.get(identity) or next(key.keys for key in KEYS if key.id == identity)
        return readable(keys.split(",")[0])

    async def on_event(self, event: events.Event) -> None:
        """Remember what was pressed last."""
        if isinstance(event, events.Key | events.MouseDown) and not event.is_forwarded:
            self.last_key = event.key if isinstance(event, events.Key) else ""
        await super().on_event(event)

    def copy_to_clipboard(self, text: str) -> None:
        """Through the terminal, and to the desktop's own clipboard where there is one."""
        super().copy_to_clipboard(text)
        clipboard.copy(text)

    def on_text_selected(self) -> None:
        """Selected is not copied yet: said once, for not everybody knows."""
        if not self._told_of_copying and self.screen.get_selected_text():
            self._told_of_copying = True
            self.say("ctrl+c copies what is selected")

    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: SeverityLevel = "information",
        timeout: float | None = None,
        markup: bool = True,
    ) -> None:
        """Say it at the foot of the screen, and keep it for the list of what was said."""
        remember(self.store.said, message, severity)
        super().notify(message, title=title, severity=severity, timeout=timeout, markup=markup)

    def seen(self, waiting: list[Notification]) -> list[Notification]:
        """As many as leave the work in view."""
        width, height = self.size
        for rack in self.screen.query(ToastRack):
            rack.set_class(height < LOW, "-low")
        return few(waiting, width, height, self._readable("app.messages"))

    def ask_engine(self, request: Request, done: str = "", *, keep: bool = True) -> None:
        """Send a request; `done` is what to say once it is granted. Refusals are always told.

        `keep`: what takes it back, if anything does, is kept for the key that undoes.
        """
        if self.store.link is None or self.store.state is None:
            self.say("the engine is still opening", "warning")
            return
        from tui.actions.undoing import inverse

        undo = inverse(request, self.store.state, person()) if keep else None

        def answered(future: Future[Answer]) -> None:
            self.post_message(Answered(future.result(), done, undo))

        self.store.link.request(request).add_done_callback(answered)

    def on_answered(self, event: Answered) -> None:
        """Tell what became of a request."""
        if event.answer.ok and event.undo is not None:
            self.undoable.append(event.undo)
            del self.undoable[:-_UNDONE]
        if not event.answer.ok:
            self.say(event.answer.message or event.answer.exception, "warning")
        elif event.done or event.answer.message:
            self.say(event.done or event.answer.message)

    def keep(self, name: str, value: str | bool) -> Path | None:
        """Write one of the person's own settings down; where that cannot be done it is said."""
        from tui.preferences import keep_preference

        setattr(self.preferences, name, value)
        try:
            file = keep_preference(name, value)
        except (OSError, ValueError) as error:
            self.say(f"{name} is not kept: {error}", "error")
            return None
        self.preferences.origins[name] = str(file)
        return file

    def refresh_views(self) -> None:
        """Render the store anew on every screen that shows it."""
        for screen in self.screen_stack:
            update = getattr(screen, "refresh_all", None) or getattr(screen, "update", None)
            if callable(update) and screen.is_running and screen.is_mounted:  # what is coming will look by itself
                self.guarded(update)

    def guarded(self, call: Callable[[], object]) -> None:
        """Call something of ours; a defect in it is shown, and the app goes on."""
        try:
            call()
        except Exception as error:
            self.trouble(error)

    def trouble(self, error: Exception) -> None:
        """Show a defect of ours, without the values of variables: they may hold secrets."""
        text = "".join(traceback.format_exception(error)).rstrip()
        if text in self.store.problems:
            return
        self.store.problem(text)
        self.say(f"something went wrong here: {type(error).__name__}: {error} (D shows where)", "error")


def person() -> str:
    """Who sits here, as far as the system knows."""
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        return ""
