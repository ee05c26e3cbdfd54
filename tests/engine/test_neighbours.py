"""Two pipelines of one directory: one journal, one store, and what one puts somewhere the other one must notice."""

from __future__ import annotations

import json

from engine.execution.explain import reasons
from engine.session import Reader
from tests.engine.place import Place


def test_a_target_that_another_pipeline_changed_is_applied_again(place: Place) -> None:
    file = place.directory / "pipeline.json"
    other = json.loads(file.read_text())
    other["pipeline"]["name"] = "other"
    (place.directory / "second.json").write_text(json.dumps(other))
    with place.session(file=file) as stage:
        stage.run(approve=("all",))
    place.write(a_txt="z\n")
    with place.session(file=place.directory / "second.json") as stage:
        stage.run(approve=("all",))
        assert (place.directory / "out/dist/made.txt").read_text() == "Z\n"
    place.write(a_txt="a\n")
    with place.session(file=file) as stage:
        assert "Deploy/Ship" in stage.run(approve=("all",))
        assert (place.directory / "out/dist/made.txt").read_text() == "A\n"
        assert reasons(stage.state, stage.at("Deploy/Ship")) == ["s3:site/ holds something else now"]
    with place.session(file=file) as stage:
        assert "Deploy/Ship" not in stage.run(approve=("all",))
    assert Reader(place.directory / ".greenroom").pipelines() == ["demo", "other"]
