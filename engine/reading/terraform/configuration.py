"""The pipelines of a configuration: from a file to its module, to whoever calls the module, and back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path as File
from typing import Any

from engine.model.diagnostics import Severity
from engine.reading.foreign import Foreign, Found
from engine.reading.given import Given
from engine.reading.problem import Place, Problem, Unreadable, nearest
from engine.reading.scalars import Symbolic
from engine.reading.source import Source
from engine.reading.terraform.callers import callers
from engine.reading.terraform.evaluate import Budget
from engine.reading.terraform.files import Text, Texts
from engine.reading.terraform.module import Module, World
from engine.reading.terraform.neighbours import Neighbours
from engine.reading.terraform.pipeline import PipelineWriter
from engine.reading.terraform.resources import Resource
from engine.reading.terraform.writer import Spots

PIPELINE = "aws_codepipeline"
MOST = 200
_MOST_ROOTS = 30


def read(source: Source, given: Given) -> Found:
    """Every pipeline that the file declares, with the values that its module is used with."""
    spots = Spots()
    spots.add(Place(1, 1), Place(1, 1))
    mine = Text(source.file.absolute(), source.text)
    texts = Texts(mine)
    try:
        found = _read(mine, texts, given, spots)
    except Unreadable as verdict:
        found = Found(problems=(_problem(verdict, spots),))
    except RecursionError:
        found = Found(problems=(Problem("GR107", (0,), "its expressions are nested too deep"),))
    source.placed(spots)
    found = replace(found, pipelines=tuple(replace(each, files=texts.files()) for each in found.pipelines))
    return replace(found, problems=(*found.problems, *_broken(texts, mine)))


def _read(mine: Text, texts: Texts, given: Given, spots: Spots) -> Found:
    mine.check()
    own = any(True for _ in mine.blocks("resource", (PIPELINE,)))
    if mine.broken is not None:
        return Found(problems=(_problem(mine.broken, spots),))
    users, itself = callers(mine.file.parent), [mine.file.parent]
    # A module that makes nothing by itself is shown as if it were used.
    for roots, least in ((users, False), (users, True), (itself, False), (itself, True)):
        worlds = [World(root, texts, given, Budget(), least) for root in roots[:_MOST_ROOTS]]
        if pipelines := [*_pipelines(worlds, spots, mine.file if own else None, mine.file)]:
            found = _named_apart(pipelines)
            return replace(found, problems=(*found.problems, *_not_taken(worlds, given)))
    message = f"no pipeline: neither this module nor one that it calls has a resource {PIPELINE!r}"
    return Found(problems=(Problem("GR113", (0,), message, "name the .tf file that has one"),))


def _pipelines(worlds: list[World], spots: Spots, wanted: File | None, mine: File) -> Iterator[tuple[File, Foreign]]:
    """The pipelines that the wanted file declares, or all, each with the root that it is read for."""
    advised: set[str] = set()
    number = 0
    for world in worlds:
        module = Module(world, world.root)
        for resource in module.every(PIPELINE):
            if wanted in (None, resource.file) and number < MOST:
                number += 1
                told = advised if resource.file == mine else set()
                yield world.root, _pipeline(resource, module, spots, told, foreign=resource.file != mine)


def _pipeline(resource: Resource, module: Module, spots: Spots, advised: set[str], *, foreign: bool) -> Foreign:
    writer = PipelineWriter(resource, spots, advised)
    data = writer.write()
    surroundings = Neighbours(module, resource).read()
    problems = tuple(writer.writer.problems)
    origins: dict[Any, Any] = writer.writer.origins
    if foreign:  # its lines are another file's
        origins = {(): (0,)}
        problems = tuple(replace(problem, path=(0,)) for problem in problems)
    return Foreign(data, "terraform", origins, surroundings, problems, _tags(resource))


def _tags(resource: Resource) -> list[dict[str, Any]] | None:
    tags = resource.value("tags")
    if not isinstance(tags, dict) or not all(isinstance(value, str) for value in tags.values()):
        return None
    return [{"key": key, "value": value} for key, value in tags.items()] or None


def _not_taken(worlds: list[World], given: Given) -> Iterator[Problem]:
    """Values that are given and that no variable takes, because of a misspelling, and files that are not there."""
    names = {
        label
        for world in worlds
        for declared in Module(world, world.root).declared("variable")
        for label in declared.block.labels[:1]
    }
    for name in given.parameters:
        if name not in names and (match := nearest(name, names)):
            message = f"no variable is called {name!r}: its value goes nowhere"
            yield Problem("GR121", (0,), message, f"is {match!r} meant?", Severity.WARNING)
    for file in given.files:
        if not file.is_file():
            yield Problem("GR121", (0,), f"parameter file {file} cannot be read", "is its path right?")


def _named_apart(pipelines: list[tuple[File, Foreign]]) -> Found:
    """Names that are not known must not seem equal. What two roots call alike is one pipeline, the first root's."""
    seen: dict[str, tuple[File, Foreign]] = {}
    kept: list[Foreign] = []
    problems: list[Problem] = []
    for root, pipeline in pipelines:
        name, number = pipeline.data.get("name"), 1
        while isinstance(name, Symbolic) and pipeline.data["name"] in seen:
            number += 1
            pipeline.data["name"] = Symbolic(f"{name[:96]}-{number}")
        other = seen.get(pipeline.data["name"]) if isinstance(name, str) else None
        if other is None or (other[0] == root and other[1].data != pipeline.data):
            kept.append(pipeline)
        elif other[1].data != pipeline.data:
            message = f"pipeline {name} is read as {other[0].name} uses this module, not as {root.name} does"
            problems.append(Problem("GR116", (0,), message, f"--file {root} reads that one", Severity.ADVICE))
        if other is None and isinstance(name, str):
            seen[pipeline.data["name"]] = root, pipeline
    return Found(tuple(kept), tuple(problems))


def _problem(verdict: Unreadable, spots: Spots) -> Problem:
    at = (0,) if verdict.place is None else spots.add(verdict.place, verdict.place)
    return Problem(verdict.code, at, verdict.message, verdict.hint)


def _broken(texts: Texts, mine: Text) -> Iterator[Problem]:
    """Other files of the module that cannot be parsed: what they declare is not known."""
    for text in texts.broken():
        if text is not mine and text.broken is not None:
            line = f", line {text.broken.place.line}" if text.broken.place else ""
            message = f"{text.file.name}{line}: {text.broken.message}; what it declares is not known"
            yield Problem(text.broken.code, (0,), message, text.broken.hint, Severity.WARNING)
