"""Read a file of JSON lines that may be huge, growing or damaged, and remember how far by content.

The position is a byte offset together with the SHA-256 of everything before it: the same file again reads
nothing, a file that was appended to reads only the rest, and any other file is read from its beginning.
"""

from __future__ import annotations

import codecs
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from connectors.json_values import as_mapping, as_text, parse_json
from connectors.text import escaped
from monitor.errors import InputError

MAXIMUM_LINE_BYTES = 4 * 1024 * 1024
_VERSION = 1
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Position:
    """How far a file was read.

    Attributes:
        offset: bytes read.
        sha256: hex digest of those bytes.
        lines: lines read, for messages.
    """

    offset: int = 0
    sha256: str = ""
    lines: int = 0

    def to_cursor(self, settings: str) -> str:
        """The position as the text a cursor is.

        Args:
            settings: what tells the settings apart that decide on what a line gives.
        """
        value = {"version": _VERSION, "offset": self.offset, "sha256": self.sha256, "lines": self.lines}
        return json.dumps({**value, "settings": settings})


@dataclass(frozen=True, slots=True)
class Line:
    """One line; blank ones have neither text nor reason.

    Attributes:
        number: from 1, blank lines counted.
        text: decoded; "" when there is a reason.
        reason: why it cannot be used; "" when it can.
        after: the position to remember once everything up to here is stored.
        is_open: the last line without line end: more of it may come.
    """

    number: int
    text: str
    reason: str
    after: Position
    is_open: bool = False


def position_from_cursor(cursor: str | None, settings: str, unset: str) -> Position:
    """The position a cursor holds; a missing or foreign one, or one of other settings, means the beginning.

    Cursors of earlier versions name none. They count as made without any (`unset`): where some are set now, they may
    have been corrected since; where none are, the file is not read again for nothing.
    """
    value = as_mapping(parse_json(cursor)) if cursor else {}
    offset, lines = value.get("offset"), value.get("lines")
    if value.get("version") != _VERSION or value.get("settings", unset) != settings:
        return Position()
    if not isinstance(offset, int) or not isinstance(lines, int):
        return Position()
    return Position(max(0, offset), as_text(value.get("sha256")), max(0, lines))


def read_lines(path: Path, position: Position, encoding: str = "auto") -> Iterator[Line]:
    """The lines after `position`, or all of them where the file does not begin with what was read.

    Args:
        encoding: "auto" for UTF-8 with or without byte order mark, and UTF-16 with one; else a codec's name.

    Raises:
        InputError: the file cannot be opened.
    """
    try:
        file = path.open("rb")
    except OSError as error:
        raise InputError(
            f"{escaped(str(path))} cannot be read ({error.strerror}): expected a file of JSON lines. Correct `path`."
        ) from None
    with file:
        head = file.read(4)
        file.seek(0)
        chosen = _encoding_of(head) if encoding == "auto" else encoding
        if codecs.lookup(chosen).name.startswith(("utf-16", "utf-32")):
            yield from _read_wide(path, position, chosen)
        else:
            yield from _read_bytes(file, position, chosen)


def _encoding_of(head: bytes) -> str:
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    return "utf-8-sig"


def _read_bytes(file: BinaryIO, position: Position, encoding: str) -> Iterator[Line]:
    """Lines of an encoding in which a line end is one byte; each line is a place to go on."""
    digest = _digest_of_start(file, position.offset)
    if digest.hexdigest() != position.sha256:
        digest, position = hashlib.sha256(), Position()
        file.seek(0)
    offset, number = position.offset, position.lines
    while True:
        raw, size = _read_line(file, digest)
        if size == 0:
            return
        number, offset = number + 1, offset + size
        text, reason = _decoded(raw, encoding) if size == len(raw) else ("", "line too long")
        is_open = size == len(raw) and not raw.endswith(b"\n")
        yield Line(number, text.strip(), reason, Position(offset, digest.hexdigest(), number), is_open)


def _read_line(file: BinaryIO, digest: hashlib._Hash) -> tuple[bytes, int]:
    """One line (empty when it is too long) and the bytes it has in the file, which `digest` takes in."""
    raw = file.readline(MAXIMUM_LINE_BYTES)
    digest.update(raw)
    size = len(raw)
    if size < MAXIMUM_LINE_BYTES or raw.endswith(b"\n"):
        return raw, size
    while rest := file.readline(MAXIMUM_LINE_BYTES):
        digest.update(rest)
        size += len(rest)
        if rest.endswith(b"\n"):
            break
    return b"", size


def _read_wide(path: Path, position: Position, encoding: str) -> Iterator[Line]:
    """Lines of an encoding with wide line ends; the only place to go on is the end."""
    size = path.stat().st_size
    with path.open("rb") as file:
        digest = _digest_of_start(file, size).hexdigest()
    if (position.offset, position.sha256) == (size, digest):
        return
    number = 0
    is_new = True
    with path.open(encoding=encoding, errors="replace") as wide:
        while text := wide.readline(MAXIMUM_LINE_BYTES):
            is_whole = text.endswith("\n") or len(text) < MAXIMUM_LINE_BYTES
            number += is_new
            if is_new:
                yield Line(
                    number, text.strip() if is_whole else "", "" if is_whole else "line too long", position
                )
            is_new = is_whole
    yield Line(number, "", "", Position(size, digest, number))


def _digest_of_start(file: BinaryIO, size: int) -> hashlib._Hash:
    digest = hashlib.sha256()
    while size > 0 and (chunk := file.read(min(size, _CHUNK))):
        digest.update(chunk)
        size -= len(chunk)
    return digest


def _decoded(raw: bytes, encoding: str) -> tuple[str, str]:
    """The text of a line, or "" and the reason."""
    try:
        return raw.decode(encoding), ""
    except UnicodeError:
        return "", f"not {encoding.removesuffix('-sig').upper()}"
