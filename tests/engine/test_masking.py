"""What is recorded holds no secret, and what is no secret stays what it is."""

from __future__ import annotations

from engine.execution import events as ev
from engine.execution.codec import decode
from engine.execution.explain import reasons
from engine.masking import masked, recordable
from engine.model.outcome import Part
from engine.model.status import ActionStatus
from tests.engine.place import Place, action, commands

TREE = "5432" + "0" * 60


def test_a_secret_that_happens_to_be_in_a_digest_leaves_it_alone() -> None:
    ended = ev.ActionEnded("id-5432", ActionStatus.SUCCEEDED, {"Out": TREE}, {"PORT": "5432"}, summary="on 5432")
    found = masked(ended, ("5432",))
    assert found == ev.ActionEnded("id-5432", ActionStatus.SUCCEEDED, {"Out": TREE}, {"PORT": "***"}, summary="on ***")


def test_a_secret_that_looks_like_a_digest_is_masked() -> None:
    ended = ev.ActionEnded("id", ActionStatus.SUCCEEDED, variables={"KEY": TREE})
    assert masked(ended, (TREE,)) == ev.ActionEnded("id", ActionStatus.SUCCEEDED, variables={"KEY": "***"})


def test_words_of_the_program_are_no_secrets() -> None:
    prepared = ev.ActionPrepared("id", TREE, "effect", (Part("input", "S", TREE), Part("env", "MODE", "effect")))
    event, body = recordable(prepared, ("effect", "input", "finish", "restart", "ActionPrepared"))
    assert decode(body) == event
    assert isinstance(event, ev.ActionPrepared)
    assert event.kind == "effect"
    assert event.parts == (Part("input", "S", TREE), Part("env", "MODE", "***"))


def test_what_people_say_is_masked_too() -> None:
    assert masked(ev.ApprovalDecided("id", True, "with hunter2"), ("hunter2",)).summary == "with ***"  # type: ignore[union-attr]
    assert masked(ev.StopRequested("id", True, "hunter2!"), ("hunter2",)).reason == "***!"  # type: ignore[union-attr]


def test_an_unchanged_secret_is_no_reason(place: Place) -> None:
    place.define(("Source", [action("Source:Src > S")]), ("Build", [commands("Compute:Only S", "cat a.txt")]))
    place.project("")
    (place.directory / ".gitignore").write_text(".env\n")
    (place.directory / ".env").write_text("STAGE=production\n")
    with place.session() as stage:
        stage.run()
        place.write(a_txt="changed\n")
        stage.run()
        assert reasons(stage.state, stage.at("Build/Only")) == ["input S changed: a.txt"]
    (place.directory / ".env").write_text("STAGE=development\n")
    with place.session() as stage:
        stage.run()
        assert reasons(stage.state, stage.at("Build/Only")) == ["env STAGE *** -> ***"]
