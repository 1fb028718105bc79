"""Effective labels, one a post, and the daily counts that reports read instead of posts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import Connection, Integer, Table, and_, case, cast, delete, func, literal, or_, select

from monitor.domain.posts import PostKind, Voice, VoiceSegment
from monitor.domain.scores import Scores
from monitor.store.posts import DIRTY_DAYS, LABELS, POSTS, SCORES, mark_days
from monitor.store.scores import corrections_of, read_scores
from monitor.store.tables import DailyCountRow
from monitor.store.upsert import insert_or_update

DAILY_COUNTS: Table = DailyCountRow.__table__  # type: ignore[attr-defined]
_DAYS_A_STATEMENT = 500


@dataclass(frozen=True, slots=True)
class ScoredPost:
    """A post with its scores, waiting for its label.

    Attributes:
        about_us: what the source knows of it; None = decide by mention.
        corrections: field -> value a person gave.
        score_hash: the content the scores are of.
    """

    post_id: int
    source: str
    kind: PostKind
    channel: str
    day: date
    text: str
    segments: tuple[VoiceSegment, ...]
    about_us: bool | None
    scores: Scores
    corrections: dict[str, str]
    score_hash: str


@dataclass(frozen=True, slots=True)
class Label:
    """What counts for a post after corrections.

    Attributes:
        target: "us", "competitor", "other" or "unknown".
        voice: whose words were scored.
    """

    post_id: int
    day: date
    source: str
    kind: PostKind
    about_us: bool
    target: str
    voice: Voice
    sentiment: str
    complaint: bool
    tags: tuple[str, ...]
    channel: str
    language: str
    measured: bool
    unsure: bool
    corrected: bool
    negative: float
    complaint_score: float


def unlabelled_posts(
    connection: Connection, model_id: str, labelling_id: str, *, after: int = 0, limit: int = 1000
) -> list[ScoredPost]:
    """The next scored posts, after a post id, without a label of this labelling (model and configuration)."""
    current = and_(LABELS.c.post_id == POSTS.c.id, LABELS.c.labelling_id == labelling_id)
    scored = and_(SCORES.c.score_hash == POSTS.c.score_hash, SCORES.c.model_id == model_id)
    columns: list[Any] = [POSTS.c[n] for n in ("id", "source", "kind", "text", "segments", "about_us", "day")]
    columns += [POSTS.c.channel.label("post_channel"), *SCORES.columns]
    query = (
        select(*columns)
        .select_from(POSTS.join(SCORES, scored).outerjoin(LABELS, current))
        .where(POSTS.c.id > after, POSTS.c.deleted_at.is_(None), LABELS.c.post_id.is_(None))
        .order_by(POSTS.c.id)
        .limit(limit)
    )
    rows = connection.execute(query).all()
    corrections = corrections_of(connection, [row.id for row in rows])
    return [_to_scored_post(row, corrections.get(row.id, {})) for row in rows]


def _to_scored_post(row: Any, corrections: dict[str, str]) -> ScoredPost:
    return ScoredPost(
        post_id=row.id,
        source=row.source,
        kind=PostKind(row.kind),
        channel=row.post_channel,
        day=row.day,
        text=row.text,
        segments=tuple(VoiceSegment(Voice(voice), text) for voice, text in (row.segments or ())),
        about_us=row.about_us,
        scores=read_scores(row),
        corrections=corrections,
        score_hash=row.score_hash,
    )


def still_so(connection: Connection, posts: Sequence[ScoredPost]) -> list[ScoredPost]:
    """Those posts that still say what was scored, with the day and the corrections that hold now.

    Args:
        connection: inside the write transaction that saves their labels. A correction made by another process
            between reading and writing would else be lost; on PostgreSQL the rows are locked against one.
    """
    ids = [post.post_id for post in posts]
    query = (
        select(POSTS.c.id, POSTS.c.day, POSTS.c.score_hash).where(POSTS.c.id.in_(ids)).order_by(POSTS.c.id)
    )
    present = {row.id: row for row in connection.execute(query.with_for_update())}
    corrections = corrections_of(connection, ids)
    return [
        replace(post, day=present[post.post_id].day, corrections=corrections.get(post.post_id, {}))
        for post in posts
        if post.post_id in present and present[post.post_id].score_hash == post.score_hash
    ]


def save_labels(connection: Connection, labelling_id: str, labels: Sequence[Label]) -> None:
    """Store labels and mark their days stale, in the caller's transaction."""
    if not labels:
        return
    rows = [
        {
            "post_id": label.post_id,
            "labelling_id": labelling_id,
            "day": label.day,
            "source": label.source,
            "kind": label.kind.value,
            "about_us": label.about_us,
            "target": label.target,
            "voice": label.voice.value,
            "sentiment": label.sentiment,
            "complaint": label.complaint,
            "tags": ",".join(label.tags),
            "channel": label.channel,
            "language": label.language,
            "measured": label.measured,
            "unsure": label.unsure,
            "corrected": label.corrected,
            "negative": label.negative,
            "complaint_score": label.complaint_score,
        }
        for label in labels
    ]
    connection.execute(insert_or_update(connection, LABELS, ("post_id",)), rows)
    mark_days(connection, {label.day for label in labels})


