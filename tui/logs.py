"""Which logs there are, what the paths in them mean, and which tests their reports say have failed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tui.log.places import Places

if TYPE_CHECKING:
    from engine.execution.state import ActionExecution
    from tui.store import Store


@dataclass(frozen=True, slots=True)
class OneLog:
    """The log of an action, or of one build of its batch."""

    key: tuple[str, str]
    title: str
    path: Path
    live: bool
    places: Places
    paused: bool = False


def places_of(store: Store, run: ActionExecution) -> Places:
    """Where the files are that a run's log names."""
    link, execution = store.link, store.execution
    sources = [revision.directory for revision in execution.revisions.values()] if execution else []
    directories = tuple(Path(directory) for directory in sources if directory)
    if link is None:
        return Places(directories)
    return Places((*directories, link.directory), link.workspace(run.id))


def logs(store: Store) -> Iterator[OneLog]:
    """The logs of what ran on the screen, in the pipeline's order."""
    state, link = store.state, store.link
    if state is None or link is None:
        return
    for node in store.picture().actions:
        run = store.run(node.key)
        if run is None or run.kind == "approval" or not (run.reused or (run.started_at and not run.passive)):
            continue
        origin = state.origin(run)
        places, title = places_of(store, origin), f"{run.stage}/{run.action}"
        if (path := link.log(origin.id)).exists() or run.running:
            yield OneLog(node.key, title, path, run.running, places, bool(run.pauses))
        for name, build in getattr(origin, "builds", {}).items():
            if build.started_at:
                live = run.running and not build.ended_at
                paused = name in run.pauses
                yield OneLog(node.key, f"{title} {name}", link.log(origin.id, name), live, places, paused)


def failed_tests(store: Store) -> Callable[[Callable[[Iterable[str]], None]], None] | None:
    """Who knows which tests of the chosen action failed; None where it made no reports."""
    state, run, link = store.state, store.run(), store.link
    reports = state.origin(run).reports if state is not None and run is not None else ()
    trees = [report.details for report in reports if report.details]
    if link is None or not trees:
        return None
    content = link.content

    def ask(tell: Callable[[Iterable[str]], None]) -> None:
        from engine.reports.details import FILE, load

        def arrived(future: Future[bytes]) -> None:
            if future.cancelled() or future.exception() is not None:
                return
            try:
                cases = load(future.result()).cases
            except ValueError:
                return
            tell([case.name for case in cases if case.bad])

        for tree in trees:
            content(tree, FILE).add_done_callback(arrived)

    return ask
