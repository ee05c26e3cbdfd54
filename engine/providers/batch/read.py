"""Reading the batch section of a buildspec: everything that is wrong with it, each with its line."""

from __future__ import annotations

import re
from collections.abc import Mapping

import yaml

from engine.providers.batch.expand import Dimensions, fanout, matrix
from engine.providers.batch.model import KINDS, MOST_BUILDS, Batch, BatchError, BuildEnvironment, BuildTask, Kind
from engine.providers.batch.order import circle
from engine.providers.buildspec import nodes
from engine.providers.buildspec.keys import nearest
from engine.providers.buildspec.model import BuildspecError

_IDENTIFIER = re.compile(r"[A-Za-z0-9_]+")
_LONGEST = 128
_UNCOUNTED = 10_000  # combinations of a matrix that nobody counts any more


def read(source: str, most: int = MOST_BUILDS) -> Batch:
    """The batch of a buildspec, of `most` builds at most. Raises `BuildspecError`, a `BatchError` where it is it."""
    batch, problems = examine(source, most)
    if problems:
        raise problems[0]
    assert batch is not None
    return batch


def examine(source: str, most: int = MOST_BUILDS) -> tuple[Batch | None, list[BuildspecError]]:
    """The batch as far as it can be read, and everything that is wrong with it, from top to bottom."""
    try:
        top = nodes.mapping(nodes.compose(source.removeprefix("\ufeff")), "the buildspec")
        reading = _Reading(top.get("batch"), most)
        return reading.batch(), sorted(reading.problems, key=line_of)
    except BuildspecError as error:
        return None, [error]


def line_of(problem: BuildspecError) -> int:
    """The line that a problem names, 0 for none."""
    named = re.findall(r" at line (\d+)", str(problem))
    return int(named[-1]) if named else 0


