"""The Slack export as Slack would hand it out: a ZIP of day files per channel, users and channels."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from monitor.demo.calendar_year import DAYS, day_of
from monitor.demo.dice import Dice
from monitor.demo.people import Person
from monitor.demo.slack_talk import Message

CHANNELS = ("general", "help", "flows-and-api", "insights", "ideas", "random", "announcements", "ru")
_TEAM = "T0DEMOPLOV"
_BOT = "B0DEMOSTAT"
_BOT_USER = "U0DEMOBOT"
_ZIP_DATE = (2026, 11, 16, 7, 0, 0)
_EXPORT_ZONE = ZoneInfo("America/Los_Angeles")  # Slack names day files by its own office's days
_CREATED = 1_700_000_000
Json = dict[str, object]


def write_slack_export(
    path: Path,
    conversations: Iterable[Message],
    customers: tuple[Person, ...],
    staff: tuple[Person, ...],
    seed: int,
) -> int:
    """Write the ZIP.

    Returns:
        how many messages people wrote.
    """
    clock = _Clock()
    days: dict[tuple[str, str], list[Json]] = {}
    written = 0
    for head in conversations:
        for raw in _thread(head, clock):
            _file_for(days, head.channel, raw).append(raw)
            written += 1
    for channel, raw in (*_joins(customers, clock, seed), *_bot_posts(clock)):
        _file_for(days, channel, raw).append(raw)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        _add(archive, "channels.json", [_channel(name, customers, staff) for name in CHANNELS])
        _add(archive, "users.json", [*(_user(person) for person in (*customers, *staff)), _bot_user()])
        for (channel, day), messages in sorted(days.items()):
            _add(archive, f"{channel}/{day}.json", sorted(messages, key=lambda raw: str(raw["ts"])))
    return written


class _Clock:
    """Turns moments into Slack's ts, never the same twice."""

    def __init__(self) -> None:
        self._count = 0

    def ts(self, moment: datetime) -> str:
        self._count += 1
        return f"{int(moment.timestamp())}.{self._count:06d}"


def _thread(head: Message, clock: _Clock) -> list[Json]:
    first = _message(head, clock)
    if not head.replies:
        return [first]
    replies = [_message(reply, clock) for reply in head.replies]
    for raw in replies:
        raw |= {"thread_ts": first["ts"], "parent_user_id": head.user}
    users = list(dict.fromkeys(reply.user for reply in head.replies))
    first |= {
        "thread_ts": first["ts"],
        "reply_count": len(replies),
        "reply_users_count": len(users),
        "latest_reply": replies[-1]["ts"],
        "reply_users": users,
        "replies": [{"user": raw["user"], "ts": raw["ts"]} for raw in replies],
        "is_locked": False,
        "subscribed": False,
    }
    return [first, *replies]


def _message(message: Message, clock: _Clock) -> Json:
    ts = clock.ts(message.moment)
    raw: Json = {
        "client_msg_id": f"demo-{ts}",
        "type": "message",
        "text": _escaped(message.text),
        "user": message.user,
        "ts": ts,
        "team": _TEAM,
    }
    if message.edited_at is not None:
        raw["edited"] = {"user": message.user, "ts": f"{int(message.edited_at.timestamp())}.000000"}
    if message.reactions:
        raw["reactions"] = [
            {"name": name, "users": users, "count": len(users)} for name, users in message.reactions.items()
        ]
    return raw


def _escaped(text: str) -> str:
    """Slack's three escapes, leaving its own mentions alone."""
    mention, separator, rest = text.partition("> ") if text.startswith("<@") else ("", "", text)
    plain = rest.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return f"{mention}{separator}{plain}"


def _joins(customers: tuple[Person, ...], clock: _Clock, seed: int) -> Iterator[tuple[str, Json]]:
    dice = Dice(seed, "joins")
    for person in customers:
        if dice.chance(0.6):
            moment = datetime.combine(dice.pick(DAYS), datetime.min.time(), tzinfo=UTC) + timedelta(hours=10)
            text = f"<@{person.identifier}> has joined the channel"
            yield "general", {"type": "message", "subtype": "channel_join", "user": person.identifier, "text": text,
                              "ts": clock.ts(moment)}  # fmt: skip


def _bot_posts(clock: _Clock) -> Iterator[tuple[str, Json]]:
    for week in range(52):
        moment = datetime.combine(day_of(week, 0), datetime.min.time(), tzinfo=UTC) + timedelta(hours=9)
        text = f"Weekly status (synthetic): all systems normal, week {week + 1} of 52"
        yield "announcements", {"type": "message", "subtype": "bot_message", "bot_id": _BOT, "text": text,
                                "username": "Status bot", "ts": clock.ts(moment)}  # fmt: skip


def _file_for(days: dict[tuple[str, str], list[Json]], channel: str, raw: Json) -> list[Json]:
    moment = datetime.fromtimestamp(float(str(raw["ts"])), UTC).astimezone(_EXPORT_ZONE)
    return days.setdefault((channel, moment.date().isoformat()), [])


def _channel(name: str, customers: tuple[Person, ...], staff: tuple[Person, ...]) -> Json:
    return {
        "id": f"C0DEMO{CHANNELS.index(name):04d}",
        "name": name,
        "created": _CREATED,
        "creator": staff[0].identifier,
        "is_archived": False,
        "is_general": name == "general",
        "members": [person.identifier for person in (*staff, *customers)],
        "topic": {"value": "", "creator": "", "last_set": 0},
        "purpose": {"value": "Synthetic demo data", "creator": "", "last_set": 0},
    }


def _user(person: Person) -> Json:
    return {
        "id": person.identifier,
        "team_id": _TEAM,
        "name": person.handle,
        "deleted": False,
        "real_name": person.name,
        "tz": "Europe/London",
        "profile": {"real_name": person.name, "display_name": person.name, "email": person.email},
        "is_bot": False,
        "is_app_user": False,
        "updated": _CREATED,
    }


def _bot_user() -> Json:
    return {"id": _BOT_USER, "name": "status_bot", "deleted": False, "is_bot": True, "real_name": "Status bot",
            "profile": {"bot_id": _BOT, "display_name": "Status bot"}}  # fmt: skip


def _add(archive: zipfile.ZipFile, name: str, value: object) -> None:
    member = zipfile.ZipInfo(name, _ZIP_DATE)
    member.compress_type = zipfile.ZIP_DEFLATED
    member.create_system = 3  # the same bytes on every operating system
    archive.writestr(member, json.dumps(value, ensure_ascii=False, indent=1))
