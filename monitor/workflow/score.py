"""Score what no model has seen, label every post, and bring the daily counts up to date.

Three steps, each restartable: scores are kept by content and model (the same text is never scored twice),
labels by post and labelling (model and configuration), counts by day. A crash between two commits leaves
work that the next run finds by looking, never by remembering.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from models.base import Scorer
from monitor.domain.posts import customer_words, scored_voice, text_hash
from monitor.domain.scores import Scores, Sentiment
from monitor.store import labels as label_store
from monitor.store import scores as score_store
from monitor.store.database import Database
from monitor.workflow.about_us import AboutUs, PostTarget


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
    labelled = _label(database, scorer, about_us)
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


def _label(database: Database, scorer: Scorer, about_us: AboutUs) -> int:
    labelling_id = f"{scorer.model_id}#{about_us.fingerprint}"
    count = last = 0
    while True:
        with database.reading() as connection:
            batch = label_store.unlabelled_posts(connection, scorer.model_id, labelling_id, after=last)
        if not batch:
            return count
        last = batch[-1].post_id
        aims = {
            post.post_id: about_us.aim_of(
                customer_words(post.text, post.segments), known=post.about_us, source=post.source
            )
            for post in batch
        }
        ours = _score_our_words(database, scorer, [aim.our_words for aim in aims.values() if aim.our_words])
        with database.transaction() as connection:
            present = label_store.still_so(connection, batch)
            labels = [
                label_of(post, aims[post.post_id].target, ours.get(aims[post.post_id].our_words, post.scores))
                for post in present
            ]
            label_store.save_labels(connection, labelling_id, labels)
        count += len(labels)


def _score_our_words(database: Database, scorer: Scorer, texts: Sequence[str]) -> dict[str, Scores]:
    """Scores of the sentences about us in posts that speak about a competitor too, from the store or now."""
    keys = {text_hash(text): text for text in texts}
    if not keys:
        return {}
    with database.reading() as connection:
        known = score_store.scores_of(connection, scorer.model_id, list(keys))
    missing = [key for key in keys if key not in known]
    if missing:
        scored = scorer.score([keys[key] for key in missing])
        # Kept without words and embedding: nothing of a post may outlive its deletion.
        bare = [
            (key, replace(value, driving_segment=None, embedding=None))
            for key, value in zip(missing, scored, strict=True)
        ]
        with database.transaction() as connection:
            score_store.save_scores(connection, scorer.model_id, bare)
        known.update(bare)
    return {text: known[key] for key, text in keys.items()}


def label_of(post: label_store.ScoredPost, target: PostTarget, scores: Scores) -> label_store.Label:
    """The label that counts: the model's scores, the target by mention, and a person's corrections on top."""
    sentiment = post.corrections.get("sentiment", scores.sentiment.value)
    complaint, tags = scores.complaint, scores.tags
    if "complaint" in post.corrections:
        complaint, tags = post.corrections["complaint"] == "true", scores.tags_if_complaint
    if "about_us" in post.corrections:
        target = "us" if post.corrections["about_us"] == "true" else "other"
    return label_store.Label(
        post_id=post.post_id,
        day=post.day,
        source=post.source,
        kind=post.kind,
        about_us=target == "us",
        target=target,
        voice=scored_voice(post.segments),
        sentiment=sentiment,
        complaint=complaint,
        tags=tuple(tag.value for tag in tags) if complaint else (),
        channel=scores.channel.value if scores.channel else "",
        language=scores.lang,
        measured=scores.measured,
        unsure=scores.unsure and not post.corrections,
        corrected=bool(post.corrections),
        negative=scores.probabilities[Sentiment.NEGATIVE],
        complaint_score=scores.marketing_complaint,
    )