class _Reading:
    """One pass over the section. What is wrong with a build does not keep the others from being read."""

    def __init__(self, node: yaml.Node | None, most: int) -> None:
        self.problems: list[BuildspecError] = []
        self._node = node
        self._most = most

    def batch(self) -> Batch | None:
        """The batch; None where there is none to be had."""
        node = self._node
        if node is None or nodes.is_null(node):
            raise BatchError(
                "the buildspec has no batch section", hint="A batch build needs one: `batch: build-list: …`."
            )
        keys = nodes.mapping(node, "batch")
        kinds: list[Kind] = [kind for kind in KINDS if kind in keys]
        if len(kinds) != 1:
            self._wrong_number_of_kinds(node, keys, kinds)
            return None
        builds = self._builds(kinds[0], keys[kinds[0]])
        if len(builds) > self._most:
            self._too_many(len(builds), keys[kinds[0]])
        return Batch(kinds[0], tuple(builds), nodes.flag(keys.get("fast-fail"), "fast-fail"))

    def _wrong_number_of_kinds(self, node: yaml.Node, keys: Mapping[str, yaml.Node], kinds: list[Kind]) -> None:
        if kinds:
            message = f"batch holds {' and '.join(kinds)}: only one kind of build is allowed"
            self._problem(message, keys[kinds[1]], "Make a build-graph of them, or two actions.")
            return
        near = next(filter(None, (nearest(key, KINDS) for key in keys)), "")
        self._problem(f"batch holds none of {', '.join(KINDS)}", node, near or "Name exactly one of them.")

    def _builds(self, kind: Kind, node: yaml.Node) -> list[BuildTask]:
        if kind == "build-fanout":
            return self._fanout(node)
        if kind == "build-matrix":
            return self._matrix(node)
        if not isinstance(node, yaml.SequenceNode):
            self._problem(f"Expected batch.{kind} to be a list", node)
            return []
        found = [self._task(f"batch.{kind}[{at}]", item, kind) for at, item in enumerate(node.value)]
        builds = [task for task in found if task is not None]
        if not node.value:
            self._problem(f"batch.{kind} has no builds", node)
        self._duplicates(builds)
        if kind == "build-graph":
            self._dependencies(builds)
        return builds

    def _task(self, where: str, node: yaml.Node, kind: Kind) -> BuildTask | None:
        try:
            keys = nodes.mapping(node, where)
            task = BuildTask(
                identifier=self._identifier(where, keys.get("identifier"), node),
                buildspec=_buildspec(keys.get("buildspec"), where),
                depends_on=tuple(dict.fromkeys(nodes.strings(keys.get("depend-on"), "depend-on")))
                if kind == "build-graph"
                else (),
                ignore_failure=nodes.flag(keys.get("ignore-failure"), "ignore-failure"),
                environment=_environment(nodes.mapping(keys.get("env"), f"{where}.env")),
                debug_session=nodes.flag(keys.get("debug-session"), "debug-session"),
                line=nodes.line(node),
            )
        except BuildspecError as error:
            self.problems.append(error)
            return None
        env = task.environment
        if env.compute_type and env.fleet:
            self._problem(f"{where}.env has both compute-type and fleet", node, "A fleet has its own compute type.")
        return task if task.identifier else None

    def _identifier(self, where: str, node: yaml.Node | None, item: yaml.Node) -> str:
        name = nodes.text(node, f"{where}.identifier")
        if not name:
            self._problem(f"{where} has no identifier", item, "Each build of a batch needs one of its own.")
        elif not _IDENTIFIER.fullmatch(name) or len(name) > _LONGEST:
            good = re.sub(r"[^A-Za-z0-9_]+", "_", name)[:_LONGEST].strip("_")
            self._problem(
                f"identifier {name} may hold letters, digits and underscores only, {_LONGEST} at most",
                node or item,
                f"Call it {good}." if good else "",
            )
        return name

    def _duplicates(self, builds: list[BuildTask]) -> None:
        first: dict[str, BuildTask] = {}
        for task in builds:
            known = first.setdefault(task.identifier, task)
            if known is not task:
                message = f"identifier {task.identifier} stands at line {known.line} already, and again"
                self.problems.append(BatchError(message, line=task.line, hint="Give each build a name of its own."))

    def _dependencies(self, builds: list[BuildTask]) -> None:
        names = [task.identifier for task in builds]
        for task in builds:
            for other in task.depends_on:
                if other not in names:
                    message = f"{task.identifier} depends on {other}, which is no build of this batch,"
                    hint = nearest(other, names) or f"There are {', '.join(names)}."
                    self.problems.append(BatchError(message, line=task.line, hint=hint))
        needs: dict[str, tuple[str, ...]] = {}
        for task in builds:
            needs.setdefault(task.identifier, task.depends_on)
        if around := circle(needs):
            line = next(task.line for task in builds if task.identifier == around[0])
            message = f"builds that wait for each other never start: {' -> '.join(around)},"
            self.problems.append(BatchError(message, line=line, hint="Take one of these depend-on away."))

    def _matrix(self, node: yaml.Node) -> list[BuildTask]:
        keys = nodes.mapping(node, "batch.build-matrix")
        static = nodes.mapping(keys.get("static"), "static")
        dynamic = nodes.mapping(keys.get("dynamic"), "dynamic")
        env = nodes.mapping(dynamic.get("env"), "dynamic.env")
        variables = nodes.mapping(env.get("variables"), "dynamic.env.variables")
        dimensions = Dimensions(
            buildspecs=nodes.strings(dynamic.get("buildspec"), "buildspec"),
            images=nodes.strings(env.get("image"), "image"),
            compute_types=nodes.strings(env.get("compute-type"), "compute-type"),
            variables={name: nodes.strings(value, name) for name, value in variables.items()},
        )
        if dimensions.count > min(_UNCOUNTED, max(self._most, MOST_BUILDS)):
            self._too_many(dimensions.count, node)
            return []
        return matrix(
            dimensions,
            _environment(nodes.mapping(static.get("env"), "static.env")),
            ignore_failure=nodes.flag(static.get("ignore-failure"), "ignore-failure"),
            line=nodes.line(node),
        )

    def _fanout(self, node: yaml.Node) -> list[BuildTask]:
        keys = nodes.mapping(node, "batch.build-fanout")
        text = nodes.text(keys.get("parallelism"), "parallelism")
        if not (text.isascii() and text.isdigit() and int(text)):
            said = f"parallelism {text}" if text else "batch.build-fanout without parallelism"
            self._problem(
                f"{said} is not a whole number greater than 0",
                keys.get("parallelism") or node,
                "It says how many equal builds share the tests.",
            )
            return []
        if int(text) > max(self._most, MOST_BUILDS):
            self._too_many(int(text), node)
            return []
        ignore = nodes.flag(keys.get("ignore-failure"), "ignore-failure")
        return fanout(int(text), ignore_failure=ignore, line=nodes.line(node))

    def _too_many(self, count: int, node: yaml.Node) -> None:
        self._problem(
            f"the batch has {count:,} builds, and {self._most} are allowed",
            node,
            "`projects: NAME: batch: maximum-builds:` in greenroom.yaml stands for the project's maximumBuildsAllowed.",
        )

    def _problem(self, message: str, node: yaml.Node, hint: str = "") -> None:
        self.problems.append(BatchError(message, line=nodes.line(node), hint=hint))


def _environment(env: Mapping[str, yaml.Node]) -> BuildEnvironment:
    privileged = env.get("privileged-mode")
    return BuildEnvironment(
        variables={
            name: nodes.text(value, name) for name, value in nodes.mapping(env.get("variables"), "variables").items()
        },
        image=nodes.text(env.get("image"), "image"),
        compute_type=nodes.text(env.get("compute-type"), "compute-type"),
        type=nodes.text(env.get("type"), "type"),
        privileged=None if nodes.is_null(privileged) else nodes.flag(privileged, "privileged-mode"),
        fleet=nodes.text(env.get("fleet"), "fleet"),
    )


def _buildspec(node: yaml.Node | None, where: str) -> str:
    """A path, or a buildspec of its own: as text, or written out in place."""
    if isinstance(node, yaml.MappingNode):
        return yaml.serialize(node)
    return nodes.text(node, f"{where}.buildspec")
