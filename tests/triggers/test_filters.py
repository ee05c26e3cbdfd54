"""What starts a pipeline, and why not."""

from __future__ import annotations

from typing import Any

import pytest

from engine.model.pipeline import PipelineDeclaration
from engine.triggers.filters import Happening, PullRequest, Push, Verdict, judge


def pipeline(
    *, provider: str = "CodeStarSourceConnection", configuration: dict[str, str] | None = None, **git: Any
) -> PipelineDeclaration:
    action = {
        "name": "Src",
        "actionTypeId": {"category": "Source", "owner": "AWS", "provider": provider, "version": "1"},
        "configuration": {"BranchName": "main"} if configuration is None else configuration,
    }
    triggers = (
        [
            {
                "providerType": "CodeStarSourceConnection",
                "gitConfiguration": {"sourceActionName": "Src", **git.pop("git")},
            }
        ]
        if "git" in git
        else None
    )
    return PipelineDeclaration.model_validate(
        {"name": "demo", "stages": [{"name": "Source", "actions": [action]}], "triggers": triggers}
    )


def push(name: str = "main", *paths: str, **more: Any) -> Push:
    return Push("branch", name, paths, **more)


def tag(name: str) -> Push:
    return Push("tag", name)


def pull(target: str = "main", *paths: str, event: Any = "OPEN") -> PullRequest:
    return PullRequest(event, "topic", target, paths)


def verdict(happened: Happening, **git: Any) -> Verdict:
    return judge(pipeline(git=git), "Src", happened)


def starts(happened: Happening, **git: Any) -> bool:
    return verdict(happened, **git).starts


def includes(*patterns: str) -> dict[str, Any]:
    return {"includes": list(patterns)}


def excludes(*patterns: str) -> dict[str, Any]:
    return {"excludes": list(patterns)}


def test_branches() -> None:
    filters = [{"branches": includes("main", "release/*")}]
    assert starts(push("main"), push=filters)
    assert starts(push("release/1"), push=filters)
    assert not starts(push("topic"), push=filters)
    assert not starts(tag("main"), push=filters)


def test_excludes_beat_includes() -> None:
    filters = [{"branches": {"includes": ["**"], "excludes": ["wip/**"]}}]
    assert starts(push("main"), push=filters)
    assert not starts(push("wip/x"), push=filters)
    assert starts(push("main"), push=[{"branches": excludes("wip/**")}])
    assert not starts(push("main"), push=[{"branches": {"includes": ["main"], "excludes": ["main"]}}])


def test_tags() -> None:
    filters = [{"tags": includes("v*")}]
    assert starts(tag("v1"), push=filters)
    assert not starts(tag("x1"), push=filters)
    assert not starts(push("v1"), push=filters)


def test_elements_are_alternatives_and_filters_within_one_all_hold() -> None:
    filters = [{"tags": includes("v*")}, {"branches": includes("main"), "filePaths": includes("src/**")}]
    assert starts(tag("v1"), push=filters)
    assert starts(push("main", "src/a.py"), push=filters)
    assert not starts(push("main", "docs/a.md"), push=filters)
    assert not starts(push("topic", "src/a.py"), push=filters)


def test_each_file_is_judged_alone() -> None:
    filters = [{"branches": includes("main"), "filePaths": {"includes": ["src/**"], "excludes": ["**/*.md"]}}]
    assert starts(push("main", "src/README.md", "src/a.py"), push=filters)
    assert not starts(push("main", "src/README.md", "docs/a.py"), push=filters)
    assert starts(
        push("main", "docs/x", "src/x"), push=[{"branches": includes("main"), "filePaths": excludes("docs/**")}]
    )


def test_a_hundred_files_are_looked_at() -> None:
    filters = [{"branches": includes("main"), "filePaths": includes("z")}]
    many = [f"f{number:03}" for number in range(100)]
    assert not starts(push("main", *many, "z"), push=filters)
    assert starts(push("main", *many[:99], "z"), push=filters)
    assert (
        "of 101 changed files, AWS looks at 100"
        in verdict(push("main", *many, "z"), push=filters).alternatives[0].reasons[1].text
    )


