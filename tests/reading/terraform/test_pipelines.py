"""`aws_codepipeline`, every block of it, and its neighbours."""

from __future__ import annotations

from pathlib import Path

from engine.reading.definition import load_text
from engine.reading.export import dump_json, to_aws
from tests.reading.terraform.conftest import BUILD, Module, complaints, pipeline

EVERYTHING = """
resource "aws_codepipeline" "all" {
  name           = "everything"
  role_arn       = "arn:aws:iam::111122223333:role/ci"
  pipeline_type  = "V2"
  execution_mode = "QUEUED"
  tags           = { team = "web" }
  artifact_store {
    location = "bucket-one"
    type     = "S3"
    region   = "us-east-1"
    encryption_key {
      id   = "alias/key"
      type = "KMS"
    }
  }
  artifact_store {
    location = "bucket-two"
    type     = "S3"
    region   = "eu-west-1"
  }
  variable {
    name          = "Level"
    default_value = "3"
    description   = "how much"
  }
  trigger {
    provider_type = "CodeStarSourceConnection"
    git_configuration {
      source_action_name = "Get"
      push {
        branches {
          includes = ["main", "release/*"]
          excludes = ["wip*"]
        }
        file_paths { includes = ["src/**"] }
      }
      pull_request {
        events = ["OPEN", "UPDATED"]
        branches { includes = ["main"] }
      }
    }
  }
  stage {
    name = "Source"
    action {
      name             = "Get"
      category         = "Source"
      owner            = "AWS"
      provider         = "CodeStarSourceConnection"
      version          = "1"
      namespace        = "Src"
      output_artifacts = ["src"]
      configuration = {
        ConnectionArn    = "arn:aws:codestar-connections:us-east-1:111122223333:connection/x"
        FullRepositoryId = "me/app"
        BranchName       = "main"
        DetectChanges    = false
      }
    }
  }
  stage {
    name = "Deploy"
    before_entry {
      condition {
        result = "FAIL"
        rule {
          name = "Window"
          rule_type_id {
            category = "Rule"
            owner    = "AWS"
            provider = "DeploymentWindow"
            version  = "1"
          }
          configuration = { Cron = "* * 9-17 ? * MON-FRI", TimeZone = "UTC" }
        }
      }
    }
    on_failure {
      result = "RETRY"
      retry_configuration { retry_mode = "ALL_ACTIONS" }
    }
    action {
      name               = "Ship"
      category           = "Deploy"
      owner              = "AWS"
      provider           = "S3"
      version            = "1"
      run_order          = 2
      region             = "eu-west-1"
      role_arn           = "arn:aws:iam::111122223333:role/ship"
      timeout_in_minutes = 30
      input_artifacts    = ["src"]
      configuration      = { BucketName = "site-bucket", Extract = "true" }
    }
  }
}
"""


def test_every_block(module: Module) -> None:
    loaded = module(EVERYTHING)
    assert complaints(loaded) == []
    declared = loaded.pipelines[0].declaration
    assert (declared.mode, declared.pipelineType) == ("QUEUED", "V2")
    assert declared.artifactStores is not None
    assert declared.artifactStores["us-east-1"].encryptionKey is not None
    (trigger,) = declared.triggers or ()
    assert trigger.gitConfiguration.model_dump(exclude_none=True) == {
        "sourceActionName": "Get",
        "push": (
            {
                "branches": {"includes": ("main", "release/*"), "excludes": ("wip*",)},
                "filePaths": {"includes": ("src/**",)},
            },
        ),
        "pullRequest": ({"events": ("OPEN", "UPDATED"), "branches": {"includes": ("main",)}},),
    }
    deploy = declared.stage("Deploy")
    assert deploy.beforeEntry is not None
    assert deploy.beforeEntry.conditions[0].rules is not None
    assert deploy.beforeEntry.conditions[0].rules[0].ruleTypeId.provider == "DeploymentWindow"
    assert deploy.onFailure is not None
    assert deploy.onFailure.retryConfiguration is not None
    assert deploy.onFailure.retryConfiguration.retryMode == "ALL_ACTIONS"
    ship = deploy.actions[0]
    assert (ship.runOrder, ship.region, ship.timeoutInMinutes) == (2, "eu-west-1", 30)
    assert declared.stage("Source").actions[0].configuration["DetectChanges"] == "false"
    again = load_text(dump_json(to_aws(declared)), Path("p.json"))
    assert again.pipelines[0].declaration == declared


