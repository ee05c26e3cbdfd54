"""The local shorthand: what each short form stands for."""

from __future__ import annotations

import json

import pytest

from engine.model.pipeline import ActionDeclaration, PipelineDeclaration
from tests.reading.conftest import Reader


def only(read: Reader, text: str) -> PipelineDeclaration:
    loaded = read(text)
    assert [found.render() for found in loaded.diagnostics] == []
    return loaded.pipelines[0].declaration


def action(read: Reader, body: str) -> ActionDeclaration:
    """The one action of stage Do, which stands after a source and a build that makes Site."""
    return only(read, f"stages:\n  Build: {{commands: make, output: Site}}\n  Do: {body}\n").stage("Do").actions[0]


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("make", "Compute/AWS/Commands/1"),
        ("[make, make check]", "Compute/AWS/Commands/1"),
        ("{commands: make}", "Compute/AWS/Commands/1"),
        ("{buildspec: a.yml}", "Build/AWS/CodeBuild/1"),
        ("{type: Test, buildspec: a.yml}", "Test/AWS/CodeBuild/1"),
        ("{approval: true}", "Approval/AWS/Manual/1"),
        ("{type: Approval}", "Approval/AWS/Manual/1"),
        ("{deploy: out}", "Deploy/Custom/local/1"),
        ("{deploy: {directory: out}}", "Deploy/Custom/local/1"),
        ("{deploy: {bucket: site}}", "Deploy/AWS/S3/1"),
        ("{deploy: {commands: [./ship]}}", "Deploy/Custom/local/1"),
        ("{type: Deploy, commands: ./ship}", "Deploy/Custom/local/1"),
        ("{type: Invoke/Lambda, configuration: {FunctionName: f}}", "Invoke/AWS/Lambda/1"),
        ("{provider: Lambda, configuration: {FunctionName: f}}", "Invoke/AWS/Lambda/1"),
        ("{provider: CodeBuild}", "Build/AWS/CodeBuild/1"),
        ("{type: CodeBuild}", "Build/AWS/CodeBuild/1"),
        ("{type: Build/Custom/Jenkins/3}", "Build/Custom/Jenkins/3"),
        ("{type: Build/Custom/Jenkins}", "Build/Custom/Jenkins/1"),
    ],
)
def test_what_an_action_is(read: Reader, body: str, kind: str) -> None:
    assert str(action(read, body).actionTypeId) == kind


def test_a_block_is_one_command_a_line(read: Reader) -> None:
    found = only(read, "stages:\n  Build: |\n    # first\n    make\n\n    make check\n").stage("Build").actions[0]
    assert found.commands == ("make", "make check")


def test_what_the_short_keys_mean(read: Reader) -> None:
    assert action(read, '{approval: "ok?"}').configuration == {"CustomData": "ok?"}
    assert action(read, "{buildspec: a.yml}").configuration == {"BuildspecOverride": "a.yml", "ProjectName": "Do"}
    assert action(read, "{deploy: {bucket: site, prefix: p}}").configuration == {
        "BucketName": "site",
        "ObjectKey": "p",
        "Extract": "true",
    }
    assert action(read, "{deploy: out}").configuration == {"Directory": "out"}
    assert action(read, "{deploy: {commands: [a, b]}}").configuration == {"Commands": "a\nb"}


def test_environment(read: Reader) -> None:
    built = action(read, "{buildspec: a.yml, env: {N: 1, YES: yes}}")
    assert json.loads(built.configuration["EnvironmentVariables"]) == [
        {"name": "N", "value": "1"},
        {"name": "YES", "value": "yes"},
    ]
    run = action(read, "{commands: make, env: {N: 1}}")
    assert [(each.name, each.value) for each in run.environmentVariables or ()] == [("N", "1")]


@pytest.mark.parametrize(
    ("body", "inputs"),
    [
        ("make", ["Site"]),
        ("{commands: make, input: Source}", ["Source"]),
        ("{commands: make, inputs: [Source, Site]}", ["Source", "Site"]),
        ("{commands: make, inputArtifacts: [{name: Source}]}", ["Source"]),
        ("{approval: true}", []),
        ("{provider: Lambda, configuration: {FunctionName: f}}", []),
        ("{type: Build/Custom/Own/1, input: []}", []),
    ],
)
def test_inputs(read: Reader, body: str, inputs: list[str]) -> None:
    assert [each.name for each in action(read, body).inputArtifacts] == inputs


def test_several_inputs_have_a_primary_source(read: Reader) -> None:
    assert action(read, "{buildspec: a.yml, input: [Site, Source]}").configuration["PrimarySource"] == "Site"


@pytest.mark.parametrize(
    ("written", "outputs"),
    [
        ("One", [("One", None)]),
        ("[One]", [("One", None)]),
        ("{One: a/*}", [("One", ("a/*",))]),
        ("{One: [a, b]}", [("One", ("a", "b"))]),
        ("{One: }", [("One", None)]),
        ("[{name: One, files: [a]}]", [("One", ("a",))]),
    ],
)
def test_outputs(read: Reader, written: str, outputs: list[tuple[str, object]]) -> None:
    found = action(read, f"{{commands: make, output: {written}}}")
    assert [(each.name, each.files) for each in found.outputArtifacts] == outputs


def test_the_nearest_producer_is_the_nearest_run_order(read: Reader) -> None:
    found = only(
        read,
        "stages:\n  Build:\n    One: {commands: make, output: First}\n"
        "    Two: {commands: make, output: Second, runOrder: 2}\n"
        "    Three: {commands: make, runOrder: 2}\n  Last: make\n",
    )
    assert [each.name for each in found.action("Build", "Two").inputArtifacts] == ["First"]
    assert [each.name for each in found.action("Build", "Three").inputArtifacts] == ["First"]
    assert [each.name for each in found.action("Last", "Last").inputArtifacts] == ["Second"]


