"""Read one channel: recent messages with their threads, what vanished, then older history.

`conversations.history` leaves replies out (most messages of a busy channel), comes newest first, and never
says that something was deleted. So each run re-reads the look-back window, re-reads the threads that moved,
and compares with what the cursor remembers. Older history is read once, page by page backwards, and goes on
where an interrupted run stopped.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Protocol

from connectors.base import Batch, Record
from connectors.batches import BatchBuffer
from connectors.json_values import as_count, as_mapping, as_moment
from connectors.slack_messages import SlackPeople, SlackPlace, message_to_record, normal_ts
from connectors.slack_state import DONE, ChannelState, ThreadState
from monitor.domain.posts import CoverageGap, DeletedPost, Post, SkippedItem

_SUSPICIOUS_VANISHING = 20
"""So many known posts that all vanish at once are a broken answer, not deletions."""


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """One page of a channel's history: messages of any shape, and whether the plan hides older ones."""

    messages: list[object]
    hides_older: bool = False


class ChannelApi(Protocol):
    """The two calls a channel is read with; both raise only Goodwill errors."""

    def history(self, channel: str, oldest: str, latest: str, *, inclusive: bool) -> Iterator[HistoryPage]:
        """Messages without replies, newest first, from `oldest` to `latest`, both included or both not."""
        ...

    def replies(self, channel: str, ts: str) -> Iterator[list[object]]:
        """A thread's messages, oldest first; a page may repeat the parent."""
        ...


@dataclass(frozen=True, slots=True)
class Window:
    """What a run reads again.

    Attributes:
        now: the run's moment, aware UTC.
        threads: threads whose parent is younger than this are watched for new replies.
        recent: threads with a reply younger than this are read again for edits, moved or not.
        history: how far back the first read goes; None for everything.
    """

    now: datetime
    threads: timedelta
    recent: timedelta
    history: timedelta | None = None

    @property
    def start(self) -> datetime:
        """First moment of the window."""
        return self.now - max(self.threads, self.recent)


def ts_of(moment: datetime) -> str:
    """A moment as Slack writes it."""
    return f"{int(moment.timestamp())}.{moment.microsecond:06d}"


