"""Every variable of a run: its value, where it comes from, where it is used."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType

from tui.screens.full import holds
from tui.screens.listed import ListedScreen
from tui.store import Store
from tui.widgets.prose import Prose
from tui.widgets.rows import Row, heading, remark

if TYPE_CHECKING:
    from engine.execution.state import Execution, PipelineState
    from engine.model.pipeline import PipelineDeclaration

WIDE = 30
NOT_YET = "(not known yet)"
SHORTEST = 5  # characters of a secret: shorter ones stand everywhere


@dataclass(frozen=True, slots=True)
class Variable:
    """One variable. `value` is None while nobody has set it; `uses` are the places that refer to it, with the text.

    `layers` say what gave it a value, the last one is in force.
    """

    namespace: str
    name: str
    value: str | None
    maker: str
    uses: tuple[tuple[str, str], ...] = ()
    layers: tuple[tuple[str, str], ...] = ()
    about: str = ""

    @property
    def reference(self) -> str:
        """As configurations refer to it."""
        return f"#{{{self.namespace}.{self.name}}}"


class VariablesScreen(ListedScreen[None]):
    """`V`. Filter with `/`; Enter reads on where the screen is narrow; `y` copies the value, `Y` the reference."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("Y", "copy_reference", "Copy reference", id="variables.reference"),
        Binding("V", "leave", "Back", show=False, id="app.all_variables"),
    ]
    filter_hint = "words in names, values and places"

    def rows(self, words: Sequence[str]) -> list[Row]:
        """By namespace, in the pipeline's order."""
        found = variables(self.store)
        shown = [each for each in found if holds(_searched(each), words)]
        execution = self.store.execution
        of = f"of #{execution.number}" if execution else ""
        self.title_line.say("Variables", of, f"{len(shown)} of {len(found)}" if words else f"{len(found)} in all")
        rows: list[Row] = []
        for namespace in dict.fromkeys(each.namespace for each in shown):
            members = [each for each in shown if each.namespace == namespace]
            rows += [*([remark("", 0)] if rows else []), heading(namespace, members[0].maker)]
            wide = min(WIDE, max(len(each.name) for each in members))
            rows += [_row(each, wide) for each in members]
        return rows or [remark("no variable is declared, set or used" if not words else "nothing", 0)]

    def detail(self, key: object) -> Prose:
        """One variable."""
        prose = Prose()
        if not isinstance(key, Variable):
            return prose
        prose.head(key.reference)
        if key.about:
            prose.line(key.about)
        for line in (key.value if key.value is not None else NOT_YET).splitlines() or [""]:
            prose.line(_safe(line), "bold" if key.value is not None else "$muted")
        prose.head("Set by", key.maker)
        for at, (origin, value) in enumerate(key.layers):
            last = at == len(key.layers) - 1
            prose.row(origin, _safe(value), "bold" if last else "$muted", "" if last else "overridden")
        if not key.layers:
            prose.quiet("nobody, so far")
        prose.head("Used by", f"{len(key.uses)} places" if len(key.uses) > 1 else "")
        for place, text in key.uses:
            prose.row(place, _safe(text))
        if not key.uses:
            prose.quiet("nothing refers to it")
        return prose

    def copied(self, key: object) -> str:
        """The value."""
        return key.value or "" if isinstance(key, Variable) else ""

    def action_copy_reference(self) -> None:
        """Copy how it is referred to."""
        if isinstance(key := self.listing.rows.chosen, Variable):
            self.app.copy_to_clipboard(key.reference)
            self.notify(f"copied {key.reference}", markup=False)


def _searched(each: Variable) -> str:
    return " ".join((each.reference, each.value or "", each.maker, *(place for place, _ in each.uses)))


def _row(each: Variable, wide: int) -> Row:
    value = each.value if each.value is not None else NOT_YET
    uses = f"{len(each.uses)} use{'s' * (len(each.uses) != 1)}" if each.uses else ""
    first = value.split("\n")[0]
    return Row(
        each,
        ((f"  {each.name:<{wide}}  ", ""), (_safe(first), "" if each.value is not None else "$muted")),
        uses,
    )


def _safe(text: str) -> str:
    from engine.evidence.text import visible

    return visible(text)


