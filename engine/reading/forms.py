"""The shapes in which people keep pipelines: bare, wrapped, with metadata or tags, several in one file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path as File
from typing import Any

from engine.model.diagnostics import Severity
from engine.model.project import ProjectFile
from engine.reading.declaration_shape import TAGS
from engine.reading.foreign import Foreign, reader_of
from engine.reading.given import NOTHING_GIVEN, Given
from engine.reading.kinds import kind_of_file
from engine.reading.problem import Path, Problem, nearest
from engine.reading.shape import ShapeReader, struct
from engine.reading.shorthand import Expanded, expand, is_local
from engine.reading.source import Source

MAX_PIPELINES = 1000
MAX_ACTIONS = 5000
_TOO_MANY = Problem("GR112", (), f"more than {MAX_PIPELINES:,} pipelines: an account has no more", "split the file")
_BESIDE = ("pipeline", "metadata", "tags")
_BARE = ("name", "stages")


@dataclass(frozen=True, slots=True)
class Candidate:
    """One pipeline of a file, in the long form. `prefix` leads to it in the document; `beside` is what wraps it.

    `found` is what its reader found wrong with it, with paths of the document; `notes` say of which parameters a part
    of it was made, `files` of which other files.
    """

    data: Any
    document: int
    prefix: Path
    form: str
    local: bool
    expanded: Expanded
    beside: dict[str, Any] = field(default_factory=dict)
    surroundings: ProjectFile = field(default_factory=ProjectFile)
    found: tuple[Problem, ...] = ()
    notes: Mapping[Path, str] = field(default_factory=dict)
    files: tuple[File, ...] = ()

    @property
    def problems(self) -> list[Problem]:
        """What is wrong with its shorthand."""
        return self.expanded.problems

    def moved(self, problem: Problem) -> Problem:
        """A finding of the long form, at its place in the document; a value out of a parameter names it."""
        note = self.notes.get(problem.path)
        hint = "; ".join(part for part in (problem.hint, note and f"the value comes from {note}") if part)
        return replace(problem, path=self.origin(problem.path), hint=hint)

    def origin(self, path: Path) -> Path:
        """Where a part of the long form stands in the document. A path that starts with ``..`` leads beside it."""
        if path[:1] == ("..",):
            beside = self.expanded.origins.get(path[:2])
            return (*self.prefix[:-1], *path[1:]) if beside is None else (*beside, *path[2:])
        return (*self.prefix, *self.expanded.origin(path))


def candidates(source: Source, given: Given = NOTHING_GIVEN) -> tuple[list[Candidate], list[tuple[int, Problem]]]:
    """Every pipeline of the file, and what is in it that is none."""
    found: list[Candidate] = []
    problems: list[tuple[int, Problem]] = []
    for document in source.documents:
        if reader := reader_of(document):
            read = reader.read(document, source, given)
            problems += [(document.number, problem) for problem in read.problems]
            for pipeline in read.pipelines[:MAX_PIPELINES]:
                if problem := _crowd(pipeline.data, ()):
                    at = pipeline.origins.get(("stages",)) or pipeline.origins.get((), ())
                    problems.append((document.number, replace(problem, path=at)))
                else:
                    found.append(_foreign(pipeline, document.number))
            if len(read.pipelines) > MAX_PIPELINES:
                problems.append((document.number, _TOO_MANY))
            continue
        if document.tagged is not None:
            problems.append((document.number, document.tagged))
            continue
        if isinstance(document.data, list) and (kind := kind_of_file(document.data)):
            problems.append((document.number, _other_kind(kind, ())))
            continue
        for value, prefix in _split(document.data):
            if len(found) + len(problems) >= MAX_PIPELINES:
                problems.append((document.number, replace(_TOO_MANY, path=prefix)))
                return found, problems
            if problem := _refuse(value, prefix):
                problems.append((document.number, problem))
            else:
                found.append(_candidate(value, document.number, prefix, source))
    return found, problems


def _split(data: Any) -> list[tuple[Any, Path]]:
    """The parts of a document that should each be a pipeline."""
    if isinstance(data, list) and data:
        return [(item, (number,)) for number, item in enumerate(data)]
    if isinstance(data, dict) and isinstance(data.get("pipelines"), list) and data["pipelines"]:
        return [(item, ("pipelines", number)) for number, item in enumerate(data["pipelines"])]
    return [(data, ())]


def _candidate(value: dict[str, Any], document: int, prefix: Path, source: Source) -> Candidate:
    form, beside = "bare", {}
    if isinstance(value.get("pipeline"), dict):
        form = "metadata" if "metadata" in value else "tags" if "tags" in value else "pipeline"
        beside = {key: item for key, item in value.items() if key != "pipeline"}
        value, prefix = value["pipeline"], (*prefix, "pipeline")
    local = is_local(value)
    expanded = expand(value, default_name=_default_name(source), local=local)
    return Candidate(expanded.data, document, prefix, form, local, expanded, beside)


def _foreign(pipeline: Foreign, document: int) -> Candidate:
    expanded = Expanded(pipeline.data, dict(pipeline.origins))
    beside = {} if pipeline.tags is None else {"tags": pipeline.tags}
    return Candidate(
        pipeline.data,
        document,
        (),
        pipeline.form,
        False,
        expanded,
        beside,
        pipeline.surroundings,
        pipeline.problems,
        pipeline.notes,
        pipeline.files,
    )


def _default_name(source: Source) -> str:
    """A nameless local pipeline is called after its directory."""
    import re

    return re.sub(r"[^A-Za-z0-9.@_-]+", "-", source.file.absolute().parent.name).strip("-")[:100] or "pipeline"


def check_beside(candidate: Candidate) -> list[Problem]:
    """What is wrong with what stands beside the pipeline: tags and unknown keys."""
    problems: list[Problem] = []
    for key in candidate.beside:
        if key not in _BESIDE and not key.startswith("__"):
            match = nearest(key, _BESIDE)
            hint = f"did you mean {match!r}?" if match else "beside `pipeline` stand only `metadata` and `tags`"
            problems.append(
                Problem("GR202", ("..", key), f"Unknown parameter in input: {key!r}", hint,
                        exception="ValidationException", key=True)
            )  # fmt: skip
    if "tags" in candidate.beside:
        problems += _check_tags(candidate.beside["tags"])
    return problems


def _check_tags(tags: Any) -> list[Problem]:
    reader = ShapeReader()
    data = reader.read(struct(tags=TAGS), {"tags": tags}, ("..",))
    problems, seen = reader.problems, set[str]()
    for number, tag in enumerate(data.get("tags", ())):
        key, path = tag.get("key", ""), ("..", "tags", number, "key")
        if key.startswith("aws:"):
            message = "Not allowed to modify system tags. System tags start with 'aws:'."
            problems.append(Problem("GR340", path, message, "choose another key", exception="InvalidTagsException"))
        if key in seen:
            message = f"Duplicate tag key: {key}"
            problems.append(Problem("GR340", path, message, "keep one of them", exception="InvalidTagsException"))
        seen.add(key)
    if len(data.get("tags", ())) > 50:
        message = "Tag limit exceeded for resource: a pipeline has at most 50 tags"
        problems.append(Problem("GR341", ("..", "tags", 50), message, exception="TooManyTagsException"))
    return problems


def _refuse(value: Any, prefix: Path) -> Problem | None:
    """Why a value is no pipeline at all, None where it may be one."""
    if not isinstance(value, dict):
        return Problem(
            "GR113", prefix, "no pipeline definition: a mapping with `name` and `stages` is expected", _FORMS
        )
    if isinstance(value.get("pipeline"), dict) or isinstance(value.get("stages"), dict):
        return _crowd(value, prefix)
    if "stages" in value and not (isinstance(value["stages"], list) and kind_of_file(value)):
        return _crowd(value, prefix)
    if set(value) & {"roleArn", "artifactStore", "artifactStores", "pipelineType", "executionMode"}:
        return None
    if kind := kind_of_file(value):
        return _other_kind(kind, prefix)
    match = next((nearest(key, ("stages", "pipeline")) for key in value if nearest(key, ("stages", "pipeline"))), "")
    hint = f"is {match!r} misspelt?" if match else _FORMS
    return Problem("GR113", prefix, "no pipeline definition: it has no `stages`", hint, Severity.ERROR)


def _other_kind(kind: str, prefix: Path) -> Problem:
    return Problem("GR113", prefix, f"this is {kind}, not a pipeline definition", _FORMS)


def _crowd(value: dict[str, Any], prefix: Path) -> Problem | None:
    """Refuse at once what is far beyond AWS's limits: to check each part would take its time."""
    inner = value["pipeline"] if isinstance(value.get("pipeline"), dict) else value
    stages = inner.get("stages")
    members = stages.values() if isinstance(stages, dict) else stages if isinstance(stages, list) else ()
    count = sum(_count(stage) for stage in members)
    if count <= MAX_ACTIONS:
        return None
    message = f"Pipeline has some {count:,} actions, which is more than the maximum (1000)"
    path = (*prefix, "pipeline", "stages") if inner is not value else (*prefix, "stages")
    return Problem("GR307", path, message, exception="InvalidStructureException", key=True)


def _count(stage: Any) -> int:
    actions = stage.get("actions", stage) if isinstance(stage, dict) else stage
    if not isinstance(actions, (dict, list)) or (isinstance(actions, list) and actions and isinstance(actions[0], str)):
        return 1
    return max(1, len(actions))


_FORMS = "docs/definitions.md shows the forms that are read"
