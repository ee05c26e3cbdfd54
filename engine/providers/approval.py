"""The manual approval. It runs nothing: the engine waits for a person, and approvals are journal events.

https://docs.aws.amazon.com/codepipeline/latest/userguide/approvals.html
"""

from __future__ import annotations

from engine.artifacts.store import Store
from engine.model.status import Fidelity
from engine.providers.contract import Desk, Identity, Job, Outcome, ProviderSpec

MANUAL = ProviderSpec(
    category="Approval",
    owner="AWS",
    provider="Manual",
    kind="approval",
    fidelity=Fidelity.EMULATED,
    on_change="restart",
    timeout=7 * 24 * 3600,
    summary="Waits for you to approve or reject, in the screen or on the command line",
    limits="SNS messages go to `events` in greenroom.yaml; unchanged content that was approved is not asked again",
)


class ApprovalProvider:
    """Says what an approval is; the engine does the waiting."""

    def __init__(self, spec: ProviderSpec = MANUAL) -> None:
        self.spec = spec

    def identify(self, job: Job, store: Store) -> Identity:
        """Nothing of its own: what is approved is added by the engine."""
        return Identity()

    async def run(self, job: Job, desk: Desk) -> Outcome:
        """Never called."""
        raise AssertionError("an approval is decided by a person, not run")
