"""What a build's log says in DOWNLOAD_SOURCE, before the first command."""

from __future__ import annotations

import platform
from collections.abc import Iterable

from engine.providers.codebuild.layout import Layout
from engine.providers.codebuild.plan import Plan, processing


def preamble(
    plan: Plan, layout: Layout, place: str = "", notes: Iterable[str] = (), inputs: Iterable[str] = ()
) -> list[str]:
    """The lines in AWS's order; where AWS tells of its fleet and agent, where and with what this build runs.

    `notes` say what else differs in this build, `inputs` are its input artifacts.
    """
    spec = plan.spec
    lines = [
        f"Running on greenroom {place or _host()}, {plan.shell}",
        *beginning(layout, plan.location, [name for name in inputs if name != plan.primary]),
        *(f"No commands found for phase name: {name}" for name, one in spec.phases.items() if one.is_bare),
        *processing(plan.variables),
        *_runtimes(plan),
        f"Moving to directory {layout.source}",
    ]
    if not spec.cache.paths:
        lines.append("Unable to initialize cache download: no paths specified to be cached")
    lines += [f"greenroom: {note}" for note in (*spec.notes, *plan.notes, *notes)]
    present = {name: phase for name, phase in spec.phases.items() if phase.present}
    lines.append(f"Phases found in YAML: {len(present)}")
    lines += [f" {name.upper()}: {len(phase.commands)} commands" for name, phase in present.items()]
    return lines


def beginning(
    layout: Layout, location: str | None, secondary: Iterable[str], phase: str = "DOWNLOAD_SOURCE"
) -> list[str]:
    """Where the sources are, and the buildspec: empty where it is no file of the source, None where there is none."""
    lines = [f"Waiting for {phase}", f"Phase is {phase}", f"CODEBUILD_SRC_DIR={layout.source}"]
    lines += [f"CODEBUILD_SRC_DIR_{name}={layout.secondary(name)}" for name in secondary]
    if location is not None:
        lines.append(f"YAML location is {layout.source / location if location else 'inline'}")
    return lines


def _host() -> str:
    return f"host runner, {platform.system()}/{platform.machine()}"


def _runtimes(plan: Plan) -> list[str]:
    if plan.container and plan.spec.runtimes:
        return [
            "Skipping install of runtimes. Runtime version selection is not supported by this build image",
            *(
                f"greenroom: {name} {version} is what the image has of it"
                for name, version in plan.spec.runtimes.items()
            ),
        ]
    if not plan.runtimes:
        return ["No runtime version selected in buildspec."]
    return [line for runtime in plan.runtimes for line in runtime.lines()]
