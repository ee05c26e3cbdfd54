# ruff: noqa: PTH115
# os calls on plain strings: there are many files.
"""Files on disk -> records of a tree, their content added to the store on the way."""

from __future__ import annotations

import os
import stat

from engine.artifacts._objects import Objects, is_executable
from engine.artifacts.tree import Branch, Node, decode_name, link_node


class Collector:
    """Adds files and directories to the store. `grown` counts the bytes added, `skipped` what has no content."""

    def __init__(self, objects: Objects, *, move: bool) -> None:
        self._objects = objects
        self._move = move
        self.grown = 0
        self.skipped: list[str] = []

    def collect(self, path: str) -> Node | Branch | None:
        """The record of whatever is at `path` (its name to be filled in); None for pipes, sockets and devices."""
        mode = os.lstat(path).st_mode
        if stat.S_ISDIR(mode):
            return self.collect_directory(path)
        if stat.S_ISLNK(mode):
            return link_node("", os.readlink(os.fsencode(path)))
        if stat.S_ISREG(mode):
            return self._file("", path)
        self.skipped.append(path)
        return None

    def collect_directory(self, path: str) -> Branch:
        """The records of all that is in a directory."""
        branch: Branch = {}
        with os.scandir(os.fsencode(path)) as found:
            for item in found:
                name = decode_name(item.name)
                if item.is_symlink():
                    branch[name] = link_node(name, os.readlink(item.path))
                elif item.is_dir(follow_symlinks=False):
                    branch[name] = self.collect_directory(decode_name(item.path))
                elif item.is_file(follow_symlinks=False):
                    branch[name] = self._file(name, decode_name(item.path))
                else:
                    self.skipped.append(decode_name(item.path))
        return branch

    def _file(self, name: str, path: str) -> Node:
        taken = self._objects.adopt(path) if self._move else self._objects.take(path)
        self.grown += taken.grown
        executable = is_executable(taken.status.st_mode)
        return Node(name, "exec" if executable else "file", taken.digest, taken.size)
