"""Which pushes there were since the last look, and what the pipeline's triggers make of each."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from engine.model.address import Address
from engine.model.outcome import Revision
from engine.opening import Opened, source_actions
from engine.triggers.detect import BRANCH, Refs, head_branch, moved, push_of, read_refs, repository_of
from engine.triggers.filters import Happening, PullRequest, Push, Verdict, judge, watched_branch

LONGEST_DETAIL = 1024


@dataclass(frozen=True, slots=True)
class Pushed:
    """One push, the commit that it brought, and what each source action of the repository makes of it."""

    push: Push
    commit: str
    verdicts: tuple[Verdict, ...]

    @property
    def starting(self) -> Verdict | None:
        """The source action that starts the pipeline for it."""
        return next((verdict for verdict in self.verdicts if verdict.starts), None)


class Pushes:
    """Remembers where branches and tags were."""

    def __init__(self) -> None:
        self._refs: dict[Path, Refs] = {}

    def look(self, opened: Opened, *, paused: bool = False) -> list[Pushed]:
        """What was pushed since the last look. A repository that is seen for the first time has no news.

        While `paused` it stays with what was there when the pause began.
        """
        found: list[Pushed] = []
        for common, sources in _repositories(opened).items():
            before = self._refs.get(common)
            if paused and before is not None:
                continue
            directory = opened.sources[sources[0]]
            refs = read_refs(directory)
            if refs is None:
                continue
            self._refs[common] = refs
            for change in moved(before, refs) if before is not None else ():
                push = push_of(directory, change)
                found.append(Pushed(push, change.after, verdicts(opened, sources, push)))
        return found


def verdicts(opened: Opened, sources: list[str], happened: Happening) -> tuple[Verdict, ...]:
    """What these source actions make of something that happened in their repository."""
    project = opened.project
    elsewhere = bool(project.schedules or project.webhooks)
    return tuple(
        judge(opened.declaration, name, happened, head=head_branch(opened.sources[name]), elsewhere=elsewhere)
        for name in sources
    )


def doubts(opened: Opened) -> list[str]:
    """Why commits to a source would not start anything here, for people; nothing where all is well."""
    found: list[str] = []
    triggered = {trigger.gitConfiguration.sourceActionName for trigger in opened.declaration.triggers or ()}
    for stage in opened.declaration.stages:
        for action in stage.actions:
            if action.actionTypeId.category != "Source":
                continue
            directory, branch = opened.sources[action.name], watched_branch(action)
            refs = read_refs(directory)
            if refs is None:
                found.append(f"source {action.name} is in no git repository: no commit of it starts anything")
            elif action.name in triggered:
                continue
            elif branch and BRANCH + branch not in refs:
                found.append(f"source {action.name} follows branch {branch}, which is not here")
            else:
                push = Push("branch", branch or head_branch(directory))
                (verdict,) = verdicts(opened, [action.name], push)
                reasons = [reason for alternative in verdict.alternatives for reason in alternative.reasons]
                found += [
                    f"no commit of source {action.name} starts anything: {reason.filter}: {reason.text}"
                    for reason in reasons
                    if not reason.holds
                ]
    return found


def detail(opened: Opened, verdict: Verdict, happened: Happening, revision: Revision) -> str:
    """AWS's trigger detail of a run that something in a repository starts."""
    project = opened.project
    address = Address(project.region, project.account)
    if verdict.trigger == "PollForSourceChanges":
        return verdict.source
    if verdict.trigger == "CloudWatchEvent":
        return address.arn("events", f"rule/codepipeline-{opened.declaration.name}-{verdict.source}")
    return _git_detail(happened, revision.variables, revision.summary)


def _git_detail(happened: Happening, variables: Mapping[str, str], message: str) -> str:
    where = {f"{happened.kind}-name": happened.name} if isinstance(happened, Push) else _pull(happened)
    body = {
        **where,
        "commit-id": variables.get("CommitId", ""),
        "full-repository-name": variables.get("FullRepositoryName", ""),
        "connection-arn": variables.get("ConnectionArn", ""),
        "author-date": variables.get("AuthorDate", ""),
    }
    room = LONGEST_DETAIL - len(json.dumps(body)) - len(', "commit-message": ""')
    subject = message.partition("\n")[0]
    while len(json.dumps(subject)) - 2 > max(0, room):
        subject = subject[: len(subject) // 2]
    return json.dumps(body | {"commit-message": subject})


def _pull(happened: PullRequest) -> dict[str, str]:
    return {
        "branch-name": happened.source,
        "destination-branch-name": happened.target,
        "pull-request-event": happened.event,
    }


def _repositories(opened: Opened) -> dict[Path, list[str]]:
    """The source actions that are in a git repository, by repository."""
    found: dict[Path, list[str]] = {}
    for _, name in source_actions(opened.declaration):
        common = repository_of(opened.sources[name])
        if common is not None:
            found.setdefault(common, []).append(name)
    return found
