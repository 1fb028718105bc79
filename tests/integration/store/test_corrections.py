"""A person's correction counts at once, and the next scoring says the same."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import text

from monitor.domain.posts import DeletedPost, Post, PostKind
from monitor.domain.scores import ComplaintTag, Scores, Sentiment
from monitor.store.counts import daily_counts
from monitor.store.database import Database
from monitor.store.labels import refresh_counts, stale_days
from monitor.store.posts import delete_posts, save_posts
from monitor.store.scores import Correction, save_correction
from monitor.workflow.about_us import AboutUs
from monitor.workflow.score import score_posts

NOW = datetime(2026, 11, 16, 8, tzinfo=UTC)
DAY = date(2026, 11, 9)


class NoticesNothing:
    """Calls "spam" alone a complaint, and knows of the others what they would be about."""

    model_id = "notices-nothing"

    def score(self, texts: Sequence[str], langs: Sequence[str | None] | None = None) -> list[Scores]:
        """Scores of each text."""
        return [self._one(value) for value in texts]

    def _one(self, value: str) -> Scores:
        pushy = 0.7 if "pushy" in value else 0.2
        is_complaint = value == "spam"
        return Scores(
            lang="en",
            sentiment=Sentiment.NEUTRAL,
            probabilities={m: 0.8 if m is Sentiment.NEUTRAL else 0.1 for m in Sentiment},
            marketing_complaint=0.9 if is_complaint else 0.2,
            complaint=is_complaint,
            model=self.model_id,
            tags=(ComplaintTag.PRIVACY,) if is_complaint else (),
            tag_scores={tag: pushy if tag is ComplaintTag.PUSHY_SALES else 0.1 for tag in ComplaintTag},
        )


def save(database: Database, words: str) -> None:
    post = Post("slack", "1", PostKind.MESSAGE, words, datetime(2026, 11, 9, 12, tzinfo=UTC), about_us=True)
    with database.transaction() as connection:
        save_posts(connection, [post], zone=database.time_zone, now=NOW)


def correct(database: Database, old: str, new: str) -> None:
    with database.transaction() as connection:
        save_correction(connection, Correction(1, "complaint", old, new, "U1", NOW))
        refresh_counts(connection, stale_days(connection))


def counted(database: Database) -> tuple[int, int, list[str]]:
    """Posts, complaints among them, and the tags of these."""
    with database.reading() as connection:
        days = daily_counts(connection, DAY, DAY)
        tags = daily_counts(connection, DAY, DAY, by_tag=True)
    return sum(d.total for d in days), sum(d.complaints for d in days), [d.tag for d in tags]


@pytest.mark.parametrize(
    ("words", "tag"), [("too pushy", "pushy_sales"), ("hm", "other_marketing"), ("spam", "privacy")]
)
def test_a_corrected_complaint_counts_at_once_with_its_tags(database: Database, words: str, tag: str) -> None:
    save(database, words)
    score_posts(database, NoticesNothing(), AboutUs())
    correct(database, "false", "true")
    assert counted(database) == (1, 1, [tag])
    score_posts(database, NoticesNothing(), AboutUs(("another configuration",)))
    assert counted(database) == (1, 1, [tag])
    with database.reading() as connection:
        label = connection.execute(text("SELECT corrected, unsure FROM labels")).one()
    assert (bool(label.corrected), bool(label.unsure)) == (True, False)


def test_a_correction_that_is_taken_back_brings_the_tags_back(database: Database) -> None:
    save(database, "spam")
    score_posts(database, NoticesNothing(), AboutUs())
    correct(database, "true", "false")
    assert counted(database) == (1, 0, [])
    correct(database, "false", "true")
    assert counted(database) == (1, 1, ["privacy"])


def test_a_correction_of_a_post_without_a_label_counts_from_the_next_scoring_on(database: Database) -> None:
    save(database, "too pushy")
    correct(database, "false", "true")
    score_posts(database, NoticesNothing(), AboutUs())
    assert counted(database) == (1, 1, ["pushy_sales"])


def test_a_correction_of_a_deleted_post_takes_nothing_out_of_the_counts(database: Database) -> None:
    save(database, "too pushy")
    score_posts(database, NoticesNothing(), AboutUs())
    with database.transaction() as connection:
        assert delete_posts(connection, [DeletedPost("slack", "1")], now=NOW) == 1
    correct(database, "false", "true")
    assert counted(database) == (1, 1, ["other_marketing"])