def test_the_working_directory_is_the_source(read: Reader) -> None:
    found = only(read, "stages: {Build: 'echo #{SourceVariables.CommitId}'}\n")
    assert [stage.name for stage in found.stages] == ["Source", "Build"]
    assert found.stages[0].actions[0].actionTypeId.category == "Source"
    assert (found.roleArn, found.artifactStore, found.pipelineType) == (None, None, "V2")


def test_sources_of_ones_own(read: Reader) -> None:
    found = only(read, "stages:\n  From: {Api: {type: Source}, Web: {type: Source}}\n  Do: {commands: a, input: Web}\n")
    assert [stage.name for stage in found.stages] == ["From", "Do"]
    assert [each.outputArtifacts[0].name for each in found.stages[0].actions] == ["Api", "Web"]


@pytest.mark.parametrize(
    "stages",
    [
        "{Build: {Do: {commands: make}}}",
        "{Build: {actions: {Do: make}}}",
        "{Build: [{Do: make}]}",
        "{Build: [{name: Do, commands: make}]}",
        "[{Build: {Do: make}}]",
        "[{name: Build, actions: {Do: make}}]",
        "[{name: Build, actions: [{Do: make}]}]",
        "[{name: Build, actions: [{name: Do, commands: [make]}]}]",
    ],
)
def test_stages_and_actions_are_lists_or_mappings(read: Reader, stages: str) -> None:
    assert only(read, f"stages: {stages}\n").action("Build", "Do").commands == ("make",)


def test_a_stage_that_is_one_action(read: Reader) -> None:
    listed = only(read, "stages: [{name: Build, commands: make, onFailure: {result: RETRY}}]\n")
    assert listed.action("Build", "Build").commands == ("make",)
    assert listed.stage("Build").onFailure is not None


def test_variables(read: Reader) -> None:
    found = only(read, "variables: {A: 1.0, B: , C: {defaultValue: c, description: d}}\nstages: {Build: make}\n")
    assert [(each.name, each.defaultValue, each.description) for each in found.variables or ()] == [
        ("A", "1.0", None),
        ("B", None, None),
        ("C", "c", "d"),
    ]


def test_what_is_long_stays_as_it_is(read: Reader) -> None:
    text = (
        "stages:\n  - name: Build\n    actions:\n      - name: Own\n"
        "        actionTypeId: {category: Build, owner: Custom, provider: Own, version: 1}\n"
    )
    assert only(read, text).action("Build", "Own").inputArtifacts == ()


@pytest.mark.parametrize(
    ("body", "code", "hint"),
    [
        ("{Do: {comands: make, output: X}}", "GR202", "did you mean 'commands'?"),
        ("{deploy: {buckt: x}}", "GR202", "did you mean 'bucket'?"),
        ("{deploy: [a]}", "GR203", "deploy: {bucket: NAME}"),
        ("{commands: make, env: [a]}", "GR203", "env: {NAME: value}"),
        ("{type: Invoke}", "GR212", "Invoke/PROVIDER, e.g. Invoke/Lambda"),
        ("{type: Aproval}", "GR212", "did you mean 'Approval'?"),
        ("{provider: CodeBild}", "GR212", "did you mean 'CodeBuild'?"),
    ],
)
def test_mistakes(read: Reader, body: str, code: str, hint: str) -> None:
    found = read(f"stages:\n  Do: {body}\n").diagnostics
    match = [each for each in found if each.code == code and each.hint == hint]
    assert match, [each.render() for each in found]
    assert match[0].line == 2


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("stages:\n  Bad Name: make\n", [("GR204", 2, 3, 8)]),
        ("stages:\n  Build:\n    Bad Name: make\n", [("GR204", 3, 5, 8)]),
        ("stages: {A: {commands: make, output: {Bad Name: x}}}\n", [("GR204", 1, 39, 8)]),
        ("variables: {Bad Name: x}\nstages: {A: make}\n", [("GR204", 1, 13, 8)]),
        ("stages: {A: {commands: make, env: {Bad Name: x}}}\n", [("GR204", 1, 36, 8)]),
        ("stages: {A: {input: x}}\n", [("GR211", 1, 10, 1)]),
        ("stages: [make]\n", [("GR203", 1, 10, 4)]),
        ("stages: make\n", [("GR203", 1, 9, 4)]),
        ("stages: {A: }\n", [("GR201", 1, 10, 1)]),
        ("stages: {A: {commands: [[1]]}}\n", [("GR203", 1, 25, 1)]),
        ("pipelineType: V1\nstages: {A: make}\n", [("GR353", 2, 13, 4)]),
    ],
)
def test_mistakes_are_shown_where_they_were_written(read: Reader, text: str, places: list[object]) -> None:
    found = read(text).diagnostics
    assert [(each.code, each.line, each.column, each.length) for each in found] == places


@pytest.mark.parametrize(
    "stages",
    [
        "[{name: {a: 1}, commands: x}]",
        "[{name: [], actions: [{Do: x}]}]",
        "{A: {B: {type: {}}}}",
        "{A: {deploy: {bucket: {}}}}",
    ],
)
def test_nonsense_is_told_not_raised(read: Reader, stages: str) -> None:
    loaded = read(f"stages: {stages}\n")
    assert not loaded.ok
    assert loaded.diagnostics
