"""The variables of the chosen action: what it uses, what it made, what the run knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.store import Store
from tui.widgets.prose import Prose

if TYPE_CHECKING:
    from engine.execution.state import ActionExecution, Execution
    from engine.model.pipeline import ActionDeclaration


def variables(store: Store) -> Prose:
    """The Variables pane."""
    prose = Prose()
    action, run, execution = store.action(), store.run(), store.owner(store.chosen)
    if action is None and store.rule() is None:
        return prose.quiet("reading the pipeline …")
    known = namespaces(store)
    used = _used(store)
    prose.head("Used by it")
    for namespace, key in used:
        value = _value(store, execution, namespace, key)
        prose.row(f"{namespace}.{key}", value if value is not None else "(not known yet)")
    if not used:
        prose.quiet("its configuration, commands and environment mention none")
    if action is not None:
        _made(prose, action, run)
    for name, values in known.items():
        prose.head(name, "namespace")
        for key, value in sorted(values.items()):
            prose.row(key, value)
    if execution is not None and execution.variables:
        prose.head("variables", "of the pipeline")
        for key, value in sorted(execution.variables.items()):
            prose.row(key, value)
    return prose


def _made(prose: Prose, action: ActionDeclaration, run: ActionExecution | None) -> None:
    aside = f"namespace {action.namespace}" if action.namespace else "no namespace: nobody can refer to them"
    prose.head("Made by it", aside)
    for key, value in sorted(run.variables.items()) if run else ():
        prose.row(key, value)
    if run is None or not run.variables:
        prose.quiet("none" if run is not None and not run.live else "none yet")


def namespaces(store: Store) -> dict[str, dict[str, str]]:
    """Every namespace that holds values in the execution on the screen."""
    found: dict[str, dict[str, str]] = {}
    for stage in store.declaration.stages if store.declaration else ():
        for action in stage.actions:
            run = store.run((stage.name, action.name))
            if action.namespace and run is not None and run.variables:
                found[action.namespace] = run.variables
    return found


def _used(store: Store) -> list[tuple[str, str]]:
    from engine.execution.variables import references, texts

    action, rule = store.action(), store.rule()
    mentions = texts(action) if action else ((rule.configuration or {}).values() if rule else ())
    found = [pair for text in mentions for pair in references(text)]
    return list(dict.fromkeys(found))


def _value(store: Store, execution: Execution | None, namespace: str, key: str) -> str | None:
    from engine.execution.variables import UnresolvedVariable, Values

    if execution is None or store.state is None:
        return None
    try:
        return Values(store.state, execution).lookup(namespace, key)
    except UnresolvedVariable:
        return None
