"""Variables: found, resolved, or named when they cannot be."""

from __future__ import annotations

import pytest

from engine.execution.select import chosen
from engine.execution.variables import UnresolvedVariable, Values, namespaces, references
from tests.execution.pipelines import action, pipeline, simple
from tests.execution.simulator import Simulator


def test_references_in_a_text() -> None:
    assert references("x #{a.B}#{variables.C-1} ${no} #{not}") == [("a", "B"), ("variables", "C-1")]


def values(**more: object) -> Values:
    definition = pipeline(
        [action("Source:S > A")],
        [action("Build:X A", namespace="Built")],
        pipelineType="V2",
        variables=[{"name": "WHO", "defaultValue": "me"}],
    )
    simulator = Simulator(definition)
    execution = simulator.start()
    built = simulator.at(execution, "S2/X")
    assert built is not None
    built.variables = {"VERSION": "1.2"}
    return Values(simulator.state, execution)


def test_every_namespace_resolves() -> None:
    known = values()
    assert known.resolve("v#{Built.VERSION}-#{variables.WHO}") == "v1.2-me"
    assert known.resolve("#{codepipeline.PipelineExecutionId}").startswith("id-")
    assert known.resolve("nothing ${SHELL} #{ } here") == "nothing ${SHELL} #{ } here"


@pytest.mark.parametrize("text", ["#{Built.NOPE}", "#{Nowhere.X}", "#{codepipeline.Other}"])
def test_what_has_no_value_is_named(text: str) -> None:
    with pytest.raises(UnresolvedVariable) as missing:
        values().resolve(text)
    assert text == f"#{{{missing.value.reference}}}"


def test_namespaces_are_found_wherever_aws_allows_them() -> None:
    definition = pipeline(
        [action("Source:S > A")],
        [
            action(
                "Compute:C A",
                commands=["echo #{One.A}"],
                configuration={"X": "#{Two.B}"},
                environmentVariables=[{"name": "E", "value": "#{Three.C}"}],
            )
        ],
    )
    assert namespaces(definition.stages[1].actions[0]) == {"One", "Two", "Three"}


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, ()),
        ({"only": "Build"}, ("Build/Compile", "Build/Lint")),
        ({"only": "Lint"}, ("Build/Lint",)),
        ({"start": "Approve"}, ("Approve/Ok", "Deploy/Ship")),
        ({"until": "Build/Lint"}, ("Source/Src", "Build/Compile", "Build/Lint")),
        ({"start": "Build", "until": "Approve"}, ("Build/Compile", "Build/Lint", "Approve/Ok")),
    ],
)
def test_selections(options: dict[str, str], expected: tuple[str, ...]) -> None:
    assert chosen(simple(), **options) == expected


def test_an_unknown_selection_is_named() -> None:
    with pytest.raises(LookupError, match="Nope"):
        chosen(simple(), only="Nope")
