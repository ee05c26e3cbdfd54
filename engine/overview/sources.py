"""The source actions: which directory each stands for, what that holds now, what is left out, what starts a run."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from engine.artifacts.commit import NoCommit, branch_of, commit_tree, find_commit
from engine.artifacts.ignoring import IgnoreRule, rules_in_force
from engine.artifacts.revision import revision
from engine.artifacts.snapshot import Snapshotter
from engine.artifacts.store import Store
from engine.artifacts.tree import EMPTY_TREE
from engine.evidence.trees import TreeChange, compare
from engine.model.outcome import Revision
from engine.opening import Opened, source_actions
from engine.sources import LITTER
from engine.triggers.overview import Starter, starters


@dataclass(frozen=True, slots=True)
class SourceView:
    """One source action as it is now.

    `dirty` compares the directory with the commit that is checked out: what a run of it would have beyond the commit;
    None where there is no commit. `tree` is what the directory holds, `committed` what the commit does. `rules` are
    the ignore rules, the strongest last; `exclude` those of the project file.
    """

    name: str
    stage: str
    provider: str
    directory: Path
    branch: str
    revision: Revision
    tree: str
    committed: str
    files: int
    dirty: TreeChange | None
    rules: tuple[IgnoreRule, ...]
    exclude: tuple[str, ...]
    litter: tuple[str, ...]
    starters: tuple[Starter, ...]
    warnings: tuple[str, ...]


def look(opened: Opened, store: Store, now: datetime) -> tuple[SourceView, ...]:
    """Look at every source. Reads the directories: call it in a thread. Raises `OSError` where one is gone."""
    begins = starters(opened.declaration, opened.project, now)
    return tuple(
        _view(opened, store, stage, name, begins)
        for stage, name in source_actions(opened.declaration)
        if name in opened.sources
    )


def _view(opened: Opened, store: Store, stage: str, name: str, begins: list[Starter]) -> SourceView:
    directory, exclude = opened.sources[name], opened.excludes.get(name, ())
    snapshot = Snapshotter(directory, store, exclude=(*LITTER, *exclude))
    tree = snapshot.scan()
    action = opened.declaration.action(stage, name)
    project = opened.project
    found = revision(
        directory,
        tree,
        provider=action.actionTypeId.provider,
        configuration=action.configuration,
        region=project.region,
        account=project.account,
    )
    committed = _committed(directory, store, exclude)
    own = [entry.path for entry in store.walk(tree) if entry.path.rsplit("/", 1)[-1] == ".gitignore"]
    return SourceView(
        name=name,
        stage=stage,
        provider=action.actionTypeId.provider,
        directory=directory,
        branch=branch_of(directory),
        revision=found,
        tree=tree,
        committed=committed,
        files=snapshot.count,
        dirty=compare(store, committed, tree) if committed else None,
        rules=rules_in_force(directory, own),
        exclude=exclude,
        litter=LITTER,
        starters=tuple(one for one in begins if one.kind not in ("change", "trigger") or one.name == name),
        warnings=snapshot.warnings,
    )


def _committed(directory: Path, store: Store, exclude: tuple[str, ...]) -> str:
    """What the directory holds in the commit that is checked out; empty where there is none."""
    try:
        return commit_tree(directory, find_commit(directory, "HEAD"), store, exclude=exclude) or EMPTY_TREE
    except (NoCommit, OSError):
        return ""