def test_a_new_branch_starts_nothing_where_paths_are_filtered() -> None:
    filters = [{"branches": includes("**"), "filePaths": includes("**")}]
    assert not starts(push("topic", "a", created=True), push=filters)
    assert starts(push("topic", "a", created=True), push=[{"branches": includes("**")}])


def test_pull_requests_match_their_target() -> None:
    filters = [{"branches": includes("main")}]
    assert starts(pull("main"), pullRequest=filters)
    assert not starts(pull("release"), pullRequest=filters)
    assert not starts(push("main"), pullRequest=filters)
    assert not starts(pull("main"), push=filters)


@pytest.mark.parametrize("event", ["OPEN", "UPDATED", "CLOSED"])
def test_pull_request_events(event: str) -> None:
    assert starts(pull(event=event), pullRequest=[{"branches": includes("main")}])
    assert starts(pull(event=event), pullRequest=[{"events": ["CLOSED"], "branches": includes("main")}]) == (
        event == "CLOSED"
    )


def test_pull_request_paths() -> None:
    filters = [{"branches": includes("main"), "filePaths": includes("src/**")}]
    assert starts(pull("main", "docs/a", "src/a"), pullRequest=filters)
    assert not starts(pull("main", "docs/a"), pullRequest=filters)


def test_a_trigger_without_filters_takes_any_branch() -> None:
    assert starts(push("whatever"))
    assert not starts(tag("v1"))
    assert not starts(pull())


def test_reasons_name_the_pattern_that_decided() -> None:
    found = verdict(
        push("wip/x", "a.md"),
        push=[{"branches": {"includes": ["**"], "excludes": ["wip/**"]}, "filePaths": includes("src/**")}],
    )
    assert [(reason.filter, reason.holds, reason.text) for reason in found.alternatives[0].reasons] == [
        ("branches", False, "wip/x is excluded by wip/**"),
        ("filePaths", False, "a.md matches none of src/**"),
    ]
    assert found.trigger == "WebhookV2"


def test_a_pattern_that_cannot_be_read_is_named() -> None:
    found = verdict(push(), push=[{"branches": includes("{a,{b}}")}])
    assert "braces within braces" in found.alternatives[0].reasons[0].text


def test_without_a_trigger_a_source_follows_its_branch() -> None:
    plain = pipeline()
    assert judge(plain, "Src", push("main")).starts
    assert judge(plain, "Src", push("main", created=True)).starts
    assert not judge(plain, "Src", push("topic")).starts
    assert not judge(plain, "Src", tag("main")).starts
    assert not judge(plain, "Src", pull("main")).starts


def test_a_connection_that_detects_no_changes_starts_nothing() -> None:
    off = pipeline(configuration={"BranchName": "main", "DetectChanges": "false"})
    found = judge(off, "Src", push("main"))
    assert not found.starts
    assert found.alternatives[0].reasons[0].text == "it is false and no trigger is declared"


@pytest.mark.parametrize(
    ("provider", "polls", "elsewhere", "trigger", "starts"),
    [
        ("CodeCommit", None, False, "PollForSourceChanges", True),
        ("CodeCommit", "false", False, "CloudWatchEvent", True),
        ("CodeCommit", "false", True, "CloudWatchEvent", False),
        ("CodeCommit", "true", True, "PollForSourceChanges", True),
    ],
)
def test_polling(provider: str, polls: str | None, elsewhere: bool, trigger: str, starts: bool) -> None:
    configuration = {"BranchName": "main"} | ({"PollForSourceChanges": polls} if polls else {})
    found = judge(pipeline(provider=provider, configuration=configuration), "Src", push("main"), elsewhere=elsewhere)
    assert (found.trigger, found.starts) == (trigger, starts)


def test_a_source_without_a_branch_follows_what_is_checked_out() -> None:
    bucket = pipeline(provider="S3", configuration={"S3Bucket": "b", "S3ObjectKey": "k"})
    assert judge(bucket, "Src", push("topic"), head="topic").starts
    assert not judge(bucket, "Src", push("main"), head="topic").starts
    assert not judge(bucket, "Src", push("main")).starts
