"""What running actions are at, by the ends of their logs."""

from __future__ import annotations

from pathlib import Path

from tests.tui.script import building
from tests.tui.test_panes import store_of
from tui.doing import Doing


def test_the_last_command_of_each_log_without_what_a_terminal_would_obey(tmp_path: Path) -> None:
    script = building()
    store, doing = store_of(script, "Build", "Unit", tmp_path), Doing()
    assert store.link is not None and doing.of(store) == {}, "there is no log yet"
    log = store.link.log(script.id("Unit"))
    log.parent.mkdir(exist_ok=True)
    log.write_bytes(b"[Container] 2026/09/21 Running command make\n" + b"x" * 9000 + b"\n")
    assert doing.of(store) == {}, "only the end of a log is looked at"
    with log.open("ab") as more:
        more.write(b"[Container] 2026/09/21 Running command pytest \x1b[31m-q\x07\xff\n[Container] Phase complete\n")
    assert doing.of(store) == {("Build", "Unit"): "pytest -q�"}
    with log.open("ab") as more:
        more.write(b"y" * 9000)
    assert doing.of(store) == {("Build", "Unit"): "pytest -q�"}, "it is still at that"
    log.unlink()
    assert doing.of(store) == {("Build", "Unit"): "pytest -q�"}
