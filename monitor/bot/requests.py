"""One request of Slack's, read once: who asks, where, and for what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from monitor.settings import SlackSettings


@dataclass(frozen=True, slots=True)
class BotRequest:
    """What every handler needs of a request.

    Attributes:
        key: the same for a request that Slack repeats; "" when it has none.
        user, channel: Slack's ids; channel is "" in the home tab and in modals.
        value: what was asked: a button's value, a command's text, ...
        trigger: allows to open a modal, for three seconds.
        response_url: where an answer only for the user can be sent; "" when there is none.
        body: as Slack sent it.
    """

    key: str
    user: str
    channel: str
    value: str
    trigger: str
    response_url: str
    body: Mapping[str, Any]


def read_request(body: Mapping[str, Any]) -> BotRequest:
    """Read an event, an interaction or a command."""
    event = body.get("event") or {}
    actions = body.get("actions") or [{}]
    user = body.get("user_id") or (body.get("user") or {}).get("id") or event.get("user") or ""
    channel = body.get("channel_id") or (body.get("channel") or {}).get("id") or ""
    chosen = actions[0].get("selected_option") or {}
    value = actions[0].get("value") or chosen.get("value") or body.get("text") or ""
    return BotRequest(
        key=str(body.get("event_id") or body.get("trigger_id") or ""),
        user=str(user),
        channel=str(channel),
        value=str(value),
        trigger=str(body.get("trigger_id") or ""),
        response_url=str(body.get("response_url") or ""),
        body=body,
    )


def is_permitted(request: BotRequest, settings: SlackSettings) -> bool:
    """Whether the user or the channel is on a list; without any list everybody in the workspace is welcome."""
    if not settings.allowed_users and not settings.allowed_channels:
        return True
    place = request.channel
    if not place:
        # A modal was opened from a message: its place travels with it.
        place = str((request.body.get("view") or {}).get("private_metadata", "")).partition(":")[2]
    return request.user in settings.allowed_users or (bool(place) and place in settings.allowed_channels)
