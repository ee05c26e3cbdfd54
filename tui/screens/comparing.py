"""Two runs side by side: in words, their sources, their artifacts, their tests."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widget import Widget

from tui.compare import compare
from tui.evidence.prose import test_changes
from tui.graph.fitting import Item
from tui.screens.full import FullScreen
from tui.store import Store
from tui.widgets.asking import Answers, Told
from tui.widgets.changes import ChangesView, Comparison
from tui.widgets.line import Line
from tui.widgets.prose_text import ProseText

if TYPE_CHECKING:
    from engine.artifacts.store import Store as ArtifactStore
    from engine.evidence.question import ArtifactPair, SourcePair, TestPair
    from engine.evidence.tests import TestChange
    from engine.evidence.trees import TreeChange
    from engine.execution.state import Execution

PAGES = {"words": "Summary", "sources": "Sources", "artifacts": "Artifacts", "tests": "Tests"}


class Pairs(NamedTuple):
    """What two runs have in common to be compared."""

    sources: tuple[SourcePair, ...]
    artifacts: tuple[ArtifactPair, ...]
    tests: tuple[TestPair, ...]


class Pages(Line):
    """The pages of the comparison."""

    DEFAULT_CSS = """
    Pages { background: $panel; padding: 0; }
    """
    gap = 0

    def __init__(self) -> None:
        super().__init__()
        self.page = "words"

    def left(self) -> Sequence[Item]:
        """One item a page."""
        return [
            Item(
                f" {number} {title} ",
                "bold $foreground on $surface" if name == self.page else "$muted",
                0 if name == self.page else 6,
                f"screen.page('{name}')",
            )
            for number, (name, title) in enumerate(PAGES.items(), 1)
        ]


class CompareScreen(FullScreen[None]):
    """`1` to `4` turn the pages."""

    DEFAULT_CSS = """
    CompareScreen .sheet { height: 1fr; padding: 1 1 0 1; background: $surface; scrollbar-size-vertical: 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        *(
            Binding(str(number), f"page('{name}')", title, id=f"compare.{name}")
            for number, (name, title) in enumerate(PAGES.items(), 1)
        ),
        Binding("j", "scroll(1)", show=False, id="compare.down"),
        Binding("k", "scroll(-1)", show=False, id="compare.up"),
        Binding("slash", "nothing", show=False, id="screen.filter"),
    ]

    def __init__(self, store: Store, old: str, new: str) -> None:
        super().__init__(store)
        self._old, self._new = old, new
        self.pages = Pages()
        self.sheet = VerticalScroll(ProseText(), classes="sheet")
        self.view = ChangesView(store)
        self.answers = _Compared(self)

    def body(self) -> list[Widget]:
        """The pages, a text, files."""
        return [self.pages, self.sheet, self.view, self.answers]

    def first(self) -> Widget:
        """What the keys go to."""
        return self.view.files if self.view.display else self.sheet

    def on_mount(self) -> None:
        """The summary first."""
        super().on_mount()
        self.first().focus()

    def update(self) -> None:
        """Show what is known."""
        state = self.store.state
        old, new = (state.executions.get(identity) if state else None for identity in (self._old, self._new))
        if state is None or old is None or new is None or not self.is_running:
            return
        self.title_line.say("Compare", f"#{new.number} with #{old.number}", "esc goes back")
        self.pages.refresh()
        page = self.pages.page
        self.view.display = page in ("sources", "artifacts")
        self.sheet.display = not self.view.display
        pairs = self._pairs(old, new)
        if page == "sources":
            self.view.show([self._source(pair) for pair in pairs.sources])
        elif page == "artifacts":
            self.view.show([self._artifact(pair) for pair in pairs.artifacts])
        elif page == "tests":
            found = {pair.place: known for pair in pairs.tests if (known := self.answers.tests_of(pair)) is not None}
            self._say(test_changes([pair.place for pair in pairs.tests], found))
        else:
            self._say(compare(state, old, new))

    def _say(self, prose: object) -> None:
        from tui.widgets.prose import Prose

        assert isinstance(prose, Prose)
        text = self.sheet.query(ProseText)
        if text:
            text.first().show(prose)
        else:
            self.call_after_refresh(self.update)

    def _pairs(self, old: Execution, new: Execution) -> Pairs:
        from engine.evidence.question import artifact_pairs, source_pairs, test_pairs

        assert self.store.state is not None
        state = self.store.state
        return Pairs(
            tuple(source_pairs(new, old)),
            tuple(artifact_pairs(state, new, old)),
            tuple(test_pairs(state, new, old)),
        )

    def _source(self, pair: SourcePair) -> Comparison:
        old = pair.before.tree if pair.before else ""
        aside = f"{pair.before.label if pair.before else '(none)'} → {pair.now.label}"
        return Comparison(pair.name, old, pair.now.tree, self.answers.trees_of(old, pair.now.tree), aside, "the same")

    def _artifact(self, pair: ArtifactPair) -> Comparison:
        change = self.answers.trees_of(pair.before, pair.now)
        aside = pair.maker if pair.before else f"{pair.maker}, new"
        return Comparison(pair.name, pair.before, pair.now, change, aside, "the same")

    def up(self) -> bool:
        """Out of a diff."""
        return self.view.display and self.view.back()

    def action_page(self, name: str) -> None:
        """Turn to a page."""
        self.pages.page = name
        self.update()
        self.call_after_refresh(lambda: self.first().focus())

    def action_scroll(self, lines: int) -> None:
        """Scroll by lines."""
        self.sheet.scroll_relative(y=lines, animate=False)

    def action_nothing(self) -> None:
        """There is nothing to filter."""


class _Compared(Widget):
    """Asks for what differs; unseen."""

    DEFAULT_CSS = """
    _Compared { display: none; }
    """

    def __init__(self, screen: CompareScreen) -> None:
        super().__init__()
        self._for = screen
        self._trees: Answers[TreeChange] = Answers(self, _lost, most=256)
        self._tests: Answers[TestChange] = Answers(self, _unread, most=256)

    def on_told(self, event: Told) -> None:
        """More is known."""
        self._for.update()

    def trees_of(self, old: str, new: str) -> TreeChange | None:
        """What differs between two trees."""

        def question(store: ArtifactStore) -> TreeChange:
            from engine.evidence.trees import compare as compare_trees

            return compare_trees(store, old, new)

        return self._trees.ask(self._for.store.link, (old, new), question)

    def tests_of(self, pair: TestPair) -> TestChange | None:
        """What differs between the tests of two runs."""

        def question(store: ArtifactStore) -> TestChange:
            from engine.evidence.tests import compare as compare_tests

            return compare_tests(store, pair.place, pair.before, pair.now)

        return self._tests.ask(self._for.store.link, pair, question)


def _lost(error: Exception) -> TreeChange:
    from engine.evidence.trees import TreeChange

    return TreeChange(lost=True)


def _unread(error: Exception) -> TestChange:
    from engine.evidence.tests import TestChange, Totals

    return TestChange(f"the reports cannot be read: {error}", Totals())
