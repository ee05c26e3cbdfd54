"""What starts a pipeline, in words: for `greenroom trigger` and whoever else shows it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from engine.model.pipeline import GitConfiguration, GitFilter, GitPullRequestFilter, GitPushFilter, PipelineDeclaration
from engine.model.project import ProjectFile
from engine.model.schedule import Rate, parse_expression
from engine.triggers.clock import called
from engine.triggers.filters import watched_branch
from engine.triggers.server import webhook_url


@dataclass(frozen=True, slots=True)
class Starter:
    """One thing that starts a pipeline on AWS: what, its name, how in words, and when next where that is known."""

    kind: str
    name: str
    text: str
    next: datetime | None = None


def starters(
    pipeline: PipelineDeclaration, project: ProjectFile, now: datetime, *, port: int | None = None
) -> list[Starter]:
    """Everything that starts the pipeline besides a person. `port` is where webhooks are served now."""
    return [*_of_sources(pipeline, project), *_of_schedules(project, now), *_of_webhooks(project, port)]


def next_start(project: ProjectFile, now: datetime) -> Starter | None:
    """The schedule that is due next."""
    known = [starter for starter in _of_schedules(project, now) if starter.next is not None]
    return min(known, key=lambda starter: starter.next or now, default=None)


def _of_sources(pipeline: PipelineDeclaration, project: ProjectFile) -> Iterator[Starter]:
    triggers = {trigger.gitConfiguration.sourceActionName: trigger for trigger in pipeline.triggers or ()}
    for stage in pipeline.stages:
        for action in stage.actions:
            if action.actionTypeId.category != "Source":
                continue
            if trigger := triggers.get(action.name):
                for line in _git(trigger.gitConfiguration):
                    yield Starter("trigger", action.name, line)
                continue
            key = (
                "DetectChanges"
                if action.actionTypeId.provider == "CodeStarSourceConnection"
                else "PollForSourceChanges"
            )
            if action.configuration.get(key, "true").lower() != "false":
                branch = watched_branch(action)
                yield Starter("change", action.name, f"a push to {branch}" if branch else "a change of what it takes")
            elif key == "PollForSourceChanges" and not (project.schedules or project.webhooks):
                yield Starter("change", action.name, "an event rule, as AWS's console makes one: it is not polled")
            else:
                yield Starter("change", action.name, f"nothing: {key} is false")


def _git(configuration: GitConfiguration) -> Iterator[str]:
    for push in configuration.push or ():
        yield f"push: {_filters(push)}"
    for pull in configuration.pullRequest or ():
        events = f"{', '.join(pull.events)}; " if pull.events else ""
        yield f"pull request: {events}{_filters(pull)}"
    if not configuration.push and not configuration.pullRequest:
        yield "push: any branch"


def _filters(element: GitPushFilter | GitPullRequestFilter) -> str:
    named = [("tags", getattr(element, "tags", None)), ("branches", element.branches), ("filePaths", element.filePaths)]
    return "; ".join(f"{name} {_patterns(filter_)}" for name, filter_ in named if filter_ is not None) or "any branch"


def _patterns(filter_: GitFilter) -> str:
    return ", ".join([*(filter_.includes or ()), *(f"not {pattern}" for pattern in filter_.excludes or ())]) or "any"


def _of_schedules(project: ProjectFile, now: datetime) -> Iterator[Starter]:
    for settings in project.schedules:
        zone = f" ({settings.time_zone})" if settings.time_zone != "UTC" else ""
        try:
            schedule = parse_expression(settings.expression, settings.time_zone)
        except ValueError as error:
            yield Starter("schedule", called(settings), f"never: {error}")
        else:
            due = None if isinstance(schedule, Rate) else schedule.next(now)  # a rate counts from greenroom's start
            yield Starter("schedule", called(settings), f"{settings.expression}{zone}", due)


def _of_webhooks(project: ProjectFile, port: int | None) -> Iterator[Starter]:
    for name, settings in project.webhooks.items():
        where = f"POST {webhook_url(port, name)}" if port else "served with --webhooks"
        conditions = [f"{f.json_path} = {f.match_equals}" if f.match_equals else f.json_path for f in settings.filters]
        yield Starter("webhook", name, "; ".join([settings.authentication, *conditions, where]))