def stale_days(connection: Connection) -> list[date]:
    """Days whose counts have to be built again."""
    return [row.day for row in connection.execute(select(DIRTY_DAYS.c.day).order_by(DIRTY_DAYS.c.day))]


def refresh_counts(connection: Connection, days: Sequence[date]) -> None:
    """Build the daily counts of these days from the labels and take them off the list of stale days."""
    for start in range(0, len(days), _DAYS_A_STATEMENT):
        part = list(days[start : start + _DAYS_A_STATEMENT])
        # First off the list, then counted: on PostgreSQL this waits for whoever marked a day (`mark_days`) and
        # has not committed yet, and the counts, read after that, hold what they wrote.
        marked = select(DIRTY_DAYS.c.day).where(DIRTY_DAYS.c.day.in_(part)).order_by(DIRTY_DAYS.c.day)
        connection.execute(marked.with_for_update())
        connection.execute(delete(DIRTY_DAYS).where(DIRTY_DAYS.c.day.in_(part)))
        connection.execute(delete(DAILY_COUNTS).where(DAILY_COUNTS.c.day.in_(part)))
        _count_posts(connection, part)
        _count_tags(connection, part)


def _count_posts(connection: Connection, days: Sequence[date]) -> None:
    group = (LABELS.c.day, LABELS.c.source, LABELS.c.about_us)

    def count_of(condition: Any) -> Any:
        return func.sum(case((condition, 1), else_=0))

    negative = LABELS.c.sentiment == "negative"
    query = (
        select(
            *group,
            literal("").label("tag"),
            func.count().label("total"),
            count_of(negative),
            count_of(LABELS.c.sentiment == "neutral"),
            count_of(LABELS.c.sentiment == "positive"),
            count_of(LABELS.c.complaint),
            count_of(or_(negative, LABELS.c.complaint)),
            count_of(LABELS.c.unsure),
            func.count() - func.sum(cast(LABELS.c.measured, Integer)),
        )
        .where(LABELS.c.day.in_(days))
        .group_by(*group)
    )
    names = [column.name for column in DAILY_COUNTS.columns]
    connection.execute(DAILY_COUNTS.insert().from_select(names, query))


def _count_tags(connection: Connection, days: Sequence[date]) -> None:
    query = select(LABELS.c.day, LABELS.c.source, LABELS.c.about_us, LABELS.c.tags, LABELS.c.sentiment).where(
        LABELS.c.day.in_(days), LABELS.c.tags != ""
    )
    totals: Counter[tuple[date, str, bool, str]] = Counter()
    negatives: Counter[tuple[date, str, bool, str]] = Counter()
    for row in connection.execute(query):
        for tag in row.tags.split(","):
            key = (row.day, row.source, row.about_us, tag)
            totals[key] += 1
            negatives[key] += row.sentiment == "negative"
    rows = [
        {
            "day": key[0],
            "source": key[1],
            "about_us": key[2],
            "tag": key[3],
            "total": n,
            "negative": negatives[key],
            "neutral": 0,
            "positive": 0,
            "complaints": n,
            "negative_or_complaint": n,
            "unsure": 0,
            "unmeasured": 0,
        }
        for key, n in sorted(totals.items())
    ]
    if rows:
        connection.execute(DAILY_COUNTS.insert(), rows)
