"""Slack's workspace export (ZIP): the same messages as the Web API's, without an app or a token.

A second import of the same file reads nothing; another file is read wholly, and the upsert on
`channel:ts` keeps what was already there. Direct messages are never read.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from connectors.addresses import checked_address
from connectors.base import Batch, CheckResult
from connectors.batches import BatchBuffer
from connectors.json_values import BadJson, as_count, as_mapping, as_text, parse_json
from connectors.kinds import ConnectorKind, SourceContext
from connectors.options import option
from connectors.slack_archive import DayFile, SlackArchive
from connectors.slack_messages import SlackPeople, SlackPlace, message_to_record, people_from_users
from connectors.text import clean_name
from monitor.domain.posts import IdentityPolicy, SkippedItem
from monitor.errors import GoodwillError

KIND = "slack_export"
_STREAM = "export"
_VERSION = 1


@dataclass(frozen=True, slots=True)
class SlackExportOptions:
    """Keys of a `[[sources]]` table of kind "slack_export"."""

    path: Path = option("the ZIP that Slack offers for download")
    channels: tuple[str, ...] = option("channel names or ids; empty for all but direct messages", default=())
    workspace_url: str = option("https://acme.slack.com, for links to the messages", default="")


@dataclass(frozen=True, slots=True)
class _Position:
    """How far one file was read: `members` day files of the file with this digest."""

    digest: str = ""
    members: int = 0

    def to_cursor(self) -> str:
        return json.dumps({"version": _VERSION, "digest": self.digest, "members": self.members})


class SlackExportConnector:
    """Messages and threads of an export, day file by day file."""

    kind = KIND
    identity_policy = IdentityPolicy.FIRST_PARTY

    def __init__(self, name: str, options: SlackExportOptions) -> None:
        self.name = name
        self._options = options

    def check(self) -> list[CheckResult]:
        """Whether the file can be opened, and what it holds."""
        try:
            with SlackArchive(self._options.path) as archive:
                channels = len({day.folder for day in archive.day_files})
                message = f"{len(archive.day_files)} day files of {channels} channels"
        except GoodwillError as error:
            return [CheckResult("Slack export", ok=False, message=str(error))]
        return [CheckResult("Slack export", ok=True, message=message)]

    def fetch(self, cursors: Mapping[str, str], now: datetime) -> Iterator[Batch]:
        """Read the day files that were not read yet.

        Raises:
            InputError: the file is no Slack export.
        """
        with SlackArchive(self._options.path) as archive:
            digest = hashlib.sha256(f"{archive.sha256()} {self._options!r}".encode()).hexdigest()
            position = _position_from_cursor(cursors.get(_STREAM), digest)
            people = people_from_users(archive.list_file("users.json"))
            places = self._places(archive)
            if position.members == 0:
                yield Batch(skipped=tuple(archive.refused))
            yield from self._read(archive, position, places, people, now)

    def _read(
        self,
        archive: SlackArchive,
        position: _Position,
        places: Mapping[str, SlackPlace],
        people: SlackPeople,
        now: datetime,
    ) -> Iterator[Batch]:
        buffer = BatchBuffer()
        for day_file in archive.day_files[position.members :]:
            position = replace(position, members=position.members + 1)
            place = places.get(day_file.folder)
            for item in () if place is None else _raw_messages(archive, day_file):
                if isinstance(item, SkippedItem):
                    buffer.add(item)
                elif place is not None:
                    buffer.add(message_to_record(item, place, people, now))
                if buffer.is_full:
                    yield buffer.take()  # in the middle of a day: the cursor waits for its end
            if buffer.is_half_full:
                yield buffer.take({_STREAM: position.to_cursor()})
        yield buffer.take({_STREAM: position.to_cursor()})

    def _places(self, archive: SlackArchive) -> dict[str, SlackPlace]:
        """Folder -> channel, for channels that are wanted."""
        ids = {
            as_text(entry.get("name")): clean_name(as_text(entry.get("id")))
            for list_name in ("channels.json", "groups.json")
            for entry in map(as_mapping, archive.list_file(list_name))
        }
        private = {
            as_text(entry.get(key))
            for list_name in ("dms.json", "mpims.json")
            for entry in map(as_mapping, archive.list_file(list_name))
            for key in ("id", "name")
        }
        wanted = {name.removeprefix("#") for name in self._options.channels}
        places: dict[str, SlackPlace] = {}
        for folder in dict.fromkeys(day.folder for day in archive.day_files):
            name = clean_name(folder)
            identifier = ids.get(folder) or name
            is_wanted = not wanted or bool(wanted & {folder, identifier})
            if name and is_wanted and folder not in private - ids.keys():
                places[folder] = SlackPlace(self.name, identifier, name, self._options.workspace_url)
        return places


def _raw_messages(archive: SlackArchive, day_file: DayFile) -> Iterator[object]:
    """Raw messages of a day; what cannot be read comes as `SkippedItem`."""
    messages = archive.messages(day_file)
    if isinstance(messages, SkippedItem):
        yield messages
        return
    for number, message in enumerate(messages, start=1):
        if isinstance(message, BadJson):
            yield SkippedItem(message.reason, clean_name(f"{day_file.name} message {number}"))
        else:
            yield message


def _position_from_cursor(cursor: str | None, digest: str) -> _Position:
    value = as_mapping(parse_json(cursor)) if cursor else {}
    if value.get("version") != _VERSION or value.get("digest") != digest:
        return _Position(digest)
    return _Position(digest, as_count(value.get("members")))


def _build(context: SourceContext, options: SlackExportOptions) -> SlackExportConnector:
    if options.workspace_url:
        checked_address(context.name, "workspace_url", options.workspace_url)
    return SlackExportConnector(context.name, options)


KINDS = (
    ConnectorKind(KIND, "a workspace export (ZIP) of Slack", False, SlackExportOptions, _build),  # noqa: FBT003
)
