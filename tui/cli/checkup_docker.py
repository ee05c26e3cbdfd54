"""The doctor's look at the container engine and the images that builds want."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

from tui.cli.checkup import Finding
from tui.cli.words import size

if TYPE_CHECKING:
    from engine.runners.docker.daemon import Daemon
    from engine.runners.docker.wish import Wish
    from tui.cli.settings import Settings


def docker(chosen: Settings) -> Iterator[Finding]:
    """The engine, then each image of the pipeline's builds. Docker is optional: without a use for it, a note."""
    wanted = _wanted(chosen)
    try:
        from engine.runners.docker.daemon import connect

        daemon = connect()
    except Exception as error:
        advice = getattr(error, "hint", "") if wanted else "Only --runner docker needs it."
        yield Finding("docker", "warn" if wanted else "note", str(error), advice)
        return
    yield Finding("docker", "ok", _engine(daemon))
    for wish in wanted:
        try:
            yield _image(daemon, wish)
        except Exception as error:
            yield Finding("image", "warn", f"{wish.name}: {error}")


def _engine(daemon: Daemon) -> str:
    how = "DOCKER_HOST" if os.environ.get("DOCKER_HOST") else f"context {_context()}"
    kind = ", rootless" if daemon.rootless else ", Docker Desktop" if daemon.desktop else ""
    room = f"{daemon.cpus} CPUs, {size(daemon.memory)}"
    return f"{daemon.version} at {daemon.address} ({how}{kind}), {daemon.platform}, {room}"


def _context() -> str:
    from docker.context import ContextAPI

    current = ContextAPI.get_current_context()
    return os.environ.get("DOCKER_CONTEXT") or (str(current.Name) if current else "default")


def _image(daemon: Daemon, wish: Wish) -> Finding:
    from engine.runners.docker.images import advice, look

    name = f"{wish.image} -> {wish.stand_in}" if wish.stand_in else wish.image
    if wish.folder is not None:
        there = any((wish.folder / file).is_file() for file in ("", "Dockerfile"))
        return Finding(
            "image",
            "ok" if there else "warn",
            f"{name}, built when it is wanted" if there else f"{name}: no Dockerfile",
        )
    found = look(daemon, wish)
    if found is None:
        return Finding("image", "warn", f"{name} is not here", advice(wish))
    return Finding("image", "ok", f"{name}, {found.id.removeprefix('sha256:')[:12]}, {size(found.size)}")


def _wanted(chosen: Settings) -> list[Wish]:
    """What the pipeline here wants of containers, each image once; nothing where there is no pipeline."""
    from engine.opening import OpenError, open_project
    from tui.cli.opening import engine_options

    try:
        opened = open_project(engine_options(chosen))
    except (OpenError, OSError):
        return []
    project = opened.project
    runners = [each.runner for each in project.actions.values()] + [each.runner for each in project.projects.values()]
    if "docker" not in (project.runner, *runners):
        return []
    from engine.providers.codebuild.where import wishes

    found = [*wishes(opened.pipeline.declaration, opened.project, opened.directory).values()]
    if any("BatchEnabled" in action.configuration for stage in opened.declaration.stages for action in stage.actions):
        from engine.providers.batch import checking

        found += checking.wishes(opened.declaration, opened.project, opened.sources, opened.directory)
    return list({wish.name: wish for wish in found}.values())
