"""The contract of every connector.

A connector turns one vendor's payloads into frozen domain values and never sees the database. It yields
`Batch`es; each batch carries the cursors that hold once the batch is stored. The caller stores the batch
and its cursors in one transaction, so reading is at-least-once and rows are exactly-once: a crash between
two batches repeats at most one of them, and the upsert on (source, external_id) makes the repeat harmless.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, runtime_checkable

from monitor.domain.campaigns import Campaign, CampaignResult, KnownIncident
from monitor.domain.deals import Deal
from monitor.domain.metrics import MetricPoint
from monitor.domain.nps import NpsResponse
from monitor.domain.posts import CoverageGap, DeletedPost, IdentityPolicy, Post, SkippedItem

Record = Post | NpsResponse | Campaign | CampaignResult | KnownIncident | MetricPoint | Deal | DeletedPost
"""Everything a connector may hand over."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Records that are stored together with the cursors that hold afterwards.

    Attributes:
        records: in any order; the same (source, external_id) may come again with the same or newer content.
        skipped: records that could not be used, with reasons.
        gaps: stretches of time that were not seen.
        problems: parts of the source that failed (one line each, no secret); the run ends as partial.
        cursors: stream name -> opaque position; streams are independent (one channel, one subreddit).
        expected: what the source said it holds against what was fetched (for instance thread replies),
            as counted pairs for the summary: name -> (expected, fetched).
    """

    records: tuple[Record, ...] = ()
    skipped: tuple[SkippedItem, ...] = ()
    gaps: tuple[CoverageGap, ...] = ()
    problems: tuple[str, ...] = ()
    cursors: Mapping[str, str] = field(default_factory=dict)
    expected: Mapping[str, tuple[int, int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One line of `goodwill doctor`: what was checked, whether it is well, and what to do if not."""

    name: str
    ok: bool
    message: str


@runtime_checkable
class Connector(Protocol):
    """What the sync use case needs of a source.

    Attributes:
        name: the configured source's name; `Post.source` of everything it yields.
        kind: the connector's word in goodwill.toml ("slack", "reddit", ...).
        identity_policy: whether authors may be matched with known customers.
    """

    name: str
    kind: str
    identity_policy: IdentityPolicy

    def check(self) -> list[CheckResult]:
        """Test credentials, reachability and rights without changing anything; never raises for a bad source."""
        ...

    def fetch(self, cursors: Mapping[str, str], now: datetime) -> Iterator[Batch]:
        """Yield everything new since `cursors` (empty: from the beginning), with the connector's look-back.

        Args:
            cursors: stream -> position, as stored after the last completed batch.
            now: the run's moment, aware UTC; a connector reads no clock of its own.

        Raises:
            ConfigurationError: credentials or options are wrong; nothing else of this source can work.
            InputError: the file cannot be read as this kind at all.
            RetriableError: the source as a whole is not answering now.
        """
        ...
