"""The evidence of an approval in a pipeline that really runs, and undoing what `why` names."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.evidence.approval import gather
from engine.evidence.deployment import Here
from engine.evidence.nearest import nearest
from engine.evidence.question import question
from engine.execution import requests as rq
from engine.execution.counterfactual import told
from engine.runners.tracing import obstacle
from engine.sealed import store_of
from tests.engine.place import Place, commands
from tests.execution.pipelines import action


def test_evidence_and_the_way_back(tmp_path: Path) -> None:
    place = Place(tmp_path)
    deploy = {"BucketName": "site", "Extract": "true", "ObjectKey": "v1"}
    place.define(
        ("Source", [action("Source:Src > S")]),
        ("Build", [commands("Compute:Make S > Out", "mkdir -p ../o; cp words.txt page.txt; rm -rf noise")]),
        ("Review", [action("Approval:Ask")]),
        ("Deploy", [action("Deploy:Ship Out", configuration=deploy)]),
    )
    place.write(words_txt="one\n", noise__readme_txt="1")
    with place.session() as stage:
        stage.run(approve=("all",))
        place.write(words_txt="one\ntwo\n", noise__readme_txt="2")
        stage.ask(rq.Start())
        stage.until(lambda state: state.approvals())
        run = stage.state.approvals()[0]
        store = store_of(tmp_path / ".greenroom")
        asked = question(stage.state, run)
        assert (asked.since, asked.number, asked.place) == (1, 2, "Review/Ask")
        assert asked.expires_at - asked.waits_since == 7 * 24 * 3600
        found = gather(store, asked, Here(tmp_path, tmp_path / ".greenroom", stage.session.project))
        assert {file.path for file in found.sources["Src"].files} == {"words.txt", "noise/readme.txt"}
        assert {"page.txt", "words.txt"} <= {file.path for file in found.artifacts["Out"].files}
        assert found.deployments[0].words.startswith("2 overwritten")
        assert stage.ask(rq.Approve("Review/Ask", True, "", "ada")).ok
        stage.until(lambda state: not state.active)
        otherwise = nearest(store, stage.state, stage.at("Build/Make"), stage.session.project)
        assert otherwise is not None and "noise/readme.txt and words.txt to what they were in #1" in told(otherwise)
        place.write(words_txt="one\n", noise__readme_txt="1")
        stage.run(approve=("all",))
        assert stage.at("Build/Make").reused_from == otherwise.source


@pytest.mark.skipif(bool(obstacle()), reason=obstacle() or "traces")
def test_of_observed_inputs_only_what_was_read_has_to_be_undone(tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.define(("Source", [action("Source:Src > S")]), ("Build", [commands("Compute:Make S", "cat a.txt lib/*")]))
    place.project("inputs: observed\n")
    place.write(a_txt="a\n", b_txt="b\n", lib__one="1\n", docs__x="x\n")
    with place.session() as stage:
        stage.run()
        place.write(a_txt="other\n", b_txt="other\n", docs__x="other\n", lib__two="2\n")
        assert "Build/Make" in stage.run()
        otherwise = nearest(
            store_of(tmp_path / ".greenroom"), stage.state, stage.at("Build/Make"), stage.session.project
        )
        assert otherwise is not None and otherwise.conditions[0].paths == ("a.txt", "lib/two")
        place.write(a_txt="a\n")
        (tmp_path / "lib" / "two").unlink()
        assert "Build/Make" not in stage.run() and stage.at("Build/Make").reused_from == otherwise.source