def test_a_pipeline_without_a_type_is_v1_as_the_provider_makes_it(module: Module) -> None:
    assert module(pipeline()).pipelines[0].declaration.pipelineType == "V1"


def test_old_files_write_maps_like_blocks_and_references_in_quotes(module: Module) -> None:
    old = BUILD.replace("configuration   = { ProjectName = aws_codebuild_project.app.name }",
                        'configuration { ProjectName = "${aws_codebuild_project.app.name}" }')  # fmt: skip
    loaded = module(pipeline('"${var.name}"', old), more='variable "name" { default = "old" }\n')
    (found,) = loaded.pipelines
    assert found.declaration.name == "old"
    assert found.declaration.stages[1].actions[0].configuration == {"ProjectName": "${aws_codebuild_project.app.name}"}


def test_codebuild_projects(module: Module, tmp_path: Path) -> None:
    (tmp_path / "specs").mkdir()
    (tmp_path / "specs/build.yml").write_text("version: 0.2\n")
    loaded = module(
        pipeline(),
        projects="""
            resource "aws_codebuild_project" "app" {
              name          = "app-${local.env}"
              build_timeout = "20"
              environment {
                compute_type    = "BUILD_GENERAL1_SMALL"
                image           = "aws/codebuild/standard:7.0"
                type            = "LINUX_CONTAINER"
                privileged_mode = true
                environment_variable {
                  name  = "LEVEL"
                  value = 3
                }
                environment_variable {
                  name  = "TOKEN"
                  value = "/app/token"
                  type  = "PARAMETER_STORE"
                }
                environment_variable {
                  name  = "KEY"
                  value = "app:key"
                  type  = "SECRETS_MANAGER"
                }
                dynamic "environment_variable" {
                  for_each = { A = "1" }
                  content {
                    name  = environment_variable.key
                    value = environment_variable.value
                  }
                }
              }
              source {
                type      = "CODEPIPELINE"
                buildspec = file("${path.module}/specs/build.yml")
              }
              build_batch_config {
                service_role      = "arn:aws:iam::111111111111:role/batch"
                combine_artifacts = true
                timeout_in_mins   = 30
                restrictions {
                  maximum_builds_allowed = 4
                  compute_types_allowed  = ["BUILD_GENERAL1_SMALL"]
                }
              }
            }
            locals { env = "dev" }
            resource "aws_ssm_parameter" "token" {
              name  = "/app/token"
              type  = "String"
              value = "12345"
            }
        """,
    )
    around = loaded.pipelines[0].surroundings
    project = around.projects["app-dev"]
    assert loaded.pipelines[0].declaration.stages[1].actions[0].configuration == {"ProjectName": "app-dev"}
    assert project.image == "aws/codebuild/standard:7.0"
    assert (project.compute_type, project.privileged, project.timeout_minutes) == ("BUILD_GENERAL1_SMALL", True, 20)
    assert project.environment == {"LEVEL": "3", "A": "1"}
    assert (project.parameter_store, project.secrets_manager) == ({"TOKEN": "/app/token"}, {"KEY": "app:key"})
    assert project.buildspec == "version: 0.2\n"
    assert project.batch is not None
    assert project.batch.model_dump() == {
        "maximum_builds": 4,
        "compute_types": ("BUILD_GENERAL1_SMALL",),
        "timeout_minutes": 30,
        "combine_artifacts": True,
    }
    assert around.parameters == {"/app/token": "12345"}


