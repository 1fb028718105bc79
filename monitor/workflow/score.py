"""Score what no model has seen, label every post, and bring the daily counts up to date.

Three steps, each restartable: scores are kept by content and model (the same text is never scored twice),
labels by post and labelling (model and configuration), counts by day. A crash between two commits leaves
work that the next run finds by looking, never by remembering.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from models.base import Scorer
from monitor.domain.posts import Voice
from monitor.store import labels as label_store
from monitor.store import scores as score_store
from monitor.store.database import Database
from monitor.workflow.about_us import AboutUs


@dataclass(frozen=True, slots=True)
class ScoreSummary:
    """What a scoring run did.

    Attributes:
        scored: texts the model read now.
        labelled: posts whose label was written.
        days: days whose counts were built again.
    """

    model_id: str
    scored: int
    labelled: int
    days: int


def score_posts(
    database: Database,
    scorer: Scorer,
    about_us: AboutUs,
    *,
    progress: Callable[[int], None] | None = None,
) -> ScoreSummary:
    """Run all three steps.

    Args:
        database: the caller holds its run lock.
        scorer: the model that counts from now on.
        about_us: decides whether a post speaks about us.
        progress: called with the number of texts scored so far.
    """
    scored = _score(database, scorer, progress)
    labelled = _label(database, scorer.model_id, about_us)
    with database.transaction() as connection:
        days = label_store.stale_days(connection)
        label_store.refresh_counts(connection, days)
    return ScoreSummary(scorer.model_id, scored, labelled, len(days))


def _score(database: Database, scorer: Scorer, progress: Callable[[int], None] | None) -> int:
    count = last = 0
    while True:
        with database.reading() as connection:
            batch, last = score_store.unscored_texts(connection, scorer.model_id, after=last)
        if not batch:
            return count
        scores = scorer.score([item.text for item in batch])
        keyed = [(item.score_hash, value) for item, value in zip(batch, scores, strict=True)]
        with database.transaction() as connection:
            score_store.save_scores(connection, scorer.model_id, keyed)
        count += len(batch)
        if progress is not None:
            progress(count)


def _label(database: Database, model_id: str, about_us: AboutUs) -> int:
    labelling_id = f"{model_id}#{about_us.fingerprint}"
    count = last = 0
    while True:
        with database.reading() as connection:
            batch = label_store.unlabelled_posts(connection, model_id, labelling_id, after=last)
        if not batch:
            return count
        last = batch[-1].post_id
        with database.transaction() as connection:
            label_store.save_labels(connection, labelling_id, [label_of(post, about_us) for post in batch])
        count += len(batch)


def label_of(post: label_store.ScoredPost, about_us: AboutUs) -> label_store.Label:
    """The label that counts: the model's, the target by mention, and a person's corrections on top."""
    scores = post.scores
    target = about_us.target_of(post.text, known=post.about_us)
    sentiment = post.corrections.get("sentiment", scores.sentiment.value)
    complaint = scores.complaint
    if "complaint" in post.corrections:
        complaint = post.corrections["complaint"] == "true"
    ours = target == "us"
    if "about_us" in post.corrections:
        ours = post.corrections["about_us"] == "true"
        target = "us" if ours else "other"
    voice = Voice.AUTHOR
    if post.segments:
        voice = Voice.CUSTOMER if any(s.voice is Voice.CUSTOMER for s in post.segments) else Voice.REP
    return label_store.Label(
        post_id=post.post_id,
        day=post.day,
        source=post.source,
        kind=post.kind,
        about_us=ours,
        target=target,
        voice=voice,
        sentiment=sentiment,
        complaint=complaint,
        tags=tuple(tag.value for tag in scores.tags) if complaint else (),
        channel=scores.channel.value if scores.channel else "",
        language=scores.lang,
        measured=scores.measured,
        unsure=scores.unsure and not post.corrections,
        corrected=bool(post.corrections),
        negative=max(
            (value for mood, value in scores.probabilities.items() if mood == "negative"), default=0.0
        ),
        complaint_score=scores.marketing_complaint,
    )
