"""Texts as they come: encodings, line ends, broken syntax, hostile files."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.reading.scalars import Plain
from engine.reading.source import Source, parse, read

YAML = "name: müsli\nlist:\n  - a: 1\n    b: [x, 'y']\n"
JSON = '{\n  "name": "m\\u00fcsli",\n  "list": [{"a": 1, "b": ["x", "y"]}]\n}\n'


def written(folder: Path, data: bytes, name: str = "file.yaml") -> Source:
    (folder / name).write_bytes(data)
    return read(folder / name)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize(("text", "name"), [(YAML, "f.yaml"), (JSON, "f.json")], ids=["yaml", "json"])
def test_every_encoding_and_line_end(tmp_path: Path, encoding: str, end: str, text: str, name: str) -> None:
    source = written(tmp_path, text.replace("\n", end).encode(encoding), name)
    assert source.problems == []
    assert source.documents[0].data == {"name": "müsli", "list": [{"a": "1", "b": ["x", "y"]}]}
    place = source.place(0, ("list", 0, "b", 1))
    assert place is not None
    assert place.line == (4 if name == "f.yaml" else 3)


def test_places_of_keys_and_values() -> None:
    for name, text, key, value in (
        ("f.yaml", YAML, (3, 5, 1), (3, 8, 1)),
        ("f.json", JSON, (3, 13, 3), (3, 18, 1)),
    ):
        source = parse(Path(name), text)
        assert source.place(0, ("list", 0, "a"), key=True) == key
        assert source.place(0, ("list", 0, "a")) == value
        assert source.place(0, ("list", 0, "gone", 7)) == source.place(0, ("list", 0))


def test_unquoted_scalars_stay_text() -> None:
    source = parse(Path("f.yaml"), "a: 3.10\nb: yes\nc: 'yes'\nd: ~\ne:\nf: !!str 1\ng: !!int 1\non: 1\n")
    data = source.documents[0].data
    assert data == {"a": "3.10", "b": "yes", "c": "yes", "d": None, "e": None, "f": "1", "g": "1", "on": "1"}
    assert isinstance(data["b"], Plain)
    assert not isinstance(data["c"], Plain)


def test_aliases_and_merges() -> None:
    source = parse(Path("f.yaml"), "base: &b {x: 1, y: 2}\none: {<<: *b, y: 3}\ntwo: {<<: [*b, {z: 4}]}\n")
    data = source.documents[0].data
    assert data["one"] == {"x": "1", "y": "3"}
    assert data["two"] == {"x": "1", "y": "2", "z": "4"}
    assert source.place(0, ("one", "x")) == (1, 14, 1)


@pytest.mark.parametrize(
    ("text", "code", "line", "column"),
    [
        ("a:\n\tb: 1\n", "GR103", 2, 1),
        ("a: [1,\nb: 2\n", "GR103", 1, 4),
        ("a: 'x\n", "GR103", 1, 4),
        ("a: b\nc\n", "GR103", 2, 1),
        ("{a: 1}: b\n? [x]\n: y\n", "GR103", 1, 1),
        ("a: \x07\n", "GR103", 1, 4),
        ("a: {{ name }}\n", "GR115", 1, 4),
        ("a: &x {b: *x}\n", "GR106", 1, 11),
        ("a: !!python/object/apply:os.system [x]\n", "GR108", 1, 4),
        ("a: !Sub x\n", "GR108", 1, 4),
        ("", "GR109", 0, 0),
        ("# nothing\n", "GR109", 0, 0),
        ("---\n---\n", "GR109", 0, 0),
    ],
)
def test_yaml_that_cannot_be_read(text: str, code: str, line: int, column: int) -> None:
    (found,) = parse(Path("f.yaml"), text).problems
    assert (found.code, found.line, found.column) == (code, line, column)


@pytest.mark.parametrize(
    ("text", "code", "line", "column", "hint"),
    [
        ('{"a": 1,}', "GR104", 1, 9, "remove the comma before it"),
        ('{"a": 1\n "b": 2}', "GR104", 2, 2, "a comma is missing before it"),
        ("{'a': 1}", "GR104", 1, 2, "JSON wants double quotes"),
        ('{// x\n"a": 1}', "GR104", 1, 2, "JSON has no comments; YAML has"),
        ('{"a": {{ x }} }', "GR115", 1, 7, "render it, and name what comes out"),
        ('["\\ud83d\\ude00", "\\\\ud83d", "\\ud83d"]', "GR104", 1, 30, "write the character itself, or both halves"),
        (" \n", "GR109", 0, 0, ""),
    ],
)
def test_json_that_cannot_be_read(text: str, code: str, line: int, column: int, hint: str) -> None:
    (found,) = parse(Path("f.json"), text).problems
    assert (found.code, found.line, found.hint) == (code, line, hint)
    assert found.column == column or "comma" in hint  # Python 3.13 points at the comma itself


def test_a_key_given_twice() -> None:
    (found,) = parse(Path("f.yaml"), "a:\n  - b: 1\n    b: 2\n").problems
    assert (found.code, str(found.severity), found.line, found.column) == ("GR105", "error", 3, 5)
    (found,) = parse(Path("f.json"), '{"a": [{"b": 1,\n "b": 2}]}').problems
    assert (found.code, str(found.severity), found.line, found.column) == ("GR105", "warning", 2, 2)


def test_aliases_cannot_blow_up() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    (found,) = parse(Path("f.yaml"), "\n".join(lines)).problems
    assert found.code == "GR106"


@pytest.mark.parametrize("name", ["f.yaml", "f.json"])
def test_depth_has_an_end(name: str) -> None:
    (found,) = parse(Path(name), "[" * 200_000).problems
    assert found.code == "GR107"


def test_binary_and_broken_utf8(tmp_path: Path) -> None:
    (found,) = written(tmp_path, b"name: x\nb: \xff\xfe\n").problems
    assert (found.code, found.line, found.column) == ("GR102", 2, 4)


def test_a_text_may_be_yaml_although_it_looks_like_json() -> None:
    assert parse(Path("f.yaml"), "{a: 1, b: [c]}").documents[0].data == {"a": "1", "b": ["c"]}
    assert parse(Path("f.txt"), "{a: 1}").documents[0].data == {"a": "1"}
    assert parse(Path("f.txt"), '{"a": 1,,}').problems[0].code == "GR104"


def test_a_large_file_is_read_whole() -> None:
    item = "  - {name: x, value: [1, 2, 3], text: 'some words that fill the line up to its end'}\n"
    source = parse(Path("f.yaml"), "list:\n" + item * 10_000)
    assert len(source.documents[0].data["list"]) == 10_000
    assert source.place(0, ("list", 9_999, "name")) == (10_001, 12, 1)


@given(st.binary(max_size=200))
def test_random_bytes_never_raise(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    folder = tmp_path_factory.getbasetemp()
    for name in ("f.yaml", "f.json", "f.txt"):
        source = written(folder, data, name)
        assert source.problems or source.documents


@given(st.text(alphabet=" \n\t-:#'\"[]{},&*!|>?%@`ab1\\<~", max_size=80))
def test_random_yaml_never_raises(text: str) -> None:
    source = parse(Path("f.yaml"), text)
    for found in source.problems:
        found.render()
    for document in source.documents:
        source.place(document.number, ("a", 0, "b"))
