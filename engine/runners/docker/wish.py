"""What a build asks of its container, as the definition and greenroom.yaml have it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

Pull = Literal["ask", "missing", "never"]
Source = Literal["auto", "mount", "copy"]

_GIGABYTE = 1 << 30
# vCPUs and GiB: https://docs.aws.amazon.com/codebuild/latest/userguide/build-env-ref-compute-types.html
_COMPUTE = {
    "BUILD_GENERAL1_SMALL": (2, 4),
    "BUILD_GENERAL1_MEDIUM": (4, 8),
    "BUILD_GENERAL1_LARGE": (8, 16),
    "BUILD_GENERAL1_XLARGE": (36, 72),
    "BUILD_GENERAL1_2XLARGE": (72, 144),
    "BUILD_LAMBDA_1GB": (1, 1),
    "BUILD_LAMBDA_2GB": (2, 2),
    "BUILD_LAMBDA_4GB": (3, 4),
    "BUILD_LAMBDA_8GB": (4, 8),
    "BUILD_LAMBDA_10GB": (6, 10),
}


@dataclass(frozen=True, slots=True)
class Wish:
    """`image` is the name that the definition gives, `stand_in` what greenroom.yaml puts in its place: an image, or
    a folder with a Dockerfile (it begins with a dot or a slash). `root` is what such a folder is relative to.
    """

    image: str
    stand_in: str = ""
    root: Path = field(default_factory=Path)
    pull: Pull = "ask"
    source: Source = "auto"
    network: str = ""
    compute_type: str = ""
    privileged: bool = False

    @property
    def name(self) -> str:
        """What is run in the end."""
        return self.stand_in or self.image

    @property
    def folder(self) -> Path | None:
        """The folder whose Dockerfile makes the image."""
        return (self.root / self.stand_in).resolve() if self.stand_in.startswith((".", "/")) else None

    def limits(self, cpus: int, memory: int) -> dict[str, int]:
        """CPU and memory as the compute type has them, no more than the engine has."""
        found = _COMPUTE.get(self.compute_type)
        if found is None:
            return {}
        most = found[1] * _GIGABYTE
        size = min(most, memory) if memory else most
        return {"nano_cpus": min(found[0], cpus or found[0]) * 10**9, "mem_limit": size, "memswap_limit": size}
