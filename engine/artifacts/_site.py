"""The names that belong to one workspace. All are hidden, and beside it: an action sees only its tree."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Site:
    """A directory to be made exactly a tree, its manifest, and where things go that have to go."""

    directory: str
    manifest: str
    trash: str

    @classmethod
    def of(cls, workspace: str) -> Site:
        """A workspace itself."""
        return cls(workspace, beside(workspace, "manifest"), beside(workspace, "trash"))

    @classmethod
    def spare(cls, workspace: str) -> Site:
        """The directory that is got ready to become the workspace."""
        return cls(beside(workspace, "spare"), beside(workspace, "spare.manifest"), beside(workspace, "trash"))

    @classmethod
    def worn(cls, workspace: str) -> Site:
        """The directory that was the workspace until a spare took its place."""
        return cls(beside(workspace, "worn"), beside(workspace, "worn.manifest"), beside(workspace, "trash"))


def beside(directory: str, what: str) -> str:
    """A hidden name next to a directory, for things that must not be in it."""
    parent, _, name = directory.rstrip("/").rpartition("/")
    return f"{parent}/.{name}.{what}"
