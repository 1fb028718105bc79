"""Messages to Slack before they are sent: each has a key of its own, so that it is sent once.

    waiting -> claimed -> sent
       ^          |
       +----------+  Slack surely did not take it (it said so), or it was looked up and is not there
                     waiting -> dropped: it makes no sense any more

A message is claimed, with Slack's own time, before the first byte goes out. Whoever finds a claimed message
knows that somebody may have sent it, and looks it up in Slack by its key before sending it again.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class MessageKind(StrEnum):
    """What a message does in Slack."""

    ROOT = "root"
    UPDATE = "update"
    THREAD = "thread"
    CHART = "chart"
    DIGEST = "digest"
    CLOUD = "cloud"
    REPORT = "report"


UPLOADS = {MessageKind.CHART: ".png", MessageKind.CLOUD: ".png", MessageKind.REPORT: ".html"}
"""Kinds that are files in the thread of another message, and how their names end."""


class MessageState(StrEnum):
    """How far a message is."""

    WAITING = "waiting"
    CLAIMED = "claimed"
    SENT = "sent"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class Message:
    """One message.

    Attributes:
        key: ours, never used twice; it travels in the message's metadata (a file's in its name).
        channel: Slack's id of the channel.
        body: what a thread note says, or the week of a digest; other kinds are drawn from their incident.
        loud: a thread note that the whole channel sees, too.
        anchor: Slack's clock, in seconds, when it was first claimed; 0 = never claimed.
        attempts: how often it was claimed.
        slack_ts: Slack's id of the message once it is there; file_id: of the uploaded chart.
        team: Slack's id of the workspace it was sent to.
        error: what Slack said the last time, "" when nothing went wrong.
    """

    key: str
    kind: MessageKind
    state: MessageState = MessageState.WAITING
    id: int = 0
    incident_id: int | None = None
    channel: str = ""
    body: str = ""
    loud: bool = False
    anchor: float = 0.0
    attempts: int = 0
    slack_ts: str = ""
    file_id: str = ""
    team: str = ""
    error: str = ""

    @property
    def file_name(self) -> str:
        """The name of an uploaded file: its key."""
        return f"goodwill-{self.key.replace('/', '-')}{UPLOADS.get(self.kind, '')}"
