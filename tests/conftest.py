"""What holds for every test."""

from __future__ import annotations

import os

# Nobody's own keyring is asked, nor is an account: a test that wants either brings its own.
os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.null.Keyring"
