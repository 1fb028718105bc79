"""Files that take long to make and depend on nothing but the version of a library, kept in the user's cache folder."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path


def kept(name: str, make: Callable[[], bytes]) -> bytes:
    """The content kept under a file name, or what `make` gives, which is then kept with its digest.

    A file that is not whole is made again; without a writable cache folder nothing is kept.
    """
    from platformdirs import user_cache_path

    path = user_cache_path("goodwill") / name
    content = _read(path)
    if content is None:
        content = make()
        _write(path, content)
    return content


def _read(path: Path) -> bytes | None:
    """The kept content, if it is whole."""
    try:
        digest, _, content = path.read_bytes().partition(b"\n")
    except OSError:
        return None
    return content if digest == _digest(content) else None


def _write(path: Path, content: bytes) -> None:
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_bytes(_digest(content) + b"\n" + content)
        temporary.replace(path)


def _digest(content: bytes) -> bytes:
    return b"//" + hashlib.sha256(content).hexdigest().encode("ascii")
