"""The panes of the chosen action: a tab bar above, one pane below. A pane is made when it is first looked at."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from textual.containers import Vertical
from textual.widget import Widget

from tui.graph.fitting import Item
from tui.graph.model import ActionNode
from tui.graph.plan import clip_name
from tui.store import Store
from tui.widgets.panes.config import config
from tui.widgets.panes.variables import variables
from tui.widgets.tabs import Tab, Tabs
from tui.widgets.text_pane import TextPane

if TYPE_CHECKING:
    from tui.widgets.artifact_pane import ArtifactPane
    from tui.widgets.log_pane import LogPane
    from tui.widgets.test_pane import TestPane

TABS: dict[str, str] = {
    "log": "Log",
    "why": "Why",
    "artifacts": "Artifacts",
    "variables": "Variables",
    "config": "Config",
    "tests": "Tests",
}


class TabBar(Tabs):
    """Tabs on the left, the chosen action and its state on the right."""

    def __init__(self, store: Store) -> None:
        super().__init__()
        self.store = store
        self.tab = "log"
        self.node: ActionNode | None = None

    def tabs(self) -> Sequence[Tab]:
        """One tab a pane."""
        return [Tab(title, name == self.tab, f"app.tab('{name}')") for name, title in TABS.items()]

    def right(self) -> Sequence[Item]:
        """The action: its place and its state."""
        node = self.node
        if node is None:
            return ()
        state = f" {node.mark.glyph()} {node.state or node.mark.word} "
        return [
            Item(f" {clip_name(node.stage, self.content_size.width // 6)}/", "$muted", 5),
            Item(clip_name(node.text, self.content_size.width // 4), "bold $foreground", 1),
            Item(state, f"$status-{node.mark}", 2),
        ]


class ActionPanes(Vertical):
    """Log, Why, Artifacts, Variables, Config and Tests of the chosen action."""

    DEFAULT_CSS = """
    ActionPanes { background: $surface; }
    ActionPanes > .pane { height: 1fr; }
    ActionPanes > #pane-log { padding-left: 1; }
    """

    def __init__(self, store: Store, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.store = store
        self.bar = TabBar(store)
        self.wanted = "log"
        self._insisted: tuple[str, str] | None = None
        self._panes: dict[str, Widget] = {}

    def compose(self) -> list[TabBar]:
        """The tab bar; panes follow as they are needed."""
        return [self.bar]

    @property
    def tab(self) -> str:
        """The tab that is shown: where there can be no log yet, the reasons say more."""
        if self.wanted != "log" or self._insisted == self.store.chosen:
            return self.wanted
        run = self.store.run()
        logless = run is None or not run.started_at or run.passive
        reused = run is not None and run.reused and run.kind != "approval"
        return "why" if logless and not reused else "log"

    @property
    def pane(self) -> Widget | None:
        """The pane that is shown."""
        return self._panes.get(self.tab)

    def open(self, tab: str) -> None:
        """Show a tab."""
        self.wanted = tab
        self._insisted = self.store.chosen
        self.update()

    def update(self) -> None:
        """Show what the store holds now."""
        if not self.is_running or self.store.state is None:
            return
        tab = self.tab
        self.bar.tab = tab
        nodes = {node.key: node for node in self.store.picture().nodes}
        self.bar.node = nodes.get(self.store.chosen)
        self.bar.refresh()
        if tab not in self._panes:
            self._panes[tab] = self._make(tab)
            self.mount(self._panes[tab])
        for name, pane in self._panes.items():
            if pane.display != (name == tab):
                pane.display = name == tab
        self._fill(tab)

    def _make(self, tab: str) -> Widget:
        pane: Widget
        if tab == "log":
            from tui.widgets.log_pane import LogPane

            pane = LogPane(id="pane-log")
        elif tab == "tests":
            from tui.widgets.test_pane import TestPane

            pane = TestPane(self.store, id="pane-tests")
        elif tab == "artifacts":
            from tui.widgets.artifact_pane import ArtifactPane

            pane = ArtifactPane(self.store, id="pane-artifacts")
        elif tab == "why":
            from tui.widgets.why_pane import WhyPane

            pane = WhyPane(self.store, id="pane-why")
        else:
            writer = {"variables": variables, "config": config}[tab]
            pane = TextPane(self.store, writer, id=f"pane-{tab}")
        pane.add_class("pane")
        return pane

    def _fill(self, tab: str) -> None:
        pane = self._panes[tab]
        if tab == "log":
            self._fill_log(cast("LogPane", pane))
        else:
            cast("TextPane | ArtifactPane | TestPane", pane).update()

    def _fill_log(self, pane: LogPane) -> None:
        run, state, link = self.store.run(), self.store.state, self.store.link
        pane.look(self.store.logs)
        if run is None or state is None or link is None or run.kind == "approval":
            pane.show(None)
            return
        origin = state.origin(run)
        from tui.logs import failed_tests, places_of

        title, places = f"{run.stage}/{run.action}", places_of(self.store, origin)
        if build := self.store.build():
            log = link.log(run.id, build.identifier)
            pane.show(log, title=f"{title}/{build.identifier}", live=build.running, places=places)
            return
        pane.show(link.log(origin.id), title=title, live=run.running, places=places)
        pane.know_failures(failed_tests(self.store), (origin.id, len(origin.reports)))

    def enter(self) -> None:
        """Give the focus to the pane that is shown."""
        if self.pane is not None:
            self.pane.focus()
