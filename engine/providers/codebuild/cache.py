"""The `cache` of a buildspec, kept between builds of a project.

What is kept lies in the store, as any tree does: equal files are there once, and under the cap of .greenroom what was
not used for longest goes. An index beside the journal says which tree belongs to which key. Trouble with a cache never
fails a build.
https://docs.aws.amazon.com/codebuild/latest/userguide/caching-s3.html
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from engine.artifacts.store import Store, TreeMissing
from engine.journal.logs import safe_name
from engine.providers.buildspec.model import Cache
from engine.providers.codebuild.collect import expand
from engine.providers.codebuild.globs import find
from engine.providers.threads import to_the_end
from engine.runners.masking import Masker
from engine.runners.shell import ShellSession

_KEPT = 20  # keys of one project
_HASH = re.compile(r"\$\(\s*codebuild-hash-files\s+(?P<files>[^)]*)\)")

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class BuildCache:
    """The caches of one project, for one build. `source` is the build's source directory."""

    state: Path
    project: str
    source: Path
    store: Store
    say: Say
    outside: str = "this machine's own folder"  # what becomes of absolute paths

    def restore(self, key: str, fallbacks: Iterable[str]) -> bool:
        """Put back what belongs to the key, or to the first fallback that has any. Whether it was the key itself."""
        entries = self._entries()
        for prefix in (None, *fallbacks):
            matching = [k for k in entries if (k == key if prefix is None else prefix and k.startswith(prefix))]
            if not matching:
                continue
            try:
                count = self._place(entries[matching[-1]])
            except (TreeMissing, OSError) as error:
                self.say(f"greenroom: cache: cannot be restored: {error}")
                return False
            self.say(f"greenroom: cache: {count} file(s) restored{_of(matching[-1])}")
            return prefix is None
        self.say(f"greenroom: cache: nothing is kept yet{_of(key)}")
        return False

    def save(self, wanted: Cache, key: str) -> None:
        """Keep what the patterns find now."""
        try:
            files = {
                path: self.source / path
                for pattern in wanted.paths
                if not pattern.startswith("/")
                for path in find(self.source, pattern, follow=False)
            }
            if not files:
                return
            tree = self.store.put(files.items(), skipped=[])
            self._remember(key, tree)
        except OSError as error:
            self.say(f"greenroom: cache: cannot be saved: {error}")
        else:
            self.say(f"greenroom: cache: {len(files)} file(s) saved{_of(key)}")

    def _place(self, tree: str) -> int:
        count = 0
        self.store.touch([tree])
        for entry in self.store.walk(tree):
            target = self.source / entry.path
            if os.path.lexists(target):  # the source's own
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            node = self.store.find(tree, entry.path)
            if entry.kind == "link":
                target.symlink_to(os.fsdecode(node.target))
            elif entry.kind != "dir":
                self.store.copy(node, target)
                target.chmod(0o755 if entry.kind == "exec" else 0o644)
            count += 1
        return count

    @property
    def _index(self) -> Path:
        return self.state / "caches" / f"{safe_name(self.project)}.json"

    def _entries(self) -> dict[str, str]:
        """Key -> tree, the oldest first."""
        try:
            found = json.loads(self._index.read_text(encoding="utf-8"))
            return {str(key): str(tree) for key, tree in found["trees"].items()}
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return {}

    def _remember(self, key: str, tree: str) -> None:
        entries = self._entries()
        entries.pop(key, None)
        entries[key] = tree
        kept = dict(list(entries.items())[-_KEPT:])
        self._index.parent.mkdir(parents=True, exist_ok=True)
        handle, draft = tempfile.mkstemp(dir=self._index.parent, prefix=".draft-")
        with contextlib.suppress(FileNotFoundError), os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump({"trees": kept}, file)
        Path(draft).replace(self._index)


class Caching:
    """The cache of one build, from its restoration to its saving."""

    def __init__(self, wanted: Cache, kept: BuildCache, masker: Masker) -> None:
        self._wanted = wanted
        self._kept = kept
        self._masker = masker
        self._key = ""
        self._current = False  # what is kept for the key needs no saving

    @property
    def asks_the_shell(self) -> bool:
        """Whether a key holds commands: then the runner must be there before anything can be put back."""
        texts = (_HASH.sub("", text) for text in (self._wanted.key, *self._wanted.fallback_keys))
        return any("$(" in text or "`" in text for text in texts)

    async def restore(self, shell: ShellSession, variables: Mapping[str, str]) -> None:
        """Work out the keys, and put back what there is. `variables` are the build's, for keys without commands."""
        wanted, kept = self._wanted, self._kept
        if not wanted.paths:
            return
        for pattern in wanted.paths:
            if pattern.startswith("/"):
                kept.say(f"greenroom: cache: {pattern} is {kept.outside}")
        texts = (wanted.key, *(wanted.fallback_keys if wanted.key else ()))
        hashes = await to_the_end(lambda: [hashed(text, kept.source) for text in texts])
        asks = self.asks_the_shell
        self._key, *fallbacks = await shell.expand(hashes) if asks else [expand(text, variables) for text in hashes]
        if self._masker.mask(self._key) != self._key:
            kept.say("greenroom: cache: the key holds a secret value; nothing is kept")
            self._wanted = Cache()
        elif wanted.action != "save":
            found = await to_the_end(lambda: kept.restore(self._key, fallbacks))
            self._current = found and bool(self._key)

    async def save(self) -> None:
        """Keep the paths for the next build. What a key of its own gave back already stays as it is."""
        if self._wanted.paths and self._wanted.action != "restore" and not self._current:
            await to_the_end(lambda: self._kept.save(self._wanted, self._key))


def _of(key: str) -> str:
    return f" (key {key})" if key else ""


def hashed(text: str, source: Path) -> str:
    """A key with every ``$(codebuild-hash-files …)`` replaced by a digest of the files that its patterns find."""
    return _HASH.sub(lambda match: _digest(match["files"].split(), source), text)


def _digest(patterns: Iterable[str], source: Path) -> str:
    """What the program of that name says: the digest of a list of digests, as sha256sum writes it."""
    total = hashlib.sha256()
    found = {path for pattern in patterns for path in find(source, pattern.strip("'\""), follow=True)}
    for path in sorted(found, key=os.fsencode):
        line = f"{hashlib.sha256((source / path).read_bytes()).hexdigest()}  {path}\n"
        total.update(os.fsencode(line))
    return total.hexdigest()
