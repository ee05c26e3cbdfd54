"""Pipelines out of templates run: what stands beside them in the template is used, without a greenroom.yaml."""

from __future__ import annotations

import json
from textwrap import dedent
from typing import Any

import pytest

from engine.execution import requests as rq
from engine.model.status import ActionStatus, ExecutionStatus
from engine.opening import open_project
from engine.session import Options
from tests.engine.place import Place

TEMPLATE = """
Parameters:
  Greeting: {Type: String, Default: hello}
Resources:
  Level:
    Type: AWS::SSM::Parameter
    Properties: {Name: /app/level, Type: String, Value: "eleven"}
  Secret:
    Type: AWS::SecretsManager::Secret
    Properties: {Name: app, SecretString: '{"token": "hush-hush"}'}
  Make:
    Type: AWS::CodeBuild::Project
    Properties:
      TimeoutInMinutes: 7
      Source:
        Type: CODEPIPELINE
        BuildSpec: !Sub |
          version: 0.2
          phases:
            build:
              commands:
              - echo "$GREETING ${AWS::Region} $LEVEL" > made.txt
              - echo "token $TOKEN"
              - test "${!LEVEL}" = eleven
          artifacts: {files: [made.txt]}
      Environment:
        Type: LINUX_CONTAINER
        Image: aws/codebuild/standard:7.0
        ComputeType: BUILD_GENERAL1_SMALL
        EnvironmentVariables:
        - {Name: GREETING, Value: !Ref Greeting}
        - {Name: LEVEL, Type: PARAMETER_STORE, Value: !Ref Level}
        - {Name: TOKEN, Type: SECRETS_MANAGER, Value: !Sub "${AWS::NoValue}app:token"}
  Site: {Type: AWS::S3::Bucket}
  Pipeline:
    Type: AWS::CodePipeline::Pipeline
    Properties:
      Name: shop
      RoleArn: !GetAtt Role.Arn
      ArtifactStore: {Type: S3, Location: !Ref Site}
      Stages:
      - Name: Source
        Actions:
        - Name: Repo
          ActionTypeId: {Category: Source, Owner: AWS, Provider: CodeCommit, Version: 1}
          OutputArtifacts: [{Name: Src}]
          Configuration: {RepositoryName: shop, BranchName: main}
      - Name: Build
        Actions:
        - Name: Make
          ActionTypeId: {Category: Build, Owner: AWS, Provider: CodeBuild, Version: 1}
          InputArtifacts: [{Name: Src}]
          OutputArtifacts: [{Name: Made}]
          Configuration: {ProjectName: !Ref Make}
      - Name: Deploy
        Actions:
        - Name: Site
          ActionTypeId: {Category: Deploy, Owner: AWS, Provider: S3, Version: 1}
          InputArtifacts: [{Name: Made}]
          Configuration: {BucketName: !Ref Site, Extract: true}
  Role: {Type: AWS::IAM::Role}
"""


@pytest.fixture
def templated(place: Place) -> Place:
    (place.directory / "pipeline.json").unlink()
    (place.directory / "greenroom.yaml").unlink()
    (place.directory / "template.yaml").write_text(dedent(TEMPLATE))
    return place


def test_a_template_runs_without_a_project_file(templated: Place) -> None:
    with templated.session() as stage:
        stage.run()
        assert stage.state.latest is not None
        assert stage.state.latest.status is ExecutionStatus.SUCCEEDED
        deployed = next(templated.directory.glob(".greenroom/buckets/*/made.txt"))
        assert deployed.read_text() == "hello us-east-1 eleven\n"
        log = stage.log("Build/Make")
        assert "token ***" in log
        assert "hush-hush" not in log


def test_parameters_and_the_project_file_go_over_the_template(templated: Place) -> None:
    templated.project("region: eu-west-1\nparameters: {/app/level: eleven}\n")
    with templated.session(parameters={"Greeting": "servus"}) as stage:
        stage.run()
        deployed = next(templated.directory.glob(".greenroom/buckets/*/made.txt"))
        assert deployed.read_text() == "servus eu-west-1 eleven\n"
        assert stage.session.opened.project.projects[f"{templated.directory.name}-Make"].timeout_minutes == 7


def test_a_step_that_would_update_the_pipeline_itself_is_shown_and_not_run(templated: Place) -> None:
    file = templated.directory / "template.yaml"
    text = (
        file.read_text()
        .replace("Name: Build\n", "Name: UpdatePipeline\n", 1)
        .replace("- Name: Make", "- Name: SelfMutate")
    )
    text = text.replace("          OutputArtifacts: [{Name: Made}]\n", "").replace("{Name: Made}", "{Name: Src}")
    file.write_text(text)
    with templated.session() as stage:
        stage.run()
        mutation = stage.at("UpdatePipeline/SelfMutate")
        assert mutation.status is ActionStatus.STUBBED
        assert "it would update the pipeline itself" in stage.log("UpdatePipeline/SelfMutate")


def test_a_transition_that_begins_disabled(templated: Place) -> None:
    file = templated.directory / "template.yaml"
    text = file.read_text()
    disabled = "Name: shop\n      DisableInboundStageTransitions: [{StageName: Deploy, Reason: not yet}]\n"
    file.write_text(text.replace("Name: shop\n", disabled, 1))
    with templated.session() as stage:
        assert stage.state.transitions["Deploy"].reason == "not yet"
        assert stage.ask(rq.EnableTransition("Deploy")).ok
    with templated.session() as stage:  # what somebody has set since stays
        assert stage.state.transitions["Deploy"].enabled


def test_a_reload_with_another_default_is_another_definition(templated: Place) -> None:
    options: dict[str, Any] = {"directory": templated.directory}
    before = open_project(Options(**options)).project.projects
    file = templated.directory / "template.yaml"
    file.write_text(file.read_text().replace("Default: hello", "Default: moin"))
    after = open_project(Options(**options)).project.projects
    (one,), (other,) = before.values(), after.values()
    assert json.dumps([one.environment, other.environment]) == '[{"GREETING": "hello"}, {"GREETING": "moin"}]'
