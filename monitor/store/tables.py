"""All tables in one module.

Rows are dumb: SQLModel table classes do not validate, so the domain types do, and each repository maps
between the two. Identity is (source, external_id) everywhere; `row_hash` covers every other column that
comes from the source, so an unchanged record is recognised without comparing columns.

Posts carry the `day` they fall on in the report's time zone. Effective labels (the model's, or a person's
correction) live in `labels`, one row a post; `daily_counts` holds their sums and is rebuilt for the days
listed in `dirty_days`, which is written in the same transaction as whatever made a day stale.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Column, Index, LargeBinary, MetaData, UniqueConstraint
from sqlmodel import Field, SQLModel

from monitor.store.types import NAMING_CONVENTION, SortedJson, UtcDateTime

SQLModel.metadata = MetaData(naming_convention=NAMING_CONVENTION)


def _moment(*, nullable: bool = False, index: bool = False) -> Any:
    return Field(sa_column=Column(UtcDateTime(), nullable=nullable, index=index))


def _json() -> Any:
    return Field(sa_column=Column(SortedJson(), nullable=True))


class MetaRow(SQLModel, table=True):
    """Facts about the database itself: report time zone, search high-water mark, ..."""

    __tablename__ = "meta"
    key: str = Field(primary_key=True)
    value: str


class SourceRow(SQLModel, table=True):
    """A configured source and its policy."""

    __tablename__ = "sources"
    name: str = Field(primary_key=True)
    kind: str
    identity_policy: str
    retention_days: int | None = None
    last_success_at: datetime | None = _moment(nullable=True)


class CursorRow(SQLModel, table=True):
    """Where reading of one stream of a source goes on."""

    __tablename__ = "cursors"
    source: str = Field(primary_key=True)
    stream: str = Field(primary_key=True)
    value: str


class SyncRunRow(SQLModel, table=True):
    """One sync of one source: what it did and what it could not do."""

    __tablename__ = "sync_runs"
    id: int | None = Field(default=None, primary_key=True)
    source: str = Field(index=True)
    started_at: datetime = _moment()
    finished_at: datetime | None = _moment(nullable=True)
    status: str
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    deleted: int = 0
    skipped: Any = _json()
    expected: Any = _json()
    problems: Any = _json()


class CoverageGapRow(SQLModel, table=True):
    """A stretch of time a source was not seen."""

    __tablename__ = "coverage_gaps"
    source: str = Field(primary_key=True)
    channel: str = Field(primary_key=True)
    start_at: datetime = Field(sa_column=Column(UtcDateTime(), primary_key=True))
    reason: str = Field(primary_key=True)
    end_at: datetime = _moment()


class ArrivalRow(SQLModel, table=True):
    """How many posts of a source and age a day's syncs saw for the first time."""

    __tablename__ = "arrivals"
    source: str = Field(primary_key=True)
    seen_on: date = Field(primary_key=True)
    age_days: int = Field(primary_key=True)
    posts: int


class ChannelRow(SQLModel, table=True):
    """A channel, subreddit, forum category or pipeline."""

    __tablename__ = "channels"
    source: str = Field(primary_key=True)
    external_id: str = Field(primary_key=True)
    name: str


class AuthorRow(SQLModel, table=True):
    """An author as the source names them; never joined to an account where the policy forbids it."""

    __tablename__ = "authors"
    source: str = Field(primary_key=True)
    external_id: str = Field(primary_key=True)
    name: str
    account: str | None = None


class ForgottenNameRow(SQLModel, table=True):
    """A keyed hash of a name that left: nothing else is known of it."""

    __tablename__ = "forgotten_names"
    __table_args__ = {"sqlite_with_rowid": False}
    digest: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))


class PostRow(SQLModel, table=True):
    """A text; after deletion at its source only day, source, kind and labels stay."""

    __tablename__ = "posts"
    __table_args__ = (
        UniqueConstraint("source", "external_id", name="uq_posts_source_external_id"),
        Index("ix_posts_day_id", "day", "id"),
        Index("ix_posts_score_hash", "score_hash"),
    )
    id: int | None = Field(default=None, primary_key=True)
    source: str
    external_id: str
    kind: str
    text: str
    text_hash: str
    score_hash: str
    row_hash: str
    created_at: datetime = _moment()
    day: date
    channel: str = ""
    author_id: str | None = None
    parent_id: str | None = None
    url: str | None = None
    edited_at: datetime | None = _moment(nullable=True)
    account: str | None = None
    deal_id: str | None = None
    segments: Any = _json()
    truncated: bool = False
    about_us: bool | None = None
    deleted_at: datetime | None = _moment(nullable=True)


class PostVersionRow(SQLModel, table=True):
    """What a post said before an edit."""

    __tablename__ = "post_versions"
    post_id: int = Field(primary_key=True, foreign_key="posts.id", ondelete="CASCADE")
    text_hash: str = Field(primary_key=True)
    text: str
    replaced_at: datetime = _moment()


class ScoreRow(SQLModel, table=True):
    """What a model says of a text: keyed by content (`posts.score_hash`), so the same text is never scored twice."""

    __tablename__ = "scores"
    score_hash: str = Field(primary_key=True)
    model_id: str = Field(primary_key=True)
    language: str
    measured: bool
    sentiment: str
    negative: float
    neutral: float
    positive: float
    complaint_score: float
    complaint: bool
    tags: Any = _json()
    tag_scores: Any = _json()
    channel: str = ""
    unsure: bool = False
    driving_segment: str | None = None
    embedding: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))


