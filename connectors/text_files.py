"""Open text files of unknown origin: which encoding, and what they are if not text at all."""

from __future__ import annotations

import codecs
import hashlib
import io
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from monitor.errors import ConfigurationError, InputError

_CHUNK = 1 << 18
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_NOT_TEXT = (
    (b"PK\x03\x04", "a ZIP archive or an Excel workbook", "save the sheet as CSV (UTF-8)"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook", "save the sheet as CSV (UTF-8)"),
    (b"\x1f\x8b", "gzip data", "unpack it first"),
    (b"%PDF", "a PDF", "export the data as CSV"),
)
_CONTROLS = frozenset(map(chr, range(32))) - frozenset("\t\n\v\f\r\x1b")
_FEW_CONTROLS = 100
_WEB_PAGE = ("<!doctype", "<html", "<head", "<?xml", "<script", "<body")


def file_fingerprint(path: Path, *settings: str) -> str:
    """Hex SHA-256 of a file's bytes and the settings it is read with; 24 characters are enough to tell versions.

    Raises:
        InputError: the file cannot be read.
    """
    digest = hashlib.sha256("\x1f".join(settings).encode("utf-8", "replace"))
    with open_binary(path) as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()[:24]


def open_binary(path: Path) -> BinaryIO:
    """Open a file for reading bytes.

    Raises:
        InputError: there is no such file, or it may not be read.
    """
    try:
        return path.open("rb")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "the path cannot be used"
        raise InputError(
            f"{path} cannot be read ({reason}): give `path` an existing file that you may read."
        ) from None


def open_text(path: Path, encoding: str = "") -> io.TextIOWrapper:
    """Open a file as text, line ends untouched; bytes that are no text become U+FFFD.

    Args:
        path: the file.
        encoding: what the user says it is; "" finds out.

    Raises:
        InputError: the file cannot be read, or is a workbook, an archive or a web page.
    """
    found = encoding or detect_encoding(path)
    _refuse_other_formats(path, found)
    return io.TextIOWrapper(open_binary(path), encoding=found, errors="replace", newline="")


def check_encoding(encoding: str, source: str) -> None:
    """Refuse an encoding that Python does not know.

    Raises:
        ConfigurationError: with its name.
    """
    try:
        known = not encoding or codecs.lookup(encoding)._is_text_encoding  # noqa: SLF001 - the only way to ask
    except (LookupError, ValueError):
        known = False
    if not known:
        raise ConfigurationError(
            f"source {source!r} has encoding = {encoding!r}: expected a name such as 'utf-8', 'cp1251', 'cp1252' "
            "or 'utf-16', or nothing to find out. Correct it in goodwill.toml."
        )


def detect_encoding(path: Path) -> str:
    """The likely encoding of a text file, from its byte order mark, its zero bytes, and what decodes.

    A file that is UTF-8 except for a few damaged characters is UTF-8. Otherwise Cyrillic (cp1251) and Western
    (cp1252) are told apart by their letters beyond ASCII: whole words of them, or single ones.
    """
    with open_binary(path) as file:
        head = file.read(4096)
        for mark, encoding in _BYTE_ORDER_MARKS:
            if head.startswith(mark):
                return encoding
        if wide := _utf16_without_mark(head):
            return wide
        file.seek(0)
        evidence = _read_evidence(file)
    if evidence.damaged * 20 <= evidence.beyond_ascii:
        return "utf-8"
    return "cp1251" if evidence.in_runs * 2 > evidence.high_bytes else "cp1252"


def _utf16_without_mark(head: bytes) -> str:
    even, odd = head[0::2].count(0), head[1::2].count(0)
    half = max(1, len(head) // 2)
    if odd > 0.3 * half and even < 0.05 * half:
        return "utf-16-le"
    return "utf-16-be" if even > 0.3 * half and odd < 0.05 * half else ""


@dataclass(slots=True)
class _Evidence:
    """Counts over a file: as UTF-8, and of bytes beyond ASCII (`in_runs`: three or more in a row)."""

    beyond_ascii: int = 0
    damaged: int = 0
    high_bytes: int = 0
    in_runs: int = 0


def _read_evidence(file: BinaryIO) -> _Evidence:
    evidence = _Evidence()
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    while chunk := file.read(_CHUNK):
        text = decoder.decode(chunk)
        if text.isascii():
            continue
        damaged = text.count("\ufffd")
        evidence.damaged += damaged
        evidence.beyond_ascii += len(text.encode("ascii", "ignore")) * -1 + len(text) - damaged
        if damaged:
            for run in chunk.translate(_HIGH_BYTES_ONLY).split():
                evidence.high_bytes += len(run)
                evidence.in_runs += len(run) if len(run) >= 3 else 0
    return evidence


_HIGH_BYTES_ONLY = bytes(byte if byte >= 0xC0 or byte in {0xA8, 0xB8} else 0x20 for byte in range(256))


def _refuse_other_formats(path: Path, encoding: str) -> None:
    with open_binary(path) as file:
        head = file.read(2048)
    for mark, what, advice in _NOT_TEXT:
        if head.startswith(mark):
            raise InputError(f"{path.name} is {what}, not text: {advice}.")
    text = head.decode(encoding, "replace")
    controls = sum(character in _CONTROLS for character in text)
    if controls >= _FEW_CONTROLS and controls > 0.03 * len(text):
        raise InputError(f"{path.name} is no text file: give the CSV or JSON file that the tool exports.")
    start = text.lstrip("\ufeff \t\r\n").lower()
    if start.startswith(_WEB_PAGE):
        raise InputError(
            f"{path.name} is a web page, probably a login page saved in place of the export: download it again "
            "while logged in."
        )
