"""Definition files: which ones there are, and what they hold.

`load` accepts what people have on disk: the pipeline object alone, `{pipeline}`, `{pipeline, metadata}` as get-pipeline
prints it, `{pipeline, tags}` as create-pipeline takes it, several in one file, and the local shorthand
(`docs/definitions.md`).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

from engine.model.diagnostics import Diagnostic, Severity
from engine.model.pipeline import PipelineDeclaration
from engine.model.project import ProjectFile
from engine.reading.declaration_shape import PIPELINE
from engine.reading.foreign import reader_of
from engine.reading.forms import Candidate, candidates, check_beside
from engine.reading.given import NOTHING_GIVEN, Given
from engine.reading.outline import outline
from engine.reading.placeholders import without_placeholders
from engine.reading.problem import Path as Where
from engine.reading.problem import Place, Problem
from engine.reading.rules import check
from engine.reading.search import find, in_directory
from engine.reading.shape import ShapeReader
from engine.reading.source import HclText, Source, parse, read, take
from engine.reading.unrendered import statement

MAX_DIAGNOSTICS = 500

__all__ = ["Loaded", "LoadedPipeline", "find", "in_directory", "load", "load_bytes", "load_text"]


@dataclass(frozen=True, slots=True)
class LoadedPipeline:
    """One pipeline of a file.

    `form` says how it was written: ``bare``, ``pipeline``, ``metadata`` (get-pipeline), ``tags`` (create-pipeline), or
    by the name of the tool it was written for (``cloudformation``);
    `local` that it names neither role nor artifact store and so runs here only; `document` is its YAML document.
    `surroundings` is what the same template says of the things the pipeline uses (CodeBuild projects, functions,
    buckets, schedules, ...), in greenroom.yaml's words; the project file goes over it.
    """

    declaration: PipelineDeclaration
    file: Path
    form: str
    local: bool
    candidate: Candidate
    source: Source
    surroundings: ProjectFile = field(default_factory=ProjectFile)

    @property
    def files(self) -> tuple[Path, ...]:
        """Every file that it was made of: a change of any may change it."""
        return (self.file, *self.candidate.files)

    def where(self, path: Where = ()) -> Place | None:
        """The line of a part of the declaration, e.g. ``("stages", 0, "actions", 2)``, in the file as it was read."""
        return self.source.place(self.candidate.document, self.candidate.origin(path))


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a file holds. `pipelines` are those without errors; `actions` counts all that could be read."""

    pipelines: tuple[LoadedPipeline, ...]
    diagnostics: tuple[Diagnostic, ...]
    actions: int

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong with the file."""
        return bool(self.pipelines) and all(found.severity is not Severity.ERROR for found in self.diagnostics)


def load(file: Path, given: Given = NOTHING_GIVEN) -> Loaded:
    """Everything in a definition file, and everything wrong with it. Never raises for bad content."""
    return _load(read(file, templates=True), given)


def load_text(text: str, file: Path, given: Given = NOTHING_GIVEN) -> Loaded:
    """The same for text that is not on disk; `file` names it and its suffix tells the syntax."""
    return _load(parse(file, text, templates=True), given)


def load_bytes(data: bytes, file: Path, given: Given = NOTHING_GIVEN) -> Loaded:
    """The same for content that is not on disk, in whichever encoding."""
    return _load(take(file, data, templates=True), given)


def _load(source: Source, given: Given) -> Loaded:
    diagnostics = [_eased(found) for found in source.problems] if _is_foreign(source) else list(source.problems)
    pipelines: list[LoadedPipeline] = []
    actions = hidden = 0
    if source.documents:
        found, problems = candidates(source, given)
        diagnostics += [source.diagnose(problem, document) for document, problem in problems[:MAX_DIAGNOSTICS]]
        for candidate in found:
            loaded, count, here = _read(candidate, source, given)
            room = max(0, MAX_DIAGNOSTICS - len(diagnostics))
            diagnostics += _diagnose(source, candidate, here[:room])
            hidden += len(here[room:])
            actions += count
            if loaded is not None:
                pipelines.append(loaded)
        diagnostics += _same_names(pipelines)
    failed = any(found.severity is Severity.ERROR for found in diagnostics)
    if failed and not _is_module(source) and (verdict := statement(source.text)):
        diagnostics.append(source.reject(verdict))
    diagnostics.sort(key=lambda each: (each.line, each.column, each.code))
    diagnostics = _once(diagnostics)
    if hidden:
        diagnostics.append(Diagnostic("GR110", "there are more problems, which are not shown", file=source.file))
    return Loaded(tuple(pipelines), tuple(diagnostics), actions)


def _read(candidate: Candidate, source: Source, given: Given) -> tuple[LoadedPipeline | None, int, list[Problem]]:
    reader = ShapeReader()
    data = reader.read(PIPELINE, candidate.data)
    seen = outline(data, local=candidate.local, types={**candidate.surroundings.action_types, **given.action_types})
    problems = [*candidate.problems, *reader.problems]
    if "stages" in data:  # without them every other rule would only repeat that
        problems += check(seen)
    problems += check_beside(candidate)
    if any(problem.severity is Severity.ERROR for problem in (*candidate.found, *problems)):
        return None, len(seen.actions), problems
    declaration = without_placeholders(PipelineDeclaration.model_validate(data))
    local = candidate.local or declaration.roleArn is None
    return (
        LoadedPipeline(declaration, source.file, candidate.form, local, candidate, source, candidate.surroundings),
        len(seen.actions),
        problems,
    )


def _diagnose(source: Source, candidate: Candidate, problems: list[Problem]) -> list[Diagnostic]:
    moved = (candidate.moved(problem) for problem in problems)
    return [source.diagnose(problem, candidate.document) for problem in (*candidate.found, *moved)]


def _is_foreign(source: Source) -> bool:
    return any(reader_of(document) for document in source.documents)


def _is_module(source: Source) -> bool:
    """Whether there is nothing, or a Terraform file, whose texts are templates by themselves."""
    return not source.documents or isinstance(source.documents[0].data, HclText)


def _eased(found: Diagnostic) -> Diagnostic:
    """In other tools' files the last of equal keys counts: that is worth a warning."""
    return replace(found, severity=Severity.WARNING) if found.code == "GR105" else found


def _same_names(pipelines: list[LoadedPipeline]) -> list[Diagnostic]:
    seen: set[str] = set()
    twice: list[Diagnostic] = []
    for loaded in pipelines:
        name = loaded.declaration.name
        if name in seen:
            path = loaded.candidate.origin(("name",))
            message = f"A pipeline with the name '{name}' is already in this file"
            problem = Problem("GR111", path, message, "give it another name", exception="PipelineNameInUseException")
            twice.append(loaded.source.diagnose(problem, loaded.candidate.document))
        seen.add(name)
    return twice


def _once(diagnostics: list[Diagnostic]) -> list[Diagnostic]:
    """One finding where one text of the shorthand became several names of the long form."""
    seen: set[tuple[str, int, int]] = set()
    kept: list[Diagnostic] = []
    for found in diagnostics:
        place = (found.code, found.line, found.column)
        if found.code not in ("GR204", "GR205") or place not in seen:
            kept.append(found)
        seen.add(place)
    return kept