def test_functions_schedules_webhooks_and_notifications(module: Module, tmp_path: Path) -> None:
    loaded = module(
        pipeline(),
        around="""
            data "archive_file" "code" {
              type        = "zip"
              source_dir  = "${path.module}/lambda"
              output_path = "${path.module}/lambda.zip"
            }
            resource "aws_lambda_function" "check" {
              function_name = "check"
              filename      = data.archive_file.code.output_path
              handler       = "app.handler"
              runtime       = "python3.12"
              timeout       = 30
              environment { variables = { LEVEL = "1" } }
            }
            resource "aws_cloudwatch_event_rule" "nightly" {
              name                = "nightly"
              schedule_expression = "cron(0 3 * * ? *)"
            }
            resource "aws_cloudwatch_event_target" "nightly" {
              rule = aws_cloudwatch_event_rule.nightly.name
              arn  = aws_codepipeline.app.arn
            }
            resource "aws_scheduler_schedule" "weekly" {
              name                         = "weekly"
              schedule_expression          = "rate(7 days)"
              schedule_expression_timezone = "Europe/Vienna"
              target { arn = aws_codepipeline.app.arn }
            }
            resource "aws_codepipeline_webhook" "push" {
              name            = "push"
              authentication  = "GITHUB_HMAC"
              target_action   = "Checkout"
              target_pipeline = aws_codepipeline.app.name
              authentication_configuration { secret_token = "hush-hush" }
              filter {
                json_path    = "$.ref"
                match_equals = "refs/heads/{Branch}"
              }
            }
            resource "aws_codestarnotifications_notification_rule" "failed" {
              name           = "failed"
              resource       = aws_codepipeline.app.arn
              detail_type    = "BASIC"
              event_type_ids = [
                "codepipeline-pipeline-pipeline-execution-failed",
                "codepipeline-pipeline-manual-approval-needed",
                "codepipeline-pipeline-stage-execution-succeeded",
              ]
              target { address = "arn:aws:sns:us-east-1:111122223333:topic" }
            }
        """,
    )
    around = loaded.pipelines[0].surroundings
    function = around.functions["check"]
    assert (function.directory, function.handler) == (str((tmp_path / "lambda").resolve()), "app.handler")
    assert (function.runtime, function.timeout_seconds, function.environment) == ("python3.12", 30, {"LEVEL": "1"})
    assert [(each.name, each.expression, each.time_zone) for each in around.schedules] == [
        ("nightly", "cron(0 3 * * ? *)", "UTC"),
        ("weekly", "rate(7 days)", "Europe/Vienna"),
    ]
    webhook = around.webhooks["push"]
    assert (webhook.authentication, webhook.secret, webhook.target_action) == ("GITHUB_HMAC", "hush-hush", "Checkout")
    assert webhook.filters[0].match_equals == "refs/heads/{Branch}"
    assert around.notifications[0].events == ("pipeline.FAILED", "approval.NEEDED", "stage.SUCCEEDED")


def test_custom_action_types_secrets_and_alarms(module: Module) -> None:
    loaded = module(
        pipeline(),
        around="""
            resource "aws_codepipeline_custom_action_type" "lint" {
              category      = "Test"
              provider_name = "Lint"
              version       = "1"
              input_artifact_details {
                minimum_count = 1
                maximum_count = 2
              }
              output_artifact_details {
                minimum_count = 0
                maximum_count = 0
              }
              configuration_property {
                name     = "Level"
                key      = true
                required = true
                secret   = false
              }
            }
            resource "aws_secretsmanager_secret" "token" { name = "app/token" }
            resource "aws_secretsmanager_secret_version" "token" {
              secret_id     = aws_secretsmanager_secret.token.id
              secret_string = "12345"
            }
            resource "aws_cloudwatch_metric_alarm" "errors" { alarm_name = "errors" }
        """,
    )
    around = loaded.pipelines[0].surroundings
    assert around.action_types["Test/Lint/1"].model_dump() == {
        "required": ("Level",), "optional": (), "secret": (), "inputs": (1, 2), "outputs": (0, 0),
    }  # fmt: skip
    assert around.secrets == {"app/token": "12345"}
    assert around.alarms == {"errors": "OK"}


