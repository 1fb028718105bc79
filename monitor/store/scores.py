"""Scores by content and model, and the corrections that outrank them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, select, update

from monitor.domain.posts import Voice, VoiceSegment, customer_words
from monitor.domain.scores import ComplaintTag, ContactChannel, Scores, Sentiment
from monitor.errors import InputError
from monitor.store.posts import CORRECTIONS, LABELS, POSTS, SCORES, mark_days
from monitor.store.upsert import ROWS_A_STATEMENT, insert_if_absent

CORRECTABLE = ("sentiment", "complaint", "about_us")


@dataclass(frozen=True, slots=True)
class UnscoredText:
    """A text that a model has not seen, and the key its scores are stored under."""

    score_hash: str
    text: str


@dataclass(frozen=True, slots=True)
class Correction:
    """A person's word against the model's.

    Attributes:
        field: sentiment, complaint or about_us.
        old_value, new_value: as text ("negative", "true", ...).
    """

    post_id: int
    field: str
    old_value: str
    new_value: str
    corrected_by: str
    corrected_at: datetime


def unscored_texts(
    connection: Connection, model_id: str, *, after: int = 0, limit: int = 2000
) -> tuple[list[UnscoredText], int]:
    """Texts without scores by this model among the next posts, each content once.

    Args:
        connection: for reading.
        model_id: the model.
        after: the last post id that was looked at.
        limit: posts to look at.

    Returns:
        the texts in order of arrival, and the last post id looked at; no texts means there are no more.
    """
    joined = POSTS.outerjoin(
        SCORES, and_(SCORES.c.score_hash == POSTS.c.score_hash, SCORES.c.model_id == model_id)
    )
    query = (
        select(POSTS.c.id, POSTS.c.score_hash, POSTS.c.text, POSTS.c.segments)
        .select_from(joined)
        .where(POSTS.c.id > after, POSTS.c.deleted_at.is_(None), SCORES.c.score_hash.is_(None))
        .order_by(POSTS.c.id)
        .limit(limit)
    )
    rows = connection.execute(query).all()
    texts = {row.score_hash: _scored_text(row) for row in rows}
    return [UnscoredText(key, text) for key, text in texts.items()], rows[-1].id if rows else after


def _scored_text(row: Any) -> str:
    segments = tuple(VoiceSegment(Voice(voice), text) for voice, text in (row.segments or ()))
    return customer_words(row.text, segments)


def save_scores(connection: Connection, model_id: str, scored: Sequence[tuple[str, Scores]]) -> None:
    """Store scores under their content key; a key that is there already is left as it is."""
    rows = [_to_row(model_id, key, scores) for key, scores in scored]
    if rows:
        connection.execute(insert_if_absent(connection, SCORES, ("score_hash", "model_id")), rows)


def _to_row(model_id: str, key: str, scores: Scores) -> dict[str, Any]:
    return {
        "score_hash": key,
        "model_id": model_id,
        "language": scores.lang,
        "measured": scores.measured,
        "sentiment": scores.sentiment.value,
        "negative": scores.probabilities[Sentiment.NEGATIVE],
        "neutral": scores.probabilities[Sentiment.NEUTRAL],
        "positive": scores.probabilities[Sentiment.POSITIVE],
        "complaint_score": scores.marketing_complaint,
        "complaint": scores.complaint,
        "tags": [tag.value for tag in scores.tags],
        "tag_scores": {tag.value: round(value, 4) for tag, value in scores.tag_scores.items()},
        "channel": scores.channel.value if scores.channel else "",
        "unsure": scores.unsure,
        "driving_segment": scores.driving_segment,
        "embedding": scores.embedding,
    }


def read_scores(row: Row[Any]) -> Scores:
    """The domain value of a row of the scores table."""
    return Scores(
        lang=row.language,
        sentiment=Sentiment(row.sentiment),
        probabilities={
            Sentiment.NEGATIVE: row.negative,
            Sentiment.NEUTRAL: row.neutral,
            Sentiment.POSITIVE: row.positive,
        },
        marketing_complaint=row.complaint_score,
        complaint=row.complaint,
        model=row.model_id,
        tags=tuple(ComplaintTag(tag) for tag in row.tags or ()),
        tag_scores={ComplaintTag(tag): value for tag, value in (row.tag_scores or {}).items()},
        channel=ContactChannel(row.channel) if row.channel else None,
        unsure=row.unsure,
        measured=row.measured,
        driving_segment=row.driving_segment,
        embedding=row.embedding,
    )


def scores_of(connection: Connection, model_id: str, keys: Sequence[str]) -> dict[str, Scores]:
    """The stored scores of these content keys by one model; unknown keys are absent."""
    found: dict[str, Scores] = {}
    for start in range(0, len(keys), ROWS_A_STATEMENT):
        part = keys[start : start + ROWS_A_STATEMENT]
        query = select(SCORES).where(SCORES.c.model_id == model_id, SCORES.c.score_hash.in_(part))
        found.update({row.score_hash: read_scores(row) for row in connection.execute(query)})
    return found


def save_correction(connection: Connection, correction: Correction) -> None:
    """Store a correction and apply it to the post's label; every later label has it, too, whatever the model.

    The day's counts are marked stale: `monitor.store.labels.refresh_counts` builds them again.

    Raises:
        InputError: unknown field, or a post that is not there (any more).
    """
    if correction.field not in CORRECTABLE:
        raise InputError(
            f"{correction.field!r} cannot be corrected: expected one of {', '.join(CORRECTABLE)}."
        )
    post = connection.execute(
        select(POSTS.c.day).where(POSTS.c.id == correction.post_id).with_for_update()
    ).first()
    if post is None:
        raise InputError(
            f"post {correction.post_id} is not in the database: it may have been deleted at its source."
        )
    connection.execute(
        CORRECTIONS.insert().values(
            post_id=correction.post_id,
            field=correction.field,
            old_value=correction.old_value,
            new_value=correction.new_value,
            corrected_by=correction.corrected_by,
            corrected_at=correction.corrected_at,
        )
    )
    label = LABELS.c.post_id == correction.post_id
    values = _label_values(connection, correction)
    connection.execute(update(LABELS).where(label).values(**values, corrected=True, unsure=False))
    mark_days(connection, {post.day})


def _label_values(connection: Connection, correction: Correction) -> dict[str, Any]:
    """What a correction changes of a label."""
    value = correction.new_value
    if correction.field == "sentiment":
        return {"sentiment": value}
    if correction.field == "about_us":
        return {"about_us": value == "true", "target": "us" if value == "true" else "other"}
    if value != "true":
        return {"complaint": False, "tags": ""}
    return {"complaint": True, "tags": ",".join(_tags_of_complaint(connection, correction.post_id))}


def _tags_of_complaint(connection: Connection, post_id: int) -> tuple[str, ...]:
    """What a post that is a complaint after all is about: its label's tags, else what its scores say."""
    joined = LABELS.join(POSTS, POSTS.c.id == LABELS.c.post_id)
    query = select(LABELS.c.tags, LABELS.c.labelling_id, POSTS.c.score_hash).select_from(joined)
    row = connection.execute(query.where(LABELS.c.post_id == post_id)).first()
    if row is None:
        return ()
    if row.tags:
        return tuple(row.tags.split(","))
    model_id = str(row.labelling_id).rpartition("#")[0]
    scores = scores_of(connection, model_id, [row.score_hash]).get(row.score_hash)
    tags = scores.tags_if_complaint if scores is not None else (ComplaintTag.OTHER_MARKETING,)
    return tuple(tag.value for tag in tags)


def corrections_of(connection: Connection, post_ids: Sequence[int]) -> dict[int, dict[str, str]]:
    """The latest correction of each field: post id -> field -> new value."""
    query = select(CORRECTIONS).where(CORRECTIONS.c.post_id.in_(post_ids)).order_by(CORRECTIONS.c.id)
    found: dict[int, dict[str, str]] = {}
    for row in connection.execute(query):
        found.setdefault(row.post_id, {})[row.field] = row.new_value
    return found
