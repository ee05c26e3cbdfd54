"""Services beside a build: containers that are there before its first command, and gone with it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import threading
import time
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.journal.logs import safe_name
from engine.runners.docker import ledger
from engine.runners.docker.daemon import Daemon, EngineError, connect, told
from engine.runners.docker.images import Image, provide
from engine.runners.docker.service import Reach, Service, variables
from engine.runners.docker.talk import Talk
from engine.runners.output import Output, open_output
from engine.runners.threads import to_the_end

if TYPE_CHECKING:
    from docker.models.containers import Container

_STEP = 0.1  # seconds between two looks at a service that is not ready
_SETTLED = 0.5  # seconds for which a service runs that nothing asks whether it is ready
_LOOPBACK = "127.0.0.1"


@dataclass(slots=True)
class _Running:
    """One service: its container, and the thread that writes its log."""

    service: Service
    image: Image
    entry: Path
    log: Path
    output: Output
    container: Container | None = None
    began: float = 0.0
    follower: threading.Thread | None = None


class Services:
    """The services of one build. `log` is the build's own; each service has one beside it."""

    def __init__(
        self,
        services: Iterable[Service],
        state: Path,
        log: Path,
        *,
        labels: Mapping[str, str],
        secrets: Iterable[str] = (),
    ) -> None:
        self._services = tuple(services)
        self._state = state
        self._log = log
        self._labels = {"com.greenroom": "service", **labels}
        self._secrets = tuple(secrets)
        self._running: list[_Running] = []
        self._network = ""  # made for this build

    async def start(self, network: str | None, say: Callable[[str], None]) -> Reach:
        """Start them all and wait until they are ready. Raises `EngineError`.

        `network` is that of the build's container, None for a build on this machine.
        """
        if not self._services:
            return Reach()
        daemon = await to_the_end(connect)
        way = await to_the_end(lambda: self._way(daemon, network))
        for service in self._services:
            talk = Talk()
            image = await to_the_end(
                lambda wanted=service.wish, talk=talk: provide(daemon, wanted, say, talk),  # type: ignore[misc]
                on_cancel=talk.hang_up,
            )
            running = self._noted(daemon, service, image)
            await to_the_end(lambda one=running: self._begin(daemon, one, way))  # type: ignore[misc]
        for running in self._running:
            await self._ready(daemon, running)
            say(f"greenroom: service {running.service.name} ({running.image.name}) is ready; its log is {running.log}")
        return await to_the_end(lambda: self._reach(way, on_host=network is None))

    async def end(self) -> None:
        """Remove them. One whose engine is gone is left to the next start."""
        for running in self._running:
            await to_the_end(lambda one=running: _cleared(one))  # type: ignore[misc]
            await running.output.close()
        if self._network:
            await to_the_end(lambda: ledger.remove_network(self._network))
        self._running, self._network = [], ""

    def _way(self, daemon: Daemon, network: str | None) -> _Way:
        # Rootless Docker's own network is not this machine's.
        apart = network == "host" and daemon.rootless and not daemon.podman
        if network is not None and (apart or network != "host"):
            if network not in ("bridge", "none", "host"):
                return _Way("named", network)
            self._network = f"greenroom-{uuid.uuid4().hex[:16]}"
            with told(daemon.address, "no network can be made for the services"):
                daemon.client.networks.create(self._network, internal=network == "none", labels=self._labels)
            return _Way("named", self._network)
        if daemon.remote:
            raise EngineError(
                f"services would run at {daemon.address}, which a build on this machine does not reach",
                "`--runner docker` runs the build beside them.",
            )
        with told(daemon.address):
            if not daemon.client.networks.list(filters={"driver": "bridge"}):
                return _Way("host", "host", _LOOPBACK)
        return _Way("published", "", _LOOPBACK if daemon.desktop else "")

    def _noted(self, daemon: Daemon, service: Service, image: Image) -> _Running:
        name = f"greenroom-{uuid.uuid4().hex[:16]}"
        log = self._log.with_name(f"{self._log.name.removesuffix('.log')}.service-{safe_name(service.name)}.log")
        entry = ledger.note(self._state, name, daemon.address, image.name, None, [], network=self._network)
        running = _Running(service, image, entry, log, open_output(log, self._secrets))
        self._running.append(running)
        return running

    def _begin(self, daemon: Daemon, running: _Running, way: _Way) -> None:
        """Create and start one, in a thread."""
        service, api = running.service, daemon.client.api
        with told(daemon.address, f"service {service.name} cannot be started"):
            ports = _ports(daemon, running)
            address = way.address or _own_address()
            published: dict[int | str, Any] = {port: (address, None if way.address else port) for port in ports}
            host = api.create_host_config(
                network_mode=way.network or None,
                port_bindings=published if way.kind == "published" else None,
            )
            joined = None
            if way.kind == "named":
                aliases: Any = {way.network: api.create_endpoint_config(aliases=list(service.names))}
                joined = api.create_networking_config(aliases)
            made = api.create_container(
                running.image.id,
                command=list(service.command) or None,
                name=running.entry.name,
                environment=dict(service.environment),
                ports=list(ports),
                labels=self._labels,
                host_config=host,
                networking_config=joined,
            )
            running.container = daemon.client.containers.get(made["Id"])
            running.container.start()
            running.began = time.monotonic()
            running.follower = threading.Thread(target=_follow, args=(running,), name="greenroom-service", daemon=True)
            running.follower.start()

    async def _ready(self, daemon: Daemon, running: _Running) -> None:
        until = time.monotonic() + running.service.patience
        while not await to_the_end(lambda: self._is_ready(daemon, running)):
            if time.monotonic() > until:
                raise EngineError(
                    f"service {running.service.name} was not ready after {running.service.patience:g} s",
                    f"Its log is {running.log}.",
                )
            await asyncio.sleep(_STEP)

    def _is_ready(self, daemon: Daemon, running: _Running) -> bool:
        from docker.errors import APIError

        container, service = running.container, running.service
        assert container is not None
        with told(daemon.address):
            container.reload()
            state = container.attrs["State"]
            if not state.get("Running"):
                raise EngineError(
                    f"service {service.name} ended, exit code {state.get('ExitCode')}", f"Its log is {running.log}."
                )
            if service.health:
                with contextlib.suppress(APIError):  # it may end between the two questions; the next look tells
                    return bool(container.exec_run(["/bin/sh", "-c", service.health]).exit_code == 0)
                return False
            health = str(state.get("Health", {}).get("Status", "none"))
            if health in ("none", ""):  # most that cannot start end at once
                return time.monotonic() - running.began >= min(_SETTLED, service.patience / 2)
            return health == "healthy"

    def _reach(self, way: _Way, *, on_host: bool) -> Reach:
        found: dict[str, str] = {}
        hosts: dict[str, str] = {}
        for running in self._running:
            container, service = running.container, running.service
            assert container is not None
            address, pairs = _LOOPBACK, [(port, port) for port in service.ports or _exposed(container)]
            if way.kind == "published":
                container.reload()
                bound = container.attrs["NetworkSettings"]["Ports"] or {}
                rows = {int(port.partition("/")[0]): row[0] for port, row in sorted(bound.items()) if row}
                address = next((row["HostIp"] for row in rows.values()), _LOOPBACK)
                pairs = [(port, int(rows[port]["HostPort"])) for port, _ in pairs if port in rows]
            if way.kind != "named":
                hosts |= dict.fromkeys(service.names, address)
            found |= variables(service.name, address if on_host else service.name, pairs)
        return Reach(way.network if way.kind == "named" else "", {} if on_host else hosts, found)


