"""Read one Reddit listing forward in time, then ask again for what was read in the last days.

Submissions and comments of a subreddit are two listings, a search is a third kind; each is a stream with its
own cursor. A listing holds about 1,000 items and leaves deleted ones out, so the position is a time, never
an id: an id that was deleted would give empty pages for ever. Deletions and edits show only at
`/api/info`, asked for the ids the cursor remembers.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Protocol

from connectors.base import Batch
from connectors.batches import BatchBuffer
from connectors.json_values import as_mapping, as_moment, as_text, parse_json
from connectors.reddit_items import created_at, fullname_of, item_to_record
from monitor.domain.posts import CoverageGap, DeletedPost, Post

LISTING_CAP = 1_000
"""Items Reddit gives of one listing at most; removed ones count, so that fewer arrive."""
_NEARLY_CAPPED = 900
_OVERLAP = timedelta(hours=6)
_INFO_SIZE = 100
_SUSPICIOUS_VANISHING = 20
"""So many known items of which none is answered are a broken answer, not deletions."""
_VERSION = 1


class RedditApi(Protocol):
    """The two calls a stream is read with; both raise only Goodwill errors."""

    def listing(self, stream: Stream) -> Iterator[list[object]]:
        """Pages of a listing, newest first."""
        ...

    def info(self, fullnames: Sequence[str]) -> list[object]:
        """The objects of at most 100 fullnames that still exist."""
        ...


@dataclass(frozen=True, slots=True)
class Stream:
    """One listing.

    Attributes:
        key: its name among the cursors: "new/sales", "comments/sales", "search/acme".
        path: at the API.
        channel: the subreddit's name in lower case; the key for a search, which has no channel of its own.
        parameters: of the request.
    """

    key: str
    path: str
    channel: str
    parameters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StreamState:
    """How far a stream was read, and the posts of the last days with the time each was written.

    Attributes:
        read_until: moment up to which everything was read; None when never.
        known: fullname -> epoch seconds.
        gone: those of the last days that were deleted or removed: moderators may approve one again.
        gap_start, gap_reason: since when the stream fails, and why; None and "" when it does not.
    """

    read_until: datetime | None = None
    known: Mapping[str, int] = field(default_factory=dict)
    gap_start: datetime | None = None
    gap_reason: str = ""
    gone: Mapping[str, int] = field(default_factory=dict)

    def to_cursor(self) -> str:
        """The state as the text a cursor is; equal states are equal texts."""
        value = {
            "version": _VERSION,
            "read_until": _seconds(self.read_until),
            "known": dict(sorted(self.known.items())),
            "gone": dict(sorted(self.gone.items())),
            "gap": [_seconds(self.gap_start), self.gap_reason],
        }
        return json.dumps(value, separators=(",", ":"))


def state_from_cursor(cursor: str | None) -> StreamState:
    """The state a cursor holds; a missing or foreign cursor means that nothing was read yet."""
    value = as_mapping(parse_json(cursor)) if cursor else {}
    if value.get("version") != _VERSION:
        return StreamState()
    known, gone = (
        {name: seconds for name, seconds in as_mapping(value.get(key)).items() if isinstance(seconds, int)}
        for key in ("known", "gone")
    )
    gap = value.get("gap")
    start, reason = gap if isinstance(gap, list) and len(gap) == 2 else (None, "")
    return StreamState(as_moment(value.get("read_until")), known, as_moment(start), as_text(reason), gone)


class StreamReader:
    """Reads one stream from a state to the next; `state` moves only with a yielded cursor."""

    def __init__(
        self,
        api: RedditApi,
        stream: Stream,
        source: str,
        now: datetime,
        look_back: timedelta,
        state: StreamState,
        own_accounts: frozenset[str] = frozenset(),
    ) -> None:
        self.state = state
        self._api = api
        self._stream = stream
        self._source = source
        self._now = now
        self._window_start = now - look_back
        self._own_accounts = own_accounts
        self._buffer = BatchBuffer()

    def read(self) -> Iterator[Batch]:
        """Everything new, then everything of the look-back that changed, went or came back.

        Raises:
            GoodwillError: whatever the API raises; what was yielded before stays valid.
        """
        gone_before = self.state.gone
        yield from self._read_new()
        yield from self._refresh()
        yield from self._ask_for_gone(sorted(set(gone_before) & set(self.state.gone)))

    def failure_gap(self, reason: str) -> tuple[tuple[CoverageGap, ...], StreamState]:
        """What is not seen because this run failed, and the state that remembers it until it is."""
        if self.state.read_until == self._now:
            return (), self.state  # the listing was read; only the refresh is missing
        start = self.state.gap_start or self.state.read_until or self._window_start
        state = replace(self.state, gap_start=start, gap_reason=self.state.gap_reason or reason)
        return (self._gap(start, self._now, state.gap_reason),), state

    def _read_new(self) -> Iterator[Batch]:
        last = self.state.read_until and min(self.state.read_until, self._now)  # clocks may have been ahead
        fresh: dict[str, int] = {}
        gone: dict[str, int] = {}
        fetched = 0
        oldest: datetime | None = None
        for page in self._api.listing(self._stream):
            fetched += len(page)
            for raw in page:
                self._add(raw, fresh, gone)
            times = [moment for raw in page if (moment := created_at(raw)) is not None]
            oldest = min([*times, *([oldest] if oldest else [])], default=None)
            if self._buffer.is_full:
                yield self._buffer.take()
            if last is not None and times and max(times) < last - _OVERLAP:
                break
        gaps = [*self._closed_gap(), *self._cap_gap(oldest, fetched)]
        known = self._in_window({**self.state.known, **fresh})
        gone = self._in_window({**self.state.gone, **gone})
        self.state = StreamState(
            self._now, known, gone={name: at for name, at in gone.items() if name not in known}
        )
        yield replace(self._take(), gaps=tuple(gaps))

    def _add(self, raw: object, fresh: dict[str, int], gone: dict[str, int]) -> None:
        name = fullname_of(raw)
        if name and name in fresh:
            return
        record = item_to_record(raw, self._source, self._now, self._own_accounts)
        if isinstance(record, Post):
            fresh[name] = int(record.created_at.timestamp())
        elif isinstance(record, DeletedPost) and (moment := created_at(raw)) is not None:
            gone[name] = int(moment.timestamp())
        self._buffer.add(record)

    def _cap_gap(self, oldest: datetime | None, fetched: int) -> list[CoverageGap]:
        """The stretch between the last run and the oldest item a full listing still showed."""
        last = self.state.read_until or self.state.gap_start
        if last is None or oldest is None or oldest <= last or fetched < _NEARLY_CAPPED:
            return []
        return [self._gap(last, oldest, "listing cap reached")]

    def _closed_gap(self) -> list[CoverageGap]:
        """A gap of an earlier run that is read now: the same gap, of no length."""
        start = self.state.gap_start
        return [] if start is None else [self._gap(start, start, self.state.gap_reason)]

    def _refresh(self) -> Iterator[Batch]:
        """Ask for the known items again, 100 a call: edits come as posts, absent ones as deletions."""
        names = sorted(self.state.known)
        for start in range(0, len(names), _INFO_SIZE):
            asked = names[start : start + _INFO_SIZE]
            answered = {fullname_of(raw): raw for raw in self._api.info(asked)}
            absent = [name for name in asked if name not in answered]
            if len(absent) == len(asked) >= _SUSPICIOUS_VANISHING:
                yield Batch(problems=(self._not_believed(len(absent)),))
                continue
            gone = {name: DeletedPost(self._source, name) for name in absent}
            for name in asked:
                record = gone.get(name) or item_to_record(
                    answered[name], self._source, self._now, self._own_accounts
                )
                if isinstance(record, Post | DeletedPost):
                    self._buffer.add(record)
                if isinstance(record, DeletedPost):
                    gone[name] = record
            if gone:
                known = dict(self.state.known)
                went = {name: known.pop(name) for name in gone}
                self.state = replace(self.state, known=known, gone={**self.state.gone, **went})
            yield self._take()

    def _ask_for_gone(self, names: Sequence[str]) -> Iterator[Batch]:
        """Ask for what an earlier run found removed: what was approved comes back. No answer is no news here."""
        for start in range(0, len(names), _INFO_SIZE):
            known, gone = dict(self.state.known), dict(self.state.gone)
            for raw in self._api.info(names[start : start + _INFO_SIZE]):
                record = item_to_record(raw, self._source, self._now, self._own_accounts)
                if isinstance(record, Post) and record.external_id in gone:
                    known[record.external_id] = gone.pop(record.external_id)
                    self._buffer.add(record)
            if len(gone) < len(self.state.gone):
                self.state = replace(self.state, known=known, gone=gone)
                yield self._take()

    def _not_believed(self, count: int) -> str:
        return (
            f"Reddit stream {self._stream.key!r}: none of {count} known items was answered, which is not taken for "
            "deletions. If the subreddit is gone for good, use `goodwill forget`."
        )

    def _in_window(self, items: Mapping[str, int]) -> dict[str, int]:
        start = self._window_start
        return {name: at for name, at in items.items() if datetime.fromtimestamp(at, UTC) >= start}

    def _gap(self, start: datetime, end: datetime, reason: str) -> CoverageGap:
        return CoverageGap(self._source, self._stream.channel, start, max(start, end), reason)

    def _take(self) -> Batch:
        return self._buffer.take({self._stream.key: self.state.to_cursor()})


def _seconds(moment: datetime | None) -> str:
    return "" if moment is None else f"{moment.timestamp():.6f}"
