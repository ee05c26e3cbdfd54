"""What the shell completes: pipelines, stages and actions of the definition that is here."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
from click.shell_completion import CompletionItem

from tui.cli.settings import settings

if TYPE_CHECKING:
    from engine.model.pipeline import PipelineDeclaration


def pipelines(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Names of the pipelines here."""
    return [CompletionItem(d.name) for d in _declarations(ctx) if d.name.startswith(incomplete)]


def actions(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """``Stage/Action`` names."""
    return _items([f"{s.name}/{a.name}" for d in _declarations(ctx) for s in d.stages for a in s.actions], incomplete)


def builds(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """``Stage/Action`` names, and ``Stage/Action/identifier`` of the builds that the latest run's batches had."""
    found = actions(ctx, param, incomplete)
    try:
        from tui.cli.looking import look

        state = look(settings(ctx)).state
        latest = state.latest
        runs = (
            [state.actions[each] for stage in latest.stages.values() for each in stage.latest_runs()] if latest else []
        )
    except Exception:
        return found
    return found + _items([f"{run.stage}/{run.action}/{name}" for run in runs for name in run.builds], incomplete)


def stages(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Stage names."""
    return _items([stage.name for d in _declarations(ctx) for stage in d.stages], incomplete)


def places(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Stage and ``Stage/Action`` names."""
    return [*stages(ctx, param, incomplete), *actions(ctx, param, incomplete)]


def approvals(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """``Stage/Action`` of the approval actions, and ``all``."""
    found = [
        f"{stage.name}/{action.name}"
        for declaration in _declarations(ctx)
        for stage in declaration.stages
        for action in stage.actions
        if action.actionTypeId.category == "Approval"
    ]
    return _items([*found, "all"], incomplete)


def _items(names: list[str], incomplete: str) -> list[CompletionItem]:
    wanted = incomplete.lower()
    return [CompletionItem(n) for n in names if n.lower().startswith(wanted) or f"/{wanted}" in n.lower()]


def _declarations(ctx: click.Context) -> list[PipelineDeclaration]:
    """The definitions of this directory; none where something is wrong: completion must never complain."""
    try:
        from engine.opening import discover
        from tui.cli.opening import engine_options

        chosen = settings(ctx)
        loaded = [entry.declaration for entry in discover(engine_options(chosen))[0]]
    except Exception:
        return []
    return [d for d in loaded if chosen.pipeline in (None, d.name)] or loaded
