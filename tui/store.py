"""The one canonical view state: what the engine said and what the person is looking at.

Widgets hold no copies: they read the store whenever it publishes a change. Only the app's thread touches it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tui.eta import Usual
from tui.graph.builds import build_name
from tui.graph.conditions import places, rule_at
from tui.graph.marks import Mark
from tui.graph.model import GraphModel, Key, Known, owner_of, picture
from tui.graph.zoom import AUTO, Zoom
from tui.looks import AS_EVER, LogLook
from tui.toasts import Said

if TYPE_CHECKING:
    from engine.execution.events import Recorded
    from engine.execution.standing import Standing
    from engine.execution.state import ActionExecution, Execution, PipelineState
    from engine.link import Link
    from engine.model.diagnostics import Diagnostic
    from engine.model.member import MemberBuild
    from engine.model.pipeline import ActionDeclaration, PipelineDeclaration, RuleDeclaration
    from engine.providers.codebuild.needs import Need

Clock = Callable[[], float]

CROWDED = 40_000  # action executions: some 40 MB
KEPT = 400  # executions: more than the engine itself keeps at hand
BY_YOU = "by you"
"""Why watching is paused where the person paused it."""

# Where the eyes go while nobody steers, most interesting first.
_INTEREST = (Mark.PAUSED, Mark.WAITING, Mark.RUNNING, Mark.CANCELLING, Mark.FAILED, Mark.QUEUED)


@dataclass(slots=True)
class Store:
    """What is known and what is looked at. `title` stands in for the pipeline's name until that is known.

    `viewed` is an older execution's id, empty to follow the latest.
    `crowded` is the number of action executions from which on the state is made smaller.
    `marked` are the actions that a command is to be about, in the pipeline's order, where it is not the chosen one.
    `pinned` holds the selection still; otherwise it follows what happens. `clock` gives seconds since the epoch.
    `usual` knows how long actions took before. `zoom` is how the person wants the graph,
    `logs` how logs.
    """

    title: str = ""
    clock: Clock = time.time
    link: Link | None = None
    state: PipelineState | None = None
    viewed: str = ""
    chosen: Key = ("", "")
    pinned: bool = False
    marked: list[Key] = field(default_factory=list)
    diagnostics: list[Diagnostic] = field(default_factory=list)
    needs: list[Need] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    said: list[Said] = field(default_factory=list)
    crowded: int = 0
    usual: Usual = field(default_factory=Usual)
    zoom: Zoom = AUTO
    logs: LogLook = AS_EVER
    _known: tuple[object, Known] = field(default=(None, {}), init=False, repr=False)
    _picture: tuple[object, GraphModel] = field(default=(None, GraphModel()), init=False, repr=False)

    def __post_init__(self) -> None:
        self.crowded = self.crowded or CROWDED

    # -- what happened ------------------------------------------------------------------------------------------

    def connect(self, link: Link, state: PipelineState) -> None:
        """Start from this state of this link."""
        self.link = link
        self.state = state
        self.title = state.name
        self.usual = Usual(state.actions.values())
        self.settle()

    def apply(self, batch: Iterable[Recorded]) -> None:
        """Fold in what the engine recorded."""
        if self.state is not None:
            for recorded in batch:
                if recorded.seq > self.state.seq:
                    self.state.apply(recorded)
                    self._learn(self.state, recorded)
            self._stay_small(self.state)
            self.settle()

    def _learn(self, state: PipelineState, recorded: Recorded) -> None:
        """Remember how long it took."""
        if recorded.event.type == "ActionEnded" and (run := state.actions.get(recorded.event.action_execution_id)):
            self.usual.add(run)

    def _stay_small(self, state: PipelineState) -> None:
        """Forget what a long day has piled up, at rest. All that the engine may still speak of stays."""
        if len(state.actions) > self.crowded and not state.active_ids:
            from engine.execution.trim import trim

            trim(state, executions=KEPT, runs=CROWDED, results=len(state.by_fingerprint))
            self.crowded = max(CROWDED, 2 * len(state.actions))

    def problem(self, text: str) -> None:
        """Remember something that went wrong in the screens themselves."""
        self.problems.append(text)
        del self.problems[:-50]

    # -- what is looked at --------------------------------------------------------------------------------------

    @property
    def execution(self) -> Execution | None:
        """The execution on the screen."""
        if self.state is None:
            return None
        return self.state.executions.get(self.viewed) or self.state.latest

    @property
    def following(self) -> bool:
        """Whether the screen shows the latest execution, whichever that is."""
        return not self.viewed

    @property
    def declaration(self) -> PipelineDeclaration | None:
        """The definition that the execution on the screen runs."""
        if self.state is None or not self.state.definitions:
            return None
        execution = self.execution
        if execution is not None and execution.version in self.state.definitions:
            return self.state.declaration(execution)
        return self.state.definition

    def picture(self) -> GraphModel:
        """The graph as it stands now; the same one until something has happened or a second has gone by."""
        declaration, state, execution = self.declaration, self.state, self.execution
        if declaration is None or state is None:
            return GraphModel()
        now = self.clock()
        key = (id(state), state.seq, execution.id if execution else "", int(now))
        if self._picture[0] != key:
            if self._known[0] is not declaration:
                self._known = (declaration, {})
            self._picture = (key, picture(declaration, state, execution, now, self.usual, self._known[1]))
        return self._picture[1]

    def owner(self, key: Key) -> Execution | None:
        """Whose run of a stage the screen shows."""
        return owner_of(self.state, self.execution, key[0])

    def run(self, key: Key | None = None) -> ActionExecution | None:
        """The action execution on the screen for a place (the selection by default); for a build, its batch's."""
        place = self.place(key)
        owner = self.owner(place)
        return self.state.current(owner, *place) if self.state and owner else None

    def place(self, key: Key | None = None) -> Key:
        """The action at a place (the selection by default): where a build of a batch is chosen, the batch."""
        stage, name = key or self.chosen
        return stage, build_name(name)[0]

    def build(self, key: Key | None = None) -> MemberBuild | None:
        """The build at a place (the selection by default), where one of a batch is there."""
        _, name = build_name((key or self.chosen)[1])
        run = self.run(key) if name else None
        return run.builds.get(name) if run else None

    def action(self, key: Key | None = None) -> ActionDeclaration | None:
        """The declaration at a place (the selection by default)."""
        declaration = self.declaration
        if declaration is None:
            return None
        try:
            return declaration.action(*self.place(key))
        except KeyError:
            return None

    def rule(self, key: Key | None = None) -> RuleDeclaration | None:
        """The rule at a place (the selection by default), where a rule is there."""
        declaration, (stage, name) = self.declaration, key or self.chosen
        found = [each for each in declaration.stages if each.name == stage] if declaration else []
        return rule_at(found[0], name) if found else None

    def approvals(self) -> list[ActionExecution]:
        """Approvals that wait for a person."""
        return self.state.approvals() if self.state else []

    def paused(self) -> list[Standing]:
        """Actions, and builds of batches, that stand still in the middle until somebody resumes them."""
        return self.state.paused() if self.state else []

    @property
    def busy(self) -> bool:
        """Whether anything runs or waits."""
        return bool(self.state and self.state.active)

    # -- steering -----------------------------------------------------------------------------------------------

    def choose(self, key: Key, *, pin: bool = True) -> bool:
        """Select an action; says whether that changed anything."""
        changed = key != self.chosen or (pin and not self.pinned)
        self.chosen = key
        self.pinned = self.pinned or pin
        return changed

    def mark(self, key: Key) -> None:
        """Mark an action, or take its mark away."""
        wanted = {*self.marked} ^ {self.place(key)}
        self.marked = [place for place in places(self.declaration) if place in wanted] if self.declaration else []

    def unmark(self) -> None:
        """Take all marks away."""
        self.marked = []

    def unpin(self) -> None:
        """Let the selection follow what happens again."""
        self.pinned = False
        self.settle()

    def view(self, execution_id: str) -> None:
        """Look at an older execution; the empty id goes back to following the latest."""
        latest = self.state.latest if self.state else None
        self.viewed = "" if latest and latest.id == execution_id else execution_id
        self.pinned = False
        self.settle()

    def settle(self) -> None:
        """Put the selection on an action that exists, and on the most interesting one unless it is pinned."""
        declaration = self.declaration
        if declaration is None:
            return
        known = list(places(declaration))
        self.marked = [place for place in self.marked if place in known]
        if self.chosen not in known and self.build() is None:
            self.pinned = False
        if not self.pinned and known:
            self.chosen = self._failed_build(self._interesting(known))

    def _failed_build(self, place: Key) -> Key:
        """Of a batch that failed, the first build that did: its log says why."""
        run = self.run(place)
        bad = [name for name, build in run.builds.items() if build.bad] if run else []
        return (place[0], f"{place[1]}/{bad[0]}") if bad else place

    def _interesting(self, known: list[Key]) -> Key:
        """Where something waits or runs, else what failed, else where it was, else the last that ran."""
        marks = {node.key: node.mark for node in self.picture().actions}
        for mark in _INTEREST:
            hits = [place for place, shown in marks.items() if shown is mark and self._matters(place)]
            if hits:
                return self.chosen if self.chosen in hits else hits[0]
        if self.chosen in known:
            return self.chosen
        ran = [place for place, mark in marks.items() if mark in (Mark.SUCCEEDED, Mark.STUBBED)]
        begun = [place for place, mark in marks.items() if mark not in (Mark.PENDING, Mark.SUPERSEDED)]
        return ran[-1] if ran else begun[0] if begun else known[0]

    def _matters(self, place: Key) -> bool:
        """Whether its mark says something of the run: a rule that does not hold on failure changes nothing."""
        return not place[1].startswith("onFailure:")
