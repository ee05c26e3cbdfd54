"""Gathering a build's artifacts: base directories, patterns, exclusions, and the log lines that go with them."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from engine.artifacts.store import Store
from engine.providers.buildspec.model import Artifacts, BuildspecError
from engine.providers.codebuild.globs import Glob, Seen, find, find_folders, is_pattern, nobody

_VARIABLE = re.compile(r"\$(?:\{(?P<braced>[A-Za-z_]\w*)\}|(?P<plain>[A-Za-z_]\w*))")

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Collector:
    """Collects from one source directory. `variables` are the build's own, for names such as ``$DIST/**``.

    `seen` is told of all that decides what is collected.
    """

    source: Path
    variables: Mapping[str, str]
    say: Say
    seen: Seen = nobody

    def collect(self, artifacts: Artifacts) -> dict[str, Path]:
        """Path in the artifact -> file on disk. Raises `BuildspecError` where AWS fails the build."""
        files: dict[str, Path] = {}
        base = expand(artifacts.base_directory, self.variables) or "."
        self._say(f"Expanding base directory path: {base}", "Assembling file list", f"Expanding {base}")
        for folder in self._folders(base):
            self._say(f"Expanding file paths for base directory {folder}", "Assembling file list")
            root = self.source / folder
            excluded = [Glob(expand(pattern, self.variables)) for pattern in artifacts.exclude_paths]
            for pattern in artifacts.files:
                for path, found, file in self._matches(root, expand(pattern, self.variables), artifacts):
                    if not any(glob.matches(path) for glob in excluded):
                        self.seen(str(found), "c")
                        files[posixpath.basename(path) if artifacts.discard_paths else path] = file
        if not files:
            raise BuildspecError(
                "no matching artifact paths found",
                code="CLIENT_ERROR",
                hint="No file matches artifacts.files: "
                + ", ".join(artifacts.files)
                + (_unset_hint(self, artifacts) or _folder_hint(self, base, artifacts)),
            )
        self._say(f"Found {len(files)} file(s)")
        return files

    def _folders(self, base: str) -> list[str]:
        path = posixpath.normpath(base)
        self.seen(str(self.source / path), "k")
        found = (
            find_folders(self.source, path, seen=self.seen) if is_pattern(base) and not base.startswith("/") else [path]
        )
        folders = [folder for folder in found if (self.source / folder).is_dir()]
        if not folders:
            raise BuildspecError(
                f"no matching base directory path found for {base}",
                code="CLIENT_ERROR",
                hint="The build did not make artifacts.base-directory.",
            )
        return folders

    def _matches(self, root: Path, pattern: str, artifacts: Artifacts) -> list[tuple[str, Path, Path]]:
        """Path in the artifact, the file as it was found, and what it stands for."""
        follow = not artifacts.enable_symlinks
        self._say(f"Expanding {pattern}")
        # An absolute pattern, mostly made of a variable, is looked for where it says and stored from its fixed part on.
        where, rest = _absolute(pattern) if pattern.startswith("/") else (root, pattern)
        above = ".." in rest.split("/")
        if above:
            self.seen(str(where / rest), "k")
        paths = _beside(where, rest) if above else find(where, rest, follow=follow, seen=self.seen)
        if not paths and not is_pattern(pattern):
            self._say(f"Skipping invalid file path {pattern}")
        return [(_stored(path), where / path, _file(where / path, follow)) for path in paths]

    def _say(self, *lines: str) -> None:
        for line in lines:
            self.say(line)


def expand(text: str, variables: Mapping[str, str]) -> str:
    """``$NAME`` and ``${NAME}`` replaced; unset ones become empty, as in a shell."""
    return _VARIABLE.sub(lambda match: variables.get(match["braced"] or match["plain"], ""), text)


def mentioned(artifacts: Artifacts) -> set[str]:
    """The variables that the patterns of an artifact name."""
    texts = " ".join((artifacts.base_directory, *artifacts.files, *artifacts.exclude_paths))
    return {match["braced"] or match["plain"] for match in _VARIABLE.finditer(texts)}


def put(store: Store, files: Mapping[str, Path], say: Say) -> str:
    """Store the collected files as one tree and return its digest."""
    skipped: list[str] = []
    digest = store.put(files.items(), skipped=skipped)
    for path in skipped:  # pipes, sockets
        say(f"Skipping invalid file path {path}")
    return digest


def _absolute(pattern: str) -> tuple[Path, str]:
    names = pattern.strip("/").split("/")
    fixed = next((at for at, name in enumerate(names) if is_pattern(name)), len(names) - 1)
    return Path("/", *names[:fixed]), "/".join(names[fixed:])


def _beside(root: Path, pattern: str) -> list[str]:
    """A literal path that leaves the base directory (``../notes.txt``)."""
    return [pattern] if not is_pattern(pattern) and (root / pattern).is_file() else []


def _stored(path: str) -> str:
    return posixpath.normpath("/" + path).lstrip("/")


def _file(path: Path, follow: bool) -> Path:
    return path.resolve() if follow and path.is_symlink() else path


def _unset_hint(collector: Collector, artifacts: Artifacts) -> str:
    unset = sorted(mentioned(artifacts) - set(collector.variables))
    return f". Not set: {', '.join(unset)}" if unset else ""


def _folder_hint(collector: Collector, base: str, artifacts: Artifacts) -> str:
    for pattern in artifacts.files:
        name = expand(pattern, collector.variables)
        if not is_pattern(name) and (collector.source / base / name).is_dir():
            return f". {name} is a folder: write {name}/**/*"
    return ""
