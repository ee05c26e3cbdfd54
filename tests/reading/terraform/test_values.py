"""What Terraform's expressions are worth, and what stays a symbol."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.reading.problem import Unreadable
from engine.reading.terraform.evaluate import Budget, Scope
from engine.reading.terraform.functions import Files
from engine.reading.terraform.hcl import read_hcl
from engine.reading.terraform.values import Symbol, Value


def value(text: str, **names: Value) -> Value:
    scope = Scope({"unknown": Symbol("${unknown}"), **names}, Files(Path(), lambda text, values: text), Budget())
    return scope.value(read_hcl(f"value = {text}\n").settings["value"].value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 + 2 * 3 - 4", 3),
        ("7 % 3 == 1 && !(2 > 3)", True),
        ("10 -3", 7),
        ("!!true", True),
        ("-(2)", -2),
        ('"a" == "a" ? "yes" : "no"', "yes"),
        ('1 == "1"', False),
        ('"${1 + 1}-${true}-$${x}-%%{y}"', "2-true-${x}-%{y}"),
        ('"%{ if true }a%{ else }b%{ endif }%{ for x in ["c", "d"] ~} ${x} %{~ endfor }"', "acd"),
        ('"tab\\t\\"quoted\\" \\u00e9"', 'tab\t"quoted" é'),
        ("<<EOT\nline ${1 + 1}\n  \"kept\" \\n\nEOT\n", 'line 2\n  "kept" \\n\n'),
        ("<<-EOT\n    one\n      two\n    EOT\n", "one\n  two\n"),
        ('{ a = 1, "b" = 2, (upper("c")) = 3 }', {"a": 1, "b": 2, "C": 3}),
        ("[for s in [\"a\", \"b\"] : upper(s) if s != \"a\"]", ["B"]),
        ("{ for k, v in { x = 1, y = 2 } : v => k }", {"1": "x", "2": "y"}),
        ('{ for s in ["ab", "ac", "b"] : substr(s, 0, 1) => s... }', {"a": ["ab", "ac"], "b": ["b"]}),
        ('[{ n = 1 }, { n = 2 }][*].n', [1, 2]),
        ('[{ n = [1] }, { n = [2] }].*.n[0]', [1]),
        ('{ a = { b = [5] } }.a["b"][0]', 5),
        ('format("%s-%03d-%.1f%%", "a", 7, 2.25)', "a-007-2.2%"),
        ('join(",", concat(["a"], ["b"]))', "a,b"),
        ('split("-", "a-b")', ["a", "b"]),
        ('replace("a.b", ".", "-")', "a-b"),
        ('replace("abc", "/b+/", "x")', "axc"),
        ('merge({ a = 1 }, null, { a = 2, b = 3 })', {"a": 2, "b": 3}),
        ('lookup({ a = 1 }, "b", 9)', 9),
        ('element(["a", "b"], 3)', "b"),
        ('length({ a = 1 }) + length("abc") + length([])', 4),
        ('jsonencode({ b = [1, true, null], a = "<x>" })', '{"a":"\\u003cx\\u003e","b":[1,true,null]}'),
        ('jsondecode("{\\"a\\": [1]}").a[0]', 1),
        ('yamldecode("a: {b: 1}").a.b', 1),
        ('coalesce("", null, "x")', "x"),
        ('try({ a = 1 }.b, [1][5], "otherwise")', "otherwise"),
        ('can({ a = 1 }.b)', False),
        ('tostring(5)', "5"),
        ('keys({ b = 1, a = 2 })', ["a", "b"]),
        ('values({ b = 1, a = 2 })', [2, 1]),
        ('flatten([["a"], [["b"]]])', ["a", "b"]),
        ('distinct(["a", "b", "a"])', ["a", "b"]),
        ('toset(["b", "a", "b"])', ["a", "b"]),
        ('{ for k, v in toset(["a"]) : k => v }', {"a": "a"}),
        ('zipmap(["a"], [1])', {"a": 1}),
        ('contains(["a"], "a")', True),
        ('range(1, 4)', [1, 2, 3]),
        ('one([])', None),
        ('trimprefix(trimspace(" v1 "), "v")', "1"),
        ('regex("([a-z]+)-([0-9]+)", "ab-12")', ["ab", "12"]),
        ('base64decode(base64encode("hi"))', "hi"),
        ('max([1, 5]...)', 5),
        ('index(["a", "b"], "b")', 1),
        ('basename("a/b.yml")', "b.yml"),
    ],
)  # fmt: skip
def test_worth(text: str, expected: Value) -> None:
    assert value(text) == expected


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("unknown.x", "${unknown.x}"),
        ('"a-${unknown.x}-b"', "a-${unknown.x}-b"),
        ("unknown(1)", "${unknown(1)}"),
        ('unknown.x == "a"', '${unknown.x == "a"}'),
        ('unknown.x ? 1 : 2', "${unknown.x ? 1 : 2}"),
        ('[1][7]', "${[1][7]}"),
        ('1 / 0', "${1 / 0}"),
        ('format("%s/%s", unknown.x, "b")', "${unknown.x}/b"),
        ('join("-", ["a", unknown.x])', "a-${unknown.x}"),
        ('jsonencode({ a = unknown.x })', '{"a":"${unknown.x}"}'),
        ('upper(unknown.x)', "${upper(unknown.x)}"),
    ],
)  # fmt: skip
def test_unknown(text: str, shown: str) -> None:
    assert value(text) == Symbol(shown)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("unknown.x && false", False),
        ("unknown.x || true", True),
        ("unknown.x ? 3 : 3", 3),
        ("merge(unknown.x, { a = 1 })", {"a": 1}),
        ('concat(unknown.x, ["a"])', ["a"]),
        ("length([unknown.x])", 1),
    ],
)
def test_what_is_known_all_the_same(text: str, expected: Value) -> None:
    assert value(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "[for a in range(1000) : [for b in range(1000) : [for c in range(1000) : a]]]",
        'regex("(a+)+$", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!")',
        'join("", [for a in range(999) : replace("xxxx", "x", join("", [for b in range(900) : "0123456789"]))])',
        "range(1000000000)",
        'format("%999999999s", "a")',
        "1e30 * 1e30 * 1e30",
    ],
)
def test_no_expression_takes_forever(text: str) -> None:
    try:
        assert isinstance(value(text), (Symbol, list, int, str))
    except Unreadable as verdict:
        assert "end" in verdict.message


@given(st.recursive(st.integers(-99, 99).map(str), lambda inner: st.tuples(inner, st.sampled_from("+-*"), inner).map(
    lambda parts: f"({parts[0]} {parts[1]} {parts[2]})"), max_leaves=12))  # fmt: skip
@settings(max_examples=60, deadline=None)
def test_arithmetic_is_as_in_python(text: str) -> None:
    assert value(text) == eval(text)


@given(st.text('"\\${}%~[]()<>=!&|?:.,#/*abc01 \n', max_size=40))
@settings(max_examples=150, deadline=None)
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        read_hcl(f"value = {text}\n")
    except Unreadable as verdict:
        assert verdict.message
        assert verdict.code.startswith("GR1")
