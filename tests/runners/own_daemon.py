"""A Docker daemon that a test may kill, or that has networks where the machine's own has none."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.runners.docker.daemon import connect


class OwnDaemon:
    """A Docker daemon of this test alone, apart from the machine's network; with `networks`, it has one of its own."""

    def __init__(self, folder: Path, *, networks: bool = False) -> None:
        self.folder = folder
        self.networks = networks
        self.address = f"unix://{folder}/docker.sock"
        self.process: subprocess.Popen[bytes] | None = None

    def up(self) -> None:
        """Start it and wait until it answers."""
        for stale in (*self.folder.glob("*.pid"), *self.folder.glob("exec/containerd/*.pid")):
            stale.unlink()
        places = [f"--data-root={self.folder}/data", f"--exec-root={self.folder}/exec", f"--host={self.address}"]
        alone = ["--bridge=none", "--iptables=false", "--ip-forward=false", "--ip-masq=false"]
        within = ["unshare", "--net", "sh", "-c", 'ip link set lo up && exec "$@"', "sh"] if self.networks else []
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [*within, "dockerd", *places, f"--pidfile={self.folder}/dockerd.pid", *([] if within else alone)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        until = time.monotonic() + 30
        while True:
            try:
                connect(self.address)
                return
            except OSError:
                if self.process.poll() is not None or time.monotonic() > until:
                    pytest.skip("a second dockerd cannot be started here")
                time.sleep(0.05)

    def kill(self) -> None:
        """End the daemon and its containerd as a crash would."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()
        self._end_containerd(signal.SIGKILL)

    def down(self) -> None:
        """End all of it, politely."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(20)
        self._end_containerd(signal.SIGTERM)
        mounts = [line.split()[1] for line in Path("/proc/mounts").read_text().splitlines()]
        for mount in sorted((m for m in mounts if m.startswith(f"{self.folder}/")), reverse=True):
            subprocess.run(["umount", "-l", mount], check=False)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _end_containerd(self, number: signal.Signals) -> None:
        try:
            pid = int((self.folder / "exec" / "containerd" / "containerd.pid").read_text())
            if str(self.folder).encode() in Path(f"/proc/{pid}/cmdline").read_bytes():
                os.kill(pid, number)
        except (OSError, ValueError):
            pass


@contextlib.contextmanager
def started(*, networks: bool = False) -> Iterator[OwnDaemon]:
    """One that runs. Skips the test where there can be none."""
    needed = ["dockerd", *(["unshare", "ip", "iptables", "nsenter"] if networks else [])]
    if os.geteuid() != 0 or not all(map(shutil.which, needed)):
        pytest.skip(f"only root can start a second dockerd, where there are {' '.join(needed)}")
    memory = Path("/dev/shm")
    place = Path(tempfile.mkdtemp(prefix="grd-", dir=memory if memory.is_dir() else None))
    daemon = OwnDaemon(place, networks=networks)
    try:
        daemon.up()
        yield daemon
    finally:
        daemon.down()
