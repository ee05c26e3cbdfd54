"""The terminal app. Importing it must stay light: the engine is opened after the first frame is on the screen."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual.binding import BindingType
from textual.screen import Screen

from tui import keys
from tui._compat import write_to_terminal
from tui.actions.secrets import SecretActions
from tui.glyphs import GlyphFilter, suited, table
from tui.graph.marks import Mark
from tui.looks import load_zoom
from tui.messages import Connected, ConnectFailed, Diagnosed, EngineNews, Inbox
from tui.preferences import Preferences, load_preferences
from tui.screens.main import MainScreen
from tui.store import Clock, Store
from tui.terminal_status import TerminalStatus
from tui.themes import DEFAULT, defaults, load_themes, read_look

if TYPE_CHECKING:
    from textual.command import Provider
    from textual.filter import LineFilter
    from textual.timer import Timer

    from engine.execution.events import Recorded
    from engine.link import Link
    from engine.model.diagnostics import Diagnostic

Opener = Callable[[], "Link"]

BEATS = 8  # steps of the spinner in a second
_RELOADING = ("ExecutionStarted", "PipelineDefined")  # the files that say what builds need may have changed
MOST_DEFECTS = 200  # that are shown; one after the other they are more than anybody can bear
_SIGNALS = {signal.SIGTERM: 143, signal.SIGHUP: 129}


class GreenroomApp(SecretActions):
    """Shows one pipeline of one engine, from one store.

    `opener` gives the link; it is called on a thread of its own once the first frame is there. `lively`: whether
    time goes by on the screen (pictures and tests hold it still).
    """

    TITLE = "greenroom"
    ENABLE_COMMAND_PALETTE = True
    COMMAND_PALETTE_BINDING = "ctrl+p"
    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings()]
    CSS = """
    Toast { background: $panel; padding: 0 1; width: auto; max-width: 61; margin-top: 0; }
    CommandPalette > Vertical { width: 80; min-width: 20; max-width: 96%; margin-top: 2; }
    CommandPalette SearchIcon { display: none; }
    CommandPalette CommandInput { padding-left: 1; }
    Input > .input--placeholder { color: $muted; }
    ToastRack { align-horizontal: right; margin-bottom: 1; overflow-y: hidden; }
    ToastRack.-low { margin-bottom: 0; }
    ToastRack.-low Toast { height: 1; max-width: 100%; }
    """

    def __init__(
        self,
        opener: Opener,
        *,
        title: str = "",
        theme: str | None = None,
        clock: Clock = time.time,
        lively: bool = True,
    ) -> None:
        self.store = Store(title=title, clock=clock)
        self.keymap: dict[str, str] = {}
        self.preferences = Preferences()
        self.undoable = []
        self._endured = 0
        self._glyphs: dict[str, GlyphFilter] = {}
        self._own_glyphs: GlyphFilter | None = None
        super().__init__()
        self._opener = opener
        self.asked_theme = theme or ""
        self._lively = lively
        self._inbox = Inbox()
        self._undo: list[Callable[[], None]] = []
        self._beat_timer: Timer | None = None
        self._beats = 0
        self._told: dict[str, str] = {}
        self._status = TerminalStatus()
        self.connect_error: BaseException | None = None
        self._load_settings()

    def _load_settings(self) -> None:
        """Themes, keys and wishes of the person's own; what is wrong with them is shown, and they are left out."""
        themes = self._load_themes()
        keymap = keys.load_keymap()
        self.keymap = keymap.keys
        self.set_keymap(keymap.keys)
        self.preferences = load_preferences()
        self.store.logs = self.preferences.logs
        for problem in (*keymap.problems, *self.preferences.problems):
            self.store.problem(problem)
        if not self.preferences.motion:
            self.animation_level = "none"
        glyphs = suited(self.preferences.glyphs)
        self._own_glyphs = GlyphFilter(table(glyphs)) if glyphs else None
        wanted = self._own_theme(self.asked_theme or self.preferences.theme or DEFAULT)
        if wanted not in self.available_themes:
            known = ", ".join(sorted(themes))
            self.store.problem(f"there is no theme {wanted!r} (ours and yours: {known})")
            wanted = DEFAULT if DEFAULT in self.available_themes else "textual-dark"
        self.theme = wanted

    def _own_theme(self, wanted: str) -> str:
        """A theme may be named by its file, too."""
        if not wanted.endswith(".toml"):
            return wanted
        try:
            look = read_look(Path(wanted).expanduser())
        except (OSError, ValueError) as error:
            self.store.problem(f"theme {wanted}: {error}")
            return DEFAULT
        self.register_theme(look.theme)
        self._glyphs[look.theme.name] = GlyphFilter(look.glyphs)
        return look.theme.name

    def _load_themes(self) -> list[str]:
        """Take up every theme; returns their names."""
        themes = load_themes()
        for theme in themes.loaded.values():
            self.register_theme(theme)
        self._glyphs |= {name: GlyphFilter(glyphs) for name, glyphs in themes.glyphs.items()}
        for problem in themes.problems:
            self.store.problem(problem)
        return list(themes.loaded)

    def reload_themes(self) -> None:
        """Read the theme files again; the one in use is painted anew."""
        known = len(self.store.problems)
        self._load_themes()
        fresh = self.store.problems[known:]
        self.say(
            f"{fresh[0]} (D shows all)" if fresh else "the themes were read again",
            "warning" if fresh else "information",
        )
        self.refresh_css(animate=False)

    def reload_settings(self) -> None:
        """Read the person's own files again: themes, keys, wishes."""
        theme = self.theme
        self._load_settings()
        if theme in self.available_themes:
            self.theme = theme
        self.refresh_css(animate=False)

    def use_glyphs(self, name: str) -> None:
        """Draw with the characters of a set from now on."""
        self._own_glyphs = GlyphFilter(table(name))
        self.refresh_css(animate=False)

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Textual's own, then the characters of the theme, or those that the person's terminal can show."""
        found = self._own_glyphs or self._glyphs.get(self.theme)
        return [*super().get_line_filters(), *([found] if found and found.enabled else [])]

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Our own variables, for themes that do not have them."""
        return defaults(self.current_theme)

    def get_default_screen(self) -> Screen[None]:
        """The main screen."""
        return MainScreen(self.store)

    # -- the engine ---------------------------------------------------------------------------------------------

    def on_mount(self) -> None:
        """Paint first, then open the engine."""
        if self._lively:
            # Without motion nothing turns, but durations still go on.
            self._beat_timer = self.set_interval(1 / BEATS if self.preferences.motion else 1, self._beat)
        self.call_after_refresh(self._first_frame)
        if self.store.problems:
            self.say(f"{self.store.problems[0]} (D shows all)", "warning")

    def _first_frame(self) -> None:
        threading.Thread(target=self._connect, name="greenroom-open", daemon=True).start()

    def _connect(self) -> None:
        """Open the engine (its own thread)."""
        try:
            link = self._opener()
            state = link.state()
        except BaseException as error:  # whatever it is, the caller of `run` gets it
            self.post_message(ConnectFailed(error))
        else:
            self.post_message(Connected(link, state))

    def on_connect_failed(self, event: ConnectFailed) -> None:
        """Leave; `run` raises what happened, where the terminal is ours again."""
        self.connect_error = event.error
        self.exit(2)

    def on_connected(self, event: Connected) -> None:
        """Show what is known, and listen."""
        self.store.connect(event.link, event.state)
        self.store.zoom = load_zoom(event.link.directory, event.state.name)
        self._told = self._attention()
        self._undo.append(event.link.subscribe(self._hear, after=event.state.seq))
        self._undo.append(event.link.notices(self._diagnose))
        for name, url in getattr(event.link, "webhooks", {}).items():
            self.say(f"webhook {name} at {url}")
        self.refresh_views()
        self.look_for_needs()
        if self.store.approvals():
            self.bell()
        if self._lively:
            # What is here now stays: the collector need not look at it in every pass over the old generation.
            gc.collect()
            gc.freeze()

    def _hear(self, batch: list[Recorded]) -> None:
        """The engine recorded something (engine's thread)."""
        self._inbox.put(batch)
        self.post_message(EngineNews())

    def _diagnose(self, diagnostics: list[Diagnostic]) -> None:
        """A reload found something, or nothing any more (engine's thread)."""
        self.post_message(Diagnosed(diagnostics))

    def refresh_views(self) -> None:
        """Render the store anew, in the window's title, too."""
        super().refresh_views()
        if self._lively and (news := self._status.update(self.store)):
            write_to_terminal(self, news)

    def on_engine_news(self) -> None:
        """Fold in what has come, and render once."""
        batch = self._inbox.take()
        self.guarded(lambda: self.store.apply(batch))
        self.guarded(lambda: self._call(batch))
        if self._inbox:
            self.post_message(EngineNews())
        self._ring()
        self.refresh_views()
        if any(recorded.event.type in _RELOADING for recorded in batch):
            self.look_for_needs()

    def _call(self, batch: list[Recorded]) -> None:
        """Call by bell or OSC 9 where greenroom.yaml has rules for that."""
        link, state = self.store.link, self.store.state
        if link is None or state is None or not link.project.notifications:
            return
        from engine.notices.terminal import terminal_calls

        if text := terminal_calls(state, batch, link.project):
            write_to_terminal(self, text)

    def _attention(self) -> dict[str, str]:
        """What a person should look at now, by id, and what to say of it (nothing where a banner says it)."""
        found = {run.id: "" for run in self.store.approvals()}
        found |= {f"{one.target} {one.paused_at}": "" for one in self.store.paused()}
        latest = self.store.state.latest if self.store.state else None
        if latest is not None and latest.status == "Failed":
            failed = [node for node in self.store.picture().actions if node.mark is Mark.FAILED]
            more = f" and {len(failed) - 1} more" if len(failed) > 1 else ""
            where = f" in {failed[0].stage}/{failed[0].name}{more}" if failed and self.store.following else ""
            found[f"{latest.id} {latest.ended_at}"] = f"#{latest.number} failed{where}"
        return found

    def _ring(self) -> None:
        """Call for attention when an approval has begun to wait, an action is paused, or a run has failed."""
        found = self._attention()
        fresh = [text for identity, text in found.items() if identity not in self._told]
        if fresh:
            self.bell()
        for text in filter(None, fresh):
            self.say(text, "error")
        self._told = found

    def on_diagnosed(self, event: Diagnosed) -> None:
        """Show what is wrong with the definition, or that all is well again; news are said, and do not stay."""
        news = [found for found in event.diagnostics if found.is_news]
        for found in news:
            self.say(found.message, "warning")
        if news:
            return
        before, self.store.diagnostics = self.store.diagnostics, event.diagnostics
        if before and not event.diagnostics:
            self.say("all is well again" if before[0].is_own else "the definition loads again")
        self.refresh_views()

    def _beat(self) -> None:
        """Time goes by."""
        main = self.main
        if main is None or not self.on_main or not self.store.busy:
            return
        self._beats += 1
        whole = self._beats % BEATS == 0 or not self.preferences.motion
        self.guarded(partial(main.beat, whole=whole))

    # -- trouble ------------------------------------------------------------------------------------------------

    def endure(self, error: Exception) -> bool:
        """Show a defect of ours and go on; not before there is anything to show it on, nor for ever."""
        self._endured += 1
        if self.main is None or not self.main.is_mounted or self._endured > MOST_DEFECTS:
            return False
        self.trouble(error)
        return True

    async def run_action(self, *args: object, **kwargs: object) -> bool:
        """Run an action; a defect in it is shown, and the app goes on."""
        try:
            return await super().run_action(*args, **kwargs)  # type: ignore[arg-type]
        except Exception as error:
            self.trouble(error)
            return False

    def _fatal_error(self) -> None:
        """An error that nobody caught: leave, and print where it was, never what the variables held."""
        error = sys.exc_info()[1]
        text = "".join(traceback.format_exception(error)) if error else "unknown error"
        self._exit_renderables.append(text)
        self._close_messages_no_wait()

    def listen_to_signals(self) -> None:
        """Being ended from outside restores the terminal as quitting does."""
        loop = asyncio.get_running_loop()
        for number, code in _SIGNALS.items():
            with contextlib.suppress(NotImplementedError, ValueError, RuntimeError):
                loop.add_signal_handler(number, self.exit, code, code)

    def forget_engine(self) -> None:
        """Listen no more, and give the window its title back."""
        if sys.__stderr__ is not None and sys.__stderr__.isatty():
            with contextlib.suppress(OSError, ValueError):
                sys.__stderr__.write(self._status.end())
                sys.__stderr__.flush()
        for undo in self._undo:
            with contextlib.suppress(Exception):
                undo()
        self._undo.clear()


def _commands() -> type[Provider]:
    from tui.palette import Commands

    return Commands


GreenroomApp.COMMANDS = {_commands}


def run(link: Link | Opener, *, theme: str | None = None, title: str = "") -> int:
    """Show a pipeline until the person leaves; returns the exit code.

    `link` may be a function that opens the engine: it is then called on a thread, after the first frame. What it
    raises is raised from here, with the terminal restored. `theme` beats what the person prefers.
    """
    opener: Opener = link if callable(link) else (lambda: link)
    app = GreenroomApp(opener, title=title, theme=theme)
    asyncio.run(_main(app))
    if app.connect_error is not None:
        raise app.connect_error
    return app.return_code or 0


async def _main(app: GreenroomApp) -> None:
    app.listen_to_signals()
    try:
        await app.run_async(mouse=app.preferences.mouse)
    finally:
        app.forget_engine()