def test_neighbours_of_another_pipeline_stay_away(module: Module) -> None:
    loaded = module(
        pipeline() + pipeline('"other"', label="other"),
        around="""
            resource "aws_codepipeline_webhook" "push" {
              name            = "push"
              authentication  = "UNAUTHENTICATED"
              target_action   = "Checkout"
              target_pipeline = aws_codepipeline.other.name
              filter { json_path = "$.ref" }
            }
        """,
    )
    assert [list(each.surroundings.webhooks) for each in loaded.pipelines] == [[], ["push"]]


PLAN = """{
  "format_version": "1.2", "terraform_version": "1.9.0",
  "planned_values": {"root_module": {"child_modules": [{"address": "module.ci", "resources": [
    {"address": "module.ci.aws_codepipeline.p", "mode": "managed", "type": "aws_codepipeline", "name": "p", "values": {
      "name": "planned", "pipeline_type": "V1", "execution_mode": "SUPERSEDED", "trigger": [], "tags": null,
      "artifact_store": [{"encryption_key": [], "location": "my-artifacts", "region": "", "type": "S3"}],
      "stage": [
        {"name": "Source", "before_entry": [], "action": [{"name": "Get", "category": "Source", "owner": "AWS",
          "provider": "S3", "version": "1", "input_artifacts": null, "output_artifacts": ["src"], "run_order": 1,
          "namespace": "", "role_arn": null, "configuration": {"S3Bucket": "b-b", "S3ObjectKey": "k.zip"}}]},
        {"name": "Build", "action": [{"name": "Make", "category": "Build", "owner": "AWS", "provider": "CodeBuild",
          "version": "1", "input_artifacts": ["SRC"], "configuration": {"ProjectName": "app"}}]}]}},
    {"address": "module.ci.aws_codebuild_project.b", "mode": "managed", "type": "aws_codebuild_project", "name": "b",
      "values": {"name": "app", "build_timeout": 15, "environment": [{"image": "aws/codebuild/standard:7.0",
        "environment_variable": [{"name": "A", "value": "${not a template}", "type": "PLAINTEXT"}]}]}}]}]}},
  "resource_changes": [{"address": "module.ci.aws_codepipeline.p", "change": {"after_unknown": {"role_arn": true,
    "stage": [{"action": [{"configuration": {"S3Bucket": true}}]}, {"action": [{"configuration": {}}]}]}}}]
}"""


def test_a_plan_is_read_exactly(tmp_path: Path) -> None:
    loaded = load_text(PLAN.replace('"SRC"', '"src"'), tmp_path / "plan.json")
    assert complaints(loaded) == []
    (found,) = loaded.pipelines
    assert (found.declaration.name, found.form, found.local) == ("planned", "terraform", False)
    assert found.declaration.stages[0].actions[0].configuration == {
        "S3Bucket": "${known after apply}",
        "S3ObjectKey": "k.zip",
    }
    assert found.surroundings.projects["app"].environment == {"A": "${not a template}"}
    assert found.surroundings.projects["app"].timeout_minutes == 15


def test_a_problem_in_a_plan_has_its_line(tmp_path: Path) -> None:
    (problem,) = load_text(PLAN, tmp_path / "plan.json").diagnostics
    assert (problem.code, problem.line) == ("GR326", 12)
    assert PLAN.splitlines()[11][problem.column - 1 :].startswith('"SRC"')


def test_a_state_is_read_too(tmp_path: Path) -> None:
    state = PLAN.replace("planned_values", "values").replace('"SRC"', '"src"')
    assert [each.declaration.name for each in load_text(state, tmp_path / "state.json").pipelines] == ["planned"]
    nothing = '{"format_version": "1.0", "terraform_version": "1.9"}'
    for empty in (nothing, '{"format_version": "1.0", "values": {"root_module": {}}}'):
        assert [each.code for each in load_text(empty, tmp_path / "state.json").diagnostics] == ["GR113"]
