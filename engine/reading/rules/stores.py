"""Role, artifact stores and regions."""

from __future__ import annotations

from collections.abc import Iterator

from engine.model.diagnostics import Severity
from engine.reading.outline import Outline
from engine.reading.problem import Problem
from engine.reading.rules.rule import ACTION, STRUCTURE, found, rule


@rule(
    "GR308", "a pipeline has a role and exactly one of artifactStore and artifactStores, or, locally, none", STRUCTURE
)
def account(pipeline: Outline) -> Iterator[Problem]:
    """A role without a store, a store without a role, two stores."""
    if pipeline.local:
        return
    data = pipeline.data
    if "artifactStore" in data and "artifactStores" in data:
        message = "Pipeline has both artifactStore and artifactStores; exactly one of them is allowed"
        yield found(("artifactStores",), message, "keep artifactStores if actions run in several regions", key=True)
    elif "artifactStore" not in data and "artifactStores" not in data:
        message = "Pipeline has a roleArn, but neither artifactStore nor artifactStores"
        hint = "add an artifactStore, or remove roleArn: a local definition needs neither"
        yield found(("roleArn",), message, hint, key=True)
    if "roleArn" not in data:
        store = "artifactStore" if "artifactStore" in data else "artifactStores"
        message = "Value null at 'pipeline.roleArn' failed to satisfy constraint: Member must not be null"
        hint = f"add a roleArn, or remove {store}: a local definition needs neither"
        yield found((store,) if store in data else (), message, hint, key=True)


@rule("GR309", "every region that an action names has an artifact store", STRUCTURE)
def regions(pipeline: Outline) -> Iterator[Problem]:
    """Actions in regions without a store."""
    stores = pipeline.data.get("artifactStores")
    first = next((action.region for action in pipeline.actions if action.region), "")
    for action in pipeline.actions:
        path = (*action.path, "region")
        if stores is not None and action.region and action.region not in stores:
            message = f"Action {action.name} runs in {action.region}, for which artifactStores has no store"
            yield found(path, message, f"add artifactStores.{action.region}")
        elif stores is None and action.region != first and action.region and "artifactStore" in pipeline.data:
            message = f"Actions run in {first} and {action.region}: a pipeline across regions needs artifactStores"
            yield found(path, message, "replace artifactStore by artifactStores, with a store for each region")


@rule("GR310", "sources, third-party and custom actions run in the pipeline's own region", ACTION, Severity.WARNING)
def home_region(pipeline: Outline) -> Iterator[Problem]:
    """Such actions in different regions: at least one of them is not at home."""
    bound = [
        action
        for action in pipeline.actions
        if action.region and (action.category == "Source" or action.owner in ("ThirdParty", "Custom"))
    ]
    for action in bound:
        if action.region != bound[0].region:
            message = f"Action {action.name} cannot run in another region than the pipeline"
            hint = f"{bound[0].name} runs in {bound[0].region}, and must be in the pipeline's region too"
            yield found((*action.path, "region"), message, hint)


@rule("GR356", "only actions of AWS have a role of their own", ACTION, Severity.WARNING)
def own_roles(pipeline: Outline) -> Iterator[Problem]:
    """Roles of custom and third-party actions: workers have credentials of their own."""
    for action in pipeline.actions:
        if action.owner in ("Custom", "ThirdParty") and "roleArn" in action.data:
            message = f"Action {action.name} cannot have a role: its owner is {action.owner}"
            yield found((*action.path, "roleArn"), message, "remove roleArn", key=True)
