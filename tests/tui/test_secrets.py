"""Values that builds need: the banner that names them, and the dialog that takes them."""

from __future__ import annotations

from pathlib import Path

from textual.widgets import Input

from engine.providers.codebuild.needs import Need
from tests.keyring_kit import memory_keyring
from tests.tui.conftest import Open
from tests.tui.script import Script, first_run
from tests.tui.stage import Stage
from tui.screens.secrets import SecretsDialog

NEEDS = (
    Need("parameters", "/app/key", "parameter does not exist: /app/key", ["Build/Unit"]),
    Need("parameters", "/app/given", "", ["Build/Unit"], origin=".secrets (APP_GIVEN)"),
    Need(
        "secrets", "prod/db", "Secrets Manager can't find the specified secret: prod/db", ["Build/Unit", "Build/Lint"]
    ),
)


async def with_needs(stage: Stage, *needs: Need) -> None:
    stage.link.wanted = needs
    stage.app.look_for_needs()
    await stage.until(
        lambda: [need.key for need in stage.app.store.needs] == [need.key for need in needs if not need.origin]
    )
    await stage.pilot.pause()


async def test_what_is_missing_has_a_banner(opened: Open) -> None:
    async with opened(first_run(Script()), (100, 30)) as stage:
        assert "missing" not in stage.text
        await with_needs(stage, *NEEDS)
        line = next(line for line in stage.text.splitlines() if "missing" in line)
        assert "! 2 values are missing:" in line
        assert "/app/key" in line
        assert "prod/db" in line
        assert "W gives them" in line
        await with_needs(stage, NEEDS[1])
        assert "missing" not in stage.text


async def test_values_are_kept_one_after_the_other(opened: Open, tmp_path: Path) -> None:
    async with opened(first_run(Script()), (100, 30)) as stage:
        await with_needs(stage, *NEEDS)
        await stage.pilot.press("W")
        await stage.until(lambda: isinstance(stage.app.screen, SecretsDialog))
        await stage.pilot.press(*"pass word", "enter")
        await stage.until(lambda: "✔ /app/key" in stage.text)
        assert (tmp_path / ".secrets").read_text() == 'APP_KEY="pass word"\n'
        assert "pass word" not in stage.text
        assert stage.app.screen.query_one("#value", Input).value == ""
        assert "▸ prod/db" in stage.text
        await stage.pilot.press("enter")
        await stage.until(lambda: "type the value first" in stage.text)
        stage.link.wanted = NEEDS[1:2]
        await stage.pilot.press(*"two", "enter")
        await stage.until(lambda: not isinstance(stage.app.screen, SecretsDialog))
        assert (tmp_path / ".secrets").read_text() == 'APP_KEY="pass word"\nPROD_DB="two"\n'
        await stage.until(lambda: not stage.app.store.needs)


async def test_the_keyring_is_offered_where_there_is_one(opened: Open, tmp_path: Path) -> None:
    with memory_keyring() as ring:
        async with opened(first_run(Script()), (100, 30)) as stage:
            await with_needs(stage, *NEEDS)
            await stage.pilot.press("W")
            await stage.until(lambda: "Keep in the keyring" in stage.text)
            await stage.pilot.press("ctrl+n", *"in-keyring", "enter")
            await stage.until(lambda: "prod/db is in the keyring" in stage.text)
            assert ring.values == {("greenroom", "secret:prod/db"): "in-keyring"}
            ring.locked = True
            await stage.pilot.press(*"x", "enter")
            await stage.until(lambda: "the keyring does not take it" in stage.text)
            await stage.pilot.press("escape")
            assert not (tmp_path / ".secrets").exists()
