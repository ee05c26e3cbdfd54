"""What editors leave beside the file that they save, told by its name.

Most saves are not one write: a probe, a lock, a backup and a temporary file come and go around it. None of them is
what the user saved, and a run that starts for one of them starts a moment too early.
"""

from __future__ import annotations

import re
from typing import Final

_LITTER: Final = re.compile(
    r"""
    \.\#.+                      # Emacs: lock, a link to nowhere
    | \#.+\#                    # Emacs: auto-save
    | .+~                       # backups of Emacs, vim, Kate, gedit, nano
    | \..+\.sw[a-z]             # vim: swap file
    | 4913                      # vim: can files be made here?
    | .+___jb_(?:tmp|old|bak)___  # JetBrains: safe write
    | \.goutputstream-\w+       # gedit and all of GLib
    | \..+\.kate-swp
    | \.nfs[0-9a-f]{16,}        # NFS: deleted, yet open somewhere
    | \.DS_Store
    """,
    re.VERBOSE,
)

_TEMPORARY: Final = re.compile(
    r"""
    .+\.(?:tmp|temp|part|crdownload|swp|bak)
    | .+\.(?:tmp|temp)[.-].+    # name.tmp.1234, what Node's write-file-atomic and many others do
    | \.?(?:tmp|temp)[._-]?\w+  # tmpab12cd: mkstemp
    | sed\w{6}                  # sed -i
    | .+\.\w{6,}\.(?:tmp|temp)
    | \..+\.\w{6}               # rsync
    """,
    re.VERBOSE,
)


def litter(name: str) -> bool:
    """Never anybody's work: an editor's lock, backup, swap or probe file."""
    return _LITTER.fullmatch(name) is not None


def temporary(name: str) -> bool:
    """Perhaps about to be renamed to what is meant; worth waiting a moment whether it stays."""
    return _TEMPORARY.fullmatch(name) is not None
