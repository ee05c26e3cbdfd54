"""The Tests pane: failures first, then what changed, what is flaky and slow, then every test by suite."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from tui.graph.durations import duration
from tui.store import Store
from tui.testing import Overview, Results, name_of, overview, reporting_runs
from tui.widgets.prose import Prose

if TYPE_CHECKING:
    from engine.execution.state import ActionExecution
    from engine.reports.model import Case, Covered

MOST = 1_000  # tests that are listed by suite; failures are all listed
MESSAGE = 14  # lines of a failure
UNCOVERED = 8
_MARKS = {"SUCCEEDED": ("✔", "$status-succeeded"), "SKIPPED": ("⊘", "$muted"), "UNKNOWN": ("○", "$muted")}
_BAD = ("✘", "$status-failed")


class TestPane(OptionList):
    """Arrows go from test to test; Enter or `o` opens the editor where the chosen one stands."""

    __test__ = False  # not a test of pytest's

    DEFAULT_CSS = """
    TestPane { background: $surface; border: none; padding: 0 1; height: 1fr; max-height: 100%;
        scrollbar-size-vertical: 1; }
    TestPane:focus { border: none; background-tint: $surface 0%; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "cursor_down", show=False, id="tests.down"),
        Binding("k", "cursor_up", show=False, id="tests.up"),
        Binding("g", "first", show=False, id="tests.first"),
        Binding("G", "last", show=False, id="tests.last"),
        Binding("o", "select", "Open the test", id="tests.open"),
    ]

    @dataclass
    class Open(Message):
        """Show this place of the source in the editor."""

        file: str
        line: int

    @dataclass
    class Read(Message):
        """The details of a report have come; None where they are not kept any more."""

        tree: str
        found: Results | None

    def __init__(self, store: Store, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.store = store
        self.text = ""
        self._known: dict[str, Results | None] = {}
        self._asked: set[str] = set()
        self._shown: object = None
        self._places: dict[str, tuple[str, int]] = {}

    # -- what is known ------------------------------------------------------------------------------------------

    def update(self) -> None:
        """Show the chosen action's tests, as far as they were read."""
        state, run = self.store.state, self.store.run()
        runs = reporting_runs(state, run) if state is not None and run is not None else []
        for one in runs:
            for report in one.reports:
                self._ask(one, report.details)
        ready = [found for one in runs if (found := self._results(one)) is not None]
        shown = (self.store.chosen, run.id if run else "", len(runs), tuple(found.number for found in ready))
        if shown != self._shown:
            self._shown = shown
            self._fill(runs, ready)

    def _ask(self, run: ActionExecution, tree: str) -> None:
        link = self.store.link
        if link is None or not tree or tree in self._asked:
            return
        self._asked.add(tree)

        def arrived(future: Future[bytes]) -> None:
            self.post_message(self.Read(tree, _read(future, run.number)))

        from engine.reports.details import FILE

        link.content(tree, FILE).add_done_callback(arrived)

    def on_test_pane_read(self, event: Read) -> None:
        """One more report is known."""
        self._known[event.tree] = event.found
        self.update()

    def _results(self, run: ActionExecution) -> Results | None:
        """All reports of a run together, once every one was read."""
        trees = [report.details for report in run.reports if report.details]
        if not trees or any(tree not in self._known for tree in trees):
            return None
        found = [results for tree in trees if (results := self._known[tree]) is not None]
        cases = tuple(case for results in found for case in results.cases)
        return Results(run.number, cases, tuple(file for results in found for file in results.covered))

    # -- what is shown ------------------------------------------------------------------------------------------

    def _fill(self, runs: list[ActionExecution], ready: list[Results]) -> None:
        self.clear_options()
        self._places.clear()
        if not runs:
            self._say("no test reports: a buildspec names them under `reports`")
            return
        if not ready or ready[0].number != runs[0].number:
            self._say("reading the reports …")
            return
        options = list(self._told(runs[0], overview(ready)))
        self.add_options(options)
        self.text = "\n".join(str(option.prompt) for option in options)
        first = next((index for index, option in enumerate(options) if not option.disabled), None)
        self.highlighted = first

    def _say(self, text: str) -> None:
        self.text = text
        self.add_option(Option(Prose().quiet(text).content(), disabled=True))

    def _told(self, run: ActionExecution, seen: Overview) -> Iterator[Option]:
        from engine.reports.words import all_told

        yield _head(all_told(run.reports), f"in #{run.number}")
        for case in seen.failed:
            yield self._case(case, "new" if name_of(case) in seen.broken else "", whole=True)
        groups = (("Mended", seen.mended), ("New", seen.added if seen.before else ()), ("Gone", seen.gone))
        for title, cases in groups:
            if cases:
                yield _head(title, f"since #{seen.before}")
                yield from (self._case(case) for case in cases[:MOST])
        if seen.flaky:
            yield _head("Flaky", "to and fro in the last runs")
            yield from (_line(".".join(filter(None, name))) for name in seen.flaky[:MOST])
        if seen.slowest:
            yield _head("Slowest")
            yield from (self._case(case) for case in seen.slowest)
        yield from self._suites(seen)
        yield from _coverage(seen.latest.covered)

    def _suites(self, seen: Overview) -> Iterator[Option]:
        suites: dict[str, list[Case]] = {}
        for case in seen.latest.cases[:MOST]:
            suites.setdefault(case.suite, []).append(case)
        for suite, cases in suites.items():
            bad = sum(case.bad for case in cases)
            yield _head(suite or "Tests", f"{len(cases)} tests" + (f", {bad} failed" if bad else ""))
            yield from (self._case(case, named=False) for case in cases)
        if (more := len(seen.latest.cases) - MOST) > 0:
            yield _line(f"and {more} more: greenroom tests --json has all of them")

    def _case(self, case: Case, aside: str = "", *, whole: bool = False, named: bool = True) -> Option:
        glyph, style = _BAD if case.bad else _MARKS[case.status]
        name = ".".join(filter(None, (case.suite, case.name))) if named else case.name
        took = duration(case.seconds) if case.seconds else ""
        prose = Prose().spans((f"  {glyph} ", style), (name, ""), (f"  {took}", "$muted"), (f"  {aside}", "bold"))
        if whole:
            if case.file:
                prose.line(f"{case.file}:{case.line}" if case.line else case.file, "$accent", 6)
            lines = case.message.splitlines()
            for line in lines[:MESSAGE]:
                prose.line(line, "", 6)
            if len(lines) > MESSAGE:
                prose.line(f"… {len(lines) - MESSAGE} more lines", "$muted", 6)
        identity = f"case-{len(self._places)}"
        self._places[identity] = (case.file, case.line)
        return Option(prose.content(), id=identity)

    # -- keys ---------------------------------------------------------------------------------------------------

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Go to the source."""
        event.stop()
        file, line = self._places.get(event.option_id or "", ("", 0))
        if file:
            self.post_message(self.Open(file, line))
        else:
            self.notify("the report does not say where this test stands", markup=False)


def _read(future: Future[bytes], number: int) -> Results | None:
    from engine.reports.details import load

    if future.cancelled() or future.exception() is not None:
        return None
    try:
        found = load(future.result())
    except ValueError:
        return None
    return Results(number, found.cases, found.covered)


def _head(text: str, aside: str = "") -> Option:
    return Option(Content("\n").join([Content(""), Prose().head(text, aside).content()]), disabled=True)


def _line(text: str) -> Option:
    return Option(Prose().line(text).content(), disabled=True)


def _coverage(files: tuple[Covered, ...]) -> Iterator[Option]:
    worst = sorted((file for file in files if file.lines_covered < file.lines), key=lambda file: file.line_rate)
    if worst:
        yield _head("Least covered", f"{len(worst)} of {len(files)} files")
    for file in worst[:UNCOVERED]:
        yield _line(f"{file.line_rate:>7.1%}  {file.path}")
