"""Open a Slack export ZIP that may be hostile: members are read by name, never extracted.

Slack writes `<channel>/YYYY-MM-DD.json` and a few lists beside them. Nothing else is read; each member has a
byte limit and a compression limit, the archive a byte budget and a member limit, and names may not come twice.
"""

from __future__ import annotations

import hashlib
import re
import stat
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from connectors.json_values import BadJson, parse_json_array
from connectors.text import clean_name
from monitor.domain.posts import SkippedItem
from monitor.errors import InputError

MAXIMUM_MEMBERS = 500_000
MAXIMUM_MEMBER_BYTES = 32 * 1024 * 1024
MAXIMUM_TOTAL_BYTES = 8 * 1024**3
MAXIMUM_RATIO = 500
_SMALL_BYTES = 1024 * 1024  # below this, any ratio is harmless
_DAY_FILE = re.compile(r"([^/\\\x00-\x1f]{1,200})/(\d{4}-\d{2}-\d{2})\.json")
_LIST_FILE = re.compile(r"[a-z_]{1,60}\.json")
_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    OSError,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
)


@dataclass(frozen=True, slots=True)
class DayFile:
    """One member of messages.

    Attributes:
        folder: the channel's name in the archive.
        name: the member's name.
    """

    folder: str
    name: str


class SlackArchive:
    """A Slack export, opened read-only.

    Attributes:
        day_files: members with messages, in order of their names.
        refused: members that are neither messages nor lists, and what could not be read of lists.

    Raises:
        InputError: no ZIP, a name twice, too many members, or no messages at all.
    """

    def __init__(self, path: Path, *, total_bytes: int = MAXIMUM_TOTAL_BYTES) -> None:
        self._path = path
        self._budget = total_bytes
        try:
            self._zip = zipfile.ZipFile(path)
        except FileNotFoundError:
            raise InputError(
                f"{path} does not exist: expected a Slack export (ZIP). Correct `path`."
            ) from None
        except _UNREADABLE as error:
            raise InputError(
                f"{path} cannot be opened as a ZIP ({type(error).__name__}): expected an export as Slack offers it. "
                "Download it again."
            ) from None
        try:
            self.day_files, self.refused = self._sorted_members()
        except InputError:
            self._zip.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._zip.close()

    def sha256(self) -> str:
        """Hex SHA-256 of the whole file."""
        digest = hashlib.sha256()
        with self._path.open("rb") as file:
            while chunk := file.read(1 << 20):
                digest.update(chunk)
        return digest.hexdigest()

    def list_file(self, name: str) -> list[object]:
        """The entries of one of Slack's lists ("users.json"); none when it is missing.

        What cannot be read of it is added to `refused`.
        """
        if name not in self._zip.namelist():
            return []
        data = self._read(name)
        entries = [data] if isinstance(data, SkippedItem) else list(parse_json_array(_decoded(data)))
        self.refused += [entry for entry in entries if isinstance(entry, SkippedItem)]
        self.refused += [SkippedItem(entry.reason, name) for entry in entries if isinstance(entry, BadJson)]
        return [entry for entry in entries if not isinstance(entry, SkippedItem | BadJson)]

    def messages(self, day_file: DayFile) -> Iterator[object] | SkippedItem:
        """The raw messages of a day, or why the member cannot be read. Dates in names are not believed."""
        data = self._read(day_file.name)
        return data if isinstance(data, SkippedItem) else parse_json_array(_decoded(data))

    def _sorted_members(self) -> tuple[list[DayFile], list[SkippedItem]]:
        infos = self._zip.infolist()
        if len(infos) > MAXIMUM_MEMBERS:
            raise InputError(
                f"{self._path} holds {len(infos)} members: expected at most {MAXIMUM_MEMBERS}. "
                "Export a shorter time and import the parts one after the other."
            )
        names = [info.filename for info in infos]
        if len(set(names)) < len(names):
            twice = Counter(names).most_common(1)[0][0]
            raise InputError(
                f"{self._path} holds {clean_name(twice)!r} twice: expected each name once. Download the export again."
            )
        days: list[DayFile] = []
        refused: list[SkippedItem] = []
        for info in sorted(infos, key=lambda info: info.filename):
            match = _DAY_FILE.fullmatch(info.filename)
            if match and match.group(1) not in {".", ".."}:
                days.append(DayFile(match.group(1), info.filename))
            elif not info.is_dir() and not _LIST_FILE.fullmatch(info.filename):
                refused.append(SkippedItem("not a day file", clean_name(info.filename)))
        if not days:
            raise InputError(
                f"{self._path} holds no member named <channel>/YYYY-MM-DD.json: expected a Slack export (ZIP) as "
                "Slack offers it. Do not pack it anew."
            )
        return days, refused

    def _read(self, name: str) -> bytes | SkippedItem:
        info = self._zip.getinfo(name)
        reason = self._reason_to_refuse(info)
        if reason:
            return SkippedItem(reason, clean_name(name))
        try:
            with self._zip.open(info) as member:
                data = member.read(min(MAXIMUM_MEMBER_BYTES, self._budget) + 1)
        except _UNREADABLE as error:
            return SkippedItem("unreadable day file", clean_name(name), type(error).__name__)
        if len(data) > min(MAXIMUM_MEMBER_BYTES, self._budget):
            return SkippedItem("day file too large", clean_name(name))
        self._budget -= len(data)
        return data

    def _reason_to_refuse(self, info: zipfile.ZipInfo) -> str:
        if info.flag_bits & 0x1:
            return "encrypted day file"
        if info.compress_type not in _METHODS or stat.S_ISLNK(info.external_attr >> 16):
            return "unreadable day file"
        if info.file_size > MAXIMUM_MEMBER_BYTES:
            return "day file too large"
        if info.file_size > _SMALL_BYTES and info.file_size > MAXIMUM_RATIO * max(info.compress_size, 1):
            return "day file compressed too much"
        return "byte budget of the archive is spent" if info.file_size > self._budget else ""


def _decoded(data: bytes) -> str:
    """Slack writes UTF-8; a byte that is not becomes U+FFFD instead of costing the day."""
    encoding = "utf-16" if data[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig"
    return data.decode(encoding, "replace")
