"""What the counterfactual names is enough: undo it, and the function that decides reuse says so."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.execution import events as ev
from engine.execution import fingerprint
from engine.execution.counterfactual import Condition, Counterfactual, counterfactual, told
from engine.execution.fold import apply
from engine.execution.reuse import standing
from engine.execution.state import ActionExecution, PipelineState
from engine.model.outcome import Failure, Part, Revision
from engine.model.pipeline import ActionDeclaration, PipelineDeclaration
from engine.model.status import ActionStatus, ExecutionStatus

Files = dict[str, str]
NAMES = ("a.py", "b.py", "README.md", "docs.md")


def _action(name: str, category: str, order: int, inputs: list[str], outputs: list[str]) -> dict[str, object]:
    return {
        "name": name,
        "runOrder": order,
        "actionTypeId": {"category": category, "owner": "AWS", "provider": "X", "version": "1"},
        "inputArtifacts": [{"name": n} for n in inputs],
        "outputArtifacts": [{"name": n} for n in outputs],
    }


PIPELINE = PipelineDeclaration.model_validate(
    {
        "name": "p",
        "stages": [
            {"name": "Source", "actions": [_action("S", "Source", 1, [], ["src"])]},
            {
                "name": "Work",
                "actions": [
                    _action("Compile", "Build", 1, ["src"], ["bin"]),
                    _action("Narrow", "Build", 1, ["src"], []),
                    _action("Check", "Test", 2, ["bin"], []),
                ],
            },
        ],
    }
)
READS = {"Narrow": ("a.py",)}  # the only file that it is declared to read
WORK = ("Compile", "Narrow", "Check")


@dataclass
class World:
    """A pipeline that runs: Compile makes a binary of the Python files, Check looks at the binary."""

    state: PipelineState = field(default_factory=lambda: PipelineState("p"))
    trees: dict[str, Files] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)
    seq: int = 0
    number: int = 0

    def __post_init__(self) -> None:
        self.add(ev.PipelineDefined(1, PIPELINE.model_dump_json(exclude_none=True), "p.yaml"))

    def add(self, event: ev.Event) -> None:
        self.seq += 1
        apply(self.state, ev.Recorded(self.seq, float(self.seq), "p", event))

    def tree(self, files: Files) -> str:
        name = repr(sorted(files.items()))
        self.trees[name] = dict(files)
        return name

    def differ(self, then: ActionExecution, now: ActionExecution, name: str) -> tuple[str, ...]:
        assert then.prepared and now.prepared
        before, after = (self.trees[run.prepared.inputs[name]] for run in (then, now) if run.prepared)
        globs = READS.get(now.action, ())
        names = sorted(name for name in {*before, *after} if before.get(name) != after.get(name))
        return tuple(name for name in names if not globs or name in globs)

    def run(self, files: Files, failing: str = "") -> dict[str, ActionExecution]:
        """One execution of everything; the result of `failing` is a failure."""
        self.number += 1
        execution, tree = f"e{self.number}", self.tree(files)
        revisions = {"S": Revision(tree, tree, "label")}
        self.add(ev.ExecutionStarted(execution, self.number, 1, "Save", revisions=revisions))
        made = {"src": tree}
        self.add(ev.StageEntered(execution, "Source"))
        self.act(execution, "Source", "S", {"src": tree}, {"src": tree})
        self.add(ev.StageEntered(execution, "Work"))
        found: dict[str, ActionExecution] = {}
        for name in WORK:
            inputs = {artifact.name: made[artifact.name] for artifact in PIPELINE.action("Work", name).inputArtifacts}
            binary = self.tree({key: value for key, value in files.items() if key.endswith(".py")})
            outputs = {"bin": binary} if name == "Compile" else {}
            found[name] = self.act(execution, "Work", name, inputs, outputs, fails=name == failing)
            made |= found[name].outputs
            if found[name].status is ActionStatus.FAILED:
                break
        self.add(ev.ExecutionEnded(execution, ExecutionStatus.SUCCEEDED))
        return found

    def act(
        self, execution: str, stage: str, name: str, inputs: Files, outputs: Files, *, fails: bool = False
    ) -> ActionExecution:
        identity = f"{self.number}-{name}"
        self.add(ev.ActionScheduled(execution, stage, name, identity, 1))
        prepared = self.prepare(identity, PIPELINE.action(stage, name), inputs)
        stands = standing(self.state, stage, name, prepared)
        self.add(prepared)
        if stands is not None:
            self.add(ev.ActionReused(identity, stands.id))
        elif fails:
            self.add(ev.ActionStarted(identity))
            self.add(ev.ActionEnded(identity, ActionStatus.FAILED, failure=Failure("JobFailed", "no")))
        else:
            self.add(ev.ActionStarted(identity))
            self.add(ev.ActionEnded(identity, ActionStatus.SUCCEEDED, outputs))
        return self.state.actions[identity]

    def prepare(self, identity: str, action: ActionDeclaration, inputs: Files) -> ev.ActionPrepared:
        globs = READS.get(action.name)
        read = {
            name: repr(sorted(item for item in self.trees[tree].items() if item[0] in globs)) if globs else tree
            for name, tree in inputs.items()
        }
        source = action.actionTypeId.category == "Source"
        own = [Part("env", key, value) for key, value in self.environment.items() if not source]
        parts = fingerprint.parts(action, {}, (), read, own)
        return ev.ActionPrepared(
            identity, fingerprint.digest(parts), "source" if source else "pure", parts, inputs=inputs
        )

    def ask(self, run: ActionExecution) -> Counterfactual | None:
        return counterfactual(self.state, run, self.differ)


TREES = st.dictionaries(st.sampled_from(NAMES), st.sampled_from("123"), min_size=1)
STEPS = st.lists(
    st.tuples(TREES, st.sampled_from(["dev", "prod"]), st.sampled_from(["", "", *WORK])), min_size=2, max_size=6
)


@settings(deadline=None)
@given(STEPS)
def test_undoing_what_is_named_gives_reuse(steps: list[tuple[Files, str, str]]) -> None:
    world = World()
    history: dict[int, Files] = {}
    last: dict[str, ActionExecution] = {}
    for files, stage, failing in steps:
        world.environment = {"STAGE": stage}
        last = world.run(files, failing)
        history[world.number] = files
    for name, run in last.items():
        found = world.ask(run)
        if found is None:
            continue
        assert not run.reused and told(found)
        files, environment = dict(steps[-1][0]), dict(world.environment)
        for condition in found.conditions:
            if condition.kind == "env":
                assert condition.before is not None
                environment[condition.subject] = condition.before
            for path in condition.paths:
                then = history[found.number]
                files.pop(path, None)
                files |= {path: then[path]} if path in then else {}
        again = World(copy.deepcopy(world.state), world.trees, environment, world.seq + 1_000, world.number + 1_000)
        assert again.run(files)[name].reused_from == found.source


def test_the_file_that_was_touched_is_named_and_nothing_else() -> None:
    world = World()
    world.run({"a.py": "1", "README.md": "1"})
    runs = world.run({"a.py": "1", "README.md": "2"})
    found = world.ask(runs["Compile"])
    assert found is not None and told(found) == "revert README.md to what it was in #1 and this is reused"
    assert runs["Narrow"].reused and world.ask(runs["Narrow"]) is None
    assert runs["Check"].reused  # the binary is the same


def test_of_several_earlier_results_the_nearest_is_named() -> None:
    world = World()
    world.run({"a.py": "1", "b.py": "1"})
    world.run({"a.py": "2", "b.py": "1"})
    found = world.ask(world.run({"a.py": "3", "b.py": "1", "docs.md": "1"})["Compile"])
    assert found is not None and found.number == 2 and found.conditions[0].paths == ("a.py", "docs.md")


def test_an_input_that_was_made_is_followed_to_the_files_that_made_it() -> None:
    world = World()
    world.run({"a.py": "1"})
    found = world.ask(world.run({"a.py": "2"})["Check"])
    assert found is not None
    assert found.conditions == (Condition("files", "src", ("a.py",), through=("Work/Compile",)),)


def test_a_value_is_told_with_what_it_was() -> None:
    world = World(environment={"STAGE": "dev"})
    world.run({"a.py": "1"})
    world.environment = {"STAGE": "prod"}
    found = world.ask(world.run({"a.py": "1"})["Compile"])
    assert found is not None and told(found) == "if env STAGE were dev, this would be reused from #1"
    world.environment = {"STAGE": "test"}
    found = world.ask(world.run({"a.py": "2"})["Compile"])
    assert found is not None and told(found).startswith("if a.py were as in #2 and env STAGE were prod")


def test_nothing_is_promised_where_nothing_succeeded() -> None:
    world = World()
    world.run({"a.py": "1"}, failing="Compile")
    assert world.ask(world.run({"a.py": "2"})["Compile"]) is None


def test_many_files_are_counted() -> None:
    found = Counterfactual("x", 4, (Condition("files", "src", ("a", "b", "c", "d"), 3),))
    assert told(found) == "revert a, b, c and 4 more files of src to what they were in #4 and this is reused"
