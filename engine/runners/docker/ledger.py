"""Every container of a state directory, from before it exists until it is gone: a crash leaves no secret ones.

An entry is a file ``.greenroom/containers/<container's name>``.
"""

from __future__ import annotations

import contextlib
import json
import os
import shlex
import uuid
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from engine.journal import processes
from engine.runners.docker.daemon import Daemon, EngineError, connect, told

if TYPE_CHECKING:
    from docker.models.containers import Container

_FOLDER = "containers"
_IMAGES = "images-"  # of entries that are of images

CHECKPOINTS = "com.greenroom.checkpoints"
"""The label that says to which build's checkpoints an image belongs."""


def note(
    state: Path,
    name: str,
    address: str,
    image: str,
    owner: tuple[int, int] | None,
    folders: Iterable[Path],
    *,
    network: str = "",
) -> Path:
    """Write down a container that is about to be created, with the network that was made for it."""
    entry = state / _FOLDER / name
    entry.parent.mkdir(parents=True, exist_ok=True)
    us = os.getpid()
    known = {
        "address": address,
        "image": image,
        "owner": owner,
        "folders": [str(folder) for folder in folders],
        "network": network,
        "greenroom": [us, processes.birth(us)],
    }
    entry.write_text(json.dumps(known), encoding="utf-8")
    return entry


def reap(state: Path) -> tuple[int, list[str]]:
    """Remove every container that nobody uses: how many there were, and what stood in the way of others."""
    removed, trouble = 0, []
    try:
        entries = sorted((state / _FOLDER).iterdir(), key=lambda entry: (entry.name.startswith(_IMAGES), entry.name))
    except OSError:
        return 0, []
    for entry in entries:
        if _in_use(entry):
            continue
        try:
            removed += clear(entry, chown=True)
        except EngineError as error:
            trouble.append(str(error))
    return removed, list(dict.fromkeys(trouble))


def _in_use(entry: Path) -> bool:
    """Whether another greenroom, which lives, works with it: `greenroom build` runs beside others."""
    try:
        pid, birth = json.loads(entry.read_text(encoding="utf-8"))["greenroom"]
        return pid != os.getpid() and bool(birth) and processes.birth(pid) == birth
    except (OSError, ValueError, KeyError, TypeError):
        return False


def clear(entry: Path, *, chown: bool) -> bool:
    """Remove a container, whatever it does, give its files to their owner, and strike the entry out.

    Returns whether there can have been anything.
    """
    try:
        known = json.loads(entry.read_text(encoding="utf-8"))
        if "labels" in known:
            return _clear_made(entry, known["labels"], Path(known["marker"]))
        if "checkpoints" in known:
            remove_images(connect(known["address"]), known["checkpoints"])
            entry.unlink(missing_ok=True)
            return False
        address, owner = str(known["address"]), known["owner"]
    except (ValueError, KeyError, TypeError, FileNotFoundError):  # torn by a crash: the container was never made
        entry.unlink(missing_ok=True)
        return True
    from docker.errors import NotFound

    daemon = connect(address)
    with told(daemon.address, "a container cannot be removed"):
        with contextlib.suppress(NotFound):
            daemon.client.api.remove_container(entry.name, force=True, v=True)
        if network := str(known.get("network") or ""):
            remove_network(network, daemon)
        if chown and owner:
            _give(daemon, str(known["image"]), (owner[0], owner[1]), [Path(f) for f in known["folders"]])
    entry.unlink(missing_ok=True)
    return True


def note_made(state: Path, labels: Iterable[str], marker: Path) -> Path:
    """Write down what a build may make by itself: it has one of the labels, and `marker` is there once there is any."""
    us = os.getpid()
    entry = state / _FOLDER / f"made-{uuid.uuid4().hex[:16]}"
    entry.parent.mkdir(parents=True, exist_ok=True)
    known = {"labels": list(labels), "marker": str(marker), "greenroom": [us, processes.birth(us)]}
    entry.write_text(json.dumps(known), encoding="utf-8")
    return entry


