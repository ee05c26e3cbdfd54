"""The graph of a batch: what depends on what, and what can never start."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from engine.providers.batch.model import BuildTask


def waves(builds: Iterable[BuildTask]) -> list[list[str]]:
    """The builds in the order in which they can start: those of one wave depend on earlier waves only.

    What depends on itself, however far around, is in none.
    """
    needs = {build.identifier: set(build.depends_on) for build in builds}
    done: set[str] = set()
    found: list[list[str]] = []
    while ready := [name for name, wanted in needs.items() if name not in done and wanted <= done]:
        found.append(ready)
        done.update(ready)
    return found


def circle(needs: Mapping[str, Iterable[str]]) -> list[str]:
    """Names that depend on each other in a circle, the first one again at the end; empty where there is none."""
    over: set[str] = set()
    for start in needs:
        path: list[str] = []
        stack = [(start, iter(needs[start]))] if start not in over else []
        path += [start] * bool(stack)
        while stack:
            name, rest = stack[-1]
            following = next((other for other in rest if other in needs and other not in over), None)
            if following is None:
                over.add(name)
                stack.pop()
                path.pop()
            elif following in path:
                return [*path[path.index(following) :], following]
            else:
                path.append(following)
                stack.append((following, iter(needs[following])))
    return []
