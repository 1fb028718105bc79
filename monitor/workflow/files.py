"""Files that are either whole or not there."""

from __future__ import annotations

import errno
import os
from contextlib import suppress
from pathlib import Path

from monitor.errors import UsageError


def write_atomically(path: Path, content: bytes) -> None:
    """Write a file beside its place and move it there, so that a killed run leaves the old one or the new one.

    A link is followed. What is there and is no ordinary file (a pipe, /dev/stdout, /dev/null) is written to and
    never replaced.

    Raises:
        UsageError: the folder or the file cannot be written.
    """
    path = path.resolve()
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        if path.exists() and not path.is_file() and not path.is_dir():
            path.write_bytes(content)
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open("wb") as handle:
            handle.write(content)
            handle.flush()
            os.fsync(handle.fileno())
        temporary.replace(path)
    except OSError as error:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        full = error.errno in {errno.ENOSPC, errno.EDQUOT}
        advice = "free some space, then run it again" if full else "choose another --output folder"
        raise UsageError(f"cannot write {path} ({error.strerror}): {advice}.") from error
