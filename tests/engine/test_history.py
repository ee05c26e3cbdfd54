"""Checkpoints: a shortcut that never changes what is true."""

from __future__ import annotations

import pytest

from engine import history
from engine.execution import trim as trimming
from engine.session import Reader
from tests.engine.place import Place


def test_a_checkpoint_shortens_the_start_and_hides_only_what_is_old(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "DUE", 10)
    monkeypatch.setattr(history.trim, "__kwdefaults__", {"executions": 2, "runs": 1000, "results": 100})
    for number in range(4):
        place.write(b_txt=f"b {number}\n")
        with place.session() as stage:
            stage.run(approve=("all",))
    reader = Reader(place.directory / ".greenroom")
    assert [e.number for e in reader.state("demo").executions.values()][-2:] == [3, 4]
    assert len(reader.state("demo").executions) < 4
    assert [e.number for e in reader.state("demo", whole=True).executions.values()] == [1, 2, 3, 4]
    with place.session() as stage:
        assert stage.run() == []
        assert "tr a-z" in stage.log("Build/Make")
    assert trimming.EXECUTIONS == 100


def test_a_spoiled_checkpoint_is_no_harm(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "DUE", 1)
    with place.session() as stage:
        stage.run(approve=("all",))
    (checkpoint,) = (place.directory / ".greenroom/checkpoints").iterdir()
    seq, _, rest = checkpoint.read_bytes().partition(b" ")
    of_another_journal = b"%d " % (int(seq) - 1) + rest.replace(b"Succeeded", b"Failed")
    for spoiled in (b"{", seq + b" 0.0 0\n{}", seq + b" " + rest[: len(rest) // 2], of_another_journal):
        checkpoint.write_bytes(spoiled)
        with place.session() as stage:
            assert stage.run() == []


def test_a_small_cap_drops_old_results_and_logs_but_never_the_newest(place: Place) -> None:
    place.project("max-size: 1KB\nbuckets: {site: out}\n")
    with place.session() as stage:
        for number in range(5):
            place.write(a_txt=f"a {number} " * 3000)
            stage.run(approve=("all",))
    with place.session() as stage:
        assert stage.run() == []  # what the newest run made is still there
        first = next(a for a in stage.state.actions.values() if a.stage == "Build" and a.action == "Make")
        assert first.evicted
        assert not stage.session.log(first.id).exists()
