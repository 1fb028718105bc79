"""Texts that take long to make and depend on nothing but the version of a library, kept in the user's cache folder."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path


def kept_text(name: str, make: Callable[[], str]) -> str:
    """The text kept under a file name, or the one that `make` gives, which is then kept with its digest.

    A file that is not whole is made again; without a writable cache folder nothing is kept.
    """
    from platformdirs import user_cache_path

    path = user_cache_path("goodwill") / name
    text = _read(path)
    if text is None:
        text = make()
        _write(path, text)
    return text


def _read(path: Path) -> str | None:
    """The kept text, if it is whole."""
    try:
        digest, _, text = path.read_bytes().partition(b"\n")
        return text.decode("utf-8") if _digest(text) == digest.decode("ascii") else None
    except (OSError, UnicodeDecodeError):
        return None


def _write(path: Path, text: str) -> None:
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    content = text.encode("utf-8")
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_bytes(_digest(content).encode("ascii") + b"\n" + content)
        temporary.replace(path)


def _digest(content: bytes) -> str:
    return f"//{hashlib.sha256(content).hexdigest()}"