@dataclass(frozen=True, slots=True)
class _Way:
    """How a build reaches services: in a `named` network, in the machine's own (`host`), or `published` on loopback.

    `address` is where, if it is given: ports are then chosen freely. Otherwise each service has a loopback address of
    its own, and its own ports.
    """

    kind: str
    network: str = ""
    address: str = ""


def _own_address() -> str:
    """One of the sixteen million addresses of this machine's loopback: any port is free there."""
    return f"127.{64 + secrets.randbelow(128)}.{secrets.randbelow(256)}.{2 + secrets.randbelow(250)}"


def _ports(daemon: Daemon, running: _Running) -> tuple[int, ...]:
    return running.service.ports or _exposed(daemon.client.images.get(running.image.id))


def _exposed(made: Any) -> tuple[int, ...]:
    """The TCP ports that an image, or a container of it, says it listens on."""
    wanted = (made.attrs.get("Config") or {}).get("ExposedPorts") or {}
    return tuple(sorted(int(port.partition("/")[0]) for port in wanted if not port.endswith("/udp")))


def _follow(running: _Running) -> None:
    """Write a service's output down, until it ends or the engine does."""
    assert running.container is not None
    with contextlib.suppress(Exception):  # whatever the SDK raises when the engine leaves: there is no more to be had
        for piece in running.container.logs(stream=True, follow=True):
            while piece:
                piece = piece[os.write(running.output.descriptor, piece) :]


def _cleared(running: _Running) -> None:
    with contextlib.suppress(EngineError):
        ledger.clear(running.entry, chown=False)
    if running.follower is not None:
        running.follower.join(5)
