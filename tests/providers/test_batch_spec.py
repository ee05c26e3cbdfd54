"""The batch section of a buildspec: what it expands to, in which order it can run, what is refused in which words."""

from __future__ import annotations

import itertools
import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.providers.batch.model import Batch, BuildTask
from engine.providers.batch.order import circle, waves
from engine.providers.batch.read import examine, read
from engine.providers.buildspec.model import BuildspecError

NAMES = st.text("abcXYZ019_", min_size=1, max_size=6)
VALUES = st.lists(st.text("abé-/.: 19𝛼", min_size=1, max_size=5), min_size=1, max_size=4)


def batch(section: object, **more: Any) -> Batch:
    return read(json.dumps({"version": 0.2, "batch": section}, ensure_ascii=False), **more)


def told(text: str, most: int = 100) -> list[str]:
    """Everything that is wrong with the batch of a buildspec, with hints."""
    return [f"{problem} | {getattr(problem, 'hint', '')}" for problem in examine(text, most)[1]]


@given(st.dictionaries(NAMES, VALUES, max_size=3), VALUES, VALUES)
def test_a_matrix_is_the_product_of_what_varies(
    variables: dict[str, list[str]], images: list[str], paths: list[str]
) -> None:
    dynamic = {"buildspec": [f"ci/{path}" for path in paths], "env": {"image": images, "variables": variables}}
    static = {"ignore-failure": "yes", "env": {"privileged-mode": "true", "variables": {"FIXED": "1"}}}
    count = math.prod(map(len, (images, paths, *variables.values())))
    builds = batch({"build-matrix": {"static": static, "dynamic": dynamic}}, most=10_000).builds
    assert len(builds) == count
    assert len({build.identifier for build in builds}) == count
    assert all(build.identifier.replace("_", "a").isalnum() and build.identifier.isascii() for build in builds)
    assert all(build.ignore_failure and build.environment.privileged for build in builds)
    assert all(build.environment.variables["FIXED"] == "1" or "FIXED" in variables for build in builds)
    combinations = [
        (build.buildspec, build.environment.image, *(build.environment.variables[name] for name in variables))
        for build in builds
    ]
    # Equal values of one list are as many builds as on AWS, so they are counted, not looked up.
    expected: list[tuple[str, ...]] = [()]
    for values in (dynamic["buildspec"], images, *variables.values()):
        expected = [(*before, value) for before in expected for value in values]
    assert combinations == expected


@given(st.integers(1, 12).flatmap(lambda n: st.lists(st.sets(st.integers(0, n - 1)), min_size=n, max_size=n)))
def test_waves_respect_what_depends_on_what_and_circles_are_found(needs: list[set[int]]) -> None:
    tasks = [BuildTask(f"b{at}", depends_on=tuple(f"b{other}" for other in own)) for at, own in enumerate(needs)]
    found = waves(tasks)
    at = {name: number for number, wave in enumerate(found) for name in wave}
    for task in tasks:
        if task.identifier in at:
            assert all(at[other] < at[task.identifier] for other in task.depends_on)
    around = circle({task.identifier: task.depends_on for task in tasks})
    assert bool(around) == (len(at) < len(tasks))
    by_name = {task.identifier: task for task in tasks}
    assert all(after in by_name[before].depends_on for before, after in itertools.pairwise(around))
    assert not around or around[0] == around[-1]


def test_the_four_kinds_and_what_each_build_has_of_its_own() -> None:
    graph = batch(
        {
            "fast-fail": "true",
            "build-graph": [
                {"identifier": "a", "debug-session": "yes"},
                {
                    "identifier": "b",
                    "buildspec": "ci/b.yml",
                    "depend-on": ["a", "a"],
                    "ignore-failure": True,
                    "env": {
                        "compute-type": "BUILD_GENERAL1_LARGE",
                        "image": "python:3.12",
                        "privileged-mode": "no",
                        "type": "ARM_CONTAINER",
                        "variables": {"VERSION": "3.10"},
                    },
                },
            ],
        }
    )
    assert (graph.kind, graph.fast_fail) == ("build-graph", True)
    first, second = graph.builds
    assert (first.identifier, first.debug_session, first.environment.privileged) == ("a", True, None)
    assert (second.buildspec, second.depends_on, second.ignore_failure) == ("ci/b.yml", ("a",), True)
    assert second.environment.variables == {"VERSION": "3.10"}
    assert (second.environment.image, second.environment.privileged) == ("python:3.12", False)
    inline = {"version": "0.2", "phases": {"build": {"commands": ["make"]}}}
    (listed,) = batch({"build-list": [{"identifier": "x", "buildspec": inline, "depend-on": ["y"]}]}).builds
    assert "make" in listed.buildspec
    assert listed.depends_on == ()  # a list has no order
    fanned = batch({"build-fanout": {"parallelism": 3}}).builds
    assert [(build.identifier, build.shard, build.shards) for build in fanned] == [
        ("BuildFanoutShard1", 1, 3),
        ("BuildFanoutShard2", 2, 3),
        ("BuildFanoutShard3", 3, 3),
    ]


