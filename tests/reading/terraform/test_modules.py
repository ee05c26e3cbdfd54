"""Modules: where values come from, what is written out, who calls whom."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from engine.model.diagnostics import Severity
from engine.reading.definition import load
from engine.reading.given import Given
from tests.reading.terraform.conftest import BUILD, SOURCE, Module, complaints, pipeline


def test_values_come_from_defaults_files_and_the_command_line(module: Module, tmp_path: Path) -> None:
    files = {
        "variables": """
            variable "name" { default = "from-default" }
            variable "branch" { type = string }
            variable "deep" {
              type    = object({ size = number, tag = optional(string, "latest") })
              default = { size = 3 }
            }
            locals {
              full = "${var.name}-${var.branch}-${var.deep.size}-${local.tag}"
              tag  = lower(upper(var.deep.tag))
            }
        """,
        "terraform.tfvars": 'branch = "main"\n',
        "more.auto.tfvars": 'branch = "trunk"\n',
    }
    text = pipeline("local.full")
    assert module(text, **files).pipelines[0].declaration.name == "from-default-trunk-3-latest"
    given = Given(parameters={"name": "mine", "deep": '{ size = "5", tag = "v1" }'})
    assert module(text, given, **files).pipelines[0].declaration.name == "mine-trunk-5-v1"
    (tmp_path / "prod.tfvars").write_text('name = "prod"\n')
    given = Given(files=(tmp_path / "prod.tfvars",))
    assert module(text, given, **files).pipelines[0].declaration.name == "prod-trunk-3-latest"


def test_values_that_nothing_takes_are_named(module: Module, tmp_path: Path) -> None:
    files = {"variables": 'variable "branch" { default = "main" }\n'}
    (said,) = module(pipeline(), Given(parameters={"brnach": "x", "other": "y"}), **files).diagnostics
    assert (said.code, said.severity, said.hint) == ("GR121", Severity.WARNING, "is 'branch' meant?")
    missing = module(pipeline(), Given(files=(tmp_path / "none.tfvars",)), **files)
    assert [(found.code, found.severity) for found in missing.diagnostics] == [("GR121", Severity.ERROR)]


def test_dynamic_blocks_count_and_for_each(module: Module) -> None:
    stages = """
      dynamic "stage" {
        for_each = [for name in var.names : { name = name } if name != "skipped"]
        iterator = each_stage
        content {
          name = "Deploy-${each_stage.value.name}"
          dynamic "action" {
            for_each = toset(["b", "a"])
            content {
              name            = "${action.key}-${each_stage.key}"
              category        = "Build"
              owner           = "AWS"
              provider        = "CodeBuild"
              version         = "1"
              run_order       = each_stage.key + 1
              input_artifacts = ["src"]
              configuration   = { ProjectName = aws_codebuild_project.build[each.key].name }
            }
          }
        }
      }
    """
    loaded = module(
        pipeline('"app-${each.key}"', "  for_each = { dev = 1, prod = 2 }\n" + stages),
        projects="""
            variable "names" { default = ["one", "skipped", "two"] }
            resource "aws_codebuild_project" "build" {
              for_each = toset(["dev", "prod"])
              name     = "build-${each.value}"
            }
        """,
    )
    assert complaints(loaded) == []
    assert [each.declaration.name for each in loaded.pipelines] == ["app-dev", "app-prod"]
    first = loaded.pipelines[0].declaration
    assert [stage.name for stage in first.stages] == ["Source", "Deploy-one", "Deploy-two"]
    assert [(action.name, action.runOrder) for action in first.stages[2].actions] == [("a-1", 2), ("b-1", 2)]
    assert first.stages[1].actions[0].configuration == {"ProjectName": "build-dev"}


def test_a_called_module_is_read_with_its_callers_values(module: Module, tmp_path: Path) -> None:
    module(
        """
        module "ci" {
          source   = "./modules/ci"
          for_each = { dev = "develop", prod = "main" }
          name     = "app-${each.key}"
          branch   = each.value
        }
        """,
        modules__ci__main=pipeline('"${var.name}-${var.branch}"'),
        modules__ci__variables='variable "name" {}\nvariable "branch" {}\n',
    )
    inner = tmp_path / "modules/ci/main.tf"
    loaded = load(inner)
    assert [each.declaration.name for each in loaded.pipelines] == ["app-dev-develop", "app-prod-main"]
    assert loaded.diagnostics == ()
    assert {each.file for each in loaded.pipelines} == {inner}
    through = load(tmp_path / "main.tf")
    assert [each.declaration for each in through.pipelines] == [each.declaration for each in loaded.pipelines]


def test_a_module_that_several_roots_call(module: Module, tmp_path: Path) -> None:
    call = 'module "ci" {\n  source = "../../modules/ci"\n  name = "%s"\n}\n'
    module(
        "# nothing\n",
        modules__ci__main=pipeline("var.name"),
        modules__ci__variables='variable "name" {}\n',
        envs__dev__main=call % "dev",
        envs__prod__main=call % "prod",
    )
    os.mkfifo(tmp_path / "envs" / "pipe.tf")  # nobody writes to it: whoever reads it waits for ever
    assert [each.declaration.name for each in load(tmp_path / "modules/ci/main.tf").pipelines] == ["dev", "prod"]


def test_a_pipeline_knows_the_files_that_it_is_made_of(module: Module, tmp_path: Path) -> None:
    (tmp_path / "name.txt").write_text("from-file")
    files = {"locals": 'locals { name = file("${path.module}/name.txt") }\n', "terraform.tfvars": 'branch = "main"\n'}
    (found,) = module(pipeline('"${local.name}-${var.branch}"'), **files).pipelines
    assert found.declaration.name == "from-file-main"
    names = ["main.tf", "locals.tf", "name.txt", "terraform.tfvars"]
    assert [file.name for file in found.files] == names
    assert {file.parent for file in found.files} == {tmp_path}


def test_what_two_roots_call_alike_is_the_first_ones(module: Module, tmp_path: Path) -> None:
    call = 'module "ci" {\n  source = "../modules/ci"\n  branch = "%s"\n}\n'
    inner = pipeline().replace('"main"', "var.branch")
    module("# nothing\n", modules__ci__main=inner, dev__main=call % "develop", prod__main=call % "trunk")
    loaded = load(tmp_path / "modules/ci/main.tf")
    assert [each.declaration.stages[0].actions[0].configuration["BranchName"] for each in loaded.pipelines] == [
        "develop"
    ]
    (said,) = loaded.diagnostics
    assert said.message == "pipeline app is read as dev uses this module, not as prod does"
    assert load(tmp_path / "prod/main.tf").pipelines[0].declaration.stages[0].actions[0].configuration == {
        "RepositoryName": "app",
        "BranchName": "trunk",
    }


def test_outputs_of_modules_and_data_of_the_account(module: Module) -> None:
    text = pipeline('"${module.names.full}-${data.aws_region.current.name}"', BUILD).replace(
        "arn:aws:iam::111122223333:role/ci", "arn:${data.aws_partition.p.partition}:iam::${local.account}:role/ci"
    )
    loaded = module(
        text,
        Given(region="eu-west-1", account="123456789012"),
        others="""
            module "names" { source = "./names" }
            data "aws_region" "current" {}
            data "aws_partition" "p" {}
            data "aws_caller_identity" "me" {}
            locals { account = data.aws_caller_identity.me.account_id }
        """,
        names__main='output "full" { value = "full" }\n',
    )
    assert loaded.pipelines[0].declaration.name == "full-eu-west-1"
    assert loaded.pipelines[0].declaration.roleArn == "arn:aws:iam::123456789012:role/ci"


def test_what_is_not_known_is_named_once_and_never_complained_of(module: Module) -> None:
    loaded = module(
        pipeline('"${var.prefix}-app"').replace('"arn:aws:iam::111122223333:role/ci"', "aws_iam_role.ci.arn")
        + pipeline("module.label.id", label="second").replace('"my-artifacts"', "aws_s3_bucket.x.bucket")
    )
    assert complaints(loaded) == []
    assert [each.declaration.name for each in loaded.pipelines] == ["var.prefix-app", "module.label.id"]
    (advice,) = loaded.diagnostics
    assert (advice.severity, advice.line, advice.code) == (Severity.ADVICE, 2, "GR120")
    assert "--parameter prefix=VALUE" in advice.hint


def test_an_unknown_number_of_stages_of_an_unknown_kind(module: Module) -> None:
    loaded = module(
        pipeline(
            more="""
            dynamic "stage" {
              for_each = var.stages
              content {
                name = "Stage-${stage.value["name"]}"
                action {
                  name             = stage.value["name"]
                  category         = stage.value["category"]
                  owner            = stage.value["owner"]
                  provider         = stage.value["provider"]
                  version          = "1"
                  run_order        = index(var.stages, stage.value) + 2
                  input_artifacts  = [stage.value["input"]]
                  output_artifacts = [stage.value["output"]]
                  configuration    = { ProjectName = stage.value["project"], PrimarySource = stage.value["input"] }
                }
              }
            }
            """
        )
    )
    assert complaints(loaded) == []
    action = loaded.pipelines[0].declaration.stages[1].actions[0]
    assert [artifact.name for artifact in action.inputArtifacts] == ["src"]
    assert str(action.actionTypeId) == "Build/Custom/stage-value-provider/1"


def test_a_module_that_makes_nothing_by_itself_is_shown_as_if_it_were_used(module: Module) -> None:
    text = pipeline(more="  count = var.on ? 1 : 0\n" + BUILD)
    files = {"variables": 'variable "on" { default = false }\n'}
    loaded = module(text, **files)
    assert complaints(loaded) == []
    assert [each.declaration.name for each in loaded.pipelines] == ["app"]
    assert "depends on var.on ? 1 : 0" in loaded.diagnostics[0].message
    assert module(text, Given(parameters={"on": "true"}), **files).diagnostics == ()
    alone = pipeline(
        more=BUILD.replace("stage {", 'dynamic "stage" {\n for_each = var.s\n content {').strip() + "\n}\n"
    )
    assert complaints(module(alone, variables='variable "s" { default = [] }\n')) == []


def test_a_count_of_nothing_makes_nothing_beside_others(module: Module) -> None:
    loaded = module(pipeline() + pipeline('"other"', "  count = 0\n" + BUILD, label="other"))
    assert [each.declaration.name for each in loaded.pipelines] == ["app"]


def test_defaults_that_are_nothing_stand_for_what_somebody_gives(module: Module) -> None:
    build = BUILD.replace("{ ProjectName = aws_codebuild_project.app.name }", "merge({ A = var.project }, var.more)")
    loaded = module(
        pipeline("var.name", build.replace('"CodeBuild"', "var.provider").replace('category        = "Build"', "")),
        variables="".join(
            f'variable "{name}" {{ default = {nothing} }}\n'
            for name, nothing in (("name", '""'), ("provider", "null"), ("project", "null"), ("more", "{}"))
        ),
    )
    assert [each.code for each in loaded.diagnostics if each.severity is Severity.ERROR] == []
    build = BUILD.replace("{ ProjectName = aws_codebuild_project.app.name }", "{ ProjectName = var.project }")
    loaded = module(pipeline(more=build), variables='variable "project" { default = null }\n')
    assert complaints(loaded) == []
    assert loaded.pipelines[0].declaration.stages[1].actions[0].configuration == {"ProjectName": "${var.project}"}


def test_alternatives_of_which_nobody_knows_the_right_one(module: Module) -> None:
    either = """
      pipeline_type = "V2"
      dynamic "trigger" {
        for_each = var.kind == "git" ? [1] : []
        content {
          provider_type = "CodeStarSourceConnection"
          git_configuration {
            source_action_name = "Checkout"
            push { branches { includes = ["main"] } }
          }
        }
      }
      stage {
        name = "Deploy"
        dynamic "action" {
          for_each = var.kind == "a" ? [1] : []
          content {
            name            = "Deploy"
            category        = "Deploy"
            owner           = "AWS"
            provider        = "S3"
            version         = "1"
            input_artifacts = ["src"]
            configuration   = { BucketName = "bucket", Extract = "true" }
          }
        }
        dynamic "action" {
          for_each = var.kind == "b" ? [1] : []
          content {
            name      = "Deploy"
            category  = "Approval"
            owner     = "AWS"
            provider  = "Manual"
            version   = "1"
          }
        }
      }
    """
    loaded = module(pipeline(more=either))
    assert complaints(loaded) == []
    declared = loaded.pipelines[0].declaration
    assert [action.name for action in declared.stages[1].actions] == ["Deploy", "Deploy-2"]
    assert declared.triggers is None
    known = module(pipeline(more=either), Given(parameters={"kind": "a"}))
    assert [action.name for action in known.pipelines[0].declaration.stages[1].actions] == ["Deploy"]


def test_a_token_that_the_provider_takes_from_the_environment(module: Module) -> None:
    source = (
        pipeline().replace('owner            = "AWS"', 'owner = "ThirdParty"', 1).replace("CodeCommit", "GitHub", 1)
    )
    source = source.replace('RepositoryName = "app"', 'Owner = "me"\n Repo = "app"').replace("BranchName", "Branch")
    assert complaints(module(source)) == []


def test_names_in_quotes_as_in_old_files(module: Module) -> None:
    loaded = module(
        pipeline(more=BUILD.replace("configuration   = { ProjectName =", 'configuration { "ProjectName" ='))
    )
    assert loaded.pipelines[0].declaration.stages[1].actions[0].configuration["ProjectName"]


def test_a_cycle_is_unknown(module: Module) -> None:
    loaded = module(pipeline("local.a"), locals="locals {\n  a = local.b\n  b = local.a\n}\n")
    assert loaded.pipelines[0].declaration.name.startswith("local.")


def test_a_module_that_calls_itself(module: Module) -> None:
    loaded = module(pipeline() + 'module "again" { source = "./." }\n')
    assert {each.declaration.name for each in loaded.pipelines} == {"app"}


def test_the_json_syntax(module: Module, tmp_path: Path) -> None:
    module("# empty\n")
    (tmp_path / "ci.tf.json").write_text(
        """{"variable": {"name": {"default": "app"}},
        "resource": {"aws_codepipeline": {"p": {
          "name": "${var.name}-json",
          "role_arn": "arn:aws:iam::111122223333:role/ci",
          "artifact_store": [{"type": "S3", "location": "my-artifacts"}],
          "stage": [
            {"name": "Source", "action": [{"name": "Get", "category": "Source", "owner": "AWS", "provider": "S3",
              "version": "1", "output_artifacts": ["src"], "configuration": {"S3Bucket": "b-b", "S3ObjectKey": "k"}}]},
            {"name": "Approve", "action": [{"name": "Ok", "category": "Approval", "owner": "AWS", "provider": "Manual",
              "version": "1", "runn_order": 2}]}
          ]}}}}"""
    )
    loaded = load(tmp_path / "ci.tf.json")
    assert [each.declaration.name for each in loaded.pipelines] == ["app-json"]
    assert [(found.code, found.line) for found in loaded.diagnostics] == [("GR202", 10)]


@pytest.mark.parametrize(
    ("broken", "line", "message"),
    [
        ('resource "aws_codepipeline" "x" {\n  name = "a"\n', 2, "the file ends"),
        ('resource "aws_codepipeline" "x" {\n  name = = 3\n}\n', 2, "'= 3'"),
        pytest.param("a = " + "[" * 2000 + "]" * 2000, 0, "nested too deep", id="deep"),
        ('resource "aws_codepipeline" "x" {\n  name = "never closed\n}\n', 2, "not closed"),
        ("locals {}\n", 1, "no pipeline"),
    ],
)
def test_what_cannot_be_read_is_said_with_its_line(module: Module, broken: str, line: int, message: str) -> None:
    loaded = module(broken)
    (found,) = loaded.diagnostics
    assert message in found.message
    assert line in (0, found.line)


def test_what_looks_like_blocks_in_comments_and_heredocs(module: Module) -> None:
    text = f"""
