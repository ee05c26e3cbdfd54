"""What greenroom lays beside a build: its own programs, Amazon ECR, and a place for logins."""

from __future__ import annotations

import shutil
from collections.abc import Mapping

from engine.providers.codebuild.docker_config import DockerConfig
from engine.providers.codebuild.ecr import Ecr
from engine.providers.codebuild.layout import Layout
from engine.providers.codebuild.local_aws import LocalAws
from engine.providers.codebuild.no_aws import is_local
from engine.providers.codebuild.plan import Plan
from engine.providers.codebuild.tools import Tools, debugging_programs, laid, programs, stand_in, standing_in
from engine.providers.contract import Job


class Toolbox:
    """The tools of one build. Use `lay`, and `close` at its end."""

    def __init__(self, job: Job, plan: Plan, layout: Layout) -> None:
        self._plan = plan
        self._layout = layout
        self._ecr = Ecr(job, layout) if is_local(job.project) else None
        self._config: DockerConfig | None = None

    @property
    def aws(self) -> LocalAws | None:
        """The calls to AWS that have an answer."""
        return self._ecr.aws() if self._ecr else None

    def lay(self, values: Mapping[str, str]) -> dict[str, str]:
        """Get everything ready. Returns the variables of the build that change by it."""
        if self._ecr:
            self._ecr.begin()
        path = values.get("PATH", "")
        tools = self._tools(path)
        found = laid(self._layout.scratch, self._layout.tools, tools, path)
        if self._plan.container:
            return found | self._containers(values) if self._plan.container.privileged else found
        if stand_in(self._layout.tools, tools, path):
            found |= self._containers(values)
        if "DOCKER_CONFIG" not in values and any(shutil.which(name, path=path) for name in ("docker", "podman")):
            self._config = DockerConfig(self._layout.workspace)
            found |= self._config.open()
        return found

    def _containers(self, values: Mapping[str, str]) -> dict[str, str]:
        """The variables of a build that can make containers; one's own stand."""
        found = self._ecr.expect_containers() if self._ecr else {}
        return {name: values.get(name, value) for name, value in found.items()}

    @property
    def prologue(self) -> str:
        """What a container's shell does before each command."""
        return standing_in(self._layout.tools, self._tools(""))

    def close(self) -> None:
        """Write down what was pushed, end what was left running, forget logins. Takes as long as the engine does."""
        if self._config:
            self._config.close()
        if self._ecr:
            self._ecr.harvest()
            self._ecr.end_containers()

    def _tools(self, path: str) -> Tools:
        own = programs(self._plan) | debugging_programs(self._layout.bell)
        if self._ecr is None:
            return Tools(own)
        has_aws = self._plan.container is None and shutil.which("aws", path=path)
        return Tools(own, self._ecr.instead(self._layout.tools), {} if has_aws else self._ecr.last())