@pytest.mark.parametrize(
    ("dynamic", "names"),
    [
        ({"env": {"variables": {"PY": ["3.11", "3.12"], "DB": ["pg", "my"]}}}, "3_11_pg 3_11_my 3_12_pg 3_12_my"),
        ({"buildspec": ["ci/unit.yml", "ci/e2e.yaml"], "env": {"variables": {"ONE": ["x"]}}}, "unit e2e"),
        ({"env": {"image": ["public.ecr.aws/a/node:20", "b/node:22"]}}, "node_20 node_22"),
        ({"env": {"variables": {"A": ["é", "-", "x_2", "x", "x"]}}}, "build build_2 x_2 x x_3"),
        ({}, "build"),
    ],
)
def test_builds_of_a_matrix_are_called_by_what_varies(dynamic: object, names: str) -> None:
    found = [build.identifier for build in batch({"build-matrix": {"dynamic": dynamic}}).builds]
    assert len(set(found)) == len(found)
    assert found == names.split()


MANY = ", ".join(f"V{at}: [1, 2, 3, 4, 5, 6, 7, 8, 9, 0]" for at in range(12))
BAD = """\
version: 0.2
batch:
  build-graph:
    - identifier: one
      depend-on: [two]
    - identifier: two
      depend-on: [one, treee]
    - identifier: three-b
    - identifier: one
    - env: {variables: {A: b}}
    - just text
    - identifier: tree
      env: {compute-type: BUILD_GENERAL1_SMALL, fleet: mine}
"""


def test_everything_wrong_is_told_at_once_with_its_line() -> None:
    assert told(BAD) == [
        "builds that wait for each other never start: one -> two -> one, at line 4 | Take one of these depend-on away.",
        "two depends on treee, which is no build of this batch, at line 6 | Did you mean tree?",
        "identifier three-b may hold letters, digits and underscores only, 128 at most at line 8 | Call it three_b.",
        "identifier one stands at line 4 already, and again at line 9 | Give each build a name of its own.",
        "batch.build-graph[4] has no identifier at line 10 | Each build of a batch needs one of its own.",
        "Expected batch.build-graph[5] to be a map at line 11 | ",
        "batch.build-graph[6].env has both compute-type and fleet at line 12 | A fleet has its own compute type.",
    ]


@pytest.mark.parametrize(
    ("section", "words"),
    [
        ("", "the buildspec has no batch section"),
        ("batch:", "the buildspec has no batch section"),
        ("batch: [a]", "Expected batch to be a map at line 2"),
        (
            "batch: {fast-fail: yes}",
            "batch holds none of build-graph, build-list, build-matrix, build-fanout at line 2",
        ),
        ("batch: {build-lists: []}", "Did you mean build-list?"),
        ("batch:\n  build-list: []\n  build-graph: []", "batch holds build-graph and build-list: only one kind"),
        ("batch: {build-list: {identifier: a}}", "Expected batch.build-list to be a list at line 2"),
        ("batch: {build-list: []}", "batch.build-list has no builds at line 2"),
        ("batch: {build-graph: [{identifier: a, depend-on: [a]}]}", "a -> a"),
        ("batch: {build-fanout: {}}", "batch.build-fanout without parallelism is not a whole number"),
        ("batch: {build-fanout: {parallelism: 0}}", "greater than 0"),
        ("batch: {build-fanout: {parallelism: 2.5}}", "parallelism 2.5 is not a whole number"),
        ("batch: {build-fanout: {parallelism: 4}}", "the batch has 4 builds, and 3 are allowed at line 2"),
        ("batch: {build-fanout: {parallelism: 99999999999}}", "the batch has 99,999,999,999 builds"),
        ("batch: {build-list: [{identifier: a}, {identifier: b}, {identifier: c}, {identifier: d}]}", "has 4 builds"),
        (
            "batch: {build-matrix: {dynamic: {env: {variables: {" + MANY + "}}}}}",
            "the batch has 1,000,000,000,000 builds, and 3 are allowed",
        ),
    ],
)
def test_a_batch_that_cannot_be_is_refused_in_words(section: str, words: str) -> None:
    text = f"version: 0.2\n{section}\n"
    found = told(text, most=3)
    assert len(found) == 1
    assert words in found[0]
    with pytest.raises(BuildspecError) as raised:
        read(text, most=3)
    assert str(raised.value) == found[0].rpartition(" | ")[0]
