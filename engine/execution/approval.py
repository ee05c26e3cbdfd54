"""What an approval stands for: the exact content that passes it."""

from __future__ import annotations

from engine.execution.state import Execution, PipelineState
from engine.execution.variables import Values, references, texts
from engine.model.outcome import Part
from engine.model.pipeline import ActionDeclaration, PipelineDeclaration


def content(state: PipelineState, execution: Execution, stage: str, action: ActionDeclaration) -> tuple[Part, ...]:
    """The artifacts and variables that exist now and that later actions read.

    Where nothing later reads anything, every artifact so far: somebody approves the whole of it.
    """
    declaration = state.declaration(execution)
    behind = [reader for _, reader in later(declaration, stage, action.runOrder)]
    made = {
        output.name: tree
        for declared in declaration.stages
        for maker in declared.actions
        for output in maker.outputArtifacts
        if (tree := state.artifact(execution, output.name))
    }
    read = {artifact.name for reader in behind for artifact in reader.inputArtifacts}
    names = [name for name in made if name in read] or list(made)
    return tuple(Part("input", name, made[name]) for name in names) + _variables(state, execution, behind)


def later(declaration: PipelineDeclaration, stage: str, run_order: int) -> list[tuple[str, ActionDeclaration]]:
    """The actions that come after a place in the pipeline, each with its stage's name."""
    names = [declared.name for declared in declaration.stages]
    here = names.index(stage)
    same = [(stage, action) for action in declaration.stages[here].actions if action.runOrder > run_order]
    return same + [(s.name, action) for s in declaration.stages[here + 1 :] for action in s.actions]


def _variables(state: PipelineState, execution: Execution, behind: list[ActionDeclaration]) -> tuple[Part, ...]:
    values = Values(state, execution)
    wanted = dict.fromkeys(found for action in behind for text in texts(action) for found in references(text))
    known = ((f"{ns}.{key}", values.namespace(ns).get(key)) for ns, key in wanted if ns != "codepipeline")
    return tuple(Part("variable", name, value) for name, value in known if value is not None)
