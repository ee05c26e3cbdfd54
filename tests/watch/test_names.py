"""Names of files that nobody saved on purpose."""

from __future__ import annotations

import pytest

from engine._watching.names import litter, temporary

WORK = [
    *("main.py", "template.yaml", "temperature.csv", "a~b", "#notes", ".env", ".swan", "4914", "sedan.txt", "x.lock"),
    *("buildspec.yml", ".gitignore", "Makefile", "index.tmpl", "tmp", "attempt", ".eslintrc.json", "package-lock.json"),
]


@pytest.mark.parametrize("name", WORK)
def test_work_is_reported_at_once(name: str) -> None:
    assert not litter(name)
    assert not temporary(name)


@pytest.mark.parametrize(
    "name",
    [".#main.py", "#main.py#", "main.py~", ".main.py.swp", ".main.py.swx", "4913", "main.py___jb_tmp___", ".DS_Store"],
)
def test_litter_is_never_reported(name: str) -> None:
    assert litter(name)


@pytest.mark.parametrize("name", ["main.py.tmp", "main.py.tmp.4711", "tmpab12cd", "sedAbC123", ".main.py.Xy12Zz"])
def test_what_may_be_renamed_is_waited_for(name: str) -> None:
    assert temporary(name)
    assert not litter(name)
