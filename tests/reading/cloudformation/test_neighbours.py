"""What stands beside the pipeline in its template, in greenroom.yaml's words."""

from __future__ import annotations

from pathlib import Path

from engine.model.project import BatchSettings, ProjectFile
from tests.reading.cloudformation.conftest import STAGES, pipeline, read, template

PROJECT = """
    Make:
      Type: AWS::CodeBuild::Project
      Properties:
        Name: !Sub "${AWS::StackName}-make"
        TimeoutInMinutes: 10
        Source:
          Type: CODEPIPELINE
          BuildSpec: !Sub |
            version: 0.2
            phases: {build: {commands: ["echo ${!HOME} ${AWS::Region}"]}}
        Environment:
          Image: aws/codebuild/standard:7.0
          ComputeType: BUILD_GENERAL1_SMALL
          PrivilegedMode: true
          EnvironmentVariables:
          - {Name: PLAIN, Value: !Ref AWS::Region}
          - {Name: KEY, Type: PARAMETER_STORE, Value: /app/key}
          - {Name: TOKEN, Type: SECRETS_MANAGER, Value: "app:token"}
          - !If [Never, {Name: GONE, Value: x}, !Ref AWS::NoValue]
        BuildBatchConfig:
          ServiceRole: arn:aws:iam::111111111111:role/batch
          CombineArtifacts: true
          TimeoutInMins: 30
          Restrictions: {MaximumBuildsAllowed: 4, ComputeTypesAllowed: [BUILD_GENERAL1_SMALL, !Ref AWS::NoValue]}
    Plain:
      Type: AWS::CodeBuild::Project
      Properties: {Source: {BuildSpec: ci/buildspec.yml}}
    Gone:
      Type: AWS::CodeBuild::Project
      Condition: Never
"""
BEFORE = "Conditions: {Never: !Equals [a, b]}"


def around(resources: str, properties: str = "Name: shop", before: str = BEFORE) -> ProjectFile:
    stages = STAGES.replace("ProjectName: make", "ProjectName: !Ref Make") if "Make:" in resources else STAGES
    found = pipeline(template(properties, stages=stages, resources=resources, before=before))
    surroundings: ProjectFile = found.surroundings
    return surroundings


def test_codebuild_projects() -> None:
    found = around(PROJECT).projects
    assert set(found) == {"shop-make", "shop-Plain"}
    make = found["shop-make"]
    assert (make.image, make.compute_type, make.privileged) == (
        "aws/codebuild/standard:7.0",
        "BUILD_GENERAL1_SMALL",
        True,
    )
    assert make.timeout_minutes == 10
    assert make.environment == {"PLAIN": "us-east-1"}
    assert make.parameter_store == {"KEY": "/app/key"}
    assert make.secrets_manager == {"TOKEN": "app:token"}
    assert make.buildspec is not None
    assert "echo ${HOME} us-east-1" in make.buildspec
    assert found["shop-Plain"].buildspec == "ci/buildspec.yml"
    assert make.batch == BatchSettings(
        combine_artifacts=True, timeout_minutes=30, maximum_builds=4, compute_types=("BUILD_GENERAL1_SMALL",)
    )
    assert found["shop-Plain"].batch is None
    bare = PROJECT.replace("Properties: {Source", "Properties: {BuildBatchConfig: {ServiceRole: r}, Source")
    assert around(bare).projects["shop-Plain"].batch == BatchSettings()


def test_the_action_names_the_project_by_reference() -> None:
    stages = STAGES.replace("ProjectName: make", "ProjectName: !Ref Make")
    declared = pipeline(template(stages=stages, resources=PROJECT, before=BEFORE)).declaration
    assert declared.stages[1].actions[0].configuration == {"ProjectName": "shop-make"}


def test_lambda_functions() -> None:
    found = around(
        """
        Local:
          Type: AWS::Serverless::Function
          Properties:
            FunctionName: local
            CodeUri: src/hello
            Handler: app.handler
            Environment: {Variables: {A: "1"}}
        Inline:
          Type: AWS::Lambda::Function
          Properties:
            FunctionName: inline
            Handler: index.handler
            Runtime: nodejs20.x
            Timeout: 30
            Code:
              ZipFile: |
                exports.handler = async () => {}
        Elsewhere:
          Type: AWS::Lambda::Function
          Properties: {Code: {S3Bucket: b, S3Key: k.zip}, Handler: a.b, Runtime: python3.12}
        """,
        before="""
        Transform: AWS::Serverless-2016-10-31
        Globals: {Function: {Runtime: python3.12, Timeout: 20, Environment: {Variables: {B: "2"}}}}
        """,
    ).functions
    assert set(found) == {"local", "inline"}
    local, inline = found["local"], found["inline"]
    assert local.directory == str(Path("project/src/hello").resolve())
    assert (local.handler, local.runtime, local.timeout_seconds) == ("app.handler", "python3.12", 20)
    assert local.environment == {"A": "1", "B": "2"}
    assert (inline.runtime, inline.timeout_seconds, inline.environment) == ("nodejs20.x", 30, {})
    assert inline.code == "exports.handler = async () => {}\n"


def test_parameters_secrets_and_alarms() -> None:
    found = around(
        """
        Level: {Type: AWS::SSM::Parameter, Properties: {Name: /app/level, Type: String, Value: !Ref AWS::Region}}
        Open: {Type: AWS::SSM::Parameter, Properties: {Name: /app/open, Value: !ImportValue elsewhere}}
        Secret: {Type: AWS::SecretsManager::Secret, Properties: {Name: app, SecretString: '{"a":"b"}'}}
        Errors: {Type: AWS::CloudWatch::Alarm, Properties: {AlarmName: errors}}
        """
    )
    assert found.parameters == {"/app/level": "us-east-1"}
    assert found.secrets == {"app": '{"a":"b"}'}
    assert found.alarms == {"errors": "OK"}


