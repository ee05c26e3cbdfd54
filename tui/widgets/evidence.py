"""The evidence for one approval on five pages, computed as it is looked at and never on the screen's thread."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeVar, cast

from textual.containers import Vertical, VerticalScroll
from textual.widget import Widget

from tui.evidence import prose
from tui.evidence.summary import Found
from tui.store import Store
from tui.widgets.asking import Answers, Told
from tui.widgets.changes import ChangesView, Comparison
from tui.widgets.prose_text import ProseText
from tui.widgets.tabs import Tab, Tabs

if TYPE_CHECKING:
    from engine.artifacts.store import Store as ArtifactStore
    from engine.evidence.deployment import Preview
    from engine.evidence.question import Behind, Question, TestPair
    from engine.evidence.tests import TestChange
    from engine.evidence.trees import TreeChange
    from engine.link import Link

T = TypeVar("T")


class Page(NamedTuple):
    """One page: its key, its name."""

    name: str
    title: str


PAGES = (
    Page("overview", "Overview"),
    Page("source", "Source"),
    Page("artifacts", "Artifacts"),
    Page("tests", "Tests"),
    Page("deploys", "Deploys"),
)


class PageBar(Tabs):
    """The pages, with how much is on each."""

    def __init__(self) -> None:
        super().__init__()
        self.page = "overview"
        self.counts: dict[str, str] = {}

    def tabs(self) -> Sequence[Tab]:
        """One tab a page."""
        return [
            Tab(f"{title} {self.counts.get(name, '')}".rstrip(), name == self.page, f"screen.page('{name}')")
            for name, title in PAGES
        ]


class EvidencePanes(Vertical):
    """`show` says whose evidence."""

    DEFAULT_CSS = """
    EvidencePanes { height: 1fr; }
    EvidencePanes .sheet { height: 1fr; scrollbar-size-vertical: 1; padding: 1 1 0 1; }
    EvidencePanes ChangesView > .first { background: $surface; }
    """

    def __init__(self, store: Store) -> None:
        super().__init__()
        self.store = store
        self.bar = PageBar()
        self.page = "overview"
        self.asked: Question | None = None
        self.noted: Sequence[str] = ()
        self._pages: dict[str, Widget] = {}
        self._trees: Answers[TreeChange] = Answers(self, _lost)
        self._tests: Answers[TestChange] = Answers(self, _no_tests)
        self._deployments: Answers[Preview] = Answers(self, _no_preview)

    def compose(self) -> list[Widget]:
        """The pages follow as they are needed."""
        return [self.bar]

    def show(self, asked: Question, noted: Sequence[str]) -> None:
        """Show the evidence of this one."""
        self.asked, self.noted = asked, noted
        self.update()

    def turn(self, page: str) -> None:
        """Go to a page."""
        self.page = page
        self.update()

    @property
    def current(self) -> Widget | None:
        """The page that is shown."""
        return self._pages.get(self.page)

    @property
    def changes(self) -> ChangesView | None:
        """The page that is shown, where it is one of files."""
        found = self.current
        return found if isinstance(found, ChangesView) else None

    def on_told(self, event: Told) -> None:
        """Something more is known."""
        self.update()

    def update(self) -> None:
        """Show what is known, ask for what is not."""
        if self.asked is None or not self.is_running:
            return
        found = self._ask(self.asked)
        self._count(self.asked, found)
        if self.page not in self._pages:
            self._pages[self.page] = self._make()
            self.mount(self._pages[self.page])
        for name, page in self._pages.items():
            page.display = name == self.page
        self._fill(self.asked, found)

    def _make(self) -> Widget:
        if self.page in ("source", "artifacts"):
            return ChangesView(self.store)
        return VerticalScroll(ProseText(), classes="sheet", can_focus=False)

    def _fill(self, asked: Question, found: Found) -> None:
        page = self._pages[self.page]
        if isinstance(page, ChangesView):
            page.show(_sources(asked, found) if self.page == "source" else _artifacts(asked, found))
            return
        if not page.children:
            self.call_after_refresh(self.update)  # it is still being mounted
            return
        match self.page:
            case "tests":
                text = prose.test_changes([pair.place for pair in asked.tests], found.tests)
            case "deploys":
                text = prose.deployments(asked, found.deployments)
            case _:
                text = prose.overview(asked, found, self.store.clock(), self.noted)
        cast("ProseText", page.children[0]).show(text)

    def _count(self, asked: Question, found: Found) -> None:
        """How much is on each page."""
        sources = [found.sources.get(pair.name) for pair in asked.sources if pair.before]
        artifacts = [found.artifacts.get(pair.name) for pair in asked.artifacts]
        broken = sum(len(change.broken) for change in found.tests.values())
        self.bar.page = self.page
        self.bar.counts = {
            "source": _total(sources),
            "artifacts": _total(artifacts),
            "tests": f"{broken} new ✘" if broken else "",
            "deploys": str(len(asked.deployments)) if asked.deployments else "",
        }
        self.bar.refresh()

    # -- what is asked ------------------------------------------------------------------------------------------

    def _ask(self, asked: Question) -> Found:
        link = self.store.link
        found = Found({}, {}, {}, {})
        for pair in asked.sources:
            _keep(found.sources, pair.name, self._compare(pair.before.tree if pair.before else "", pair.now.tree))
        for made in asked.artifacts:
            _keep(found.artifacts, made.name, self._compare(made.before, made.now))
        for tested in asked.tests:
            _keep(found.tests, tested.place, self._tests.ask(link, (asked.identity, tested.place), _Tests(tested)))
        for behind in asked.deployments:
            key = (asked.identity, behind.place, tuple(behind.inputs.items()), tuple(behind.configuration.items()))
            question = _Deployment(behind, link) if link is not None else None
            if question is not None:
                _keep(found.deployments, behind.place, self._deployments.ask(link, key, question))
        return found

    def _compare(self, old: str, new: str) -> TreeChange | None:
        def question(store: ArtifactStore) -> TreeChange:
            from engine.evidence.trees import compare

            return compare(store, old, new)

        return self._trees.ask(self.store.link, (old, new), question)


class _Tests:
    """A question about tests."""

    def __init__(self, pair: TestPair) -> None:
        self._pair = pair

    def __call__(self, store: ArtifactStore) -> TestChange:
        from engine.evidence.tests import compare

        return compare(store, self._pair.place, self._pair.before, self._pair.now)


class _Deployment:
    """A question about a deployment. The project's settings are read in the thread, too."""

    def __init__(self, behind: Behind, link: Link) -> None:
        self._behind = behind
        self._link = link

    def __call__(self, store: ArtifactStore) -> Preview:
        from engine.evidence.deployment import Here, preview

        root: Path = self._link.directory
        return preview(store, self._behind, Here(root, store.root.parent, self._link.project))


