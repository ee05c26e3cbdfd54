"""A buildspec may lie in S3: in the folder that stands in for the bucket."""

from __future__ import annotations

import pytest

from engine.model.project import ProjectFile
from tests.providers.kit import Kit, spec

ARN = "arn:aws:s3:::specs/team/buildspec.yml"


@pytest.mark.parametrize("mapped", [True, False])
def test_it_is_read_from_the_folder_of_the_bucket(kit: Kit, mapped: bool) -> None:
    folder = kit.folder / "ours" if mapped else kit.folder / "state" / "buckets" / "specs"
    project = ProjectFile(buckets={"specs": "ours"} if mapped else {})
    configuration = {"ProjectName": "web", "BuildspecOverride": ARN}
    job = kit.job(inputs={"Source": kit.tree(a="of the source\n")}, configuration=configuration, project=project)
    outcome = kit.run(job)
    assert outcome.failure
    assert "YAML file does not exist" in outcome.failure.message
    assert str(folder / "team/buildspec.yml") in outcome.failure.hint
    before = kit.identify(job)
    (folder / "team").mkdir(parents=True)
    (folder / "team/buildspec.yml").write_text(spec(build={"commands": ["cat a"]}))
    assert kit.run(job).failure is None
    assert kit.output() == ["of the source"]
    assert kit.identify(job) != before


@pytest.mark.parametrize("arn", ["arn:aws:s3:::specs", "arn:aws:s3:::specs/../x", "arn:aws:lambda:::x"])
def test_other_arns_are_refused(kit: Kit, arn: str) -> None:
    outcome = kit.build("", configuration={"ProjectName": "web", "BuildspecOverride": arn})
    assert outcome.failure
    assert "is no object in S3" in outcome.failure.message