class ChannelReader:
    """Reads one channel from a state to the next; `state` moves only with a yielded cursor.

    Attributes:
        state: as of the last yielded batch.
    """

    def __init__(
        self,
        api: ChannelApi,
        place: SlackPlace,
        people: SlackPeople,
        window: Window,
        state: ChannelState,
        created: datetime | None = None,
    ) -> None:
        self.state = state
        self._api = api
        self._place = place
        self._people = people
        self._window = window
        self._created = created
        self._buffer = BatchBuffer()
        self._replies = [0, 0]

    def read(self) -> Iterator[Batch]:
        """Everything new, changed and gone.

        Raises:
            GoodwillError: whatever the API raises; what was yielded before stays valid.
        """
        yield from self._read_recent()
        if self.state.backfill != DONE:
            yield from self._read_backfill()

    def failure_gap(self, reason: str) -> tuple[tuple[CoverageGap, ...], ChannelState]:
        """What is not seen because this run failed, and the state that remembers it until it is."""
        if self.state.read_until == ts_of(self._window.now):
            return (), self.state  # only older history is missing; the next run goes on with it
        start = self.state.gap_start or self.state.read_until or ts_of(self._window.start)
        state = replace(self.state, gap_start=start, gap_reason=self.state.gap_reason or reason)
        return (self._gap(start, self._window.now, state.gap_reason),), state

    def _read_recent(self) -> Iterator[Batch]:
        start = self._recent_start()
        seen: set[str] = set()
        threads: dict[str, ThreadState] = {}
        hidden: list[bool] = []
        for item in self._recent_items(ts_of(start), seen, threads, hidden):
            self._buffer.add(item)
            if self._buffer.is_full:
                yield self._take()
        oldest_readable = min(seen, default=ts_of(self._window.now)) if any(hidden) else ts_of(start)
        vanished, problems = self._vanished(seen, threads, oldest_readable)
        yield from self._deletions(vanished)
        gaps = self._closed_gaps()
        window_start = ts_of(self._window.start)
        self.state = ChannelState(
            read_until=ts_of(self._window.now),
            backfill=self.state.backfill or ts_of(start),
            messages=frozenset(
                ts for ts in (seen if not problems else self.state.messages) if ts >= window_start
            ),
            threads={
                ts: thread
                for ts, thread in (threads if not problems else self.state.threads).items()
                if ts >= window_start
            },
        )
        yield replace(self._take(self.state), gaps=gaps, problems=problems)

    def _recent_start(self) -> datetime:
        """First moment to read: the window, or that of the last run where it is longer ago.

        What was watched then may have changed since; how long the pause was cuts nothing off.
        """
        last = as_moment(self.state.read_until)
        if last is None:
            return max(self._window.start, self._history_start())
        start = min(self._window.start, last - (self._window.now - self._window.start))
        return start if self._window.history is None else max(start, last - self._window.history)

    def _history_start(self) -> datetime:
        history = self._window.history
        return datetime.fromtimestamp(0, UTC) if history is None else self._window.now - history

    def _recent_items(
        self, start: str, seen: set[str], threads: dict[str, ThreadState], hidden: list[bool]
    ) -> Iterator[Record | SkippedItem]:
        read: set[str] = set()
        for page in self._api.history(self._place.channel, start, ts_of(self._window.now), inclusive=True):
            hidden.append(page.hides_older)
            for raw in page.messages:
                ts = normal_ts(as_mapping(raw).get("ts"))
                if ts and ts in read:
                    continue
                read.add(ts)
                record = self._record(raw)
                if isinstance(record, Post):
                    seen.add(ts)
                yield record
                if _is_parent(as_mapping(raw), ts):
                    yield from self._thread_items(as_mapping(raw), ts, threads)

    def _thread_items(
        self, parent: Mapping[str, object], ts: str, threads: dict[str, ThreadState]
    ) -> Iterator[Record | SkippedItem]:
        """Replies of a thread that moved or is lively; others are remembered as they were."""
        count, latest = as_count(parent.get("reply_count")), normal_ts(parent.get("latest_reply"))
        before = self.state.threads.get(ts)
        lively = latest >= ts_of(self._window.now - self._window.recent)
        if before is not None and not lively and (before.reply_count, before.latest_reply) == (count, latest):
            threads[ts] = before
            return
        replies: set[str] = set()
        fetched = 0
        for record in self._reply_items(ts, count):
            fetched += 1
            if isinstance(record, Post):
                replies.add(record.external_id.rpartition(":")[2])
            yield record
        if fetched < count:  # an answer cut short deletes nothing, and the thread is asked for again
            known = before.replies if before is not None else frozenset()
            threads[ts] = ThreadState(0, "", frozenset(replies) | known)
            return
        threads[ts] = ThreadState(count, latest, frozenset(replies))

    def _reply_items(self, parent_ts: str, expected: int) -> Iterator[Record | SkippedItem]:
        """A thread's replies, each once, without the parent; counted against Slack's own figure."""
        read = {parent_ts}
        self._replies[0] += expected
        for page in self._api.replies(self._place.channel, parent_ts):
            for raw in page:
                ts = normal_ts(as_mapping(raw).get("ts"))
                if ts and ts in read:
                    continue
                read.add(ts)
                self._replies[1] += 1
                yield self._record(raw)

    def _read_backfill(self) -> Iterator[Batch]:
        oldest, latest = ts_of(self._history_start()), self.state.backfill
        hides_older = False
        pages = self._api.history(self._place.channel, oldest, latest, inclusive=False)
        for page in pages if oldest < latest else ():
            hides_older = hides_older or page.hides_older
            for item in self._backfill_items(page):
                self._buffer.add(item)
                if self._buffer.is_full:
                    yield self._take()
            times = [ts for raw in page.messages if (ts := normal_ts(as_mapping(raw).get("ts")))]
            self.state = replace(self.state, backfill=min([self.state.backfill, *times]))
            yield self._take(self.state)
        gaps = self._hidden_gap() if hides_older else ()
        self.state = replace(self.state, backfill=DONE)
        yield replace(self._take(self.state), gaps=gaps)

    def _backfill_items(self, page: HistoryPage) -> Iterator[Record | SkippedItem]:
        for raw in page.messages:
            yield self._record(raw)
            ts = normal_ts(as_mapping(raw).get("ts"))
            if _is_parent(as_mapping(raw), ts):
                yield from self._reply_items(ts, as_count(as_mapping(raw).get("reply_count")))

    def _record(self, raw: object) -> Record | SkippedItem:
        return message_to_record(raw, self._place, self._people, self._window.now)

    def _vanished(
        self, seen: set[str], threads: dict[str, ThreadState], start: str
    ) -> tuple[list[str], tuple[str, ...]]:
        """Known posts of the window that are there no more, and the problem if that is not believable."""
        present = seen.union(*(thread.replies for thread in threads.values()))
        watched = {ts for ts in self.state.messages if ts >= start}
        for parent, thread in self.state.threads.items():
            watched |= thread.replies if parent >= start else frozenset()
        vanished = sorted(watched - present)
        if not present and len(vanished) >= _SUSPICIOUS_VANISHING:
            problem = (
                f"Slack channel {self._place.channel_name!r}: all {len(vanished)} known messages are missing from "
                "the answer, which is not taken for deletions. If the channel was really emptied, use `goodwill forget`."
            )
            return [], (problem,)
        return vanished, ()

    def _deletions(self, vanished: list[str]) -> Iterator[Batch]:
        for ts in vanished:
            self._buffer.add(DeletedPost(self._place.source, f"{self._place.channel}:{ts}"))
            if self._buffer.is_full:
                yield self._take()

    def _closed_gaps(self) -> tuple[CoverageGap, ...]:
        """A gap of an earlier run that is read now: the same gap, of no length."""
        start = as_moment(self.state.gap_start)
        return () if start is None else (self._gap(self.state.gap_start, start, self.state.gap_reason),)

    def _hidden_gap(self) -> tuple[CoverageGap, ...]:
        end = as_moment(self.state.backfill)
        if self._created is None or end is None or end <= self._created:
            return ()
        return (self._gap(ts_of(self._created), end, "hidden by the Slack plan"),)

    def _gap(self, start: str, end: datetime, reason: str) -> CoverageGap:
        moment = as_moment(start) or end
        return CoverageGap(self._place.source, self._place.channel, min(moment, end), end, reason)

    def _take(self, state: ChannelState | None = None) -> Batch:
        expected = {"thread replies": (self._replies[0], self._replies[1])} if any(self._replies) else {}
        self._replies = [0, 0]
        cursors = {self._place.channel: state.to_cursor()} if state is not None else {}
        return self._buffer.take(cursors, expected)


def _is_parent(message: Mapping[str, object], ts: str) -> bool:
    return (
        bool(ts)
        and as_count(message.get("reply_count")) > 0
        and normal_ts(message.get("thread_ts")) in {"", ts}
    )
