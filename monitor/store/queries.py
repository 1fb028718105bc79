"""Every SELECT that a report needs beyond the daily counts; nothing here scans the whole history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, case, distinct, func, or_, select

from monitor.domain.posts import IdentityPolicy, PostKind
from monitor.domain.weekly import StoredQuote, WriterCounts
from monitor.store.posts import AUTHORS, CHANNELS, CORRECTIONS, LABELS, POSTS, SCORES, label_is_current
from monitor.store.sources import SOURCES
from monitor.store.tables import DealRow, NpsResponseRow

DEALS = DealRow.__table__  # type: ignore[attr-defined]
ANSWERS = NpsResponseRow.__table__  # type: ignore[attr-defined]
_NOTE = "deal_note"
ReadConnection = Connection
"""A connection for reading, for modules outside the store that pass one on."""


@dataclass(frozen=True, slots=True)
class StoredText:
    """One text to be compared with others: words, topics.

    Attributes:
        embedding: the model's, packed; None where it was not made.
        duplicate_key: equal for equal texts.
    """

    post_id: int
    day: date
    source: str
    text: str
    sentiment: str
    complaint: bool
    tags: tuple[str, ...]
    language: str
    duplicate_key: str
    embedding: bytes | None = None
    kind: str = ""
    channel_name: str = ""


def _bad() -> ColumnElement[bool]:
    return or_(LABELS.c.sentiment == "negative", LABELS.c.complaint)


def _in_days(since: date, until: date) -> ColumnElement[bool]:
    return and_(LABELS.c.day.between(since, until), LABELS.c.about_us.is_(True))


def read_quotes(
    connection: Connection,
    since: date,
    until: date,
    *,
    complaints: bool | None = None,
    notes: bool = False,
    limit: int = 40,
) -> list[StoredQuote]:
    """Candidates for evidence, strongest first.

    Args:
        connection: for reading.
        since, until: first and last day.
        complaints: True marketing complaints, False other negative posts, None both.
        notes: only deal notes.
        limit: at most so many.
    """
    score = LABELS.c.negative if complaints is False else LABELS.c.complaint_score
    chosen = LABELS.c.complaint.is_(True) if complaints else and_(_bad(), LABELS.c.complaint.is_(False))
    if complaints is None:
        chosen = _bad()
    top = (
        select(LABELS.c.post_id, score.label("strength"))
        .where(_in_days(since, until), chosen)
        .where(LABELS.c.kind == _NOTE if notes else LABELS.c.kind != "")
        .order_by(LABELS.c.corrected.desc(), LABELS.c.unsure, score.desc(), LABELS.c.post_id)
        .limit(limit)
        .subquery()
    )
    query = (
        _quote_columns(top.c.strength)
        .select_from(_with_names(top.join(LABELS, LABELS.c.post_id == top.c.post_id)))
        .where(POSTS.c.deleted_at.is_(None), POSTS.c.text != "", label_is_current())
        .order_by(LABELS.c.corrected.desc(), LABELS.c.unsure, top.c.strength.desc(), POSTS.c.id)
    )
    return [_to_quote(row) for row in connection.execute(query)]


def quotes_of(connection: Connection, post_ids: Sequence[int]) -> dict[int, StoredQuote]:
    """The given posts as quotes, by id; deleted ones, and changed ones not scored since, are absent."""
    query = (
        _quote_columns(LABELS.c.complaint_score)
        .select_from(_with_names(LABELS))
        .where(POSTS.c.id.in_(list(post_ids)), POSTS.c.deleted_at.is_(None), POSTS.c.text != "")
        .where(label_is_current())
    )
    return {row.id: _to_quote(row) for row in connection.execute(query)}


def _quote_columns(score: ColumnElement[Any]) -> Select[Any]:
    posts = [POSTS.c[n] for n in ("id", "day", "source", "kind", "text", "url", "account", "segments")]
    labels = [
        LABELS.c[n]
        for n in ("sentiment", "complaint", "tags", "channel", "voice", "language", "unsure", "corrected")
    ]
    names = [CHANNELS.c.name.label("channel_name"), AUTHORS.c.name.label("author_name")]
    return select(*posts, *labels, *names, SCORES.c.driving_segment, score.label("score"))


def _with_names(labels: Any) -> Any:
    model = func.substr(LABELS.c.labelling_id, 1, func.length(SCORES.c.model_id) + 1)
    scored = and_(SCORES.c.score_hash == POSTS.c.score_hash, model == SCORES.c.model_id + "#")
    return (
        labels.join(POSTS, POSTS.c.id == LABELS.c.post_id)
        .outerjoin(
            CHANNELS, and_(CHANNELS.c.source == POSTS.c.source, CHANNELS.c.external_id == POSTS.c.channel)
        )
        .outerjoin(
            AUTHORS, and_(AUTHORS.c.source == POSTS.c.source, AUTHORS.c.external_id == POSTS.c.author_id)
        )
        .outerjoin(SCORES, scored)
    )


def _to_quote(row: Row[Any]) -> StoredQuote:
    customer = [text for voice, text in (row.segments or ()) if voice == "customer"]
    return StoredQuote(
        post_id=row.id,
        day=row.day,
        source=row.source,
        kind=row.kind,
        channel_name=row.channel_name or "",
        text=row.driving_segment or "\n".join(customer) or row.text,
        url=row.url,
        sentiment=row.sentiment,
        complaint=row.complaint,
        tags=tuple(tag for tag in row.tags.split(",") if tag),
        contact_channel=row.channel,
        voice=row.voice,
        language=row.language,
        unsure=row.unsure,
        corrected=row.corrected,
        score=float(row.score or 0.0),
        names=tuple(name for name in (row.author_name, row.account) if name),
    )


def contact_channels(connection: Connection, since: date, until: date) -> list[tuple[str, int]]:
    """Complaints by the way the marketing came, most frequent first; "" = the text does not tell."""
    query = (
        select(LABELS.c.channel, func.count().label("n"))
        .where(_in_days(since, until), LABELS.c.complaint.is_(True))
        .group_by(LABELS.c.channel)
    )
    return sorted(((row.channel, row.n) for row in connection.execute(query)), key=lambda r: (-r[1], r[0]))


def languages(connection: Connection, since: date, until: date) -> list[tuple[str, int, int]]:
    """Posts about us, and complaints among them, by language, most frequent first."""
    complaints = func.sum(case((LABELS.c.complaint.is_(True), 1), else_=0))
    query = (
        select(LABELS.c.language, func.count().label("n"), complaints.label("complaints"))
        .where(_in_days(since, until))
        .group_by(LABELS.c.language)
    )
    rows = [(str(row.language), int(row.n), int(row.complaints)) for row in connection.execute(query)]
    return sorted(rows, key=lambda row: (-row[1], row[0]))


def note_counts(connection: Connection, since: date, until: date) -> list[tuple[date, dict[str, int]]]:
    """Deal notes a day: total, negative, complaints, in_app, customer_voice, rep_voice."""

    def count_of(condition: ColumnElement[bool]) -> ColumnElement[int]:
        return func.sum(case((condition, 1), else_=0))

    in_app = and_(
        LABELS.c.complaint,
        or_(LABELS.c.channel.in_(["in_app", "push"]), LABELS.c.tags.contains("in_app_interruption")),
    )
    query = (
        select(
            LABELS.c.day,
            func.count().label("total"),
            count_of(LABELS.c.sentiment == "negative").label("negative"),
            count_of(LABELS.c.complaint.is_(True)).label("complaints"),
            count_of(in_app).label("in_app"),
            count_of(LABELS.c.voice == "customer").label("customer_voice"),
            count_of(LABELS.c.voice == "rep").label("rep_voice"),
        )
        .where(_in_days(since, until), LABELS.c.kind == _NOTE)
        .group_by(LABELS.c.day)
        .order_by(LABELS.c.day)
    )
    return [
        (row["day"], {k: int(v) for k, v in row.items() if k != "day"})
        for row in connection.execute(query).mappings()
    ]


def writer_counts(connection: Connection, since: date, until: date, earlier: date) -> WriterCounts:
    """Who wrote the bad posts of a week, by the sources' identity policies.

    Args:
        connection: for reading.
        since, until: the week.
        earlier: first day for counting repeated writers.
    """
    # A deal note is written by one of ours, whatever the customer said in it.
    noted = POSTS.c.kind == PostKind.DEAL_NOTE.value
    policy = SOURCES.c.identity_policy == IdentityPolicy.FIRST_PARTY.value
    allowed = and_(policy, ~noted)
    account = func.coalesce(POSTS.c.account, AUTHORS.c.account)
    joined = LABELS.join(POSTS, POSTS.c.id == LABELS.c.post_id).join(
        SOURCES, SOURCES.c.name == POSTS.c.source
    )
    named = joined.outerjoin(
        AUTHORS, and_(AUTHORS.c.source == POSTS.c.source, AUTHORS.c.external_id == POSTS.c.author_id)
    )
    writer = POSTS.c.source + "\x1f" + POSTS.c.author_id
    week = and_(_in_days(since, until), _bad())
    row = connection.execute(
        select(
            func.count(distinct(case((allowed, writer)))).label("writers"),
            func.count(distinct(case((and_(allowed, account.is_not(None)), writer)))).label("known"),
            func.count(distinct(case((and_(allowed, POSTS.c.author_id.is_not(None)), account)))).label(
                "accounts"
            ),
            func.sum(case((and_(allowed, POSTS.c.author_id.is_(None)), 1), else_=0)).label("unnamed"),
            func.sum(case((~policy, 1), else_=0)).label("not_matched"),
            func.sum(case((and_(policy, noted), 1), else_=0)).label("notes"),
        )
        .select_from(named)
        .where(week)
    ).one()
    repeated = (
        select(POSTS.c.source, POSTS.c.author_id)
        .select_from(joined)
        .where(_in_days(earlier, until), _bad(), allowed, POSTS.c.author_id.is_not(None))
        .group_by(POSTS.c.source, POSTS.c.author_id)
        .having(and_(func.count() >= 2, func.max(LABELS.c.day) >= since))
        .subquery()
    )
    repeat = connection.execute(select(func.count()).select_from(repeated)).scalar() or 0
    return WriterCounts(
        writers=row.writers or 0,
        known=row.known or 0,
        accounts=row.accounts or 0,
        repeat=repeat,
        unnamed=int(row.unnamed or 0),
        not_matched=int(row.not_matched or 0),
        notes=int(row.notes or 0),
    )


def week_flaws(connection: Connection, since: date, until: date) -> tuple[int, int, int]:
    """Posts of a week that were deleted at their source, that were cut, and that no model has read as they are."""
    unread = or_(LABELS.c.post_id.is_(None), ~label_is_current())
    row = connection.execute(
        select(
            func.sum(case((POSTS.c.deleted_at.is_not(None), 1), else_=0)),
            func.sum(case((POSTS.c.truncated.is_(True), 1), else_=0)),
            func.sum(case((and_(unread, POSTS.c.deleted_at.is_(None)), 1), else_=0)),
        )
        .select_from(POSTS.outerjoin(LABELS, LABELS.c.post_id == POSTS.c.id))
        .where(POSTS.c.day.between(since, until))
    ).one()
    return int(row[0] or 0), int(row[1] or 0), int(row[2] or 0)


def correction_counts(connection: Connection, since: date, until: date) -> tuple[int, int]:
    """Corrected posts of all time, and those of a week."""
    total = connection.execute(select(func.count(distinct(CORRECTIONS.c.post_id)))).scalar() or 0
    query = select(func.count()).where(LABELS.c.day.between(since, until), LABELS.c.corrected.is_(True))
    return total, connection.execute(query).scalar() or 0


def active_model(connection: Connection, since: date, until: date) -> str:
    """The model whose labels count in a stretch of days; "" when nothing is labelled."""
    query = (
        select(LABELS.c.labelling_id, func.count().label("n"))
        .where(LABELS.c.day.between(since, until))
        .group_by(LABELS.c.labelling_id)
        .order_by(func.count().desc(), LABELS.c.labelling_id)
        .limit(1)
    )
    row = connection.execute(query).first()
    return "" if row is None else str(row.labelling_id).rpartition("#")[0]


def note_sources(connection: Connection, sources: Sequence[str]) -> list[str]:
    """Those of the sources whose posts are deal notes; a source has posts of one sort, so one is looked at."""
    found = []
    for source in sources:
        query = select(POSTS.c.kind).where(POSTS.c.source == source).order_by(POSTS.c.external_id).limit(1)
        if connection.execute(query).scalar() == _NOTE:
            found.append(source)
    return found


def person_names(connection: Connection) -> list[str]:
    """Names of all authors, for redaction."""
    query = select(AUTHORS.c.name).distinct().order_by(AUTHORS.c.name)
    return [name for name in connection.execute(query).scalars().all() if name]


def account_names(connection: Connection) -> list[str]:
    """Customers' names that any source gave, for redaction."""
    names: set[str] = set()
    # An author's row holds one account; their posts may have others, or no author.
    for column in (AUTHORS.c.account, POSTS.c.account, DEALS.c.account, DEALS.c.owner, ANSWERS.c.account):
        query = select(column).where(column.is_not(None)).distinct()
        names.update(row[0] for row in connection.execute(query) if row[0])
    return sorted(names)