def variables(store: Store) -> list[Variable]:
    """Every variable of the run on the screen: of the pipeline, of every namespace, and those that are referred to."""
    state, execution, declaration = store.state, store.execution, store.declaration
    if state is None or declaration is None:
        return []
    uses = _uses(declaration)
    found = [*_of_pipeline(store, declaration, execution, uses), *_of_actions(state, declaration, execution, uses)]
    known = {(each.namespace, each.name) for each in found}
    for pair, places in uses.items():
        if pair not in known and pair[0] != "codepipeline":
            maker = "nobody has this namespace" if pair[0] not in _namespaces(declaration) else "not made so far"
            found.append(Variable(*pair, None, _namespaces(declaration).get(pair[0], maker), tuple(places)))
    identity = execution.id if execution else None
    places = uses.get(("codepipeline", "PipelineExecutionId"), [])
    found.append(Variable("codepipeline", "PipelineExecutionId", identity, "the service itself", tuple(places)))
    order = list(dict.fromkeys(each.namespace for each in found))
    hidden = _secrets(store)
    return [_masked(each, hidden) for each in sorted(found, key=lambda each: order.index(each.namespace))]


def _secrets(store: Store) -> tuple[str, ...]:
    """Values that are not shown: outputs are masked where they are written down, what a run is given is not."""
    project = store.link.project if store.link else None
    values = (*project.secrets.values(), *project.parameters.values()) if project else ()
    return tuple(value for value in dict.fromkeys(values) if len(value) >= SHORTEST)


def _masked(each: Variable, hidden: Sequence[str]) -> Variable:
    def clean(text: str) -> str:
        for value in hidden:
            text = text.replace(value, "***")
        return text

    if not any(value in text for value in hidden for text in (each.value or "", *(text for _, text in each.layers))):
        return each
    layers = tuple((origin, clean(text)) for origin, text in each.layers)
    return replace(each, value=clean(each.value or ""), layers=layers)


def _of_pipeline(
    store: Store,
    declaration: PipelineDeclaration,
    execution: Execution | None,
    uses: dict[tuple[str, str], list[tuple[str, str]]],
) -> Iterator[Variable]:
    values = execution.variables if execution else {}
    declared = {each.name: each for each in declaration.variables or ()}
    project = store.link.project.variables if store.link else {}
    for name in dict.fromkeys((*declared, *values)):
        layers: list[tuple[str, str]] = []
        default = declared[name].defaultValue if name in declared else None
        if default is not None:
            layers.append(("default", default))
        if name in project:
            layers.append(("settings", project[name]))
        value = values.get(name, default)
        if value is not None and (not layers or layers[-1][1] != value):
            layers.append(("this run", value))
        about = (declared[name].description if name in declared else None) or ""
        places = tuple(uses.get(("variables", name), ()))
        yield Variable("variables", name, value, "of the pipeline", places, tuple(layers), about)


def _of_actions(
    state: PipelineState,
    declaration: PipelineDeclaration,
    execution: Execution | None,
    uses: dict[tuple[str, str], list[tuple[str, str]]],
) -> Iterator[Variable]:
    for stage in declaration.stages:
        for action in stage.actions:
            if not action.namespace:
                continue
            run = state.produced(execution, stage.name, action.name) if execution else None
            place = f"{stage.name}/{action.name}"
            made = run.variables if run else {}
            for name in dict.fromkeys((*made, *(action.outputVariables or ()))):
                value = made.get(name)
                origin = f"#{state.origin(run).number}" if run else ""
                layers = ((f"{action.name} {origin}".strip(), value),) if value is not None else ()
                places = tuple(uses.get((action.namespace, name), ()))
                yield Variable(action.namespace, name, value, place, places, layers)


def _namespaces(declaration: PipelineDeclaration) -> dict[str, str]:
    return {
        action.namespace: f"{stage.name}/{action.name}"
        for stage in declaration.stages
        for action in stage.actions
        if action.namespace
    }


def _uses(declaration: PipelineDeclaration) -> dict[tuple[str, str], list[tuple[str, str]]]:
    """The places that refer to each variable, with what stands there."""
    from engine.execution.variables import references

    found: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for stage in declaration.stages:
        for action in stage.actions:
            texts = [(key, text) for key, text in action.configuration.items()]
            texts += [("commands", text) for text in action.commands or ()]
            texts += [(variable.name, variable.value) for variable in action.environmentVariables or ()]
            for key, text in texts:
                for pair in dict.fromkeys(references(text)):
                    found.setdefault(pair, []).append((f"{stage.name}/{action.name} {key}", text))
    return found
