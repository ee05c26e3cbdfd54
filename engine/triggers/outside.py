"""What starts runs besides saves and pushes while greenroom runs: the clock, and webhooks where they are asked for."""

from __future__ import annotations

import asyncio
import contextlib
import json
from pathlib import Path

from engine.engine import Conductor
from engine.model.address import Address
from engine.model.diagnostics import Diagnostic, Severity
from engine.model.project import ScheduleSettings
from engine.opening import OpenError
from engine.triggers.clock import called, keep, rule_arn
from engine.triggers.server import WebhookServer
from engine.triggers.starter import Starter, Tell
from engine.triggers.webhooks import Call, Reply, receive

PORT_FILE = "webhooks.json"
_REFUSED = {"ConcurrentPipelineExecutionsLimitExceededException": 429, "NotRunning": 503}


class Outside:
    """Serves a conductor. `await open()` it, then `await close()` it."""

    def __init__(self, conductor: Conductor, tell: Tell) -> None:
        self._conductor = conductor
        self._tell = tell
        self._starter = Starter(conductor, tell)
        self._clock: asyncio.Task[None] | None = None
        self._server: WebhookServer | None = None

    async def open(self) -> None:
        """Begin. Schedules start runs only while greenroom stays. Raises `OpenError` where the port is taken."""
        options = self._conductor.opened.options
        if options.watch:
            schedules = keep(lambda: self._conductor.opened.project, self._scheduled, self._problems)
            self._clock = asyncio.create_task(schedules)
        if options.webhooks is not None:
            await self._serve(options.webhooks)

    @property
    def webhooks(self) -> dict[str, str]:
        """Where each webhook is called, by name."""
        names = self._conductor.opened.project.webhooks
        return {name: self._server.url(name) for name in names} if self._server else {}

    async def close(self) -> None:
        """End."""
        if self._clock is not None:
            self._clock.cancel()
            await asyncio.gather(self._clock, return_exceptions=True)
        if self._server is not None:
            self._server.close()
            self._port_file.unlink(missing_ok=True)

    # -- the clock -----------------------------------------------------------------------------------------------

    async def _scheduled(self, schedule: ScheduleSettings) -> None:
        opened = self._conductor.opened
        arn = rule_arn(opened.project, schedule, opened.declaration.name)
        what = f"schedule {called(schedule)}"
        try:
            await self._starter.start(what, "CloudWatchEvent", arn, variables=schedule.variables)
        except Exception as trouble:  # a source that cannot be read now; the next time is another one
            self._starter.nothing(what, str(trouble))

    def _problems(self, found: list[str]) -> None:
        hint = "mend `schedules` in greenroom.yaml or the template"
        if found:
            self._tell([Diagnostic("GR015", problem, hint, Severity.WARNING) for problem in found])

    # -- webhooks ------------------------------------------------------------------------------------------------

    async def _serve(self, port: int) -> None:
        server = WebhookServer(self._called)
        try:
            await server.open(port)
        except OSError as error:
            message = f"port {port} cannot be had for webhooks: {error.strerror or error}"
            raise OpenError(message, "choose another one: --webhooks=PORT, or 0 for any that is free") from error
        self._server = server
        with contextlib.suppress(OSError):
            self._port_file.write_text(json.dumps({"port": server.port}))
        if not self._conductor.opened.project.webhooks:
            hint = "declare one in greenroom.yaml: webhooks: {NAME: {authentication: UNAUTHENTICATED}}"
            self._tell([Diagnostic("GR016", "no webhook is declared", hint, Severity.WARNING)])

    @property
    def _port_file(self) -> Path:
        return self._conductor.opened.state_dir / PORT_FILE

    async def _called(self, name: str, call: Call) -> Reply:
        opened = self._conductor.opened
        webhook = opened.project.webhooks.get(name)
        if webhook is None:
            known = ", ".join(opened.project.webhooks) or "none"
            return Reply(404, f"there is no webhook {name[:100]}; declared: {known}")
        reply = await asyncio.to_thread(receive, webhook, opened.declaration, call)
        if not reply.starts:
            return reply
        arn = Address(opened.project.region, opened.project.account).arn("codepipeline", f"webhook:{name}")
        given = await self._starter.start(f"webhook {name}", "Webhook", arn)
        if not given.ok:
            return Reply(_REFUSED.get(given.exception, 409), f"nothing is started: {given.message}")
        return Reply(202, given.message, starts=True)


def served_port(state_dir: Path) -> int | None:
    """The port on which the greenroom of that state directory serves webhooks; None where it does not."""
    try:
        return int(json.loads((state_dir / PORT_FILE).read_text())["port"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
