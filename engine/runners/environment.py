"""What a process may see of the environment greenroom was started in: an allow-list, never the whole."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from urllib.parse import unquote

_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy")
_ALLOWED = frozenset(
    {
        "PATH",
        "HOME",  # the user's own, unlike on AWS: package caches and tool settings live there
        "USER",
        "LOGNAME",
        "LANG",
        "LANGUAGE",
        "TZ",
        "TMPDIR",
        "XDG_RUNTIME_DIR",  # where rootless engines have their sockets
        "DOCKER_HOST",
        "DOCKER_CONTEXT",
        "DOCKER_CERT_PATH",
        "DOCKER_TLS_VERIFY",
        "CONTAINER_HOST",
        "JAVA_HOME",
        "SSL_CERT_FILE",
        "SSL_CERT_DIR",
        "NODE_EXTRA_CA_CERTS",
        "REQUESTS_CA_BUNDLE",
        *_PROXIES,
    }
)
_DECISIVE = ("PATH", "LANG", "LANGUAGE", "TZ", "JAVA_HOME")
_SENSITIVE = re.compile(
    r"TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE|CREDENTIAL|(?:API|ACCESS|PRIVATE|SIGNING|ENCRYPTION|MASTER|LICENSE)_?KEY"
    r"|_PASS$|^PASS$|_PWD$|_PAT$",
    re.IGNORECASE,
)
_IN_URL = re.compile(r"\w://[^\s/?#:@]*:([^\s/?#@]+)@")
_TELLING = 8  # characters from which on a word with digits in it is no plain word
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def host_environment(
    inherit: Iterable[str] = (), environment: Mapping[str, str] | None = None, *, aws: str = "local"
) -> dict[str, str]:
    """The allowed part of this process's environment, and what the project file asks to inherit.

    The user's AWS credentials are out of reach unless an ``AWS_`` variable is inherited by name, or `aws` is real: the
    tools would otherwise read them from the home directory.
    """
    full = os.environ if environment is None else environment
    wanted = set(inherit)
    if aws == "real":
        wanted |= {"AWS_PROFILE", *(name for name in full if name.startswith("AWS_"))}
    kept = {name: full[name] for name in full if name in _ALLOWED or name.startswith("LC_") or name in wanted}
    kept.setdefault("PATH", os.defpath)
    kept.setdefault("TERM", "dumb")
    if not any(name.startswith("AWS_") for name in wanted):
        kept |= {
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
        }
    return kept


def for_containers(environment: Mapping[str, str], inherit: Iterable[str] = ()) -> dict[str, str]:
    """The part of a host environment that means something in a container: what is asked for, proxies, AWS."""
    wanted = {*_PROXIES, *inherit}
    return {name: value for name, value in environment.items() if name in wanted or name.startswith("AWS_")}


def decisive(environment: Mapping[str, str]) -> dict[str, str]:
    """The part of a host environment that can decide an action's result, for its fingerprint."""
    return {
        name: value
        for name, value in environment.items()
        if name in _DECISIVE or (name.startswith("LC_") and name != "LC_TERMINAL")
    }


def is_sensitive(name: str) -> bool:
    """Whether a variable of that name is a secret by the look of it."""
    return bool(_SENSITIVE.search(name))


def is_telling(value: str) -> bool:
    """Whether a value that is called a password may be one: `postgres` or `root`, hidden, would spoil every log."""
    return len(value) >= _TELLING and any(c.isdigit() for c in value) and any(c.isalpha() for c in value)


def telling(variables: Mapping[str, str]) -> list[str]:
    """What of variables nobody should read: values by the look of name and value, passwords in URLs."""
    named = [value for name, value in variables.items() if is_sensitive(name) and is_telling(value)]
    return [*named, *(word for value in variables.values() for word in passwords_in(value) if is_telling(word))]


def passwords_in(value: str) -> list[str]:
    """Those that stand in URLs: of a proxy, a database, a registry; as they are written, and as they are meant."""
    found = _IN_URL.findall(value) if "://" in value and "@" in value else []
    return [*found, *(unquote(password) for password in found if "%" in password)]


def is_shell_name(name: str) -> bool:
    """Whether a POSIX shell can hold a variable of that name."""
    return bool(_NAME.fullmatch(name))
