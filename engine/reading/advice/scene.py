"""What advice looks at: the pipeline's outline, and what the same file says of the things around it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from engine.model.project import ProjectFile
from engine.reading.declaration_shape import PIPELINE
from engine.reading.definition import LoadedPipeline
from engine.reading.forms import Candidate
from engine.reading.outline import Action, Outline, outline
from engine.reading.problem import Path
from engine.reading.scalars import Plain, Symbolic
from engine.reading.shape import ShapeReader


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource of a CloudFormation template, with its properties as written."""

    name: str
    kind: str
    path: Path
    properties: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Variable:
    """An environment variable with a value that is written out. `path` leads to it."""

    name: str
    value: str
    path: Path
    in_document: bool
    owner: str


@dataclass(frozen=True, slots=True)
class Scene:
    """A pipeline and its surroundings. `resources` are those of its template; none where there is no template.

    `given` are the values that parameters gave, `references` those that name a resource, by their paths.
    """

    pipeline: Outline
    form: str
    local: bool
    surroundings: ProjectFile
    resources: tuple[Resource, ...]
    parameters: dict[str, Any]
    given: frozenset[Path] = field(default_factory=frozenset)
    references: dict[Path, str] = field(default_factory=dict)

    @property
    def is_template(self) -> bool:
        """Whether the whole template is at hand, so that what is not in it can be missed."""
        return bool(self.resources)

    def of(self, *kinds: str) -> Iterator[Resource]:
        """The template's resources of some types."""
        return (resource for resource in self.resources if resource.kind in kinds)

    def is_literal(self, path: Path, value: str) -> bool:
        """Whether a value of the pipeline was written out, rather than given by a parameter, a reference, a secret."""
        if isinstance(value, Symbolic) or path in self.given:
            return False
        return bool(value) and "#{" not in value and "{{resolve:" not in value and set(value) != {"*"}


def scene_of(loaded: LoadedPipeline) -> Scene:
    """The scene of one pipeline."""
    candidate = loaded.candidate
    data = ShapeReader().read(PIPELINE, candidate.data)
    document = next((each.data for each in loaded.source.documents if each.number == candidate.document), None)
    template = document if isinstance(document, dict) and isinstance(document.get("Resources"), dict) else {}
    parameters = template.get("Parameters")
    return Scene(
        outline(data, local=loaded.local),
        loaded.form,
        loaded.local,
        loaded.surroundings,
        tuple(_resources(template.get("Resources", {}))),
        parameters if isinstance(parameters, dict) else {},
        frozenset(candidate.notes),
        _references(candidate, template) if template else {},
    )


def _references(candidate: Candidate, template: dict[str, Any]) -> dict[Path, str]:
    """Which configuration value is a ``Ref`` to which resource."""
    found: dict[Path, str] = {}
    for path in list(candidate.expanded.origins):
        if len(path) == 6 and path[4] == "configuration":
            value = _at(template, candidate.origin(path))
            name = value.get("Ref") if isinstance(value, dict) else value
            if isinstance(name, str) and name in template["Resources"]:
                found[path] = name
    return found


def _at(document: Any, path: Path) -> Any:
    """What stands at a path of a document, None where nothing does."""
    for step in path:
        if isinstance(document, dict):
            document = document.get(step)
        else:
            known = isinstance(document, list) and isinstance(step, int) and 0 <= step < len(document)
            document = document[step] if known else None
    return document


def _resources(resources: dict[str, Any]) -> Iterator[Resource]:
    for name, each in resources.items():
        if isinstance(each, dict) and isinstance(each.get("Type"), str):
            properties = each.get("Properties")
            path = ("Resources", name, "Properties")
            yield Resource(name, str(each["Type"]), path, properties if isinstance(properties, dict) else {})


def variables(scene: Scene) -> Iterator[Variable]:
    """Every environment variable whose value is written out: of actions, and of the template's CodeBuild projects."""
    for action in scene.pipeline.actions:
        owner = f"action {action.name}"
        for number, row in enumerate(action.data.get("environmentVariables", ())):
            path: Path = (*action.path, "environmentVariables", number, "value")
            value = row.get("value", "")
            if row.get("type", "PLAINTEXT") == "PLAINTEXT" and scene.is_literal(path, value):
                yield Variable(row.get("name", ""), value, path, False, owner)
        yield from _of_configuration(scene, action, owner)
    for project in scene.of("AWS::CodeBuild::Project"):
        environment = project.properties.get("Environment")
        rows = environment.get("EnvironmentVariables") if isinstance(environment, dict) else None
        for number, row in enumerate(rows if isinstance(rows, list) else ()):
            if isinstance(row, dict) and row.get("Type", "PLAINTEXT") == "PLAINTEXT":
                name, value = row.get("Name"), row.get("Value")
                at = (*project.path, "Environment", "EnvironmentVariables", number, "Value")
                if isinstance(name, str) and isinstance(value, str) and "{{resolve:" not in value:
                    yield Variable(name, value, at, True, f"project {project.name}")


def _of_configuration(scene: Scene, action: Action, owner: str) -> Iterator[Variable]:
    path = (*action.path, "configuration", "EnvironmentVariables")
    text = action.configuration.get("EnvironmentVariables", "")
    if not scene.is_literal(path, text) and "#{" not in text:
        return
    try:
        rows = json.loads(text, parse_int=Plain, parse_float=Plain)
    except (ValueError, RecursionError):
        return
    for row in rows if isinstance(rows, list) else ():
        if isinstance(row, dict) and row.get("type", "PLAINTEXT") == "PLAINTEXT":
            name, value = row.get("name"), row.get("value")
            if isinstance(name, str) and isinstance(value, str) and value and "#{" not in value:
                yield Variable(name, value, path, False, owner)


def statements(scene: Scene) -> Iterator[tuple[Path, dict[str, Any], str]]:
    """Every statement that allows something in a role or policy of the template: path, statement, who has it."""
    for resource in scene.of("AWS::IAM::Role", "AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"):
        if resource.kind == "AWS::IAM::Role":
            policies = resource.properties.get("Policies")
            for number, policy in enumerate(policies if isinstance(policies, list) else ()):
                if isinstance(policy, dict):
                    path = (*resource.path, "Policies", number, "PolicyDocument")
                    yield from _allowed(policy.get("PolicyDocument"), path, resource.name)
        else:
            path = (*resource.path, "PolicyDocument")
            yield from _allowed(resource.properties.get("PolicyDocument"), path, resource.name)


def _allowed(document: Any, path: Path, owner: str) -> Iterator[tuple[Path, dict[str, Any], str]]:
    listed = document.get("Statement") if isinstance(document, dict) else None
    rows = listed if isinstance(listed, list) else [listed]
    for number, row in enumerate(rows):
        if isinstance(row, dict) and row.get("Effect") == "Allow":
            place = (*path, "Statement", number) if isinstance(listed, list) else (*path, "Statement")
            yield place, row, owner


def texts(value: Any) -> list[str]:
    """A text, or the texts of a list."""
    return [item for item in (value if isinstance(value, list) else [value]) if isinstance(item, str)]
