"""What one channel's cursor remembers: how far it was read, and what was there the last time.

Slack tells nobody that a message was deleted or that a reply came late, except by comparison with what was
there before; so the cursor holds the ids of the look-back window. It is opaque to everyone else.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from connectors.json_values import as_count, as_mapping, as_text, parse_json
from connectors.slack_messages import normal_ts

_VERSION = 1
DONE = "done"


@dataclass(slots=True)
class ThreadState:
    """A thread as last read: Slack's own figures and the replies that became posts."""

    reply_count: int
    latest_reply: str
    replies: frozenset[str] = frozenset()


@dataclass(slots=True)
class ChannelState:
    """Everything known of one channel.

    Attributes:
        read_until: ts up to which everything was read; "" when never.
        backfill: ts before which history is still to be read; `DONE` when none is, "" when never begun.
        messages: posts of the window, by ts, without replies.
        threads: parent ts -> thread, for parents in the window.
        gap_start: ts of the first moment not seen since the channel failed; "" when it did not.
        gap_reason: why.
    """

    read_until: str = ""
    backfill: str = ""
    messages: frozenset[str] = frozenset()
    threads: dict[str, ThreadState] = field(default_factory=dict)
    gap_start: str = ""
    gap_reason: str = ""

    @property
    def known(self) -> frozenset[str]:
        """Every post of the window."""
        return self.messages.union(*(thread.replies for thread in self.threads.values()))

    def to_cursor(self) -> str:
        """The state as the text a cursor is; equal states are equal texts."""
        threads = {
            ts: [thread.reply_count, thread.latest_reply, sorted(thread.replies)]
            for ts, thread in sorted(self.threads.items())
        }
        value = {
            "version": _VERSION,
            "read_until": self.read_until,
            "backfill": self.backfill,
            "messages": sorted(self.messages),
            "threads": threads,
            "gap": [self.gap_start, self.gap_reason],
        }
        return json.dumps(value, separators=(",", ":"))


def state_from_cursor(cursor: str | None) -> ChannelState:
    """The state a cursor holds; a missing or foreign cursor means that nothing was read yet."""
    value = as_mapping(parse_json(cursor)) if cursor else {}
    if value.get("version") != _VERSION:
        return ChannelState()
    gap = _texts(value.get("gap")) or ["", ""]
    return ChannelState(
        read_until=normal_ts(value.get("read_until")),
        backfill=as_text(value.get("backfill")),
        messages=frozenset(_texts(value.get("messages"))),
        threads={ts: _thread(item) for ts, item in as_mapping(value.get("threads")).items()},
        gap_start=normal_ts(gap[0]),
        gap_reason=gap[-1],
    )


def _thread(value: object) -> ThreadState:
    if not isinstance(value, list) or len(value) != 3:
        return ThreadState(0, "")
    return ThreadState(as_count(value[0]), as_text(value[1]), frozenset(_texts(value[2])))


def _texts(value: object) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []
