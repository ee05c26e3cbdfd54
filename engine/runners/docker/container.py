"""One build's container, from its creation to its removal."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shlex
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.runners.docker import copying, ledger, mounts
from engine.runners.docker.again import Kept
from engine.runners.docker.daemon import Daemon, EngineError, connect, told
from engine.runners.docker.images import Image, provide
from engine.runners.docker.service import Reach
from engine.runners.docker.starting import explained
from engine.runners.docker.talk import Talk
from engine.runners.docker.wire import Wire, WireCut, agent, line
from engine.runners.docker.wish import Wish
from engine.runners.environment import is_shell_name
from engine.runners.output import Output
from engine.runners.threads import to_the_end

if TYPE_CHECKING:
    from docker.models.containers import Container

    from engine.runners.docker.layers import Layers

# Docker's and Podman's words for a mount of what is not there.
_ABSENT = ("bind source path", "statfs ", "making volume mountpoint")


@dataclass(frozen=True, slots=True)
class Setting:
    """Where a container belongs. `owner` is whose files it may leave; None: those of its root.

    `workspace` holds the build, `brought` are the folders in it that a copied container starts from and hands back.
    `kept` are folders of a mounted one that outlive it: where they are in it, and where here.
    """

    wish: Wish
    state: Path
    workspace: Path
    brought: tuple[Path, ...]
    labels: Mapping[str, str] = field(default_factory=dict)
    kept: Mapping[str, Path] = field(default_factory=dict)
    owner: tuple[int, int] | None = None


# What is copied in anew for each command is root's again by then.
_AS_USER = (
    'who=$0; what=$1; shift; chown -R "$who" "$@"; '
    'if command -v su >/dev/null; then exec su -s /bin/sh "$who" -c "$what"; fi; '
    'exec setpriv --reuid="$who" --regid="$(id -g "$who")" --init-groups /bin/sh -c "$what"'
)


class ContainerRunner:
    """The commands of one build, in one container. Use `provide`, `prepare`, `run`…, `fetch`, `end`, in this order."""

    def __init__(self, setting: Setting) -> None:
        self.setting = setting
        self.image: Image | None = None
        self.base = ""  # the image that the present container was made of: that one, or a checkpoint
        self._daemon: Daemon | None = None
        self._container: Container | None = None
        self._wire: Wire | None = None
        self._folders: tuple[Path, ...] = ()
        self._shared: tuple[Path, ...] = ()  # of those, the container sees this machine's own
        self._log: Path | None = None
        self._log_descriptor = -1
        self._entry: Path | None = None
        self._owned = False  # what it made belongs to the user by now
        self._limits: dict[str, int] = {}
        self._before = ""
        self._reach = Reach()
        self._privileged = setting.wish.privileged
        self._socket = ""  # the engine's own, where the build has it
        self._say: Callable[[str], None] = lambda text: None

    @property
    def network(self) -> str:
        """The network: by default this machine's own, as on the host runner, where the engine runs on it."""
        assert self._daemon is not None
        beside = not (self._daemon.remote or self._daemon.desktop)
        return self.setting.wish.network or ("host" if beside else "bridge")

    @property
    def shows(self) -> bool:
        """`env` gets it as arguments, for an instant."""
        return True

    @property
    def is_mounted(self) -> bool:
        """Whether it sees this machine's files, not copies of them."""
        return bool(self._shared)

    @property
    def is_beside(self) -> bool:
        """Whether it runs under this machine's own kernel, and sees these very files."""
        return bool(self._shared) and self._daemon is not None and not (self._daemon.remote or self._daemon.desktop)

    @property
    def _whose(self) -> tuple[int, int] | None:
        """To whom what it makes belongs, as the container counts: the root of a rootless engine's is the user here."""
        assert self._daemon is not None
        return (0, 0) if self.setting.owner and self._daemon.rootless else self.setting.owner

    def reachable(self, url: str) -> str:
        """The URL of a server on this machine's loopback, as the container reaches it."""
        return url if self.network == "host" else url.replace("//127.0.0.1:", "//host.docker.internal:")

    async def provide(self, say: Callable[[str], None]) -> Image:
        """Find the engine and the image, pulling or building it if need be. Raises `EngineError`."""

        def work() -> tuple[Daemon, Image]:
            daemon = connect()
            return daemon, provide(daemon, self.setting.wish, say, talk)

        talk = Talk()
        self._say = say
        daemon, image = await to_the_end(work, on_cancel=talk.hang_up)
        self._daemon, self.image, self.base = daemon, image, image.id
        self._socket = daemon.socket if self.setting.wish.privileged else ""
        self._limits = self.setting.wish.limits(daemon.cpus, daemon.memory)
        return image

    async def prepare(self, folders: Iterable[Path], output: Output) -> None:
        """Start the container: with these folders mounted, or copied where the engine cannot see them."""
        assert self._daemon is not None
        assert self.image is not None
        self._folders = tuple(dict.fromkeys(folders))
        self._log, self._log_descriptor = output.path, output.descriptor
        source = self.setting.wish.source
        if source != "copy" and not self._daemon.remote:
            if await self._started(mounted=True):
                return
            if source == "mount":
                raise EngineError("the engine does not see this machine's files", "`source: copy` copies them.")
        await self._started(mounted=False)

    async def _started(self, *, mounted: bool) -> bool:
        """Whether it could be started so that it sees what is in the folders."""
        daemon = self._daemon
        assert daemon is not None
        try:
            attached = await to_the_end(lambda: self._create(mounted=mounted))
        except EngineError as error:
            await self._remove()
            if not any(words in str(error) for words in _ABSENT):
                assert self.image is not None
                raise explained(error, self.image, daemon) from error
            if self._socket and self._socket in str(error):  # the engine listens elsewhere
                self._socket = ""
                return await self._started(mounted=mounted)
            if not mounted:
                raise
            return False
        self._wire = Wire(attached, self._log_descriptor)
        try:
            await to_the_end(self._start)
            seen = await self._ask(f"[ -d {shlex.quote(str(self._folders[0]))} ] && [ -e {self._probe()} ]")
        except BaseException as error:
            await self._remove()
            if not isinstance(error, EngineError):
                raise
            if not self._privileged:
                assert self.image is not None
                raise explained(error, self.image, daemon) from error
            # An engine that is in a container itself, or rootless: what mostly needs it is Docker, which is there.
            self._privileged = False
            self._say(f"greenroom: the container is not privileged: {error}")
            return await self._started(mounted=mounted)
        self._probe_file().unlink(missing_ok=True)
        self._remember(mounted=mounted)
        if seen != 0:
            await self._remove()
        return seen == 0

    @property
    def engine(self) -> tuple[Daemon, Container]:
        """The engine, and the container as it knows it. Raises `EngineError`."""
        if self._daemon is None or self._container is None:
            raise EngineError("the container has ended")
        return self._daemon, self._container

    def layers(self, keep: int, say: Callable[[str], None]) -> Layers:
        """Checkpoints of what no folder of this machine holds."""
        from engine.runners.docker.layers import Layers

        return Layers(self, self._scratch(), keep, say)

    async def become(self, image: str) -> None:
        """Be another container, of that image, with the same folders mounted; what runs in the present one ends.

        Raises `EngineError`: then it is still the present one.
        """
        before, entry, wire = (self._container, self.base, self._owned), self._entry, self._wire
        self._entry = self._wire = None
        self.base = image
        try:
            if not await self._started(mounted=True):
                raise EngineError("another container does not see this machine's files")
        except BaseException:
            await self._remove()
            (self._container, self.base, self._owned), self._entry, self._wire = before, entry, wire
            raise
        await to_the_end(lambda: _ended(entry, wire, chown=False))

    def _remember(self, *, mounted: bool) -> None:
        """Leave word of the container for whoever looks into its workspace later."""
        assert self._daemon is not None
        assert self.image is not None
        folders = (str(self.setting.workspace),)
        socket = self._socket if mounted else ""
        name = (self._container.name or "") if self._container else ""
        engine = self._daemon
        address, whose, podman = engine.address, self._whose, engine.podman
        kept = Kept(address, self.image.id, self.network, folders, mounted, whose, socket, name, podman)
        kept.write(self._scratch())

    def _scratch(self) -> Path:
        return next((f for f in self._folders if f != self.setting.workspace), self.setting.workspace)

    def _probe_file(self) -> Path:
        return self._folders[0] / f".seen-{self.setting.labels.get('com.greenroom.action-execution', '')[:8]}"

    def _probe(self) -> str:
        return shlex.quote(str(self._probe_file()))

    def _create(self, *, mounted: bool) -> Any:
        """Create the container and attach to it, in a thread. It is in the ledger before it exists."""
        daemon, image, wish = self._daemon, self.image, self.setting.wish
        assert daemon is not None
        assert image is not None
        name = f"greenroom-{uuid.uuid4().hex[:16]}"
        whose = self.setting.owner if mounted else None
        self._entry = ledger.note(
            self.setting.state, name, daemon.address, image.name, whose, [*self._folders, *self.setting.kept.values()]
        )
        self._owned = whose is None
        self._probe_file().touch()
        own = wish.privileged and not self._socket
        program = ["/bin/sh", "-c", agent(name for name in image.environment if is_shell_name(name) and name != "PATH")]
        from docker.types import LogConfig

        with told(daemon.address, "the container cannot be created"):
            api = daemon.client.api
            host = api.create_host_config(
                binds=None,
                mounts=self._mounts(mounted=mounted),
                network_mode=self._reach.network or self.network,
                privileged=self._privileged,
                log_config=LogConfig(type="none", config={}),
                extra_hosts=self._hosts() or None,
                **self._limits,  # type: ignore[arg-type]
            )
            made = api.create_container(
                self.base,
                # CodeBuild's own images start a Docker daemon by their entry point; others' are in the way, and Podman
                # takes an empty one for none.
                command=program if own else program[1:],
                entrypoint=None if own else program[:1],
                name=name,
                user="0",
                stop_signal="SIGKILL",  # a shell as first process ignores anything milder, and a restarted engine waits
                labels={"com.greenroom": "build", **self.setting.labels},
                stdin_open=True,
                host_config=host,
            )
            self._container = daemon.client.containers.get(made["Id"])
            if self._limits and not self._container.attrs["HostConfig"].get("Memory"):  # rootless, with cgroups v1
                self._say(f"greenroom: this engine sets no limits: {wish.compute_type} has no effect")
                self._limits = {}
            self._shared = self._folders if mounted else ()
            if not mounted:
                copying.put(self._container, self._present())
            params = {"stdin": 1, "stdout": 1, "stderr": 1, "stream": 1}
            return api.attach_socket(made["Id"], params=params)

    def _hosts(self) -> dict[str, str]:
        own = {"host.docker.internal": "host-gateway"} if self.network == "bridge" else {}
        return own | dict(self._reach.hosts)

    def _present(self) -> list[Path]:
        brought = [*self.setting.brought, *(f for f in self._folders if f != self.setting.workspace)]
        return [folder for folder in brought if folder.exists()] + [self._probe_file()]

    def _mounts(self, *, mounted: bool) -> list[Any]:
        if not mounted:
            return [*mounts.for_copies(self._folders), *mounts.engine_itself(self._socket)]
        places = [*self._folders, *([self._log] if self._log else [])]
        return [*mounts.shared(places, self.setting.kept), *mounts.engine_itself(self._socket)]

    def _start(self) -> None:
        assert self._container is not None
        assert self._daemon is not None
        assert self.image is not None
        with told(self._daemon.address, f"{self.image.name} cannot be started"):
            self._container.start()

    async def hand_over(self, user: str, folders: Iterable[Path]) -> None:
        """Files and folders get a new owner, but for further names of a file: those are the store's own."""
        where = shlex.join(str(folder) for folder in folders)
        whom = shlex.quote(user)
        which = f"! -user {whom} \\( -type d -o -links 1 \\)"
        await self._ask(f"find {where} {which} -exec chown -h {whom} {{}} + 2>/dev/null")

    def join(self, reach: Reach) -> None:
        """Be where the services beside the build are. To be called before `prepare`."""
        self._reach = reach

    def before_each(self, text: str) -> None:
        """A line of shell for the container's first process to run before each command; it says nothing."""
        self._before = text

    async def run(
        self, argv: Sequence[str], *, directory: Path, environment: Mapping[str, str], output: Output, user: str = ""
    ) -> int:
        """Run a program to its end and return its exit status. Cancelled, the container is killed."""
        if user:
            argv = ["/bin/sh", "-c", _AS_USER, user, shlex.join(argv), *map(str, self._small())]
        if not self._shared:
            await to_the_end(self._send)
        log = str(output.path) if output.path and self._sees(output.path) else ""
        command = self._before + line(argv, str(directory), environment.items(), log)
        if user and self._shared and self._whose:  # the next script is written here, by whom greenroom runs as
            back = " && ".join(ledger.ownership(self._whose, folder) for folder in self._small())
            command = f"{command}; s=$?; {back}; (exit $s)"
        try:
            status = await self._ask(command, output.descriptor)
        except asyncio.CancelledError:
            await self._remove()
            raise
        if not self._shared:
            await to_the_end(self._receive)
        return status

    def _sees(self, path: Path) -> bool:
        return bool(self._shared) and (path == self._log or any(path.is_relative_to(f) for f in self._shared))

    async def _ask(self, command: str, sink: int | None = None) -> int:
        if self._wire is None:
            raise EngineError("the container has ended")
        try:
            return await self._wire.ask(command, self._log_descriptor if sink is None else sink)
        except WireCut:
            raise EngineError(*await to_the_end(self._why)) from None

    def _why(self) -> tuple[str, str]:
        """Why the line went dead: an engine that dies says no more than a container that ends."""
        assert self._daemon is not None
        assert self._container is not None
        try:
            connect(self._daemon.address)
            with told(self._daemon.address):
                self._container.reload()
                state = self._container.attrs["State"]
        except EngineError:
            return (
                f"the container engine at {self._daemon.address} went away while the build ran",
                "Start it again; what it left is removed by the next start of greenroom.",
            )
        if state.get("OOMKilled"):
            return "the container ran out of memory", "A larger compute-type of the project gives it more."
        return f"the container ended by itself, exit code {state.get('ExitCode')}", "Look at the end of the log."

    def _small(self) -> list[Path]:
        """What goes to and fro with each command of a copied container: script, environment, directory."""
        return [folder for folder in self._folders if folder != self.setting.workspace]

    def _send(self) -> None:
        with self._engine("files cannot be copied into the container"):
            assert self._container is not None
            copying.put(self._container, self._small())

    def _receive(self) -> None:
        with self._engine("files cannot be copied out of the container"):
            assert self._container is not None
            for folder in self._small():
                copying.get(self._container, folder)

    @contextlib.contextmanager
    def _engine(self, doing: str) -> Any:
        assert self._daemon is not None
        with told(self._daemon.address, doing):
            yield

    async def settle(self) -> None:
        """What root made becomes the user's: edits are laid over it. The first process may be busy with a command."""
        if not (self._shared and self._whose and self._container) or self._whose == (0, 0):
            return
        container, give = self._container, " && ".join(ledger.ownership(self._whose, f, "0") for f in self._made())

        def work() -> None:
            with self._engine("what a build made cannot be given to its user"):
                container.exec_run(["/bin/sh", "-c", give], user="0")

        await to_the_end(work)

    async def update(self, places: Iterable[Path]) -> None:
        """Copy what was changed here into a copied container, and remove there what is gone here."""
        if self._shared:
            return
        changed = list(places)
        gone = _gone(changed)
        if gone:
            await self._ask(f"rm -rf -- {shlex.join(map(str, gone))}")
        if present := [place for place in changed if place not in gone]:

            def put() -> None:
                assert self._container is not None
                with self._engine("edits cannot be copied into the container"):
                    copying.put(self._container, present)

            await to_the_end(put)

    async def fetch(self) -> None:
        """Copy back what a copied container made; what a mounted one made becomes the user's."""
        if not self._shared:
            await to_the_end(self._bring)
        elif not self._owned and self._whose:
            if await self._ask(" && ".join(ledger.ownership(self._whose, folder) for folder in self._made())):
                await to_the_end(self._adopt)
            self._owned = True

    def _adopt(self) -> None:
        """The image has no `chown`."""
        from engine.runners.docker.adopting import adopt

        assert self.setting.owner is not None
        with contextlib.suppress(EngineError):
            adopt(self.setting.workspace, self.setting.owner)

    def _made(self) -> list[Path]:
        return [*self._folders, *map(Path, self.setting.kept)]

    def _bring(self) -> None:
        from docker.errors import NotFound

        for folder in self.setting.brought:
            with contextlib.suppress(NotFound), self._engine("the build's files cannot be copied back"):
                assert self._container is not None
                if folder.exists():
                    copying.get(self._container, folder)

    async def end(self) -> None:
        """Remove the container and all that runs in it. One whose engine is gone is left to the next start."""
        await self._remove()

    async def _remove(self) -> None:
        wire, self._wire = self._wire, None
        await to_the_end(lambda: self._cleared(wire))

    def _cleared(self, wire: Wire | None) -> None:
        entry, self._entry, self._container = self._entry, None, None
        _ended(entry, wire, chown=not self._owned)


def _ended(entry: Path | None, wire: Wire | None, *, chown: bool) -> None:
    """The container of an entry is no more."""
    if entry is not None:
        with contextlib.suppress(EngineError):
            ledger.clear(entry, chown=chown)
    if wire is not None:
        wire.close()


def _gone(places: Iterable[Path]) -> list[Path]:
    """Those at which there is nothing any more."""
    return [place for place in places if not os.path.lexists(place)]
