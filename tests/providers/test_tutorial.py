"""The provider of docs/providers.md works as it is printed there."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest

from engine.model.status import ActionStatus
from engine.providers.contract import IdentityProblem, Provider
from tests.providers.kit import Kit

TUTORIAL = Path(__file__).parents[2] / "docs" / "providers.md"


@pytest.fixture
def announce() -> Provider:
    found = re.search(r"```python\n(.*?)```", TUTORIAL.read_text(encoding="utf-8"), re.DOTALL)
    assert found
    names: dict[str, type[Provider]] = {}
    exec(compile(found[1], str(TUTORIAL), "exec"), names)
    return names["AnnounceProvider"]()


def test_it_announces(kit: Kit, announce: Provider) -> None:
    job = kit.job("Deploy/Custom/announce", inputs={"Site": kit.tree(a="1", b="2")}, configuration={"File": "book"})
    assert announce.identify(job, kit.store).target == "announce:book"
    outcome = asyncio.run(announce.run(job, kit.desk()))
    assert outcome.status is ActionStatus.SUCCEEDED
    assert (kit.folder / "book").read_text() == "shop #7: 2 files\n"


def test_its_mistakes_are_values(kit: Kit, announce: Provider) -> None:
    with pytest.raises(IdentityProblem, match="File is missing"):
        announce.identify(kit.job("Deploy/Custom/announce"), kit.store)
    job = kit.job("Deploy/Custom/announce", inputs={"S": kit.tree(a="1")}, configuration={"File": "no/such/folder"})
    failure = asyncio.run(announce.run(job, kit.desk())).failure
    assert failure is not None
    assert failure.hint
