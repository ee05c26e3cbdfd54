"""What a path in a log means: the file in the source that one edits, not the copy a build ran in."""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath

REMEMBERED = 4_000
_build_folder = re.compile(r"/codebuild/output/(?:src[^/]*|tmp)/(?:src/)?(?P<rest>.+)")


class Places:
    """Looks paths up in `sources`, the directories that a build's input came from.

    `workspace` is the folder the build ran in: a path in there means the file of the source it is a copy of, if
    there is one. Each path is looked up once.
    """

    def __init__(self, sources: tuple[Path, ...] = (), workspace: Path | None = None) -> None:
        self.sources = sources
        self.workspace = workspace
        self._known: dict[str, Path | None] = {}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Places) and (self.sources, self.workspace) == (other.sources, other.workspace)

    def __hash__(self) -> int:
        return hash((self.sources, self.workspace))

    def find(self, path: str) -> Path | None:
        """The file; None where there is none."""
        if path not in self._known:
            if len(self._known) >= REMEMBERED:
                self._known.clear()
            try:
                self._known[path] = self._look(path)
            except (OSError, ValueError, RuntimeError):  # a name too long, a null byte, a home that is nobody's
                self._known[path] = None
        return self._known[path]

    def _look(self, path: str) -> Path | None:
        if not path.startswith(("/", "~")):
            return self._relative(path)
        if path.startswith("~"):
            path = str(Path(path).expanduser())
        inside = self._inside(path)
        if inside is not None:
            return inside
        file = Path(path)
        return file if file.is_file() else None

    def _relative(self, path: str) -> Path | None:
        parts = [part for part in PurePosixPath(path).parts if part != "."]
        if not parts or ".." in parts:
            return None
        candidates = [source.joinpath(*parts) for source in self.sources]
        if self.workspace is not None:
            candidates += [self.workspace / "build" / "src" / Path(*parts)]
        return next((file for file in candidates if file.is_file()), None)

    def _inside(self, path: str) -> Path | None:
        """A path in the build's own folders, as on this machine or as on AWS: in the source if it is there."""
        rest = ""
        if self.workspace is not None and path.startswith(f"{self.workspace}/"):
            rest = path[len(str(self.workspace)) + 1 :]
        elif match := _build_folder.fullmatch(path):
            rest = match["rest"]
        parts = PurePosixPath(rest).parts
        for skipped in range(min(3, len(parts))):  # build/src/, or inputs/<artifact>/
            for source in self.sources:
                file = source.joinpath(*parts[skipped:])
                if ".." not in parts and file.is_file():
                    return file
        return None
