"""What names say: the words in ``DeployProd``, ``db_password``, ``github-token``."""

from __future__ import annotations

import re

_PRODUCTION = frozenset({"prod", "production", "prd", "live"})
_BEFORE_IT = frozenset({"pre", "non", "not", "like", "mock", "fake"})
_SECRET = frozenset({"password", "passwd", "pwd", "secret", "token", "apikey", "credential", "credentials"})
_KINDS_OF_KEY = frozenset({"api", "access", "secret", "private"})


def words(name: str) -> list[str]:
    """The words of a name, in lower case."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|[^A-Za-z0-9]+", " ", name).lower().split()


def is_production(name: str) -> bool:
    """Whether a name says production: ``DeployProd``, ``live-eu``; not ``PreProd``, ``NonProduction``."""
    found = set(words(name))
    return bool(_PRODUCTION & found) and not _BEFORE_IT & found


def is_secret(name: str) -> bool:
    """Whether a name ends like that of a secret: ``DB_PASSWORD``, ``apiKey``; not ``TOKEN_URL``, ``KeyId``."""
    last = words(name)[-2:]
    return bool(last) and (last[-1] in _SECRET or (last[-1] == "key" and last[0] in _KINDS_OF_KEY))
