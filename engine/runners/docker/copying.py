"""Files to and from an engine that cannot see this machine's."""

from __future__ import annotations

import os
import shutil
import tarfile
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from engine.runners.docker.daemon import EngineError

if TYPE_CHECKING:
    from docker.models.containers import Container

_CHUNK = 1 << 20
_MEMORY = 16 << 20


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
                archive.extractall(draft, filter=_as_it_is)  # noqa: S202 - the filter
        fetched = draft / folder.name
        if not fetched.is_dir():
            raise EngineError(f"the engine gives nothing back of {folder}", "`docker: {source: mount}` may work.")
        shutil.rmtree(folder)
        fetched.rename(folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _as_it_is(member: tarfile.TarInfo, place: str) -> tarfile.TarInfo | None:
    """What a build may leave, nothing outside the folder; devices and pipes stay where they are."""
    if not (member.isfile() or member.isdir() or member.issym() or member.islnk()):
        return None
    mode = member.mode
    if member.issym():  # where it leads is the build's business, as with a mount
        return member.replace(uid=os.getuid(), gid=os.getgid(), uname="", gname="", deep=False)
    safe = tarfile.data_filter(member, place)
    return safe.replace(mode=mode & 0o777 | (0o700 if member.isdir() else 0o600), uid=os.getuid(), gid=os.getgid())