def _keep(found: object, name: str, value: T | None) -> None:
    if value is not None:
        cast("dict[str, T]", found)[name] = value


def _total(changes: Sequence[TreeChange | None]) -> str:
    count = sum(change.count for change in changes if change is not None)
    return str(count) if count else ""


def _sources(asked: Question, found: Found) -> list[Comparison]:
    rows = []
    for pair in asked.sources:
        since = f"since {pair.before.label} in #{asked.since}" if pair.before else "never approved before"
        old = pair.before.tree if pair.before else ""
        empty = "unchanged"
        rows.append(Comparison(pair.name, old, pair.now.tree, found.sources.get(pair.name), since, empty))
    return rows


def _artifacts(asked: Question, found: Found) -> list[Comparison]:
    rows = []
    for pair in asked.artifacts:
        aside = f"{pair.maker}" if pair.before else f"{pair.maker}, new"
        change = found.artifacts.get(pair.name)
        rows.append(Comparison(pair.name, pair.before, pair.now, change, aside, "unchanged"))
    return rows


def _lost(error: Exception) -> TreeChange:
    from engine.evidence.trees import TreeChange

    return TreeChange(lost=True)


def _no_tests(error: Exception) -> TestChange:
    from engine.evidence.tests import TestChange, Totals

    return TestChange(f"the reports cannot be read: {error}", Totals())


def _no_preview(error: Exception) -> Preview:
    from engine.evidence.deployment import Preview

    return Preview("", "", f"cannot be foreseen: {error}")
