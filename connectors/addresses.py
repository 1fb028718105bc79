"""Addresses of services, as people configure them: a secret travels to no address in the clear."""

from __future__ import annotations

from urllib.parse import urlsplit

from monitor.errors import ConfigurationError

_THIS_MACHINE = frozenset({"localhost", "127.0.0.1", "::1"})


def checked_address(source: str, key: str, address: str) -> str:
    """`address`, when it is https, or http to this machine.

    Raises:
        ConfigurationError: anything else, and any address that holds a password.
    """
    try:
        parts = urlsplit(address)
        host, password = parts.hostname or "", parts.password
    except ValueError:
        parts, host, password = urlsplit(""), "", None
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and host in _THIS_MACHINE)
    if not host or not is_safe or password is not None:
        shown = f"an address at {host!r}" if password is not None else repr(address)
        raise ConfigurationError(
            f"source {source!r} has {key} = {shown}: expected an address that begins with https:// and holds no "
            "password (http:// only for this machine). Correct it in goodwill.toml or remove it."
        )
    return address
