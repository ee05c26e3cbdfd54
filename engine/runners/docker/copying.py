"""Files to and from an engine that cannot see this machine's."""

from __future__ import annotations

import os
import shutil
import tarfile
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from engine.runners.docker.daemon import EngineError

if TYPE_CHECKING:
    from docker.models.containers import Container

_CHUNK = 1 << 20
_MEMORY = 16 << 20
_NOT_ASKED = "Nothing that was asked for lies there: look at what that engine is."


def put(container: Container, folders: Iterable[Path]) -> None:
    """Lay folders into a container, at the paths they have here, for its root."""

    def as_root(member: tarfile.TarInfo) -> tarfile.TarInfo:
        member.uid = member.gid = 0
        member.uname = member.gname = "root"
        return member

    with tempfile.SpooledTemporaryFile(_MEMORY) as spool:
        with tarfile.open(fileobj=spool, mode="w") as archive:
            for folder in folders:
                archive.add(folder, str(folder).lstrip("/"), filter=as_root)
        spool.seek(0)
        container.put_archive("/", spool)


def get(container: Container, folder: Path) -> None:
    """Make a folder what it is in the container. Raises docker's `NotFound`."""
    stream, _ = container.get_archive(str(folder), chunk_size=_CHUNK)
    draft = Path(tempfile.mkdtemp(prefix=".fetch-", dir=folder.parent))
    try:
        with tempfile.SpooledTemporaryFile(_MEMORY) as spool:
            for piece in stream:
                spool.write(piece)
            spool.seek(0)
            with tarfile.open(fileobj=spool, mode="r") as archive:
                archive.extraction_filter = lambda member, _: member  # they are chosen here, also before Python 3.11.4
                archive.extractall(draft, members=_wanted(archive, draft))  # noqa: S202 - the choice
        fetched = draft / folder.name
        if not fetched.is_dir():
            raise EngineError(f"the engine gives nothing back of {folder}", "`docker: {source: mount}` may work.")
        shutil.rmtree(folder)
        fetched.rename(folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _wanted(archive: tarfile.TarFile, draft: Path) -> Iterator[tarfile.TarInfo]:
    """What a build may leave, nothing outside the folder; devices and pipes stay where they are.

    It is asked member by member, so that what went before, a link above all, is there already.
    """
    for member in archive:
        if not (member.isfile() or member.isdir() or member.issym() or member.islnk()):
            continue
        # Where a symbolic link leads is the build's business, as with a mount.
        places = [os.path.dirname(member.name)] if member.issym() else [member.name, member.linkname]  # noqa: PTH120
        if not all(_is_inside(draft, place) for place in places):
            raise EngineError(f"the engine gives back {member.name}, which is outside of the build", _NOT_ASKED)
        if not member.issym():
            member.mode = member.mode & 0o777 | (0o700 if member.isdir() else 0o600)
        member.uid, member.gid, member.uname, member.gname = os.getuid(), os.getgid(), "", ""
        yield member


def _is_inside(draft: Path, name: str) -> bool:
    """Whether a path in the archive stays in the folder, whatever links lie on its way."""
    return Path(os.path.realpath(draft / name)).is_relative_to(os.path.realpath(draft))
