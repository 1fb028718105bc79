"""Every test runs in a clean environment and an empty home, and reaches nothing but this machine."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

_ALLOWED_HOSTS = {"127.0.0.1", "::1", "localhost"}


class NetworkAccessError(AssertionError):
    """A test tried to leave this machine."""


@pytest.fixture(autouse=True)
def _socket_guard(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only loopback and local sockets can be connected to, and only loopback names resolved."""
    connect, connect_ex, resolve = socket.socket.connect, socket.socket.connect_ex, socket.getaddrinfo

    def check(address: Any) -> None:
        if isinstance(address, tuple) and address[0] not in _ALLOWED_HOSTS:
            raise NetworkAccessError(f"a test tried to connect to {address[0]!r}")

    def guarded_connect(self: socket.socket, address: Any) -> None:
        check(address)
        connect(self, address)

    def guarded_connect_ex(self: socket.socket, address: Any) -> int:
        check(address)
        return connect_ex(self, address)

    def guarded_resolve(host: Any, *args: Any, **options: Any) -> Any:
        if host is not None and (host.decode() if isinstance(host, bytes) else host) not in _ALLOWED_HOSTS:
            raise NetworkAccessError(f"a test tried to resolve {host!r}")
        return resolve(host, *args, **options)

    monkeypatch.setattr(socket.socket, "connect", guarded_connect)
    monkeypatch.setattr(socket.socket, "connect_ex", guarded_connect_ex)
    monkeypatch.setattr(socket, "getaddrinfo", guarded_resolve)


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """No settings of the developer's machine reach a test."""
    for name in list(os.environ):
        if name.startswith("GOODWILL_") or name in {
            "DATABASE_URL",
            "NO_COLOR",
            "FORCE_COLOR",
            "SOURCE_DATE_EPOCH",
        }:
            monkeypatch.delenv(name)
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_CACHE_HOME", str(home / "cache"))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("TZ", "UTC")


@pytest.fixture
def moment() -> datetime:
    """A fixed run moment: a Monday morning."""
    return datetime(2026, 11, 16, 8, 0, tzinfo=UTC)


@pytest.fixture
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The working folder of a new user: empty."""
    monkeypatch.chdir(tmp_path)
    return tmp_path
