"""The Why pane: the reasons at once, and what would have to be undone for a reuse as soon as that is worked out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.store import Store
from tui.widgets.asking import Answers, Told
from tui.widgets.panes.why import why
from tui.widgets.prose import Prose
from tui.widgets.text_pane import TextPane

if TYPE_CHECKING:
    from engine.artifacts.store import Store as ArtifactStore

NOTHING = ""


class WhyPane(TextPane):
    """A text pane with one line that comes later."""

    def __init__(self, store: Store, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(store, self._told, id=id)
        self._answers: Answers[str] = Answers(self, lambda error: NOTHING)

    def on_told(self, event: Told) -> None:
        """It was worked out."""
        self.update()

    def _told(self, store: Store) -> Prose:
        return why(store, self._otherwise(store))

    def _otherwise(self, store: Store) -> str:
        """What would have to be undone; empty while nobody knows, and where nothing would do."""
        state, run, link = store.state, store.run(), store.link
        if state is None or run is None or run.prepared is None or run.reused or link is None:
            return NOTHING
        from engine.evidence.nearest import nearest, still

        kept = still(state)  # what happens meanwhile happens to the other one

        def question(content: ArtifactStore) -> str:
            from engine.execution.counterfactual import told

            found = nearest(content, kept, run, link.project)
            return told(found) if found else NOTHING

        return self._answers.ask(link, (run.id, run.fingerprint), question) or NOTHING
