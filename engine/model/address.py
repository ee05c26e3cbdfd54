"""Where things would be on AWS: ARNs, console links and artifact keys, for what is told to programs made for AWS."""

from __future__ import annotations

from dataclasses import dataclass

from engine.model.pipeline import ArtifactStore


@dataclass(frozen=True, slots=True)
class Address:
    """The region and account that this machine stands in for."""

    region: str
    account: str

    @property
    def partition(self) -> str:
        """`aws`, or that of China or GovCloud."""
        if self.region.startswith("cn-"):
            return "aws-cn"
        return "aws-us-gov" if self.region.startswith("us-gov-") else "aws"

    def arn(self, service: str, resource: str, *, everywhere: bool = False) -> str:
        """An ARN of this account. `everywhere`: of a service without regions."""
        return f"arn:{self.partition}:{service}:{'' if everywhere else self.region}:{self.account}:{resource}"

    def pipeline(self, name: str) -> str:
        """A pipeline's ARN."""
        return self.arn("codepipeline", name)

    def console(self, pipeline: str) -> str:
        """The console's page of a pipeline."""
        return f"https://console.aws.amazon.com/codepipeline/home?region={self.region}#/view/{pipeline}"

    def bucket(self, store: ArtifactStore | None, region: str | None = None) -> str:
        """The bucket of an artifact store: the declared one, or what AWS would call its own in that region."""
        return store.location if store else f"codepipeline-{region or self.region}-{self.account}"


def artifact_key(pipeline: str, artifact: str, content: str) -> str:
    """The object key of an artifact, cut as AWS cuts it; `content` is any text that names what is in it."""
    return f"{pipeline[:20]}/{artifact[:10]}/{content[:7]}"