/*
{pipeline('"commented"')}
{pipeline('"commented-too"')}
*/
locals {{
  text = <<EOF
{pipeline('"quoted"')}
resource "x" "y" {{
EOF
}}
{pipeline('"real"')}
"""
    loaded = module(text)
    assert [each.declaration.name for each in loaded.pipelines] == ["real"]
    assert loaded.diagnostics == ()


def test_a_broken_neighbour_is_a_warning(module: Module) -> None:
    loaded = module(pipeline("local.b"), other="locals {\n  a = = 1\n}\n")
    assert len(loaded.pipelines) == 1
    assert ["other.tf, line 2" in found.message for found in loaded.diagnostics] == [True]


def test_directives_in_a_broken_module_make_it_no_template_of_another_tool(module: Module) -> None:
    loaded = module('locals {\n  a = "%{ if true }x%{ endif }"\n}\n' + pipeline(more=""))
    assert [found.code for found in loaded.diagnostics] == ["GR301"]


def test_problems_are_where_they_were_written(module: Module) -> None:
    text = pipeline(more=BUILD.replace('["src"]', '["nothing"]').replace('"CodeBuild"', '"CodeBuid"'))
    lines = text.splitlines()
    found = {each.code: each.line for each in module(text).diagnostics}
    assert lines[found["GR326"] - 1].strip() == 'input_artifacts = ["nothing"]'
    assert "CodeBuid" in lines[found["GR312"] - 1]


def test_a_source_stage_alone_is_still_refused(module: Module) -> None:
    loaded = module(pipeline(more=""))
    assert [each.code for each in loaded.diagnostics if each.severity is Severity.ERROR] != []
    assert SOURCE
