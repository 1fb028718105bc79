"""One Slack message to a `Post`, for the Web API and exports alike.

Identity is `channel:ts`: Slack's own key. `ts` is a text; an export that holds it as a number is brought to
the same six decimals.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from connectors.json_values import as_mapping, as_moment, as_text
from connectors.slack_text import mrkdwn_to_text
from connectors.text import clean_name, clean_text
from monitor.domain.posts import DeletedPost, Post, PostKind, SkippedItem

_WRITTEN_BY_PEOPLE = frozenset({"", "thread_broadcast", "me_message", "file_share"})
_MEMBERSHIP = frozenset({"channel_join", "channel_leave", "group_join", "group_leave"})
_CLOCK_TOLERANCE = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class SlackPeople:
    """What a workspace's user list tells.

    Attributes:
        names: user id -> name shown.
        bots: user ids of apps.
        ourselves: user and bot ids of our own app, whose posts are no customer's.
    """

    names: Mapping[str, str] = field(default_factory=dict)
    bots: frozenset[str] = frozenset()
    ourselves: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class SlackPlace:
    """Where a message stands.

    Attributes:
        source: the configured source's name.
        channel: the channel's id.
        channel_name: its name without #.
        workspace_url: "https://acme.slack.com/" where known, for permalinks; else "".
    """

    source: str
    channel: str
    channel_name: str
    workspace_url: str = ""


def people_from_users(users: list[object], ourselves: frozenset[str] = frozenset()) -> SlackPeople:
    """Names and bots from `users.list` or an export's users.json."""
    names: dict[str, str] = {}
    bots: set[str] = set()
    for user in map(as_mapping, users):
        identifier = as_text(user.get("id"))
        profile = as_mapping(user.get("profile"))
        shown = (
            as_text(profile.get("display_name"))
            or as_text(user.get("real_name"))
            or as_text(user.get("name"))
        )
        if identifier:
            names[identifier] = clean_name(shown)
        if user.get("is_bot") is True or identifier == "USLACKBOT":
            bots.add(identifier)
    return SlackPeople(names, frozenset(bots), ourselves)


def normal_ts(value: object) -> str:
    """A message's ts with six decimals; "" when it is none."""
    if isinstance(value, float):
        value = f"{value:.6f}"
    moment = as_moment(value)
    if moment is None:
        return ""
    whole, _, fraction = as_text(value).strip().partition(".")
    return f"{int(whole)}.{fraction[:6].ljust(6, '0')}"


def message_to_record(
    raw: object, place: SlackPlace, people: SlackPeople, now: datetime
) -> Post | SkippedItem | DeletedPost:
    """A message of a person as a post; everything else with the reason why it is none.

    Args:
        raw: the message as Slack sent it, of any shape.
        now: later messages than a day after it have a bad date.
    """
    message = as_mapping(raw)
    ts = normal_ts(message.get("ts"))
    moment = as_moment(ts)
    if moment is None or moment > now + _CLOCK_TOLERANCE:
        shown = as_text(message.get("ts"))[:40]
        return SkippedItem("bad date", f"{place.channel}:{clean_name(shown)}", "ts is no plausible time")
    external_id = f"{place.channel}:{ts}"
    if message.get("subtype") == "tombstone":
        return DeletedPost(place.source, external_id)
    reason = _reason_to_skip(message, people)
    if reason:
        return SkippedItem(reason, external_id)
    text, truncated = clean_text(mrkdwn_to_text(as_text(message.get("text"))))
    if not text:
        return SkippedItem("no text", external_id)
    return _post(message, place, people, ts, moment, text, truncated=truncated)


def _reason_to_skip(message: Mapping[str, object], people: SlackPeople) -> str:
    subtype = as_text(message.get("subtype"))
    user, bot = as_text(message.get("user")), as_text(message.get("bot_id"))
    if people.ourselves & {user, bot}:
        return "our own post"
    if subtype == "bot_message" or bot or user in people.bots:
        return "bot message"
    if subtype in _MEMBERSHIP:
        return "joined or left"
    return "" if subtype in _WRITTEN_BY_PEOPLE else "system message"


def _post(
    message: Mapping[str, object],
    place: SlackPlace,
    people: SlackPeople,
    ts: str,
    moment: datetime,
    text: str,
    *,
    truncated: bool,
) -> Post:
    thread = normal_ts(message.get("thread_ts"))
    is_reply = bool(thread) and thread != ts
    author = clean_name(as_text(message.get("user"))) or None
    return Post(
        source=place.source,
        external_id=f"{place.channel}:{ts}",
        kind=PostKind.MESSAGE,
        text=text,
        created_at=moment,
        channel=place.channel,
        channel_name=place.channel_name,
        author_id=author,
        author_name=(people.names.get(author) or None) if author else None,
        parent_id=f"{place.channel}:{thread}" if is_reply else None,
        url=_permalink(place, ts, thread if is_reply else ""),
        edited_at=as_moment(normal_ts(as_mapping(message.get("edited")).get("ts"))),
        truncated=truncated,
    )


def _permalink(place: SlackPlace, ts: str, thread: str) -> str | None:
    if not place.workspace_url:
        return None
    address = f"{place.workspace_url.rstrip('/')}/archives/{place.channel}/p{ts.replace('.', '')}"
    return f"{address}?thread_ts={thread}&cid={place.channel}" if thread else address
