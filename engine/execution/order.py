"""In which order the actions of a stage have their turns: by runOrder, and as greenroom.yaml says (`after`)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from engine.model.pipeline import ActionDeclaration, StageDeclaration

After = Mapping[str, tuple[str, ...]]


def ready(
    stage: StageDeclaration, begun: Collection[str], done: Collection[str], after: After
) -> Iterator[ActionDeclaration]:
    """The actions whose turn has come and that have not begun: those of the lowest runOrder that is not done.

    An action that `after` names (``stage/action``) waits for the actions that stand there and for nothing else.
    """
    order = min((action.runOrder for action in stage.actions if action.name not in done), default=0)
    for action in sorted(stage.actions, key=lambda action: action.runOrder):
        if action.name not in begun:
            before = after.get(f"{stage.name}/{action.name}")
            if action.runOrder <= order if before is None else set(before) <= set(done):
                yield action


def unreachable(stage: StageDeclaration, after: After) -> list[str]:
    """The actions whose turn would never come, because they wait for each other."""
    done: set[str] = set()
    while found := {action.name for action in ready(stage, done, done, after)}:
        done |= found
    return [action.name for action in stage.actions if action.name not in done]
