"""Folders that a container's root made in a workspace of this machine: their owner decides who may tidy up there."""

from __future__ import annotations

import io
import os
import tarfile
from collections.abc import Iterator
from pathlib import Path

from engine.runners.docker.daemon import EngineError, connect, told

_DEEPEST = 32


def adopt(root: Path, owner: tuple[int, int]) -> None:
    """Give every folder below `root` to its user, who may then remove whatever is in it. Raises `EngineError`.

    Nothing has to run for that, so any image will do: an engine sets owners as it unpacks an archive in a container.
    """
    for _ in range(_DEEPEST):  # what is in a folder that only its owner may read is seen once it is ours
        foreign = list(_foreign(root, owner[0]))
        if not foreign or not _given(root, foreign, owner):
            return


def _foreign(root: Path, user: int) -> Iterator[Path]:
    for place, folders, _ in os.walk(root):
        for name in folders:
            path = Path(place, name)
            if not path.is_symlink() and path.lstat().st_uid != user:
                yield path


def _given(root: Path, folders: list[Path], owner: tuple[int, int]) -> bool:
    from docker.types import Mount

    daemon = connect()
    if daemon.remote:
        return False
    with told(daemon.address, "what a build made cannot be given to its user"):
        images = daemon.client.images.list()
        if not images:
            raise EngineError("the engine has no image at all")
        helper = daemon.client.containers.create(
            str(images[0].id),
            ["never-run"],
            network_mode="none",
            labels={"com.greenroom": "ownership"},
            mounts=[Mount(target=str(root), source=str(root), type="bind")],
        )
        try:
            return bool(helper.put_archive(str(root), _archive(root, folders, (0, 0) if daemon.rootless else owner)))
        finally:
            helper.remove(force=True)


def _archive(root: Path, folders: list[Path], owner: tuple[int, int]) -> io.BytesIO:
    """The folders as they are, without what is in them, but for their owner."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as archive:
        for folder in folders:
            member = archive.gettarinfo(folder, str(folder.relative_to(root)))
            member.uid, member.gid, member.uname, member.gname = *owner, "", ""
            archive.addfile(member)
    made.seek(0)
    return made
