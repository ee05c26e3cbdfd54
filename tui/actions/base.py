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

from tui._compat import Enduring
from tui.keys import readable
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

    async def on_event(self, event: events.Event) -> None:
        """Remember what was pressed last."""
        if isinstance(event, events.Key | events.MouseDown) and not event.is_forwarded:
            self.last_key = event.key if isinstance(event, events.Key) else ""
        await super().on_event(event)

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
        return few(waiting, width, height, readable(self.keymap.get("app.messages", "exclamation_mark")))

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
            if callable(update) and screen.is_running:
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
