"""Makes the pictures of the documentation: `python docs/pictures.py`.

They show the real app on the sample `hello`: it ran well once, then somebody broke a line and saved.
"""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from textual.pilot import Pilot

from engine.execution.requests import Start
from engine.opening import Options, open_project
from engine.session import Session
from tui.app import GreenroomApp
from tui.picture import without_addresses

HERE = Path(__file__).parent
SAMPLE = HERE.parent / "sample-pipelines" / "hello"
SIZE = (118, 36)
PATIENCE = 60.0


def lay_out(place: Path) -> Path:
    """The sample as a repository with one commit."""
    directory = place / "hello"
    shutil.copytree(SAMPLE, directory, ignore=shutil.ignore_patterns(".demo.json"))
    who = ("-c", "user.name=Ada", "-c", "user.email=ada@example.com")
    for command in (("init", "-q", "-b", "main"), ("add", "-A"), ("commit", "-qm", "Greet everybody")):
        subprocess.run(["git", "-C", str(directory), *who, *command], check=True)
    return directory


async def until(pilot: Pilot[int], holds: Callable[[], bool]) -> None:
    """Let the app live until this holds."""
    limit = time.monotonic() + PATIENCE
    while not holds():
        if time.monotonic() > limit:
            raise TimeoutError("the app did not come to where the picture is taken")
        await pilot.pause(0.1)


async def draw(directory: Path, theme: str) -> str:
    """Run well once, break a line, and photograph the failure."""
    session = Session.start(open_project(Options(directory, watch=True)), command="pictures")
    app = GreenroomApp(lambda: session, title="hello", theme=theme)

    def ended(number: int, status: str) -> bool:
        run = app.store.execution
        return run is not None and run.number == number and run.status == status

    try:
        async with app.run_test(size=SIZE) as pilot:
            session.request(Start(approve=("all",)))
            await until(pilot, lambda: ended(1, "Succeeded"))
            greeting = directory / "hello" / "greeting.py"
            greeting.write_text(greeting.read_text().replace("hour < 18", "hour < 8"))
            await until(pilot, lambda: ended(2, "Failed"))
            await pilot.pause(0.5)
            return app.export_screenshot(title="greenroom")
    finally:
        session.close()


def main() -> None:
    """Draw every picture."""
    place = Path(tempfile.gettempdir()) / "demo"  # can be read in the picture: a name that stays
    place.mkdir()
    try:
        svg = asyncio.run(draw(lay_out(place), "greenroom-dark"))
    finally:
        shutil.rmtree(place)
    (HERE / "screen.svg").write_text(without_addresses(svg), encoding="utf-8")


if __name__ == "__main__":
    main()
