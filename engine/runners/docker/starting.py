"""Why a container does not start, where the engine's own words say it to nobody."""

from __future__ import annotations

from engine.runners.docker.daemon import Daemon, EngineError
from engine.runners.docker.images import Image

_OTHER = "`images:` in greenroom.yaml has another one stand in."
_ALIKE = {"x86_64": "amd64", "aarch64": "arm64", "armv7l": "arm", "i686": "386"}


def explained(error: EngineError, image: Image, daemon: Daemon) -> EngineError:
    """The error, or a better one: an image without a shell, or one that is made for another kind of machine."""
    said = str(error)
    if "/bin/sh" in said and ("no such file" in said or "not found" in said):
        return EngineError(f"image {image.name} has no /bin/sh, which runs the commands of a build", _OTHER)
    ours = _known(daemon.platform)
    if "ended by itself" in said or "exec format" in said:
        if image.platform and _known(image.platform) != ours:
            told = f"image {image.name} is made for {image.platform}, this engine runs {ours}"
            return EngineError(told, f"Get or build it with `--platform {ours}`, or {_OTHER}")
        return EngineError(
            f"the shell of image {image.name} does not run: {said}", f"Look at the end of the log; {_OTHER}"
        )
    return error


def _known(platform: str) -> str:
    system, _, machine = platform.partition("/")
    return f"{system}/{_ALIKE.get(machine, machine)}"
