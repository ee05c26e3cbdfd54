"""The folders of one build inside its workspace."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from engine.journal.logs import safe_name


@dataclass(frozen=True, slots=True)
class Layout:
    """`source` is the primary input. Its parent holds nothing else, as on AWS: what a build makes beside its source
    stays apart from `scratch`, where greenroom's own files are.
    """

    workspace: Path

    @property
    def source(self) -> Path:
        """CODEBUILD_SRC_DIR."""
        return self.workspace / "build" / "src"

    @property
    def scratch(self) -> Path:
        """Script, environment and directory between commands."""
        return self.workspace / "tmp"

    @property
    def tools(self) -> Path:
        """Greenroom's own programs, first on the build's PATH."""
        return self.scratch / "bin"

    @property
    def pushed(self) -> Path:
        """The images that a build finds and leaves in Amazon ECR, a line each."""
        return self.scratch / "pushed.tsv"

    @property
    def bell(self) -> Path:
        """Where breakpoints are told of and answered."""
        return self.scratch / "bell"

    @property
    def checkpoints(self) -> Path:
        """What the build's files were before its last few commands."""
        return self.workspace / "checkpoints"

    def secondary(self, artifact: str) -> Path:
        """CODEBUILD_SRC_DIR_<artifact>."""
        return self.workspace / "inputs" / safe_name(artifact)

    @property
    def outputs(self) -> Path:
        """Where `output` puts them all."""
        return self.workspace / "outputs"

    def output(self, artifact: str) -> Path:
        """Where a substitute for another action puts an output artifact."""
        return self.outputs / safe_name(artifact)