def comparison_texts(
    connection: Connection,
    since: date,
    until: date,
    *,
    limit: int,
    complaints: bool | None = None,
    bad: bool = True,
    embeddings: bool = False,
) -> list[StoredText]:
    """Texts of some days for comparing words; when there are more than `limit`, an even sample of them.

    Args:
        connection: for reading.
        since, until: first and last day.
        limit: at most about so many texts.
        complaints: True only marketing complaints, False none of them.
        bad: only negative posts and complaints.
        embeddings: read the model's embeddings too.
    """
    where = [_in_days(since, until)]
    where += [_bad()] if bad else []
    where += [LABELS.c.complaint.is_(complaints)] if complaints is not None else []
    total = connection.execute(select(func.count()).select_from(LABELS).where(*where)).scalar() or 0
    step = -(-total // limit) if total > limit else 1
    columns: list[Any] = [
        POSTS.c[n] for n in ("id", "day", "source", "text", "segments", "score_hash", "kind")
    ]
    columns += [CHANNELS.c.name.label("channel_name")]
    columns += [LABELS.c[n] for n in ("sentiment", "complaint", "tags", "language", "labelling_id")]
    source: Any = LABELS.join(POSTS, POSTS.c.id == LABELS.c.post_id).outerjoin(
        CHANNELS, and_(CHANNELS.c.source == POSTS.c.source, CHANNELS.c.external_id == POSTS.c.channel)
    )
    if embeddings:
        model = func.substr(LABELS.c.labelling_id, 1, func.length(SCORES.c.model_id) + 1)
        scored = and_(SCORES.c.score_hash == POSTS.c.score_hash, model == SCORES.c.model_id + "#")
        source = source.outerjoin(SCORES, scored)
        columns.append(SCORES.c.embedding)
    where += [POSTS.c.deleted_at.is_(None), POSTS.c.text != "", label_is_current()]
    query = select(*columns).select_from(source).where(*where)
    if step > 1:
        query = query.where(LABELS.c.post_id % step == 0)
    query = query.order_by(POSTS.c.id)
    return [_to_text(row, embeddings=embeddings) for row in connection.execute(query)]


def _to_text(row: Row[Any], *, embeddings: bool) -> StoredText:
    customer = [text for voice, text in (row.segments or ()) if voice == "customer"]
    return StoredText(
        post_id=row.id,
        day=row.day,
        source=row.source,
        text="\n".join(customer) or row.text,
        sentiment=row.sentiment,
        complaint=row.complaint,
        tags=tuple(tag for tag in row.tags.split(",") if tag),
        language=row.language,
        duplicate_key=row.score_hash,
        embedding=row.embedding if embeddings else None,
        kind=row.kind,
        channel_name=row.channel_name or "",
    )


def channel_names(connection: Connection, channels: Sequence[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """Names of channels by (source, channel id); unknown ones are absent."""
    if not channels:
        return {}
    query = select(CHANNELS).where(
        CHANNELS.c.source.in_({source for source, _ in channels}),
        CHANNELS.c.external_id.in_({channel for _, channel in channels}),
    )
    return {(row.source, row.external_id): row.name for row in connection.execute(query)}
