"""Stages and actions as people type them: ``Build/Compile``, or ``Compile`` where that is unambiguous."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.cli.problem import Problem, unknown

if TYPE_CHECKING:
    from engine.execution.state import ActionExecution
    from engine.model.member import MemberBuild
    from engine.model.pipeline import PipelineDeclaration

Place = tuple[str, str]


def places(declaration: PipelineDeclaration) -> list[Place]:
    """Every (stage, action) in declared order."""
    return [(stage.name, action.name) for stage in declaration.stages for action in stage.actions]


def rules(declaration: PipelineDeclaration) -> list[Place]:
    """Every (stage, ``beforeEntry:Rule``) in declared order: a run of a rule is found like that of an action."""
    from engine.execution.rules import SLOTS, name_of

    return [
        (stage.name, name_of(kind, rule))
        for stage in declaration.stages
        for kind in SLOTS
        if (condition := stage.condition(kind))
        for rule in condition.rules or ()
    ]


def find_run(declaration: PipelineDeclaration, name: str) -> Place:
    """The one action or rule of that name. Raises `Problem`."""
    return find_action(declaration, name, rules(declaration))


def find_build(declaration: PipelineDeclaration, name: str) -> tuple[str, str, str]:
    """The action or rule of that name, and the build of its batch that is meant: ``Build/Batch/unit``, ``Batch/unit``.

    Raises `Problem`. The build is empty where none is named; whether there is such a build is not looked at.
    """
    known = places(declaration) + rules(declaration)
    head, slash, build = name.rpartition("/")
    if slash and not _named(known, name) and len(found := _named(known, head)) == 1:
        return *found[0], build
    return *find_run(declaration, name), ""


def the_build(action: ActionExecution, identifier: str) -> MemberBuild:
    """The build of a batch with that identifier. Raises `Problem`."""
    if not action.builds:
        raise Problem(f"{action.stage}/{action.action} is no batch, so it has no build {identifier}")
    found = action.builds.get(identifier)
    if found is None:
        raise unknown("build", identifier, list(action.builds))
    return found


def _named(known: list[Place], name: str) -> list[Place]:
    stage, slash, action = name.partition("/")
    return [p for p in known if p == (stage, action)] if slash else [p for p in known if p[1] == name]


def find_action(declaration: PipelineDeclaration, name: str, more: list[Place] | None = None) -> Place:
    """The one action of that name. Raises `Problem` when there is none, or several."""
    known = places(declaration) + (more or [])
    found = _named(known, name) or _loosely(known, name)
    if len(found) == 1:
        return found[0]
    if found:
        raise Problem(f"{name!r} is ambiguous", f"Say one of: {', '.join('/'.join(p) for p in found)}")
    raise unknown("action", name, ["/".join(place) for place in known])


def find_stage(declaration: PipelineDeclaration, name: str) -> str:
    """The stage of that name. Raises `Problem`."""
    names = [stage.name for stage in declaration.stages]
    found = [n for n in names if n == name] or [n for n in names if n.lower() == name.lower()]
    if not found:
        raise unknown("stage", name, names)
    return found[0]


def find_stage_or_action(declaration: PipelineDeclaration, name: str) -> str:
    """A stage's name, or the ``stage/action`` of an action. Raises `Problem`."""
    if any(stage.name == name for stage in declaration.stages):
        return name
    return "/".join(find_action(declaration, name))


def _loosely(known: list[Place], name: str) -> list[Place]:
    wanted = name.lower()
    return [p for p in known if wanted in ("/".join(p).lower(), p[1].lower())]
