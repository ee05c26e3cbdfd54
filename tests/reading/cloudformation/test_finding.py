"""Templates are found without mistaking other files for them."""

from __future__ import annotations

from pathlib import Path

from engine.reading.definition import find
from tests.reading.cloudformation.conftest import template


def test_templates_come_after_definitions(tmp_path: Path) -> None:
    files = {
        "template.yaml": template(),
        "cloudformation/ci.template": template(),
        "infra/stack.json": '{"Resources": {"P": {"Type": "AWS::CodePipeline::Pipeline"}}}',
        "infra/network.yaml": "AWSTemplateFormatVersion: '2010-09-09'\nResources: {B: {Type: AWS::S3::Bucket}}\n",
        "docs/guide.yaml": "text: how to write an AWS::CodePipeline::Pipeline\n",
        "policy.json": '{"Version": "2012-10-17", "Statement": [{"Resource": "*"}]}',
        "ci/pipeline.json": '{"pipeline": {"stages": [{"actions": [{"actionTypeId": {}}]}]}}',
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    assert [str(found.relative_to(tmp_path)) for found in find(tmp_path)] == [
        "ci/pipeline.json",
        "template.yaml",
        "cloudformation/ci.template",
        "infra/stack.json",
    ]


def test_a_pipeline_far_down_a_template_is_found(tmp_path: Path) -> None:
    rows = "".join(f"  Queue{number}: {{Type: AWS::SQS::Queue}}\n" for number in range(5000))
    text = template(resources="A: {Type: AWS::SNS::Topic}").replace("Resources:\n", "Resources:\n" + rows)
    assert text.index("CodePipeline::Pipeline") > 128 * 1024
    (tmp_path / "all.yml").write_text(text)
    assert find(tmp_path) == [tmp_path / "all.yml"]
