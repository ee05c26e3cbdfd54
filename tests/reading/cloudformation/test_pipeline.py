"""A pipeline in a template becomes the pipeline that AWS makes of it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.reading.cloudformation.conftest import ROLE, STAGES, pipeline, read, template


def configuration(found: Any, stage: int = 0, action: int = 0) -> dict[str, str]:
    return dict(found.declaration.stages[stage].actions[action].configuration)


def test_pascal_case_becomes_the_long_form() -> None:
    found = pipeline(
        template("""
            Name: shop
            PipelineType: V2
            ExecutionMode: QUEUED
            RestartExecutionOnUpdate: true
            Tags: [{Key: team, Value: web}]
            Variables: [{Name: STAGE, DefaultValue: dev}]
            DisableInboundStageTransitions: [{StageName: Build, Reason: not yet}]
        """)
    )
    declared = found.declaration
    assert (found.form, found.local) == ("cloudformation", False)
    assert (declared.name, declared.roleArn, declared.executionMode) == ("shop", ROLE, "QUEUED")
    assert declared.artifactStore.location == "store"
    assert declared.variables[0].defaultValue == "dev"
    assert [action.actionTypeId.version for stage in declared.stages for action in stage.actions] == ["1", "1"]
    assert configuration(found)["PollForSourceChanges"] == "false"
    assert found.surroundings.transitions == {"Build": "not yet"}


def test_stores_of_regions_are_a_list_in_a_template() -> None:
    text = template("""
        ArtifactStores:
        - {Region: us-east-1, ArtifactStore: {Type: S3, Location: east}}
        - Region: !Ref AWS::Region
          ArtifactStore: {Type: S3, Location: !Sub "store-${AWS::Region}", EncryptionKey: {Id: k, Type: KMS}}
    """).replace("      ArtifactStore: {Type: S3, Location: store}\n", "")
    stores = pipeline(text, region="eu-west-1").declaration.artifactStores
    assert {region: store.location for region, store in stores.items()} == {
        "us-east-1": "east",
        "eu-west-1": "store-eu-west-1",
    }


def test_a_nameless_pipeline_is_called_after_stack_and_resource() -> None:
    assert pipeline(template()).declaration.name == "shop-Pipeline"
    assert read(template(), "template.yaml").pipelines[0].declaration.name == "project-Pipeline"
    assert pipeline(template(), parameters={"AWS::StackName": "web"}).declaration.name == "web-Pipeline"


def test_conditions_everywhere() -> None:
    before = """
        Parameters: {Stage: {Type: String, Default: dev}}
        Conditions: {Prod: !Equals [!Ref Stage, prod]}
    """
    stages = (
        STAGES
        + """
- !If
  - Prod
  - Name: Approve
    Actions: [{Name: Ok, ActionTypeId: {Category: Approval, Owner: AWS, Provider: Manual, Version: '1'}}]
  - !Ref AWS::NoValue
- Name: Check
  Actions:
    - !If
      - Prod
      - Name: Slow
        ActionTypeId: {Category: Test, Owner: AWS, Provider: CodeBuild, Version: 1}
        InputArtifacts: [{Name: Src}]
        Configuration: {ProjectName: slow}
      - !Ref AWS::NoValue
    - Name: Quick
      ActionTypeId: {Category: !If [Prod, Build, Test], Owner: AWS, Provider: CodeBuild, Version: "1"}
      RunOrder: "2"
      InputArtifacts: [{Name: Src}]
      Configuration: !If [Prod, {ProjectName: big}, {ProjectName: small}]
      Region: !If [Prod, eu-west-1, !Ref 'AWS::NoValue']
