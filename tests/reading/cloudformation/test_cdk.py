"""What CDK synthesises."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from engine.reading.definition import find, load
from tests.reading.cloudformation.conftest import ROLE


def action(name: str, category: str, provider: str, **more: Any) -> dict[str, Any]:
    kind = {"Category": category, "Owner": "AWS", "Provider": provider, "Version": "1"}
    return {"Name": name, "ActionTypeId": kind, **more}


def stack() -> dict[str, Any]:
    source = action(
        "Repo",
        "Source",
        "CodeCommit",
        OutputArtifacts=[{"Name": "Src"}],
        Configuration={"RepositoryName": "r", "BranchName": "main"},
    )
    inputs = {"InputArtifacts": [{"Name": "Src"}]}
    mutate = action("SelfMutate", "Build", "CodeBuild", Configuration={"ProjectName": {"Ref": "Mutation"}}, **inputs)
    asset = action("FileAsset1", "Build", "CodeBuild", Configuration={"ProjectName": {"Ref": "Assets"}}, **inputs)
    smoke = action("Smoke", "Test", "CodeBuild", Configuration={"ProjectName": "smoke"}, **inputs)
    stages = [
        {"Name": "Source", "Actions": [source]},
        {"Name": "UpdatePipeline", "Actions": [mutate]},
        {"Name": "Assets", "Actions": [asset]},
        {"Name": "Prod", "Actions": [smoke]},
    ]
    code = {"S3Bucket": {"Fn::Sub": "cdk-assets-${AWS::AccountId}-${AWS::Region}"}, "S3Key": "abc123.zip"}
    function = {"Code": code, "Handler": "index.handler", "Runtime": "nodejs20.x"}
    return {
        "Parameters": {"BootstrapVersion": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/cdk/version"}},
        "Resources": {
            "Mutation": {"Type": "AWS::CodeBuild::Project", "Properties": {}},
            "Assets": {"Type": "AWS::CodeBuild::Project", "Properties": {}},
            "Hello": {"Type": "AWS::Lambda::Function", "Properties": {**function, "FunctionName": "hello"}},
            "Noted": {
                "Type": "AWS::Lambda::Function",
                "Properties": {**function, "FunctionName": "noted", "Code": {"S3Bucket": "b", "S3Key": "k"}},
                "Metadata": {"aws:asset:path": "asset.def456", "aws:asset:property": "Code"},
            },
            "Pipeline": {
                "Type": "AWS::CodePipeline::Pipeline",
                "Properties": {
                    "RoleArn": ROLE,
                    "ArtifactStore": {"Type": "S3", "Location": "store"},
                    "Stages": stages,
                },
            },
        },
    }


def synthesised(directory: Path) -> Path:
    out = directory / "cdk.out"
    (out / "asset.abc123").mkdir(parents=True)
    (out / "asset.abc123" / "pipeline.json").write_text('{"pipeline": {"stages": []}}')
    (out / "manifest.json").write_text('{"version": "36.0.0", "artifacts": {}}')
    files = {"abc123": {"source": {"path": "asset.abc123", "packaging": "zip"}}, "odd": {"source": {}}}
    (out / "Shop.assets.json").write_text(json.dumps({"version": "36.0.0", "files": files}))
    (out / "Broken.assets.json").write_text("{")
    (out / "Shop.template.json").write_text(json.dumps(stack()))
    (out / "Other.template.json").write_text('{"Resources": {"T": {"Type": "AWS::SNS::Topic"}}}')
    return out


def test_the_output_is_found_and_nothing_else_of_it(tmp_path: Path) -> None:
    out = synthesised(tmp_path)
    assert find(tmp_path) == [out / "Shop.template.json"]


def test_assets_are_folders_beside_the_template(tmp_path: Path) -> None:
    out = synthesised(tmp_path)
    (found,) = load(out / "Shop.template.json").pipelines
    assert found.form == "cdk"
    assert found.declaration.name == "Shop-Pipeline"
    functions = found.surroundings.functions
    assert functions["hello"].directory == str(out.resolve() / "asset.abc123")
    (out / "Shop.assets.json").write_text(json.dumps({"files": {"abc123": {"source": {"path": "asset.new"}}}}))
    (again,) = load(out / "Shop.template.json").pipelines  # after another synthesis
    assert again.surroundings.functions["hello"].directory == str(out.resolve() / "asset.new")
    assert functions["noted"].directory == str(out.resolve() / "asset.def456")


def test_steps_that_would_change_the_account_are_told_apart(tmp_path: Path) -> None:
    (found,) = load(synthesised(tmp_path) / "Shop.template.json").pipelines
    actions = found.surroundings.actions
    assert set(actions) == {"UpdatePipeline/SelfMutate", "Assets/FileAsset1"}
    assert "cdk deploy" in (actions["UpdatePipeline/SelfMutate"].skip or "")
