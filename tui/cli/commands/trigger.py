"""`greenroom trigger`: what starts the pipeline, and whether a push, a tag or a pull request would."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

import click

from tui.cli.exits import Exit
from tui.cli.problem import Problem, unknown
from tui.cli.settings import Settings, run_options, settings

if TYPE_CHECKING:
    from pathlib import Path

    from engine.opening import Opened
    from engine.triggers.filters import Happening, PullRequestEvent, Verdict
    from tui.cli.terminal import Terminal


@click.group(invoke_without_command=True)
@run_options
@click.pass_context
def command(ctx: click.Context) -> int | None:
    """Say what starts the pipeline besides a person; the commands rehearse one of these.

    A rehearsal evaluates the pipeline's filters on the repository here and says filter by filter why it would start
    or not: exit code 0 or 1. With --start it really starts, in the greenroom that runs here or in this process.
    """
    return _overview(settings(ctx)) if ctx.invoked_subcommand is None else None


def _rehearsal(function: Callable[..., Any]) -> Callable[..., Any]:
    for option in (
        click.option("--start", is_flag=True, help="Start the run that it would start."),
        click.option("--source", metavar="ACTION", help="The source action whose repository is meant."),
        run_options,
    ):
        function = option(function)
    return function


_PATHS = click.option("--path", "paths", multiple=True, metavar="FILE", help="A changed file, instead of the commits'.")


@command.command()
@_rehearsal
@click.argument("branch", required=False, default="")
@click.option("--commits", default="", metavar="A..B", help="The commits that are pushed; what upstream lacks, if not.")
@_PATHS
@click.option("--new", is_flag=True, help="The branch is new on the other side.")
@click.pass_context
def push(
    ctx: click.Context, branch: str, commits: str, paths: tuple[str, ...], new: bool, source: str | None, start: bool
) -> int:
    """Rehearse a push to BRANCH (the one that is checked out)."""
    from engine.triggers.imagined import imagined_push

    def imagine(directory: Path, _: Opened) -> tuple[Happening, str]:
        return imagined_push(directory, branch, commits=commits, paths=paths, created=new)

    return _rehearse(settings(ctx), source, imagine, start=start)


@command.command()
@_rehearsal
@click.argument("name")
@click.pass_context
def tag(ctx: click.Context, name: str, source: str | None, start: bool) -> int:
    """Rehearse the push of tag NAME, which need not be there yet."""
    from engine.triggers.imagined import imagined_tag

    return _rehearse(settings(ctx), source, lambda directory, _: imagined_tag(directory, name), start=start)


@command.command("pull-request")
@_rehearsal
@click.argument("branch", required=False, default="")
@click.option("--into", default="", metavar="BRANCH", help="Its target; the source action's branch, if not.")
@click.option("--event", type=click.Choice(["OPEN", "UPDATED", "CLOSED"]), default="OPEN", show_default=True)
@_PATHS
@click.pass_context
def pull_request(
    ctx: click.Context, branch: str, into: str, event: str, paths: tuple[str, ...], source: str | None, start: bool
) -> int:
    """Rehearse a pull request of BRANCH (the one that is checked out)."""
    from engine.triggers.imagined import imagined_pull_request

    def imagine(directory: Path, opened: Opened) -> tuple[Happening, str]:
        kind = cast("PullRequestEvent", event)
        target = into or _followed(opened, directory)
        return imagined_pull_request(directory, target, branch, event=kind, paths=paths)

    return _rehearse(settings(ctx), source, imagine, start=start)


# -- what starts it --------------------------------------------------------------------------------------------------


def _overview(chosen: Settings) -> int:
    from datetime import UTC, datetime

    from engine.journal.lock import owner
    from engine.triggers.outside import served_port
    from engine.triggers.overview import starters
    from tui.cli.columns import table
    from tui.cli.opening import open_project

    opened, terminal = open_project(chosen), chosen.terminal()
    port = served_port(opened.state_dir) if owner(opened.state_dir) else None
    now = datetime.now(UTC)
    rows = [
        [
            starter.kind,
            starter.name,
            f"{starter.next.astimezone():%a %Y-%m-%d %H:%M}" if starter.next else "",
            starter.text,
        ]
        for starter in starters(opened.declaration, opened.project, now, port=port)
    ]
    terminal.result(table(terminal, ("KIND", "NAME", "NEXT", "WHAT"), rows))
    return Exit.OK


# -- a rehearsal -----------------------------------------------------------------------------------------------------


def _rehearse(
    chosen: Settings, source: str | None, imagine: Callable[[Path, Opened], tuple[Happening, str]], *, start: bool
) -> int:
    from engine.artifacts.commit import NoCommit
    from engine.triggers.pushes import verdicts
    from tui.cli.opening import open_project

    opened = open_project(chosen)
    sources = _sources(opened, source)
    try:
        happened, commit = imagine(opened.sources[sources[0]], opened)
    except NoCommit as error:
        raise Problem(str(error.args[0])) from error
    found = verdicts(opened, sources, happened)
    _explain(chosen.terminal(), happened, commit, found)
    starting = [verdict for verdict in found if verdict.starts]
    if not starting:
        return Exit.FAILED
    return _start(chosen, opened, starting, happened, commit) if start else Exit.OK


def _sources(opened: Opened, wanted: str | None) -> list[str]:
    """The source actions in the repository that is meant: that of the first one, if nobody says."""
    from engine.triggers.detect import repository_of

    names = list(opened.sources)
    if wanted is not None and wanted not in names:
        raise unknown("source action", wanted, names)
    if not names:
        raise Problem("this pipeline has no source action, so nothing that happens in a repository starts it")
    first = wanted or names[0]
    place = repository_of(opened.sources[first])
    others = (name for name in names if name != first and place and repository_of(opened.sources[name]) == place)
    return [first] if wanted else [first, *others]


def _followed(opened: Opened, directory: Path) -> str:
    """The branch that the sources of this repository follow, main where they follow none."""
    from engine.triggers.filters import watched_branch

    for stage in opened.declaration.stages:
        for action in stage.actions:
            if opened.sources.get(action.name) == directory and watched_branch(action):
                return watched_branch(action)
    return "main"


def _explain(terminal: Terminal, happened: Happening, commit: str, found: tuple[Verdict, ...]) -> None:
    files = len(happened.paths)
    more = [f"{files} changed file{'s' * (files != 1)}"] if files else []
    terminal.result(", ".join([str(happened), *more, *([f"commit {commit[:7]}"] if commit else [])]))
    for verdict in found:
        says = f"starts ({verdict.trigger})" if verdict.starts else "does not start"
        painted = terminal.paint(says, "good" if verdict.starts else "bad", result=True)
        terminal.result(f"{verdict.source}: {painted}")
        for alternative in verdict.alternatives:
            terminal.result(f"  {alternative.name}")
            for reason in alternative.reasons:
                terminal.result(f"    {'✓' if reason.holds else '✗'} {reason.filter}: {reason.text}")


def _start(chosen: Settings, opened: Opened, starting: list[Verdict], happened: Happening, commit: str) -> int:
    from engine.artifacts.revision import committed
    from engine.execution.requests import Start
    from engine.triggers.filters import Push
    from engine.triggers.pushes import detail
    from tui.cli.commands.run import ask_or_run
    from tui.cli.wishes import Wishes

    if not commit:
        raise Problem(
            "there is no such branch or tag here, so there is no commit to run", "Make it, or name --commits."
        )
    branch = (happened.name if happened.kind == "branch" else "") if isinstance(happened, Push) else happened.source
    verdict = starting[0]
    declared = {a.name: a for s in opened.declaration.stages for a in s.actions if a.name in opened.sources}
    action = declared[verdict.source]
    revision = committed(
        opened.sources[verdict.source],
        "",
        commit,
        branch=branch,
        provider=action.actionTypeId.provider,
        configuration=action.configuration,
    )
    request = Start(
        verdict.trigger,
        detail(opened, verdict, happened, revision),
        source_revisions={
            found.source: f"{commit}@{branch}" if branch else commit
            for found in starting
            if declared[found.source].actionTypeId.provider not in ("S3", "ECR")  # these have no commits
        },
    )
    return ask_or_run(chosen, request, Wishes(), "trigger")
