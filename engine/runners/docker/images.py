"""The image that a build runs in: found, pulled or built."""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from engine.execution.fingerprint import NO_IMAGE
from engine.model.outcome import Part
from engine.model.size import format_size
from engine.runners.docker.daemon import Daemon, EngineError, connect, told
from engine.runners.docker.talk import Talk
from engine.runners.docker.wish import Wish

Say = Callable[[str], None]
_CURATED = "aws/codebuild/amazonlinux"
_PUBLIC = "public.ecr.aws/codebuild/amazonlinux"
_BUILDS_KEPT = 3
_PROGRESS = ("Pulling from", "Digest:", "Status:")


@dataclass(frozen=True, slots=True)
class Image:
    """An image that is there. `id` is the digest of its configuration: equal ids are equal images."""

    name: str
    id: str
    environment: dict[str, str]
    size: int
    platform: str = ""


def part(wish: Wish) -> Part:
    """The image as part of a fingerprint. An engine or image that is not there is no reason to fail yet."""
    try:
        if wish.folder is not None:
            return Part("image", wish.name, _context(wish.folder))
        found = look(connect(), wish)
        return Part("image", wish.name, found.id if found else NO_IMAGE)
    except OSError as error:
        return Part("image", wish.name, str(error))


def look(daemon: Daemon, wish: Wish) -> Image | None:
    """The image, if it is there. What AWS calls aws/codebuild/amazonlinux… has another name in its public registry;
    what `podman build` made has one that Podman gives it.
    """
    from docker.errors import ImageNotFound

    names = [*_names(wish), *([f"localhost/{wish.name}"] if daemon.podman and "/" not in wish.name else [])]
    for name in names:
        with told(daemon.address):
            try:
                found = daemon.client.images.get(name)
            except ImageNotFound:
                continue
        pairs = (text.partition("=") for text in found.attrs.get("Config", {}).get("Env") or ())
        environment = {key: value for key, _, value in pairs}
        platform = f"{found.attrs.get('Os', '')}/{found.attrs.get('Architecture', '')}".strip("/")
        return Image(name, str(found.id), environment, int(found.attrs.get("Size") or 0), platform)
    return None


def provide(daemon: Daemon, wish: Wish, say: Say, talk: Talk) -> Image:
    """The image, pulled or built where it is not there and that is wanted. Raises `EngineError`."""
    if wish.folder is not None:
        return _built(daemon, wish, wish.folder, say, talk)
    found = look(daemon, wish)
    if found is None and wish.pull == "missing":
        _pull(daemon, _names(wish)[-1], say, talk)
        found = look(daemon, wish)
    if found is None:
        raise EngineError(f"image {wish.name} is not here", advice(wish))
    return found


def _names(wish: Wish) -> list[str]:
    names = [wish.name]
    if wish.name.startswith(_CURATED):
        names.append(wish.name.replace(_CURATED, _PUBLIC, 1))
    return names


def advice(wish: Wish) -> str:
    """What to do about an image that is not here."""
    from engine.runners.docker.registry import size_of

    other = f"`--image {wish.image}=NAME` (or `images:` in greenroom.yaml) has another image stand in"
    name = _names(wish)[-1]
    if wish.pull == "never":
        return f"Nothing is pulled offline: {other}, or `docker load` brings it."
    if wish.name.startswith("aws/codebuild/") and name == wish.name:
        return f"No registry has it: {other}, or build it from github.com/aws/aws-codebuild-docker-images."
    size = size_of(name)
    told_size = f" ({format_size(size)} compressed)" if size else ""
    return f"`--pull` gets {name}{told_size}; {other}."


def _pull(daemon: Daemon, name: str, say: Say, talk: Talk) -> None:
    from engine.runners.docker.registry import size_of

    size = size_of(name)
    say(f"greenroom: pulling {name}{f', {format_size(size)} compressed' if size else ''}")
    tag = None if "@" in name or ":" in name.rpartition("/")[2] else "latest"
    with told(daemon.address, f"cannot pull {name}"), talk.client(daemon) as client:
        for row in client.api.pull(name, tag=tag, stream=True, decode=True):
            if "error" in row:
                raise EngineError(f"cannot pull {name}: {row['error']}", "`docker pull` from a shell tells more.")
            if str(row.get("status", "")).startswith(_PROGRESS):
                say(f"greenroom: {row['status']}")


def _built(daemon: Daemon, wish: Wish, folder: Path, say: Say, talk: Talk) -> Image:
    """An image made of a Dockerfile, once for each content of its folder."""
    from docker.errors import BuildError

    file = folder if folder.is_file() else folder / "Dockerfile"
    if not file.is_file():
        raise EngineError(f"{file} does not exist", f"`images: {{{wish.image}: …}}` names a folder with a Dockerfile.")
    tag = f"greenroom-built:{_context(folder)[:24]}"
    made = Wish(image=tag)
    if found := look(daemon, made):
        return found
    say(f"greenroom: building {wish.image} from {file}")
    with told(daemon.address, f"cannot build {file}"), talk.client(daemon) as client:
        try:
            labels = {"com.greenroom": "image", "com.greenroom.from": str(file)}
            client.images.build(
                path=str(file.parent), dockerfile=file.name, tag=tag, rm=True, forcerm=True, labels=labels
            )
        except BuildError as error:
            for row in error.build_log:
                for text in str(row.get("stream", "")).splitlines():
                    say(f"greenroom: {text}") if text.strip() else None
            raise EngineError(f"cannot build {file}: {error.msg}", "The log has what its commands said.") from error
    found = look(daemon, made)
    if found is None:
        raise EngineError(f"the engine lost {tag}")
    _tidy(daemon, file)
    return found


def _tidy(daemon: Daemon, file: Path) -> None:
    """Of the images that a Dockerfile made, the newest few stay: one may go back to them."""
    from docker.errors import DockerException

    with contextlib.suppress(DockerException):  # one that is in use stays, too
        made = daemon.client.images.list(filters={"label": f"com.greenroom.from={file}"})
        made.sort(key=lambda image: str(image.attrs.get("Created", "")), reverse=True)
        for image in made[_BUILDS_KEPT:]:
            daemon.client.images.remove(str(image.id), force=False)


def _context(folder: Path) -> str:
    """A digest of all that a Dockerfile can see."""
    root = folder.parent if folder.is_file() else folder
    total = hashlib.sha256(folder.name.encode())
    for place, folders, files in os.walk(root):
        folders[:] = sorted(name for name in folders if name not in (".git", ".greenroom"))
        for name in sorted(files):
            path = Path(place, name)
            mode = path.lstat().st_mode
            total.update(f"{path.relative_to(root)}\0{mode:o}\0".encode("utf-8", "surrogateescape"))
            if stat.S_ISREG(mode):
                with path.open("rb") as file:
                    total.update(hashlib.file_digest(file, "sha256").digest())
            elif stat.S_ISLNK(mode):  # of pipes and sockets the engine gets nothing
                total.update(hashlib.sha256(os.fsencode(path.readlink())).digest())
    return total.hexdigest()
