"""From the readings of a text's segments to the one score of the text."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from models.manifest import HeadSettings, Manifest
from models.readings import Floats, Readings
from models.segment import is_cyrillic
from monitor.domain.embedding import pack_embedding
from monitor.domain.scores import ComplaintTag, ContactChannel, Scores, Sentiment

_TAGS = tuple(ComplaintTag)
_CHANNELS = tuple(ContactChannel)
_MOODS = tuple(Sentiment)
_SEGMENT_CHARACTERS = 500


def assemble(
    readings: Sequence[Readings],
    pieces: Sequence[str],
    rows: Sequence[int],
    settings: HeadSettings,
    manifest: Manifest,
    lang: str,
) -> Scores:
    """Score one text from its segments.

    Mood is the mean over segments weighted by length; a complaint anywhere in the text is a complaint of the
    text, so that the strongest segment decides, together with its tags.

    Args:
        readings: one reading a piece (of all texts).
        pieces: the segments' texts.
        rows: which pieces belong to this text; at least one.
        settings: thresholds of the reader of the text's first segment.
        manifest: identity and measured languages.
        lang: language of the text.
    """
    own = [readings[row] for row in rows]
    weights = np.array([len(pieces[row]) for row in rows], dtype=np.float64)
    mood = np.average(np.stack([reading.sentiment[0] for reading in own]), axis=0, weights=weights)
    complaints = np.array([reading.complaint[0] for reading in own])
    strongest = int(complaints.argmax())
    share = float(complaints[strongest])
    complaint = share >= settings.complaint_threshold
    tag_scores = _tag_scores(own, complaints, settings)
    low, high = settings.unsure_complaint
    return Scores(
        lang=lang,
        sentiment=_MOODS[int(mood.argmax())],
        probabilities=dict(zip(_MOODS, (float(value) for value in mood / mood.sum()), strict=True)),
        marketing_complaint=share,
        complaint=complaint,
        model=manifest.model_id,
        tags=_tags(tag_scores, settings) if complaint else (),
        tag_scores=dict(zip(_TAGS, (float(value) for value in tag_scores), strict=True)),
        channel=_channel(own[strongest], settings) if complaint else None,
        unsure=bool(mood.max() < settings.unsure_sentiment or low <= share < high),
        measured=lang in manifest.measured,
        driving_segment=_driving(own, pieces, rows, mood, strongest if complaint else None),
        embedding=pack_embedding(_mean_embedding(own, [pieces[row] for row in rows])),
    )


def empty_scores(manifest: Manifest, lang: str) -> Scores:
    """Score of a text without any content: neutral, no complaint."""
    return Scores(
        lang=lang,
        sentiment=Sentiment.NEUTRAL,
        probabilities={Sentiment.NEGATIVE: 0.0, Sentiment.NEUTRAL: 1.0, Sentiment.POSITIVE: 0.0},
        marketing_complaint=0.0,
        complaint=False,
        model=manifest.model_id,
        tag_scores=dict.fromkeys(_TAGS, 0.0),
        measured=lang in manifest.measured,
    )


def _tag_scores(own: Sequence[Readings], complaints: Floats, settings: HeadSettings) -> Floats:
    """Highest score of each tag over the segments that complain (or over the strongest one)."""
    complaining = complaints >= min(settings.complaint_threshold, float(complaints.max()))
    scores: Floats = np.stack([reading.tags[0] for reading in own])[complaining].max(axis=0)
    return scores


def _tags(scores: Floats, settings: HeadSettings) -> tuple[ComplaintTag, ...]:
    ratio = scores / np.array(settings.tag_thresholds)
    given = tuple(tag for tag, value in zip(_TAGS, ratio, strict=True) if value >= 1.0)
    return given or (_TAGS[int(ratio.argmax())],)


def _channel(reading: Readings, settings: HeadSettings) -> ContactChannel | None:
    best = int(reading.channel[0].argmax())
    return _CHANNELS[best] if reading.channel[0][best] >= settings.channel_threshold else None


def _driving(
    own: Sequence[Readings], pieces: Sequence[str], rows: Sequence[int], mood: Floats, complaining: int | None
) -> str | None:
    if len(rows) == 1:
        return None
    label = int(mood.argmax())
    position = complaining
    if position is None:
        position = int(np.argmax([reading.sentiment[0][label] for reading in own]))
    return pieces[rows[position]][:_SEGMENT_CHARACTERS]


def _mean_embedding(own: Sequence[Readings], pieces: Sequence[str]) -> Floats:
    """Mean embedding of the segments in the text's main script: the two readers' spaces do not mix."""
    cyrillic = np.array([is_cyrillic(piece) for piece in pieces])
    weights = np.array([len(piece) for piece in pieces], dtype=np.float64)
    main = weights[cyrillic].sum() > weights[~cyrillic].sum()
    chosen = [int(row) for row in np.flatnonzero(cyrillic == main)]
    vectors = np.stack([own[row].embedding[0] for row in chosen])
    mean = np.average(vectors, axis=0, weights=weights[chosen])
    unit: Floats = mean / max(float(np.linalg.norm(mean)), 1e-9)
    return unit
