"""An image made of this machine's own programs: sh, the usual tools, Python and Node, without any registry."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import subprocess
import sysconfig
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import docker

NAME = "greenroom-test"
_PROGRAMS = (
    *("sh", "bash", "env", "cat", "cp", "mv", "rm", "ls", "ln", "mkdir", "rmdir", "chmod", "chown", "touch", "date"),
    *("head", "tail", "cut", "sort", "uniq", "wc", "tr", "tee", "seq", "basename", "dirname", "readlink", "realpath"),
    *("find", "xargs", "grep", "sed", "sleep", "id", "pwd", "printf", "echo", "true", "false", "test", "sha256sum"),
    *("uname", "dd", "tar", "gzip", "timeout", "nproc", "stat", "node", "docker", "awk"),
    "setpriv",
)
_ACCOUNTS = {
    "etc/passwd": "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n",
    "etc/group": "root:x:0:\nnogroup:x:65534:\n",
}
_LEFT_OUT = {"test", "site-packages", "dist-packages", "__pycache__", "idlelib", "tkinter", "ensurepip", "lib2to3"}


def make(client: docker.DockerClient, names: tuple[str, ...] = _PROGRAMS) -> str:
    """The image's name. It is made once for each state of this machine's programs. Python comes with `env`."""
    programs = {name: Path(found).resolve() for name in names if (found := shutil.which(name))}
    python = Path(sysconfig.get_config_var("BINDIR")) / f"python3.{sysconfig.get_python_version().split('.')[1]}"
    state = [(str(p), p.stat().st_size, p.stat().st_mtime_ns) for p in (*programs.values(), python.resolve())]
    key = hashlib.sha256(repr((state, Path(__file__).read_bytes())).encode()).hexdigest()[:16]
    name = f"{NAME}:{key}"
    if not client.images.list(name):
        with tempfile.TemporaryFile() as file:
            _write(file, programs, python if "env" in names else None)
            file.seek(0)
            changes = ["ENV PATH=/usr/local/bin:/usr/bin:/bin", "ENV PLACE=container", 'ENTRYPOINT ["/bin/false"]']
            client.api.import_image_from_data(file.read(), repository=NAME, tag=key, changes=changes)
        if not client.images.list(name):  # Podman overlooks the tag
            client.images.get(f"{NAME}:latest").tag(NAME, key)
    return name


def alone(client: docker.DockerClient, machine: str, files: dict[str, bytes]) -> str:
    """An image of these programs alone, for a kind of machine; empty: this engine's."""
    machine = machine or str(client.info()["Architecture"]).replace("x86_64", "amd64").replace("aarch64", "arm64")
    layer = _tar(files)
    digest = hashlib.sha256(layer).hexdigest()
    layers = {"type": "layers", "diff_ids": [f"sha256:{digest}"]}
    about = json.dumps({"architecture": machine, "os": "linux", "config": {}, "rootfs": layers}).encode()
    name = f"{NAME}:{machine}-{digest[:12]}"
    kept = json.dumps([{"Config": "about.json", "RepoTags": [name], "Layers": ["layer.tar"]}]).encode()
    client.images.load(_tar({"about.json": about, "layer.tar": layer, "manifest.json": kept}))
    return name


def _tar(files: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(content), 0o755
            archive.addfile(member, io.BytesIO(content))
    return made.getvalue()


def _write(file: IO[bytes], programs: dict[str, Path], python: Path | None) -> None:
    """The image's one layer."""
    library = Path(sysconfig.get_path("stdlib"))
    extensions = [python, *(library / "lib-dynload").glob("*.so")] if python else []
    with tarfile.open(fileobj=file, mode="w") as archive:
        for folder in ("root", "proc", "sys", "dev", "tmp", "etc", "bin"):
            _folder(archive, folder)
        for path, text in _ACCOUNTS.items():
            _text(archive, path, text)
        for name, program in programs.items():
            archive.add(program, f"usr/bin/{name}")
        for name in ("sh", "bash", "cat", "env", "touch"):
            _link(archive, f"bin/{name}", f"/usr/bin/{name}")
        for needed in sorted(_needed([*programs.values(), *extensions])):
            archive.add(needed.resolve(), str(needed).lstrip("/"))
        if python is None:
            return
        archive.add(python.resolve(), str(python).lstrip("/"))
        _link(archive, "usr/bin/python3", str(python))
        archive.add(library, str(library).lstrip("/"), filter=_wanted)


def _wanted(member: tarfile.TarInfo) -> tarfile.TarInfo | None:
    return None if _LEFT_OUT & set(Path(member.name).parts) or member.name.endswith(".a") else member


def _needed(files: list[Path]) -> set[Path]:
    """The libraries that programs load."""
    listed = subprocess.run(["ldd", *map(str, files)], capture_output=True, text=True, check=False).stdout
    return set(_paths(listed))


def _paths(listed: str) -> Iterator[Path]:
    for line in listed.splitlines():
        words = line.split()
        path = words[2] if "=>" in words and len(words) > 2 else words[0] if words and words[0].startswith("/") else ""
        if path.startswith("/") and not path.endswith(":") and Path(path).exists():
            yield Path(path)


def _folder(archive: tarfile.TarFile, path: str) -> None:
    member = tarfile.TarInfo(path)
    member.type, member.mode = tarfile.DIRTYPE, 0o1777 if path == "tmp" else 0o755
    archive.addfile(member)


def _text(archive: tarfile.TarFile, path: str, text: str) -> None:
    import io

    member = tarfile.TarInfo(path)
    member.size = len(text)
    archive.addfile(member, io.BytesIO(text.encode()))


def _link(archive: tarfile.TarFile, path: str, target: str) -> None:
    member = tarfile.TarInfo(path)
    member.type, member.linkname = tarfile.SYMTYPE, target
    archive.addfile(member)
