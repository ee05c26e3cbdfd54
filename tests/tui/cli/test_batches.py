"""Batches on the command line: validate, plan, run, status, logs, shell, reports, build."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.shell_completion import CompletionItem

from tests.tui.cli.conftest import Command
from tui.cli import checkup_docker, completing
from tui.cli.commands.logs import command as logs
from tui.cli.settings import Settings

BUILDSPEC = """\
version: 0.2
batch:
  build-graph:
    - identifier: lint
    - identifier: unit
      depend-on: [lint]
    - identifier: docs
      ignore-failure: true
    - identifier: pack
      depend-on: [unit]
phases:
  build:
    commands:
      - echo "this is $CODEBUILD_BATCH_BUILD_IDENTIFIER"
      - test ! -e no-$CODEBUILD_BATCH_BUILD_IDENTIFIER
artifacts: {files: buildspec.yml}
"""
TEMPLATE = """\
Resources:
  Project:
    Type: AWS::CodeBuild::Project
    Properties: {Name: web}
  Pipeline:
    Type: AWS::CodePipeline::Pipeline
    Properties:
      Name: demo
      RoleArn: arn:aws:iam::111111111111:role/r
      ArtifactStore: {Type: S3, Location: bucket}
      Stages:
        - Name: Source
          Actions:
            - Name: Source
              ActionTypeId: {Category: Source, Owner: AWS, Provider: CodeCommit, Version: "1"}
              Configuration: {RepositoryName: a, BranchName: main}
              OutputArtifacts: [{Name: Src}]
        - Name: Build
          Actions:
            - Name: Batch
              ActionTypeId: {Category: Build, Owner: AWS, Provider: CodeBuild, Version: "1"}
              Configuration: {ProjectName: !Ref Project, BatchEnabled: "true"}
              InputArtifacts: [{Name: Src}]
              OutputArtifacts: [{Name: lint}, {Name: Everything}]
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A directory with a pipeline whose only build is a batch."""
    (tmp_path / "pipeline.yaml").write_text(TEMPLATE)
    (tmp_path / "buildspec.yml").write_text(BUILDSPEC)
    (tmp_path / "no-docs").touch()
    return tmp_path


def test_validate_and_plan_know_the_builds(greenroom: Command, place: Path) -> None:
    done = greenroom("validate", "-C", place)
    assert done.code == 0
    assert (
        "warning[GR502]: output artifact Everything of Build/Batch: no build is called so (lint, unit, docs, …)"
        in done.err
    )
    assert "warning[GR503]: Build/Batch starts batches of web, which has no batch configuration" in done.err
    planned = greenroom("plan", "-C", place)
    assert "batch of 4 builds (build-graph): lint, unit, docs, pack" in planned.out
    told = json.loads(greenroom("plan", "-C", place, "--json").out)
    assert told["actions"][1]["builds"] == ["lint", "unit", "docs", "pack"]
    (place / "buildspec.yml").write_text(BUILDSPEC.replace("[unit]", "[unti]"))
    bad = greenroom("validate", "-C", place)
    assert bad.code == 2
    assert f"{place / 'buildspec.yml'}:9:5: error[GR501]: batch of Build/Batch: pack depends on unti" in bad.err
    assert "Did you mean unit?" in bad.err
    assert "a batch that CodeBuild would refuse: greenroom validate says why" in greenroom("plan", "-C", place).out
    (place / "greenroom.yaml").write_text("projects: {web: {batch: {maximum-builds: 2}}}")
    (place / "buildspec.yml").write_text(BUILDSPEC)
    assert "the batch has 4 builds, and 2 are allowed" in greenroom("validate", "-C", place).err


def test_a_run_and_all_that_looks_at_it(greenroom: Command, place: Path) -> None:
    (place / "no-unit").touch()
    done = greenroom("run", "-C", place, "--json", "--junit", "junit.xml", "--jobs", "1")
    assert done.code == 1
    told = [event for event in done.events if event["event"] == "build-changed"]
    last = {event["build"]["identifier"]: event["build"]["status"] for event in told}  # type: ignore[index]
    assert last == {"lint": "SUCCEEDED", "unit": "FAILED", "docs": "FAILED", "pack": "STOPPED"}
    assert "✘ Build/Batch/unit" in done.err
    assert "⊘ Build/Batch/docs" in done.err
    assert "■ Build/Batch/pack" in done.err
    assert "not run: unit did not pass" in done.err
    assert "│ this is unit" in done.err  # the log of the build that failed says why
    suites = ElementTree.parse(place / "junit.xml").getroot()
    cases = {case.get("name"): [part.tag for part in case] for case in suites.iter("testcase")}
    assert cases["unit"] == ["failure"]
    assert cases["lint"] == ["system-out"]
    assert cases["docs"] == ["skipped", "system-out"]
    assert cases["pack"] == ["skipped"]
    status = greenroom("status", "-C", place).out
    assert "  Build/Batch/unit  ✘ failed" in status
    assert "  Build/Batch/docs  ⊘ failed, ignored" in status
    actions = json.loads(greenroom("status", "-C", place, "--json").out)["actions"]
    assert [build["identifier"] for build in actions[1]["builds"]] == ["lint", "unit", "docs", "pack"]
    graph = greenroom("graph", "-C", place, "--status").out
    assert all(name in graph for name in ("lint", "unit", "docs", "pack"))
    picture = ElementTree.fromstring(greenroom("graph", "-C", place, "--status", "--format", "svg").out)
    told = [each.text for each in picture.iter("{http://www.w3.org/2000/svg}title")]
    assert "docs: failed, ignored 0" in " ".join(filter(None, told))
    assert "pack: not run" in told
    assert "this is unit\n" in greenroom("logs", "-C", place, "Build/Batch/unit").out
    assert "this is lint\n" in greenroom("logs", "-C", place, "Batch/lint").out
    assert "Build unit: FAILED" in greenroom("logs", "-C", place, "Batch").out
    whole = greenroom("logs", "-C", place).out
    assert "==> Build/Batch <==" in whole
    assert "==> Build/Batch/docs <==" in whole
    assert "this is unit\n" in greenroom("logs", "-C", place, "-f", "Batch/unit").out
    assert greenroom("logs", "-C", place, "--path", "Batch/unit").out.endswith("Build.Batch.1.unit.log\n")
    unknown = greenroom("logs", "-C", place, "Build/Batch/unitt")
    assert "Did you mean unit?" in unknown.err
    assert "Source/Source is no batch" in greenroom("logs", "-C", place, "Source/Source/x").err
    assert greenroom("snapshot", "-C", place, "-o", place / "page.html").code == 0
    page = (place / "page.html").read_text()
    assert "this is unit" in page
    assert page.count("<details") >= 5
    assert [item.value for item in _completed(place, "Batch/u")] == ["Build/Batch/unit"]
    (place / "no-unit").unlink()
    assert greenroom("run", "-C", place).code == 0


def test_build_runs_the_batch_a_part_of_it_or_the_plain_build(greenroom: Command, place: Path) -> None:
    done = greenroom("build", "-C", place, "--artifacts", "made")
    assert done.code == 0, done.err
    assert "lint | this is lint\n" in done.out
    assert "Build pack: SUCCEEDED" in done.out
    assert "⊘ docs" in done.err
    assert sorted(path.name for path in (place / "made").iterdir()) == ["lint", "pack", "unit"]
    one = greenroom("build", "-C", place, "--only", "pack")
    assert one.code == 0
    assert "unit |" not in one.out
    assert "pack | this is pack\n" in one.out
    plain = greenroom("build", "-C", place, "--plain")
    assert "this is \n" in plain.out
    assert "Did you mean pack?" in greenroom("build", "-C", place, "--only", "pakc").err
    (place / "no-lint").touch()
    failed = greenroom("build", "-C", place)
    assert failed.code == 1
    assert "Failed builds: lint." in failed.err
    assert failed.err.partition("\n  once it is mended")[0].endswith("log.lint")
    assert "greenroom shell" not in failed.err


def test_doctor_knows_the_images_of_builds(place: Path) -> None:
    (place / "greenroom.yaml").write_text("runner: docker\n")
    named = BUILDSPEC.replace("- identifier: unit", "- identifier: unit\n      env: {image: 'python:3.12'}")
    (place / "buildspec.yml").write_text(named)
    told = [wish.image for wish in checkup_docker._wanted(Settings(directory=place))]
    assert told == ["aws/codebuild/amazonlinux-x86_64-standard:5.0", "python:3.12"]


def _completed(place: Path, incomplete: str) -> list[CompletionItem]:
    """What the shell offers for `greenroom logs` there."""
    context = logs.make_context("logs", ["-C", str(place)])
    return completing.builds(context, logs.params[0], incomplete)
