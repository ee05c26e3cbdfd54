"""Lines that call for attention: an approval that waits, a definition that does not load, problems of the app."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tui.graph.fitting import Item
from tui.store import BY_YOU, Store
from tui.widgets.line import Line

if TYPE_CHECKING:
    from engine.execution.standing import Standing


class Banner(Line):
    """Hidden while there is nothing to say."""

    DEFAULT_CSS = """
    Banner { display: none; text-style: bold; }
    Banner.-on { display: block; }
    """

    def __init__(self, store: Store, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.store = store

    def update(self) -> None:
        """Show or hide, and draw anew."""
        self.set_class(bool(self.left()), "-on")
        self.refresh()


class ApprovalBanner(Banner):
    """Something waits for a person."""

    DEFAULT_CSS = """
    ApprovalBanner { background: $status-waiting; color: $banner-foreground; }
    """

    def left(self) -> Sequence[Item]:
        """What waits."""
        waiting = self.store.approvals()
        if not waiting:
            return ()
        first = waiting[0]
        execution = self.store.state.executions.get(first.execution_id) if self.store.state else None
        more = f" and {len(waiting) - 1} more" if len(waiting) > 1 else ""
        revision = execution.label if execution else ""
        return [
            Item(f"◆ {first.stage}/{first.action} waits for you{more}", "", 0, "app.approve"),
            Item(revision, "not bold", 4),
        ]

    def right(self) -> Sequence[Item]:
        """What to do."""
        return [Item("a approve or reject", "", 1, "app.approve")] if self.store.approvals() else ()


class PausedBanner(Banner):
    """Actions stand still until somebody says how they go on."""

    DEFAULT_CSS = """
    PausedBanner { background: $status-paused; color: $banner-foreground; }
    """

    def left(self) -> Sequence[Item]:
        """Which one, and where."""
        paused = self.store.paused()
        if not paused:
            return ()
        first, where = paused[0], paused[0].paused
        more = f" and {len(paused) - 1} more" if len(paused) > 1 else ""
        command = next(iter(where.command.strip().splitlines()), "")
        return [
            Item(f"◫ {first.place}{self._run_of(first)} is paused{more}", "", 0, "app.paused"),
            Item(f"{where.phase} {where.index}: {command}", "not bold", 4),
        ]

    def _run_of(self, standing: Standing) -> str:
        """Which run it is of, where that is not the one on the screen."""
        shown = self.store.execution
        return "" if shown and shown.id == standing.run.execution_id else f" in #{standing.run.number}"

    def right(self) -> Sequence[Item]:
        """What to do."""
        return [Item("r goes on  P all", "", 1, "app.paused")] if self.store.paused() else ()


class NeedsBanner(Banner):
    """Builds ask for parameters or secrets that nothing gives."""

    DEFAULT_CSS = """
    NeedsBanner { background: $status-waiting; color: $banner-foreground; }
    """

    def left(self) -> Sequence[Item]:
        """Which, as many as fit."""
        needs = self.store.needs
        if not needs:
            return ()
        what = "a value is missing" if len(needs) == 1 else f"{len(needs)} values are missing"
        names = [Item(need.key, "not bold", at + 2) for at, need in enumerate(needs)]
        return [Item(f"! {what}:", "", 0, "app.secrets"), *names]

    def right(self) -> Sequence[Item]:
        """What to do."""
        return [Item("W gives them", "", 1, "app.secrets")] if self.store.needs else ()


class WatchBanner(Banner):
    """Saves start nothing, and it was not the person who said so."""

    DEFAULT_CSS = """
    WatchBanner { background: $status-waiting; color: $banner-foreground; }
    """

    def left(self) -> Sequence[Item]:
        """What happened, in the engine's words."""
        state = self.store.state
        if state is None or not state.watch_paused or state.watch_reason in ("", BY_YOU):
            return ()
        return [Item(f"‖ {state.watch_reason}", "", 0, "app.pause")]

    def right(self) -> Sequence[Item]:
        """What to do."""
        return [Item("p watches again", "", 1, "app.pause")] if self.left() else ()


class MarkBanner(Banner):
    """Commands are about the marked actions now."""

    DEFAULT_CSS = """
    MarkBanner { background: $panel; color: $primary; }
    """

    def left(self) -> Sequence[Item]:
        """Which ones, as many as fit."""
        marked = self.store.marked
        if not marked:
            return ()
        names = [Item("/".join(key), "not bold", at + 2) for at, key in enumerate(marked)]
        return [Item(f"▌{len(marked)} marked", "", 0), *names]

    def right(self) -> Sequence[Item]:
        """What to do with them."""
        return [Item("F anew  = only these  esc unmarks", "not bold", 1)] if self.store.marked else ()


class DiagnosticBanner(Banner):
    """The definition on disk does not load; the last good one goes on."""

    DEFAULT_CSS = """
    DiagnosticBanner { background: $status-failed; color: $banner-foreground; }
    """

    def left(self) -> Sequence[Item]:
        """What is wrong first."""
        found = self.store.diagnostics
        if not found:
            return ()
        first = found[0]
        more = f" (+{len(found) - 1})" if len(found) > 1 else ""
        if first.is_own:
            return [Item(f"✘ {first.message}{more}", "", 0, "app.diagnostics")]
        place = f"{first.file.name}:{first.line}" if first.file and first.line else "the definition"
        return [
            Item(f"✘ {place}: {first.message}{more}", "", 0, "app.diagnostics"),
            Item("the last good one goes on", "not bold", 5),
        ]

    def right(self) -> Sequence[Item]:
        """What to do."""
        return [Item("D details", "", 1, "app.diagnostics")] if self.store.diagnostics else ()