def test_what_starts_the_pipeline() -> None:
    found = around(
        """
        Nightly:
          Type: AWS::Events::Rule
          Properties:
            ScheduleExpression: rate(1 day)
            Targets: [{Arn: !Sub "arn:aws:codepipeline:${AWS::Region}:${AWS::AccountId}:${Pipeline}", Id: a}]
        Off:
          Type: AWS::Events::Rule
          Properties:
            State: DISABLED
            ScheduleExpression: rate(1 hour)
            Targets: [{Arn: !Sub "arn:aws:codepipeline:${AWS::Region}:${AWS::AccountId}:${Pipeline}", Id: a}]
        Other:
          Type: AWS::Events::Rule
          Properties:
            ScheduleExpression: rate(1 hour)
            Targets: [{Arn: "arn:aws:codepipeline:us-east-1:000000000000:other", Id: a}]
        Weekly:
          Type: AWS::Scheduler::Schedule
          Properties:
            Name: weekly
            ScheduleExpression: cron(0 8 ? * MON *)
            ScheduleExpressionTimezone: Europe/Vienna
            Target:
              Arn: arn:aws:scheduler:::aws-sdk:codepipeline:startPipelineExecution
              Input: !Sub '{"Name": "${Pipeline}", "Variables": [{"Name": "STAGE", "Value": "prod"}]}'
        Hook:
          Type: AWS::CodePipeline::Webhook
          Properties:
            Name: push
            Authentication: GITHUB_HMAC
            AuthenticationConfiguration: {SecretToken: hush-hush}
            Filters: [{JsonPath: $.ref, MatchEquals: "refs/heads/{Branch}"}]
            TargetPipeline: !Ref Pipeline
            TargetAction: Repo
            TargetPipelineVersion: !GetAtt Pipeline.Version
        """
    )
    assert [(each.name, each.expression, each.time_zone) for each in found.schedules] == [
        ("shop-Nightly", "rate(1 day)", "UTC"),
        ("weekly", "cron(0 8 ? * MON *)", "Europe/Vienna"),
    ]
    assert found.schedules[1].variables == {"STAGE": "prod"}
    (hook,) = found.webhooks.values()
    assert (hook.authentication, hook.secret, hook.target_action) == ("GITHUB_HMAC", "hush-hush", "Repo")
    assert [(row.json_path, row.match_equals) for row in hook.filters] == [("$.ref", "refs/heads/{Branch}")]


def test_who_hears_of_it() -> None:
    found = around(
        """
        Topic: {Type: AWS::SNS::Topic}
        Rule:
          Type: AWS::CodeStarNotifications::NotificationRule
          Properties:
            EventTypeIds: [codepipeline-pipeline-pipeline-execution-failed]
            Resource: !Sub "arn:aws:codepipeline:${AWS::Region}:${AWS::AccountId}:${Pipeline}"
            Targets: [{TargetType: SNS, TargetAddress: !Ref Topic}]
        Events:
          Type: AWS::Events::Rule
          Properties:
            EventPattern:
              source: [aws.codepipeline]
              detail-type: ["CodePipeline Stage Execution State Change"]
              detail: {state: [FAILED, SUCCEEDED], pipeline: [!Ref Pipeline]}
            Targets: [{Arn: !Ref Topic, Id: topic}]
        Push:
          Type: AWS::Events::Rule
          Properties:
            EventPattern: {source: [aws.codecommit]}
            Targets: [{Arn: !Ref Topic, Id: topic}]
        """
    )
    assert [(each.events, each.to) for each in found.notifications] == [
        (("codepipeline-pipeline-pipeline-execution-failed",), ("bell",)),
        (("stage.FAILED", "stage.SUCCEEDED"), ("bell",)),
    ]


def test_custom_action_types_are_checked_as_declared() -> None:
    resources = """
        Kind:
          Type: AWS::CodePipeline::CustomActionType
          Properties:
            Category: Test
            Provider: Fuzz
            Version: "2"
            InputArtifactDetails: {MinimumCount: 1, MaximumCount: 1}
            OutputArtifactDetails: {MinimumCount: 0, MaximumCount: 0}
            ConfigurationProperties:
            - {Name: Seed, Key: true, Required: true, Secret: false}
            - {Name: Token, Key: false, Required: false, Secret: true}
    """
    action = """
- Name: Fuzz
  Actions:
  - Name: Fuzz
    ActionTypeId: {Category: Test, Owner: Custom, Provider: Fuzz, Version: 2}
    InputArtifacts: [{Name: Src}]
    Configuration: {Seed: 1}
"""
    found = pipeline(template(stages=STAGES + action, resources=resources))
    kind = found.surroundings.action_types["Test/Fuzz/2"]
    assert (kind.required, kind.optional, kind.secret) == (("Seed",), ("Token",), ("Token",))
    broken = template(stages=STAGES + action.replace("Seed: 1", "Sead: 1"), resources=resources)
    codes = [each.code for each in read(broken).diagnostics]
    assert codes == ["GR314", "GR315"]
    fewer = template(stages=STAGES + action.replace("    InputArtifacts: [{Name: Src}]\n", ""), resources=resources)
    assert [each.code for each in read(fewer).diagnostics] == ["GR313"]