"""
    )
    text = template(before=before, stages=stages)
    small = pipeline(text).declaration
    assert [stage.name for stage in small.stages] == ["Source", "Build", "Check"]
    (quick,) = small.stages[2].actions
    assert (quick.actionTypeId.category, quick.configuration, quick.runOrder) == ("Test", {"ProjectName": "small"}, 2)
    assert quick.region is None
    big = read(text, parameters={"Stage": "prod"}).diagnostics
    assert [found.code for found in big if found.severity == "error"] == []
    names = [stage.name for stage in read(text, parameters={"Stage": "prod"}).pipelines[0].declaration.stages]
    assert names == ["Source", "Build", "Approve", "Check"]


def test_truth_values_have_one_spelling() -> None:
    before = """
        Parameters: {Gate: {Type: String, Default: True, AllowedValues: [yes, no]}}
        Conditions:
          One: !Equals [!Ref Gate, 'true']
          Two: !Equals [!Ref Gate, TRUE]
          Both: !And [!Condition One, !Condition Two]
    """
    text = template("Name: !If [Both, both, none]", before=before)
    assert pipeline(text).declaration.name == "both"
    assert pipeline(text, parameters={"Gate": "false"}).declaration.name == "none"


def test_a_problem_points_at_the_line_of_the_template() -> None:
    stages = STAGES.replace("Provider: CodeBuild", "Provider: CodeBiuld")
    (found,) = [each for each in read(template(stages=stages)).diagnostics if each.severity == "error"]
    assert found.code == "GR312"
    assert "CodeBiuld" in found.source
    assert found.source[found.column - 1 :].startswith("CodeBiuld")


def test_items_that_are_left_out_move_no_line() -> None:
    stages = STAGES.replace("- Name: Build", "- !Ref AWS::NoValue\n- Name: Build").replace(
        "Name: Make", "Name: Make it"
    )
    (found,) = [each for each in read(template(stages=stages)).diagnostics if each.severity == "error"]
    assert (found.code, found.source.strip()) == ("GR204", "- Name: Make it")


def test_a_problem_with_a_parameter_points_at_its_use_and_names_it() -> None:
    before = "Parameters: {Title: {Type: String, Default: two words}}"
    for use in ("!Ref Title", "!Sub '${Title}'", "{Ref: Title}", "{'Fn::Sub': '${Title}'}"):
        loaded = read(template(f"Name: {use}", before=before))
        (found,) = [each for each in loaded.diagnostics if each.severity == "error"]
        assert found.code == "GR204"
        assert found.source.strip() == f"Name: {use}"
        assert "the value comes from Title" in found.hint


def test_open_values_are_no_errors_but_advice() -> None:
    before = """
        Parameters:
          Bucket: {Type: String}
          Poll: {Type: String}
          Key: {Type: String}
    """
    text = template(
        "Name: !Sub '${Bucket}-pipeline'",
        before=before,
        stages=STAGES.replace("PollForSourceChanges: false", "PollForSourceChanges: !Ref Poll").replace(
            "ProjectName: make", "ProjectName: !ImportValue build:project"
        ),
    ).replace("Location: store", "Location: !Ref Bucket, EncryptionKey: {Id: !Ref Key, Type: KMS}")
    found = pipeline(text)
    assert found.declaration.name == "Bucket-pipeline"
    assert configuration(found)["PollForSourceChanges"] == "Poll"
    advice = [each for each in read(text).diagnostics if each.code == "GR120"]
    assert {each.message.split()[2] for each in advice} == {"Bucket", "Poll", "Key"}
    assert "--parameter Bucket=VALUE" in advice[0].hint


def test_a_default_of_nothing_is_no_value_where_one_is_needed() -> None:
    before = "Parameters: {Connection: {Type: String, Default: ''}}"
    text = template(before=before, stages=STAGES.replace("ProjectName: make", "ProjectName: !Ref Connection"))
    assert configuration(pipeline(text), 1) == {"ProjectName": "Connection"}
    assert [each.code for each in read(text).diagnostics] == ["GR120"]


def test_an_open_value_that_decides_what_an_action_is_must_be_given() -> None:
    before = "Parameters: {Kind: {Type: String}}"
    text = template(before=before, stages=STAGES.replace("Category: Build", "Category: !Ref Kind"))
    loaded = read(text)
    assert loaded.pipelines == ()
    (found,) = [each for each in loaded.diagnostics if each.code == "GR123"]
    assert "--parameter Kind=VALUE" in found.hint
    assert "Kind" in found.source
    assert len(pipeline(text, parameters={"Kind": "Build"}).declaration.stages) == 2


def test_an_open_version_or_provider_of_an_action_type_is_no_error() -> None:
    stages = STAGES.replace("Provider: CodeBuild, Version: 1", "Provider: CodeBuild, Version: !ImportValue version")
    assert pipeline(template(stages=stages)).declaration.stages[1].actions[0].actionTypeId.version == "1"
    stages = STAGES.replace("Provider: CodeBuild", "Provider: !ImportValue provider")
    assert pipeline(template(stages=stages)).declaration.stages[1].actions[0].actionTypeId.provider == "provider"


def test_several_pipelines_of_a_template() -> None:
    text = template("Name: one") + template("Name: two").replace("Resources:\n", "").replace(
        "Pipeline:\n", "Other:\n", 1
    )
    assert [each.declaration.name for each in read(text).pipelines] == ["one", "two"]
    twice = read(text.replace("Name: two", "Name: one")).diagnostics
    assert [each.code for each in twice] == ["GR111"]


def test_a_pipeline_whose_condition_does_not_hold_is_left_out() -> None:
    before = """
        Parameters: {Wanted: {Type: String, Default: "no"}}
        Conditions: {Is: !Equals [!Ref Wanted, "yes"]}
    """
    text = template(before=before, more="Condition: Is")
    loaded = read(text)
    assert loaded.pipelines == ()
    (found,) = loaded.diagnostics
    assert (found.code, found.severity) == ("GR124", "warning")
    assert "Condition: Is" in found.source
    assert len(read(text, parameters={"Wanted": "yes"}).pipelines) == 1


def test_a_resource_or_its_properties_alone() -> None:
    resource = template().partition("  Pipeline:\n")[2]
    assert len(read(resource).pipelines) == 1
    (properties,) = read(resource.partition("    Properties:\n")[2]).pipelines
    assert properties.declaration.roleArn == ROLE
    assert (properties.where(("stages", 0)) or (0,))[0] == 4


def test_resources_alone() -> None:
    part = template("Name: !Ref Elsewhere", resources="Topic: {Type: AWS::SNS::Topic}").partition("Resources:\n")[2]
    found = pipeline(part)
    assert found.declaration.name == "Elsewhere"
    lines = [line.strip() for line in part.splitlines()]
    assert (found.where(("stages", 0, "name")) or (0,))[0] == lines.index("- Name: Source") + 1


def test_a_dynamic_reference_without_its_quotes() -> None:
    stages = STAGES.replace("ProjectName: make", "ProjectName: {{resolve:ssm:/make/project:1}}")
    assert configuration(pipeline(template(stages=stages), store={"/make/project": "make"}), 1) == {
        "ProjectName": "make"
    }
    assert configuration(pipeline(template(stages=stages)), 1) == {"ProjectName": "make/project"}


def test_keys_that_are_given_twice_are_a_warning() -> None:
    found = read(template("Name: one\nName: two"))
    assert [(each.code, each.severity) for each in found.diagnostics] == [("GR105", "warning")]
    assert found.pipelines[0].declaration.name == "two"


@pytest.mark.parametrize(
    ("broken", "code"),
    [
        ("stages: []", "GR202"),  # CloudFormation knows no camelCase
        ("Nmae: x", "GR202"),
        ("ExecutionMode: [QUEUED]", "GR203"),
        ("Triggers: {A: b}", "GR203"),
        ("ArtifactStores: {us-east-1: {Type: S3}}", "GR308"),
    ],
)
def test_what_cloudformation_refuses_is_refused(broken: str, code: str) -> None:
    found = read(template(broken))
    assert code in [each.code for each in found.diagnostics if each.severity == "error"]


def test_a_configuration_as_text_and_odd_scalars() -> None:
    stages = STAGES.replace("{ProjectName: make}", '\'{"ProjectName": "make"}\'').replace(
        "PollForSourceChanges: false", "PollForSourceChanges: No"
    )
    found = pipeline(template(stages=stages))
    assert configuration(found, 1) == {"ProjectName": "make"}
    assert configuration(found)["PollForSourceChanges"] == "false"


def test_windows_line_ends_and_a_document_mark() -> None:
    text = "---\n" + template("Name: !Sub '${AWS::StackName}-x'")
    assert pipeline(text.replace("\n", "\r\n")).declaration.name == "shop-x"


def test_a_template_of_unknown_macros_still_loads() -> None:
    before = "Transform: [AWS::LanguageExtensions, MyMacro]"
    stages = STAGES.replace("Name: Make\n", "Name: Make\n      Fn::Transform: {Name: Extra}\n", 1)
    loaded = read(template(before=before, stages=stages))
    assert len(loaded.pipelines) == 1
    assert [each.code for each in loaded.diagnostics if each.severity != "advice"] == ["GR122"]
