"""Which pushes and pull requests start a pipeline: the filters of its triggers, with the reasons.

Follows https://docs.aws.amazon.com/codepipeline/latest/userguide/pipelines-filter.html: elements of a trigger are
alternatives, the filters within one must all hold, excludes beat includes, and each changed file is judged alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from engine.model.pipeline import (
    ActionDeclaration,
    GitFilter,
    GitPullRequestFilter,
    GitPushFilter,
    PipelineDeclaration,
)
from engine.triggers.glob import matches, problem

FILES = 100  # AWS looks at this many changed files only
SHOWN = 3

PullRequestEvent = Literal["OPEN", "UPDATED", "CLOSED"]


@dataclass(frozen=True, slots=True)
class Push:
    """A branch or a tag that moved. `paths` are the changed files; `created` says that there was none before."""

    kind: Literal["branch", "tag"]
    name: str
    paths: tuple[str, ...] = ()
    created: bool = False

    def __str__(self) -> str:
        return f"push to {self.kind} {self.name}"


@dataclass(frozen=True, slots=True)
class PullRequest:
    """Something that happened to a pull request of `source` into `target`."""

    event: PullRequestEvent
    source: str
    target: str
    paths: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"pull request {self.event} of {self.source} into {self.target}"


Happening = Push | PullRequest


@dataclass(frozen=True, slots=True)
class Reason:
    """One filter and whether it holds, for people: ``branches``, True, ``main matches main``.

    One that is about something else (tags, where a branch was pushed) never holds, and says little: `applies`.
    """

    filter: str
    holds: bool
    text: str
    applies: bool = True


@dataclass(frozen=True, slots=True)
class Alternative:
    """One element of `push` or `pullRequest`, or the default where there is no trigger: it holds if all filters do."""

    name: str
    reasons: tuple[Reason, ...]

    @property
    def holds(self) -> bool:
        """Whether it starts the pipeline."""
        return all(reason.holds for reason in self.reasons)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one source action makes of something that happened. AWS's name for what starts it is `trigger`."""

    source: str
    trigger: Literal["WebhookV2", "PollForSourceChanges", "CloudWatchEvent"]
    alternatives: tuple[Alternative, ...]

    @property
    def starts(self) -> bool:
        """Whether the pipeline starts."""
        return any(alternative.holds for alternative in self.alternatives)


def judge(
    pipeline: PipelineDeclaration, source: str, happened: Happening, *, head: str = "", elsewhere: bool = False
) -> Verdict:
    """Whether what happened in the repository of a source action starts the pipeline, and why.

    `head` is the branch that stands for a source without one (S3, ECR). `elsewhere` says that the pipeline is known to
    be started by something else (a schedule, a webhook): a source that is not polled then has no event rule.
    """
    action = _source(pipeline, source)
    for trigger in pipeline.triggers or ():
        git = trigger.gitConfiguration
        if git.sourceActionName == source:
            alternatives = _alternatives(git.push or (), git.pullRequest or (), happened)
            return Verdict(source, "WebhookV2", tuple(alternatives))
    return _by_default(action, happened, head, elsewhere)


def _source(pipeline: PipelineDeclaration, name: str) -> ActionDeclaration:
    for stage in pipeline.stages:
        for action in stage.actions:
            if action.name == name:
                return action
    raise KeyError(name)


def _alternatives(
    pushes: Sequence[GitPushFilter], pulls: Sequence[GitPullRequestFilter], happened: Happening
) -> Iterator[Alternative]:
    for number, push in enumerate(pushes):
        reasons = _push(push, happened) if isinstance(happened, Push) else (_other("push", happened),)
        yield Alternative(f"push[{number}]", tuple(reasons))
    for number, pull in enumerate(pulls):
        reasons = _pull(pull, happened) if isinstance(happened, PullRequest) else (_other("pullRequest", happened),)
        yield Alternative(f"pullRequest[{number}]", tuple(reasons))
    if not pushes and not pulls:
        yield Alternative("trigger", (_any_push(happened),))


def _other(kind: str, happened: Happening) -> Reason:
    return Reason(kind, False, f"this is a {'push' if isinstance(happened, Push) else 'pull request'}", applies=False)


def _any_push(happened: Happening) -> Reason:
    is_branch = isinstance(happened, Push) and happened.kind == "branch"
    text = "no filter: any push to a branch" if is_branch else "no filter: only pushes to branches count"
    return Reason("trigger", is_branch, text)


