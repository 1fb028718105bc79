"""The conformance suite: what every connector must do, whatever its vendor.

    def test_conformance(tmp_path):
        assert_conforms(Case(make=lambda: build(tmp_path), now=NOW, secrets=(TOKEN,), skipped={"bad date": 1}))

`assert_conforms` reads the source several times through fresh connectors into a store in memory and fails
with a `ConformanceError` that says which promise was broken.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import UTC, datetime

from connectors.base import Batch, CheckResult, Connector, Record
from connectors.registry import kind_names
from monitor.domain.campaigns import CampaignResult
from monitor.domain.metrics import MetricPoint
from monitor.domain.posts import DeletedPost, IdentityPolicy, Post
from monitor.errors import GoodwillError

MAXIMUM_BATCH = 2_000
"""Records in one batch: more would not be constant memory."""
_HARMFUL = frozenset(map(chr, (*range(9), 11, 12, *range(14, 32), 127, *range(0xD800, 0xE000))))


class ConformanceError(AssertionError):
    """A connector broke one of the promises of `connectors.base`."""


@dataclass(frozen=True, slots=True)
class Case:
    """One source to try a connector on.

    Attributes:
        make: a fresh connector on the same source, as a new run would build it.
        now: the runs' moment, aware UTC.
        secrets: strings that may appear nowhere.
        skipped: reason -> how many records of the source must be skipped for it.
        minimum_records: how many distinct records the source holds at least.
        strict_skipped: the reasons given are the only ones.
    """

    make: Callable[[], Connector]
    now: datetime
    secrets: tuple[str, ...] = ()
    skipped: Mapping[str, int] = field(default_factory=dict)
    minimum_records: int = 1
    strict_skipped: bool = True


@dataclass(slots=True)
class MemoryStore:
    """What the real store does with batches, on dictionaries: upsert, delete and move cursors at once."""

    records: dict[tuple[str, ...], Record] = field(default_factory=dict)
    cursors: dict[str, str] = field(default_factory=dict)
    added: int = 0
    changed: int = 0
    deleted: int = 0
    skipped: Counter[str] = field(default_factory=Counter)

    def save(self, batch: Batch) -> None:
        """Store one batch and its cursors."""
        for record in batch.records:
            if isinstance(record, DeletedPost):
                self.deleted += (
                    self.records.pop(("Post", record.source, record.external_id), None) is not None
                )
                continue
            key = record_key(record)
            before = self.records.get(key)
            self.added += before is None
            self.changed += before is not None and before != record
            self.records[key] = record
        self.skipped.update(item.reason for item in batch.skipped)
        self.cursors.update(batch.cursors)

    def sync(self, connector: Connector, now: datetime, *, batches: int | None = None) -> list[Batch]:
        """Read and store; stop after `batches`, as a killed process would."""
        read: list[Batch] = []
        if batches == 0:
            return read
        for batch in connector.fetch(dict(self.cursors), now):
            self.save(batch)
            read.append(batch)
            if len(read) == batches:
                break
        return read


def record_key(record: Record) -> tuple[str, ...]:
    """The identity of a record: two records with one key are one row."""
    if isinstance(record, MetricPoint):
        return ("MetricPoint", record.source, record.metric, record.day.isoformat(), record.segment)
    if isinstance(record, CampaignResult):
        day = record.day.isoformat()
        return ("CampaignResult", record.source, record.campaign_id, day, record.channel)
    return (type(record).__name__, record.source, record.external_id)


def assert_conforms(case: Case) -> MemoryStore:
    """Try every promise of the contract on one source.

    Returns:
        the store after the first complete sync, for further assertions.

    Raises:
        ConformanceError: a promise is broken.
    """
    _assert_identity(case)
    store = MemoryStore()
    batches = store.sync(case.make(), case.now)
    _assert_batches(case, batches)
    _assert_counted(case, store)
    _assert_second_sync_adds_nothing(case, store)
    for completed in range(len(batches)):
        _assert_crash_is_harmless(case, store, completed)
    _assert_no_secret(case, batches)
    return store


def assert_error_has_no_secret(error: BaseException, secrets: Iterable[str]) -> None:
    """No secret in an error, its notes, or any error that is shown with it.

    Raises:
        ConformanceError: a secret is there.
    """
    shown: list[str] = []
    current: BaseException | None = error
    while current is not None:
        shown += [str(current), repr(current), *getattr(current, "__notes__", [])]
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)
    _refuse_secrets(shown, tuple(secrets), "an error")


def _assert_identity(case: Case) -> None:
    connector = case.make()
    _require(isinstance(connector, Connector), f"{type(connector).__name__} is no Connector")
    _require(connector.kind in kind_names(), f"kind {connector.kind!r} is not in the registry")
    _require(bool(connector.name), "the connector has no name")
    _require(
        isinstance(connector.identity_policy, IdentityPolicy), "identity_policy is not an IdentityPolicy"
    )
    results = connector.check()
    _require(bool(results), "check() says nothing")
    for result in results:
        _require(isinstance(result, CheckResult), f"check() holds a {type(result).__name__}")
        _require(bool(result.message), f"check() has nothing to say about {result.name!r}")
    _refuse_secrets([repr(results), repr(connector)], case.secrets, "check() or repr()")


def _assert_batches(case: Case, batches: list[Batch]) -> None:
    source = case.make().name
    for batch in batches:
        _require(len(batch.records) <= MAXIMUM_BATCH, f"a batch of {len(batch.records)} records")
        for record in batch.records:
            _require(record.source == source, f"{record_label(record)} is of source {record.source!r}")
            _assert_values(record, record_label(record))
            if isinstance(record, Post):
                _require(record.text == record.text.strip(), f"{record_label(record)} has unstripped text")
        for gap in batch.gaps:
            _require(gap.source == source and gap.start <= gap.end, f"gap {gap.reason!r} is inside out")
            _assert_values(gap, "a gap")
        for stream, value in batch.cursors.items():
            _assert_values((stream, value), f"the cursor {stream!r}")


def record_label(record: Record) -> str:
    """How a failure names a record."""
    return (
        "/".join(record_key(record))
        if not isinstance(record, DeletedPost)
        else f"deleted {record.external_id}"
    )


def _assert_values(value: object, where: str) -> None:
    """Every time in `value` is aware UTC and every text can be stored."""
    for part in _walk(value):
        if isinstance(part, datetime):
            _require(
                part.utcoffset() == UTC.utcoffset(None), f"{where} has {part.isoformat()}, not aware UTC"
            )
        if isinstance(part, str):
            _require(_HARMFUL.isdisjoint(part), f"{where} has control characters or lone surrogates")


def _walk(value: object) -> Iterator[object]:
    if is_dataclass(value) and not isinstance(value, type):
        for entry in fields(value):
            yield from _walk(getattr(value, entry.name))
    elif isinstance(value, tuple | list):
        for item in value:
            yield from _walk(item)
    else:
        yield value


def _assert_counted(case: Case, store: MemoryStore) -> None:
    _require(len(store.records) >= case.minimum_records, f"only {len(store.records)} records were read")
    for reason, count in case.skipped.items():
        found = store.skipped[reason]
        _require(found >= count, f"{found} records skipped as {reason!r} instead of {count}: {store.skipped}")
    if case.strict_skipped:
        _require(set(store.skipped) == set(case.skipped), f"unexpected reasons: {dict(store.skipped)}")


def _assert_second_sync_adds_nothing(case: Case, store: MemoryStore) -> None:
    again = MemoryStore(records=dict(store.records), cursors=dict(store.cursors))
    again.sync(case.make(), case.now)
    _require(
        (again.added, again.changed, again.deleted) == (0, 0, 0),
        f"a second sync added {again.added}, changed {again.changed}, deleted {again.deleted}",
    )


def _assert_crash_is_harmless(case: Case, complete: MemoryStore, completed: int) -> None:
    """Killed after `completed` batches were stored: the next run ends where an undisturbed one does."""
    store = MemoryStore()
    store.sync(case.make(), case.now, batches=completed)
    store.sync(case.make(), case.now)
    _require(store.records == complete.records, f"a crash after batch {completed} lost or doubled records")


def _assert_no_secret(case: Case, batches: list[Batch]) -> None:
    _refuse_secrets((repr(batch) for batch in batches), case.secrets, "a batch")
    try:
        list(case.make().fetch({"unknown stream": "not a cursor"}, case.now))
    except GoodwillError as error:
        assert_error_has_no_secret(error, case.secrets)


def _refuse_secrets(texts: Iterable[str], secrets: tuple[str, ...], where: str) -> None:
    for text in texts:
        for secret in secrets:
            _require(secret not in text, f"a secret shows in {where}")


def _require(condition: bool, message: str) -> None:  # noqa: FBT001 - an assertion
    if not condition:
        raise ConformanceError(message)