def _clear_made(entry: Path, labels: Iterable[str], marker: Path) -> bool:
    made = marker.exists()
    for label in labels if made else ():
        remove_labelled(label)
    marker.unlink(missing_ok=True)
    entry.unlink(missing_ok=True)
    return made


def note_images(state: Path, token: str, address: str) -> Path:
    """Write down that images will have this token as their label. They are removed after the containers."""
    us = os.getpid()
    entry = state / _FOLDER / f"{_IMAGES}{token}"
    entry.parent.mkdir(parents=True, exist_ok=True)
    known = {"checkpoints": token, "address": address, "greenroom": [us, processes.birth(us)]}
    entry.write_text(json.dumps(known), encoding="utf-8")
    return entry


def remove_images(daemon: Daemon, token: str, *, but: Collection[str] = ()) -> None:
    """Remove a build's checkpoints, but those that are wanted or in use. Raises `EngineError`."""
    from docker.errors import APIError

    with told(daemon.address, "a checkpoint cannot be removed"):
        found = daemon.client.images.list(filters={"label": f"{CHECKPOINTS}={token}"})
        # One may be made of another: the newest go first.
        for image in sorted(found, key=lambda image: str(image.attrs["Created"]), reverse=True):
            if image.id not in but:
                with contextlib.suppress(APIError):
                    daemon.client.images.remove(str(image.id), force=True, noprune=True)


def remove_network(name: str, daemon: Daemon | None = None) -> None:
    """Remove a network; one that is still in use stays, for whoever uses it comes here as well."""
    from docker.errors import APIError

    with contextlib.suppress(EngineError, APIError):
        (daemon or connect()).client.api.remove_network(name)


def remove_labelled(label: str) -> None:
    """Remove the containers, networks and volumes with a label. Raises `EngineError`."""
    daemon = connect()
    with told(daemon.address, "what a build made cannot be removed"):
        for container in daemon.client.containers.list(all=True, filters={"label": label}):
            container.remove(force=True, v=True)
        daemon.client.networks.prune({"label": [label]})
        for volume in daemon.client.volumes.list(filters={"label": label}):
            volume.remove()


def ownership(owner: tuple[int, int], folder: Path, whose: str = "") -> str:
    """A line of shell that gives everything in a folder to somebody, or only what is `whose`. It says nothing."""
    where, whom = shlex.quote(str(folder)), f"{owner[0]}:{owner[1]}"
    which = f"-user {whose}" if whose else f"! -user {owner[0]}"
    every = "" if whose else f" || chown -hR {whom} {where} 2>/dev/null"
    return f"{{ find {where} {which} -exec chown -h {whom} {{}} + 2>/dev/null{every}; }}"


def _give(daemon: Daemon, image: str, owner: tuple[int, int], folders: list[Path]) -> None:
    """The container is gone: another one, of the same image, does what only its root can do."""
    from docker.errors import ImageNotFound
    from docker.types import Mount

    here = [folder for folder in folders if folder.exists()]
    inside = (0, 0) if daemon.rootless else owner
    if not here or all(f.stat().st_uid == owner[0] and not _foreign(f, owner[0]) for f in here):
        return
    try:
        helper: Container = daemon.client.containers.create(
            image,
            ["-c", " && ".join(ownership(inside, folder) for folder in here)],
            entrypoint=["/bin/sh"],
            user="0",
            network_mode="none",
            labels={"com.greenroom": "ownership"},
            mounts=[Mount(target=str(f), source=str(f), type="bind") for f in here],
        )
    except ImageNotFound:
        return
    try:
        helper.start()
        helper.wait()
    finally:
        helper.remove(force=True)


def _foreign(folder: Path, owner: int) -> bool:
    """Whether anything in it belongs to somebody else."""
    for place, folders, files in os.walk(folder):
        for name in (*folders, *files):
            if os.lstat(os.path.join(place, name)).st_uid != owner:  # noqa: PTH118 - of every file of a workspace
                return True
    return False
