"""Modules that mean no good, and modules that are broken anywhere: always an answer, in time."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.reading.definition import load_text
from engine.reading.terraform.evaluate import MOST_STEPS
from tests.reading.terraform.conftest import Module, pipeline
from tests.reading.terraform.test_pipelines import EVERYTHING


def doubling(first: str, step: str) -> str:
    rows = "".join(f"  a{number + 1} = {step.replace('LAST', f'local.a{number}')}\n" for number in range(60))
    return f"locals {{\n  a0 = {first}\n{rows}}}\n"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(doubling('"xxxxxxxxxx"', '"${LAST}${LAST}"') + pipeline("local.a60"), id="text"),
        pytest.param(doubling("[1, 2]", "concat(LAST, LAST)") + pipeline("length(local.a60)"), id="concat"),
        pytest.param(doubling("[1, 2]", "[LAST, LAST]") + pipeline("jsonencode(local.a60)"), id="nested"),
        pytest.param(doubling("[1, 2]", "[LAST, LAST]") + pipeline('local.a60 == local.a59 ? "a" : "b"'), id="equal"),
        pytest.param(doubling('"x"', 'replace(LAST, "x", "xxxxxxxxxx")') + pipeline("local.a60"), id="replace"),
        pytest.param('module "m" {\n  source = "./."\n  count = 1000\n}\n' + pipeline(), id="itself"),
        pytest.param(pipeline('regex("(.*)(.*)(.*)(.*)(.*)z", "' + "a" * 2000 + '")'), id="regex"),
        pytest.param(pipeline('"a${count.index}"', "count = 1000000000\n"), id="count"),
        pytest.param(pipeline("!" * 500 + "true"), id="not"),
        pytest.param("a {\n" * 1000 + "}\n" * 1000, id="blocks"),
        pytest.param("/*" * 20_000 + "\n", id="comment"),
        pytest.param('a = "' + "${" * 2000 + '"\n', id="unclosed"),
        pytest.param('resource "aws_codepipeline" "x" {\n  a = ["' + "x" * 100_000 + '"]\n}\n', id="large"),
        pytest.param("\x00\x01\ufffe" * 100, id="binary"),
    ],
)
def test_an_answer(module: Module, text: str) -> None:
    loaded = module(text)
    assert loaded.pipelines or loaded.diagnostics
    for found in loaded.diagnostics:
        assert found.render()


def test_a_loop_within_a_loop_is_given_up(module: Module) -> None:
    inner = 'name = "x"\n  } }\n'
    loops = f'dynamic "action" {{ for_each = range(1000)\n content {{ {inner}'
    loaded = module(
        pipeline(more=f'dynamic "stage" {{ for_each = range(1000)\n content {{ name = "s"\n {loops} }} }}\n')
    )
    assert [found.code for found in loaded.diagnostics] == ["GR107"]
    assert MOST_STEPS < 10**6


LINES = EVERYTHING.splitlines(keepends=True)


@given(
    st.lists(st.tuples(st.integers(0, len(LINES) - 1), st.sampled_from(["cut", "twice", "tear", "swap"])), max_size=4)
)
@settings(max_examples=60, deadline=None)
def test_a_mutilated_module_is_read_or_refused(tmp: list[tuple[int, str]]) -> None:
    lines = list(LINES)
    for number, how in tmp:
        line = lines[number]
        lines[number] = {"cut": "", "twice": line * 2, "tear": line[: len(line) // 2], "swap": line[::-1]}[how]
    loaded = load_text("".join(lines), Path("nowhere/at/all/main.tf"))
    assert loaded.pipelines or loaded.diagnostics
    for found in loaded.diagnostics:
        assert found.render()
        assert found.line <= len("".join(lines).splitlines()) + 1
