"""How long values may be: as they are written for a definition, as they resolve for a run."""

from __future__ import annotations

from pathlib import Path

from engine.ends import ended
from engine.model.status import ActionStatus, ExecutionStatus
from engine.providers.contract import Outcome
from tests.engine.place import Place, action, commands


def test_a_resolved_configuration_may_be_longer_than_a_written_one_but_not_endless(tmp_path: Path) -> None:
    place = Place(tmp_path / "project")
    place.write(a_txt="a\n")
    long = 'LONG=$(printf "%0900d" 7)'

    def build(times: int) -> None:
        text = "#{Made.LONG}" * times
        assert len(text) <= 1000  # what is written
        place.define(
            ("Source", [action("Source:Src > S")]),
            (
                "Build",
                [
                    commands("Compute:Make S", long, outputVariables=["LONG"], namespace="Made"),
                    action("Deploy:Ship@2 S", configuration={"BucketName": "site", "Extract": "true", "Note": text}),
                ],
            ),
        )

    build(80)
    with place.session() as stage:
        stage.run()
        shipped = stage.at("Build/Ship")
        assert shipped.prepared is not None
        assert len(shipped.prepared.configuration["Note"]) == 72_000
    long = 'LONG=$(printf "%01400d" 7)'
    build(83)
    with place.session() as stage:
        stage.run()
        latest = stage.state.latest
        assert latest is not None
        assert latest.status is ExecutionStatus.FAILED
        failure = stage.at("Build/Ship").failure
        assert failure is not None
        assert "AWS takes 102400 at most" in failure.message


def test_an_action_that_says_too_much_of_itself_has_failed() -> None:
    fine = ended("a", Outcome(ActionStatus.SUCCEEDED, variables={"K": "v" * 122_879}))
    assert fine.status is ActionStatus.SUCCEEDED
    much = ended("a", Outcome(ActionStatus.SUCCEEDED, variables={"K": "v" * 122_880}))
    assert much.status is ActionStatus.FAILED
    assert much.failure is not None
    assert "OutputVariablesSizeExceededException" in much.failure.message