def _push(push: GitPushFilter, happened: Push) -> Iterator[Reason]:
    if push.tags is not None:
        yield _named("tags", push.tags, happened.name) if happened.kind == "tag" else _wrong("tags", "branch")
    if push.branches is not None or push.tags is None:
        branch = happened.kind == "branch"
        filter_ = push.branches or GitFilter()
        yield _named("branches", filter_, happened.name) if branch else _wrong("branches", "tag")
    if push.filePaths is not None:
        if happened.created:
            yield Reason("filePaths", False, "a new branch has nothing to compare with: AWS does not start")
        else:
            yield _files(push.filePaths, happened.paths)


def _wrong(filter_: str, kind: str) -> Reason:
    return Reason(filter_, False, f"this is a {kind}", applies=False)


def _pull(pull: GitPullRequestFilter, happened: PullRequest) -> Iterator[Reason]:
    events = pull.events or ("OPEN", "UPDATED", "CLOSED")
    yes = happened.event in events
    yield Reason("events", yes, f"{happened.event} is {'' if yes else 'not '}among {', '.join(events)}")
    if pull.branches is not None:
        found = _named("branches", pull.branches, happened.target)
        yield Reason("branches", found.holds, f"target {found.text}")
    if pull.filePaths is not None:
        yield _files(pull.filePaths, happened.paths)


def _named(filter_: str, patterns: GitFilter, name: str) -> Reason:
    holds, text = _passes(patterns, name)
    return Reason(filter_, holds, text)


def _files(patterns: GitFilter, paths: Sequence[str]) -> Reason:
    judged = [(path, *_passes(patterns, path)) for path in sorted(paths)[:FILES]]
    passing = [text for _, holds, text in judged if holds]
    if not judged:
        return Reason("filePaths", False, "no file changed")
    more = f" (of {len(paths)} changed files, AWS looks at {FILES})" if len(paths) > FILES else ""
    texts = passing or [text for _, _, text in judged]
    rest = f", and {len(texts) - SHOWN} more" if len(texts) > SHOWN else ""
    return Reason("filePaths", bool(passing), "; ".join(texts[:SHOWN]) + rest + more)


def _passes(patterns: GitFilter, name: str) -> tuple[bool, str]:
    """Whether a name passes, and which pattern decided."""
    for pattern in patterns.excludes or ():
        if matches(pattern, name):
            return False, f"{name} is excluded by {pattern}"
    if not patterns.includes:
        return True, f"{name} is not excluded" if patterns.excludes else f"{name}: no pattern, so any"
    for pattern in patterns.includes:
        if matches(pattern, name):
            return True, f"{name} matches {pattern}"
    broken = next((trouble for trouble in map(problem, patterns.includes) if trouble), "")
    return False, broken or f"{name} matches none of {', '.join(patterns.includes)}"


# -- without a trigger -----------------------------------------------------------------------------------------------


def watched_branch(action: ActionDeclaration) -> str:
    """The branch that a source action follows; empty for a source that has none."""
    return action.configuration.get("BranchName") or action.configuration.get("Branch") or ""


def _by_default(action: ActionDeclaration, happened: Happening, head: str, elsewhere: bool) -> Verdict:
    connected = action.actionTypeId.provider == "CodeStarSourceConnection"
    polled = _on(action, "PollForSourceChanges") and action.actionTypeId.provider != "ECR"
    on = _detects(action, connected=connected, polled=polled, elsewhere=elsewhere)
    branch = watched_branch(action) or head
    moved = isinstance(happened, Push) and happened.kind == "branch" and happened.name == branch
    text = f"it follows branch {branch}" if branch else "it follows no branch"
    where = Reason("branch", moved, f"{text}; this is a {happened}")
    trigger: Literal["WebhookV2", "PollForSourceChanges", "CloudWatchEvent"] = "CloudWatchEvent"
    if connected or polled:
        trigger = "WebhookV2" if connected else "PollForSourceChanges"
    return Verdict(action.name, trigger, (Alternative("change detection", (on, where)),))


def _on(action: ActionDeclaration, key: str) -> bool:
    return action.configuration.get(key, "true").lower() != "false"


def _detects(action: ActionDeclaration, *, connected: bool, polled: bool, elsewhere: bool) -> Reason:
    if connected:
        on = _on(action, "DetectChanges")
        return Reason("DetectChanges", on, "changes are detected" if on else "it is false and no trigger is declared")
    if polled:
        return Reason("PollForSourceChanges", True, "the source is polled")
    if elsewhere:
        text = "the source is not polled, and something else is declared to start the pipeline"
        return Reason("PollForSourceChanges", False, text)
    return Reason("PollForSourceChanges", True, "the source is not polled: an event rule, as AWS's console makes one")
