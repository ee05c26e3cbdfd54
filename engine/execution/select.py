"""--only, --from and --until: which actions a run is about."""

from __future__ import annotations

from engine.execution.refusal import Refused, nearest
from engine.execution.variables import namespaces, producer
from engine.model.pipeline import ActionDeclaration, PipelineDeclaration


def closure(declaration: PipelineDeclaration, chosen: tuple[str, ...]) -> tuple[str, ...]:
    """The chosen ``stage/action`` and everything whose artifacts or variables they need, in pipeline order.

    Empty stays empty: all actions. What is needed but unchanged is reused when its turn comes.
    """
    if not chosen:
        return ()
    actions = {f"{s.name}/{a.name}": a for s in declaration.stages for a in s.actions}
    makers = {output.name: key for key, action in actions.items() for output in action.outputArtifacts}
    wanted: set[str] = set()
    todo = [key for key in chosen if key in actions]
    while todo:
        key = todo.pop()
        if key not in wanted:
            wanted.add(key)
            todo += _needs(declaration, actions[key], makers)
    return tuple(key for key in actions if key in wanted)


def _needs(declaration: PipelineDeclaration, action: ActionDeclaration, makers: dict[str, str]) -> list[str]:
    needed = [makers[artifact.name] for artifact in action.inputArtifacts if artifact.name in makers]
    fillers = (producer(declaration, namespace) for namespace in sorted(namespaces(action)))
    return needed + ["/".join(where) for where in fillers if where]


def chosen(declaration: PipelineDeclaration, *, only: str = "", start: str = "", until: str = "") -> tuple[str, ...]:
    """The ``stage/action`` that --only, --from and --until name; each takes a stage or ``stage/action``.

    Empty: all. Raises `LookupError` with the offending name, or where nothing is left.
    """
    order = [f"{stage.name}/{action.name}" for stage in declaration.stages for action in stage.actions]
    ranks = {
        f"{stage.name}/{action.name}": (index, action.runOrder)
        for index, stage in enumerate(declaration.stages)
        for action in stage.actions
    }
    found = set(_named(order, only)) if only else set(order)
    if start:
        first = min(ranks[key] for key in _named(order, start))
        found = {key for key in found if ranks[key] >= first}
    if until:
        last = max(ranks[key] for key in _named(order, until))
        found = {key for key in found if ranks[key] <= last}
    if not found:
        raise LookupError(f"{start or only} is not before {until or only}")
    return () if found == set(order) else tuple(key for key in order if key in found)


def _named(order: list[str], name: str) -> list[str]:
    found = [key for key in order if name in (key, key.split("/", 1)[0])] or [
        key for key in order if key.split("/", 1)[1] == name
    ]
    if not found:
        raise LookupError(name)
    return found


def action_key(declaration: PipelineDeclaration, name: str) -> str:
    """``stage/action`` of a name that people typed, ``*`` as it is. Raises `Refused` with the nearest name."""
    if name == "*":
        return name
    keys = [f"{stage.name}/{action.name}" for stage in declaration.stages for action in stage.actions]
    matches = [key for key in keys if name == key or name == key.split("/", 1)[1]]
    if len(matches) == 1:
        return matches[0]
    if matches:
        raise Refused("ValidationException", f"{name} is ambiguous: {', '.join(matches)}")
    near = nearest(name, keys) or nearest(name, [key.split("/", 1)[1] for key in keys])
    raise Refused("ActionNotFoundException", f"the pipeline has no action {name}{near}")
