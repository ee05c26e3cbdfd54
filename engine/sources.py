"""The directories that stand in for source actions, and what they hold now."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from pathlib import Path

from engine.artifacts.commit import branch_of, commit_tree, find_commit
from engine.artifacts.revision import committed, revision
from engine.artifacts.snapshot import Snapshotter
from engine.artifacts.store import Store
from engine.model.outcome import Revision
from engine.model.pipeline import PipelineDeclaration
from engine.opening import Opened

# What editors leave beside the file that they save: nobody's work, and gone a moment later.
LITTER = (".#*", "*~", ".*.sw[a-z]", "4913", "*___jb_tmp___", "*___jb_old___", "*___jb_bak___", ".goutputstream-*")

_PUSHED = re.compile(r"([0-9a-f]{40}|[0-9a-f]{64})@(.+)")


class Sources:
    """One snapshotter a directory, shared by the source actions that it stands in for. Not thread-safe."""

    def __init__(self, opened: Opened, store: Store) -> None:
        self._opened = opened
        self._store = store
        self._snapshots: dict[Path, Snapshotter] = {}
        self._trees: dict[Path, str] = {}
        self._revisions: dict[str, Revision] = {}
        for name, directory in opened.sources.items():
            if directory not in self._snapshots:
                exclude = (*LITTER, *opened.excludes.get(name, ()))
                self._snapshots[directory] = Snapshotter(directory, store, exclude=exclude)

    @property
    def directories(self) -> Collection[Path]:
        """Every directory, once."""
        return self._snapshots.keys()

    @property
    def trees(self) -> set[str]:
        """What the directories held at the last look."""
        return set(self._trees.values())

    @property
    def branch(self) -> str:
        """The branch that the first source is on; empty where it is on none."""
        return next((branch_of(directory) for directory in self._snapshots), "")

    def ignored(self, path: Path) -> bool:
        """Whether a path is in no snapshot."""
        inside = [s for directory, s in self._snapshots.items() if path.is_relative_to(directory)]
        return all(snapshot.ignored(path) for snapshot in inside)

    def scan(self) -> dict[str, Revision]:
        """Look at everything; a stat a file. The revision of each source action."""
        if self._opened.from_commits:
            return self._committed()
        for directory, snapshot in self._snapshots.items():
            self._set(directory, snapshot.scan(), always=True)
        return self._all()

    def update(self, paths: Collection[Path]) -> dict[str, Revision]:
        """Look at these paths only. The revision of each source action."""
        if self._opened.from_commits:
            return self._committed()
        for directory, snapshot in self._snapshots.items():
            mine = [path for path in paths if path.is_relative_to(directory)]
            if directory not in self._trees:
                self._set(directory, snapshot.scan(), always=True)
            elif mine:
                self._set(directory, snapshot.update(mine), always=False)
        return self._all()

    def named(self, wanted: Mapping[str, str]) -> dict[str, Revision]:
        """Source actions at the commits that somebody named. Raises `LookupError` in words."""
        declared = _configurations(self._opened.declaration)
        known = {name: _split(commit) for name, commit in wanted.items() if name in declared}  # the core refuses others
        for provider in {declared[name][0] for name in known} & {"S3", "ECR"}:
            raise LookupError(f"a revision of {provider} cannot be had here: name a commit of a repository")
        return self.at(known)

    def at(self, commits: Mapping[str, tuple[str, str]]) -> dict[str, Revision]:
        """Revisions as of commits, whatever the working trees hold: source action name to commit and branch.

        Raises `engine.artifacts.commit.NoCommit`.
        """
        declared = _configurations(self._opened.declaration)
        found: dict[str, Revision] = {}
        for name, (wanted, branch) in commits.items():
            directory = self._opened.sources[name]
            commit = find_commit(directory, wanted)
            provider, configuration = declared[name]
            found[name] = committed(
                directory,
                commit_tree(directory, commit, self._store, exclude=self._opened.excludes.get(name, ())),
                commit,
                branch=branch,
                provider=provider,
                configuration=configuration,
                region=self._opened.project.region,
                account=self._opened.project.account,
            )
        return found

    def _committed(self) -> dict[str, Revision]:
        """The newest commits of the branches that the sources follow; what is in no repository, as it lies there."""
        from engine.triggers.detect import latest  # for those who run commits

        declared = _configurations(self._opened.declaration)
        commits: dict[str, tuple[str, str]] = {}
        for name, directory in self._opened.sources.items():
            configuration = declared[name][1]
            found = latest(directory, configuration.get("BranchName") or configuration.get("Branch") or "")
            if found is not None:
                commits[name] = found
            else:
                self._set(directory, self._snapshots[directory].scan(), always=True)
        present = self._all() if len(commits) < len(self._opened.sources) else {}
        return present | self.at(commits)

    def _set(self, directory: Path, tree: str, *, always: bool) -> None:
        """Note a tree. `always`: a scan may follow a commit, which changes a revision but no file."""
        changed = self._trees.get(directory) != tree
        self._trees[directory] = tree
        if changed or always:
            for name in (name for name, place in self._opened.sources.items() if place == directory):
                self._revisions.pop(name, None)

    def _all(self) -> dict[str, Revision]:
        declared = _configurations(self._opened.declaration)
        for name, directory in self._opened.sources.items():
            if name not in self._revisions and directory in self._trees:
                provider, configuration = declared[name]
                self._revisions[name] = revision(
                    directory,
                    self._trees[directory],
                    provider=provider,
                    configuration=configuration,
                    store=self._store,
                    region=self._opened.project.region,
                    account=self._opened.project.account,
                )
        return dict(self._revisions)


def _split(wanted: str) -> tuple[str, str]:
    """Commit and branch of ``COMMIT@BRANCH``, where the commit is a full id; anything else is a commit alone."""
    found = _PUSHED.fullmatch(wanted)
    return (found[1], found[2]) if found else (wanted, "")


def _configurations(declaration: PipelineDeclaration) -> dict[str, tuple[str, dict[str, str]]]:
    return {
        action.name: (action.actionTypeId.provider, action.configuration)
        for stage in declaration.stages
        for action in stage.actions
        if action.actionTypeId.category == "Source"
    }
