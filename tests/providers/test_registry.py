"""Which provider runs which action."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import EntryPoint

import pytest

from engine.model import catalog
from engine.model.pipeline import ActionTypeId
from engine.model.project import ActionSettings
from engine.providers import registry
from engine.providers.registry import DuplicateProvider, all_specs, find
from engine.providers.stub import StubProvider, stub_spec


def kind(text: str) -> ActionTypeId:
    category, owner, provider = text.split("/")
    return ActionTypeId.model_validate({"category": category, "owner": owner, "provider": provider, "version": "1"})


class Heroku(StubProvider):
    """A plugin."""

    def __init__(self) -> None:
        super().__init__(stub_spec("Deploy", "Custom", "heroku"))


@pytest.fixture(autouse=True)
def forget() -> Iterator[None]:
    def clear() -> None:
        registry._plugins.cache_clear()
        registry._provider.cache_clear()

    clear()
    yield
    clear()


def plug(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    points = [EntryPoint(name, f"{__name__}:Heroku", registry.GROUP) for name in names]
    monkeypatch.setattr(registry, "entry_points", lambda group: points)
    monkeypatch.setattr(EntryPoint, "load", lambda _: Heroku)


def test_every_action_type_of_the_catalog_resolves() -> None:
    for row in catalog.all_types():
        found = find(kind(f"{row.category}/{row.owner}/{row.provider}"), ActionSettings()).spec
        assert (found.category, found.owner, found.provider) == (row.category, row.owner, row.provider)
        assert found.timeout == row.timeout
        assert found.summary


def test_a_type_nobody_knows_is_a_stub() -> None:
    assert find(kind("Invoke/Custom/whatever"), ActionSettings()).spec.kind == "stub"


def test_the_list_names_each_type_once() -> None:
    keys = [(spec.category, spec.owner, spec.provider) for spec in all_specs()]
    assert len(keys) == len(set(keys))
    assert ("Deploy", "Custom", "local") in keys


def test_commands_do_not_stand_in_for_sources_and_approvals() -> None:
    settings = ActionSettings(commands=("true",))
    assert find(kind("Source/AWS/S3"), settings).spec.kind == "source"
    assert find(kind("Approval/AWS/Manual"), settings).spec.kind == "approval"


def test_a_plugin_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    plug(monkeypatch, "Deploy/Custom/heroku")
    assert isinstance(find(kind("Deploy/Custom/heroku"), ActionSettings()), Heroku)
    assert any(spec.provider == "heroku" for spec in all_specs())


@pytest.mark.parametrize("names", [("Deploy/AWS/S3",), ("Deploy/Custom/heroku", "Deploy/Custom/heroku")])
def test_two_for_one_type_are_refused_and_both_named(monkeypatch: pytest.MonkeyPatch, names: tuple[str, ...]) -> None:
    plug(monkeypatch, *names)
    with pytest.raises(DuplicateProvider, match=r"Heroku provides .*, which .* already provides"):
        all_specs()


def test_no_provider_is_loaded_before_it_is_needed() -> None:
    program = (
        "import sys, engine.providers.registry; print(*(m for m in sys.modules if m.startswith('engine.providers')))"
    )
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    assert set(loaded) == {"engine.providers", "engine.providers.registry", "engine.providers.contract"}
