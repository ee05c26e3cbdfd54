"""Variables `#{namespace.key}`: finding and resolving them.

https://docs.aws.amazon.com/codepipeline/latest/userguide/reference-variables.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from engine.execution.state import Execution, PipelineState
from engine.model.pipeline import ActionDeclaration, PipelineDeclaration

_REFERENCE = re.compile(r"#\{([A-Za-z0-9@_-]+)\.([A-Za-z0-9@_.^*\[\]$-]+)\}")


LONGEST_RESOLVED = 100 * 1024
"""Bytes that the configuration of one action may have once its variables are resolved."""
LONGEST_OUTPUTS = 122_880
"""Bytes that the output variables of one action may have."""


class UnresolvedVariable(Exception):
    """A variable has no value when its action starts. `reference` is its text without ``#{}``."""

    def __init__(self, reference: str) -> None:
        super().__init__(reference)
        self.reference = reference


def size(values: Mapping[str, str]) -> int:
    """Bytes of names and values together."""
    return sum(len(key.encode(errors="replace")) + len(value.encode(errors="replace")) for key, value in values.items())


def references(text: str) -> list[tuple[str, str]]:
    """Every (namespace, key) that a text refers to, in order."""
    return _REFERENCE.findall(text)


def texts(action: ActionDeclaration) -> list[str]:
    """Every text of an action that may hold references."""
    environment = [variable.value for variable in action.environmentVariables or ()]
    return [*action.configuration.values(), *(action.commands or ()), *environment]


def namespaces(action: ActionDeclaration) -> set[str]:
    """The namespaces that an action refers to."""
    return {namespace for text in texts(action) for namespace, _ in references(text)}


def producer(declaration: PipelineDeclaration, namespace: str) -> tuple[str, str] | None:
    """Stage and name of the action that fills a namespace."""
    for stage in declaration.stages:
        for action in stage.actions:
            if action.namespace == namespace:
                return stage.name, action.name
    return None


class Values:
    """What the variables of one execution stand for, at this moment."""

    def __init__(self, state: PipelineState, execution: Execution) -> None:
        self._state = state
        self._execution = execution

    def lookup(self, namespace: str, key: str) -> str:
        """One value. Raises `UnresolvedVariable`."""
        found = self.namespace(namespace).get(key)
        if found is None:
            raise UnresolvedVariable(f"{namespace}.{key}")
        return found

    def namespace(self, namespace: str) -> dict[str, str]:
        """All values of a namespace; empty where nothing has filled it."""
        if namespace == "codepipeline":
            return {"PipelineExecutionId": self._execution.id}
        if namespace == "variables":
            return self._execution.variables
        where = producer(self._state.declaration(self._execution), namespace)
        current = self._state.produced(self._execution, *where) if where else None
        return current.variables if current else {}

    def resolve(self, text: str) -> str:
        """The text with every reference replaced. Raises `UnresolvedVariable`."""
        return _REFERENCE.sub(lambda found: self.lookup(found[1], found[2]), text)

    def resolve_all(self, texts: Iterable[str]) -> tuple[str, ...]:
        """Several texts at once. Raises `UnresolvedVariable`."""
        return tuple(self.resolve(text) for text in texts)