class LabelRow(SQLModel, table=True):
    """The label that counts for a post: the active model's, or the correction that overrides it."""

    __tablename__ = "labels"
    __table_args__ = (Index("ix_labels_day_about_us", "day", "about_us", "sentiment", "complaint"),)
    post_id: int = Field(primary_key=True, foreign_key="posts.id", ondelete="CASCADE")
    labelling_id: str = Field(index=True)
    day: date
    source: str
    kind: str
    about_us: bool
    target: str
    voice: str
    sentiment: str
    complaint: bool
    tags: str = ""
    channel: str = ""
    language: str = "und"
    measured: bool = True
    unsure: bool = False
    corrected: bool = False
    negative: float = 0.0
    complaint_score: float = 0.0


class CorrectionRow(SQLModel, table=True):
    """A person's correction of a label: wins over every model, and becomes training data."""

    __tablename__ = "corrections"
    id: int | None = Field(default=None, primary_key=True)
    post_id: int = Field(foreign_key="posts.id", ondelete="CASCADE", index=True)
    field: str
    old_value: str
    new_value: str
    corrected_by: str
    corrected_at: datetime = _moment()


class DirtyDayRow(SQLModel, table=True):
    """A day whose counts are stale."""

    __tablename__ = "dirty_days"
    day: date = Field(primary_key=True)


class DailyCountRow(SQLModel, table=True):
    """Labelled posts by day and source; `tag` is "" for all posts, or one complaint tag."""

    __tablename__ = "daily_counts"
    day: date = Field(primary_key=True)
    source: str = Field(primary_key=True)
    about_us: bool = Field(primary_key=True)
    tag: str = Field(primary_key=True)
    total: int
    negative: int
    neutral: int
    positive: int
    complaints: int
    negative_or_complaint: int
    unsure: int
    unmeasured: int


class CampaignRow(SQLModel, table=True):
    """A campaign of the calendar."""

    __tablename__ = "campaigns"
    source: str = Field(primary_key=True)
    external_id: str = Field(primary_key=True)
    name: str
    start: date = Field(index=True)
    end: date
    channel: str = ""
    type: str = ""
    audience: str = ""
    sends: int | None = None
    row_hash: str


class CampaignResultRow(SQLModel, table=True):
    """Counts of a campaign on a day."""

    __tablename__ = "campaign_results"
    source: str = Field(primary_key=True)
    campaign_id: str = Field(primary_key=True)
    day: date = Field(primary_key=True)
    channel: str = Field(primary_key=True)
    sent: int | None = None
    delivered: int | None = None
    opens: int | None = None
    clicks: int | None = None
    unsubscribes: int | None = None
    complaints: int | None = None
    bounces: int | None = None
    row_hash: str


class KnownIncidentRow(SQLModel, table=True):
    """An outage, release or other known event."""

    __tablename__ = "known_incidents"
    source: str = Field(primary_key=True)
    external_id: str = Field(primary_key=True)
    kind: str
    name: str
    start: date
    end: date
    row_hash: str


class NpsResponseRow(SQLModel, table=True):
    """One NPS answer (its comment is a post)."""

    __tablename__ = "nps_responses"
    source: str = Field(primary_key=True)
    external_id: str = Field(primary_key=True)
    score: int
    answered_at: datetime = _moment(index=True)
    survey_id: str | None = None
    respondent_id: str | None = None
    account: str | None = None
    segments: Any = _json()
    row_hash: str


class MetricRow(SQLModel, table=True):
    """A business metric by day and segment."""

    __tablename__ = "metrics"
    source: str = Field(primary_key=True)
    metric: str = Field(primary_key=True)
    day: date = Field(primary_key=True)
    segment: str = Field(primary_key=True)
    value: float | None = None
    numerator: float | None = None
    denominator: float | None = None
    row_hash: str


class DealRow(SQLModel, table=True):
    """The latest state of a deal."""

    __tablename__ = "deals"
    source: str = Field(primary_key=True)
    external_id: str = Field(primary_key=True)
    type: str = ""
    stage: str = ""
    amount: float | None = None
    owner: str | None = None
    account: str | None = None
    opened_on: date | None = None
    closed_on: date | None = None
    won: bool | None = None
    qualified: bool | None = None
    row_hash: str


class FindingRow(SQLModel, table=True):
    """The result of a statistic, by a digest of everything it was computed from."""

    __tablename__ = "findings"
    kind: str = Field(primary_key=True)
    digest: str = Field(primary_key=True)
    as_of: date = Field(index=True)
    payload: Any = _json()


class IncidentRow(SQLModel, table=True):
    """A problem that alerts tell about: numbers and ids in `payload`, never the text of a post."""

    __tablename__ = "incidents"
    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True)
    state: str = Field(index=True)
    opened_on: date
    resolved_on: date | None = None
    payload: Any = _json()


class IncidentLogRow(SQLModel, table=True):
    """What happened to an incident, muted ones included."""

    __tablename__ = "incident_log"
    id: int | None = Field(default=None, primary_key=True)
    incident_id: int = Field(index=True)
    at: datetime = _moment()
    payload: Any = _json()


class OutboxRow(SQLModel, table=True):
    """A message to Slack under our own key: waiting, claimed, sent or dropped."""

    __tablename__ = "outbox"
    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True)
    state: str = Field(index=True)
    kind: str
    incident_id: int | None = Field(default=None, index=True)
    payload: Any = _json()


class SlackEventRow(SQLModel, table=True):
    """An event Slack has delivered already."""

    __tablename__ = "slack_events"
    event_id: str = Field(primary_key=True)
    received_at: datetime = _moment()
