"""Whatever happens at Slack or Reddit, and whenever a run is killed, the store ends as the source is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.base import Batch
from connectors.reddit_streams import Stream, StreamReader
from connectors.reddit_streams import state_from_cursor as stream_state
from connectors.slack_history import ChannelReader, HistoryPage, Window, ts_of
from connectors.slack_messages import SlackPeople, SlackPlace
from connectors.slack_state import state_from_cursor as channel_state
from connectors.testing import MemoryStore
from monitor.domain.posts import Post
from tests.integration.slack_server import Channel

START = datetime(2026, 11, 1, tzinfo=UTC)
MONTH = timedelta(days=30)

# What happens, to which of the existing posts (by index), and after how many batches the next run is killed.
_HAPPENINGS = st.lists(
    st.tuples(
        st.sampled_from(["post", "post", "reply", "edit", "delete", "sync", "killed sync"]),
        st.integers(0, 50),
    ),
    max_size=40,
)


class FakeSlack:
    """One channel in pages of three, as the connector's API sees it."""

    def __init__(self) -> None:
        self.channel = Channel("C1", "general")

    def history(self, channel: str, oldest: str, latest: str, *, inclusive: bool) -> Iterator[HistoryPage]:
        found: list[object] = [
            dict(message)
            for ts, message in self.channel.history()
            if oldest < ts < latest or (inclusive and ts in {oldest, latest})
        ]
        for start in range(0, max(len(found), 1), 3):
            yield HistoryPage(found[start : start + 3])

    def replies(self, channel: str, ts: str) -> Iterator[list[object]]:
        messages = self.channel.messages
        found = [dict(m) for key, m in sorted(messages.items()) if m.get("thread_ts") == ts and key != ts]
        for start in range(0, len(found), 3):
            yield [messages[ts], *found[start : start + 3]]

    def happen(self, what: str, index: int, ts: str) -> None:
        messages = self.channel.messages
        alive = [key for key, m in sorted(messages.items()) if m.get("subtype") != "tombstone"]
        if what == "post":
            self.channel.post(ts, f"message {ts}")
        elif alive:
            self._change(what, alive[index % len(alive)], ts)

    def _change(self, what: str, chosen: str, ts: str) -> None:
        message = self.channel.messages[chosen]
        is_reply = message.get("thread_ts", chosen) != chosen
        if what == "reply" and not is_reply:
            self.channel.post(ts, f"reply {ts}", thread=chosen)
        elif what == "edit":
            message["text"] += " edited"
        elif what == "delete" and message.get("reply_count"):
            message["subtype"] = "tombstone"
        elif what == "delete":
            self.channel.delete(chosen)

    def texts(self) -> set[str]:
        return {m["text"] for m in self.channel.messages.values() if m.get("subtype") != "tombstone"}


class FakeReddit:
    """One listing in pages of three; deleted items answer by id for a while or not at all."""

    def __init__(self) -> None:
        self.things: dict[str, dict[str, Any]] = {}

    def listing(self, stream: Stream) -> Iterator[list[object]]:
        listed: list[object] = [dict(t) for t in reversed(self.things.values()) if t["body"] != "[deleted]"]
        for start in range(0, max(len(listed), 1), 3):
            yield listed[start : start + 3]

    def info(self, fullnames: Sequence[str]) -> list[object]:
        return [dict(self.things[name]) for name in fullnames if name in self.things]

    def happen(self, what: str, index: int, moment: datetime) -> None:
        alive = [name for name, thing in self.things.items() if thing["body"] != "[deleted]"]
        if what in {"post", "reply"}:
            name = f"t1_{len(self.things) + 1:x}z{index:x}"
            self.things[name] = {"name": name, "body": f"text {name}", "created_utc": moment.timestamp()}
        elif what == "edit" and alive:
            self.things[alive[index % len(alive)]]["body"] += " edited"
        elif what == "delete" and alive:
            self.things[alive[index % len(alive)]]["body"] = "[deleted]"

    def texts(self) -> set[str]:
        return {thing["body"] for thing in self.things.values() if thing["body"] != "[deleted]"}


def store_some(batches: Iterator[Batch], store: MemoryStore, limit: int | None) -> None:
    for number, batch in enumerate(batches):
        if number == limit:
            return
        store.save(batch)


def texts(store: MemoryStore) -> set[str]:
    return {record.text for record in store.records.values() if isinstance(record, Post)}


def read_slack(slack: FakeSlack, store: MemoryStore, now: datetime, limit: int | None = None) -> None:
    window = Window(now, threads=MONTH, recent=MONTH)
    state = channel_state(store.cursors.get("C1"))
    reader = ChannelReader(slack, SlackPlace("s", "C1", "general"), SlackPeople(), window, state)
    store_some(reader.read(), store, limit)


def read_reddit(reddit: FakeReddit, store: MemoryStore, now: datetime, limit: int | None = None) -> None:
    stream = Stream("comments/sales", "/r/sales/comments", "sales")
    state = stream_state(store.cursors.get(stream.key))
    store_some(StreamReader(reddit, stream, "r", now, MONTH, state).read(), store, limit)


@settings(max_examples=150, deadline=None)
@given(happenings=_HAPPENINGS, old=st.integers(0, 8))
def test_the_store_ends_as_the_slack_channel_is(happenings: list[tuple[str, int]], old: int) -> None:
    """Posts, replies, edits and deletions between complete and killed runs, with years of history before."""
    slack, store, now = FakeSlack(), MemoryStore(), START
    for number in range(old):
        slack.channel.post(ts_of(START - timedelta(days=40 + 100 * number)), f"old {number}")
    for what, index in happenings:
        now += timedelta(minutes=30)
        if what.endswith("sync"):
            read_slack(slack, store, now, index % 4 if what == "killed sync" else None)
        else:
            _happen_in_window(slack, what, index, now)
    read_slack(slack, store, now + timedelta(minutes=30))
    assert texts(store) == slack.texts()


def _happen_in_window(slack: FakeSlack, what: str, index: int, now: datetime) -> None:
    """Changes to history older than the look-back are not seen, by contract: leave it as it is."""
    old = {ts: slack.channel.messages.pop(ts) for ts in list(slack.channel.messages) if ts < ts_of(START)}
    slack.happen(what, index, ts_of(now))
    slack.channel.messages.update(old)


@settings(max_examples=150, deadline=None)
@given(happenings=_HAPPENINGS)
def test_the_store_ends_as_the_subreddit_is(happenings: list[tuple[str, int]]) -> None:
    """Posts, edits and deletions between complete and killed runs."""
    reddit, store, now = FakeReddit(), MemoryStore(), START
    for what, index in happenings:
        now += timedelta(minutes=30)
        if what.endswith("sync"):
            read_reddit(reddit, store, now, index % 3 if what == "killed sync" else None)
        else:
            reddit.happen(what, index, now)
    read_reddit(reddit, store, now + timedelta(minutes=30))
    assert texts(store) == reddit.texts()
