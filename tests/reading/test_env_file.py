"""`.env` files as other tools read them."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.reading.env_file import load_env, read_env, with_value, write_env

_VALUES = st.characters(exclude_categories=["Cs"], exclude_characters="\0")


def env(folder: Path, text: str) -> dict[str, str]:
    (folder / ".env").write_text(text, encoding="utf-8", newline="")
    return load_env(folder / ".env")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("A=1\nB=two words\n", {"A": "1", "B": "two words"}),
        ("export A=1", {"A": "1"}),
        ("  A = 1  \n", {"A": "1"}),
        ("A=\nB=2", {"A": "", "B": "2"}),
        ("# c\n\n  # d\nA=1 # e\nB=a#b\nC=#\n", {"A": "1", "B": "a#b", "C": ""}),
        ("A='$X \\n # y' # z\n", {"A": "$X \\n # y"}),
        ('A="a\\nb\\t\\"c\\" \\\\ \\$ \\q"\n', {"A": 'a\nb\t"c" \\ $ \\q'}),
        ("A='one\ntwo'\nB=\"three\nfour\"\nC=5\n", {"A": "one\ntwo", "B": "three\nfour", "C": "5"}),
        ("A=1\r\nB=2\r\n", {"A": "1", "B": "2"}),
        ("A=1\nA=2\n", {"A": "2"}),
        ("A=x=y\n", {"A": "x=y"}),
        ("A=it's\n", {"A": "it's"}),
        ("a.b-c=1\n", {"a.b-c": "1"}),
    ],
)
def test_lines(tmp_path: Path, text: str, found: dict[str, str]) -> None:
    assert env(tmp_path, text) == found
    assert read_env(tmp_path / ".env")[1] == []


def test_lines_that_make_no_sense_are_named_but_never_shown(tmp_path: Path) -> None:
    (tmp_path / ".secrets").write_text('A=1\nhunter2\nB="open\nC=3\n')
    found, problems = read_env(tmp_path / ".secrets")
    assert found == {"A": "1", "C": "3"}
    assert [(each.code, each.line) for each in problems] == [("GR406", 2), ("GR406", 3)]
    assert "hunter2" not in "".join(each.render() for each in problems)


def test_a_missing_file_is_empty(tmp_path: Path) -> None:
    assert load_env(tmp_path / ".env") == {}


@given(st.text(alphabet="AB=\"' \n#\\x", max_size=60))
def test_any_text_ends(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    found = env(tmp_path_factory.getbasetemp(), text)
    assert all(name and not set(name) - set("ABx") for name in found), "only what can be a name is one"


@given(
    st.dictionaries(st.from_regex(r"[A-Z][A-Z0-9_]{0,5}", fullmatch=True), st.text(_VALUES, max_size=40), max_size=5),
    st.text(_VALUES, max_size=40),
)
def test_what_is_written_is_read(
    tmp_path_factory: pytest.TempPathFactory, variables: dict[str, str], other: str
) -> None:
    text = "# first\n\nOLD='a\nb' # kept\n"
    for name, value in variables.items():
        text = with_value(with_value(text, name, other), name, value)
    file = tmp_path_factory.mktemp("env") / ".env"
    file.write_text(text, encoding="utf-8", newline="")
    found, problems = read_env(file)
    assert found == {"OLD": "a\nb", **variables}
    assert problems == []
    assert text.startswith("# first\n\nOLD='a\nb' # kept\n")


def test_a_new_file_is_the_users_alone(tmp_path: Path) -> None:
    write_env(tmp_path / ".secrets", "A", "one")
    write_env(tmp_path / ".secrets", "A", "two")
    assert (tmp_path / ".secrets").stat().st_mode & 0o777 == 0o600
    assert load_env(tmp_path / ".secrets") == {"A": "two"}
    assert [file.name for file in tmp_path.iterdir()] == [".secrets"]
