"""What counts of a post between its change at the source and the next scoring."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import text

from models.engines.lexicon import LexiconScorer
from monitor.domain.posts import DeletedPost, Post, PostKind
from monitor.store import queries
from monitor.store.counts import daily_counts
from monitor.store.database import Database
from monitor.store.posts import delete_posts, save_posts
from monitor.store.scores import Correction, save_correction
from monitor.workflow.about_us import AboutUs
from monitor.workflow.score import ScoreSummary, score_posts

NOW = datetime(2026, 11, 16, 8, tzinfo=UTC)
DAY = date(2026, 11, 9)
BAD = Post(
    "slack",
    "C1:1",
    PostKind.MESSAGE,
    "stop these terrible emails, too many newsletters",
    datetime(2026, 11, 9, 12, tzinfo=UTC),
    about_us=True,
)


def save(database: Database, *posts: Post) -> None:
    with database.transaction() as connection:
        save_posts(connection, posts, zone=database.time_zone, now=NOW)


def remove(database: Database) -> None:
    with database.transaction() as connection:
        assert delete_posts(connection, [DeletedPost("slack", "C1:1")], now=NOW) == 1


def score(database: Database) -> ScoreSummary:
    return score_posts(database, LexiconScorer(), AboutUs())


def totals(database: Database) -> dict[date, tuple[int, int]]:
    """Day -> posts, and complaints among them."""
    with database.reading() as connection:
        counts = daily_counts(connection, DAY - timedelta(days=9), DAY + timedelta(days=9))
    return {count.day: (count.total, count.complaints) for count in counts}


def scalar(database: Database, sql: str) -> object:
    with database.reading() as connection:
        return connection.execute(text(sql)).scalar()


def test_a_post_edited_and_then_deleted_before_the_next_scoring_stays_counted(database: Database) -> None:
    save(database, BAD)
    score(database)
    before = totals(database)
    assert before[DAY] == (1, 1)
    save(database, replace(BAD, text="spam!!"))
    save(database, replace(BAD, text="spam!!!"))
    remove(database)
    score(database)
    assert totals(database) == before


def test_a_post_moved_to_another_day_and_then_deleted_counts_on_that_day_only(database: Database) -> None:
    save(database, BAD)
    score(database)
    save(database, replace(BAD, created_at=BAD.created_at + timedelta(days=2)))
    remove(database)
    score(database)
    assert totals(database) == {DAY + timedelta(days=2): (1, 1)}


def test_an_edited_post_is_labelled_anew_and_counted_once(database: Database) -> None:
    save(database, BAD, replace(BAD, external_id="C1:2"))
    score(database)
    save(database, replace(BAD, text="what a lovely product"))
    summary = score(database)
    assert (summary.scored, summary.labelled) == (1, 1)
    assert totals(database) == {DAY: (2, 1)}
    assert scalar(database, "SELECT count(DISTINCT labelling_id) FROM labels") == 1
    assert score(database).labelled == 0


def test_an_edit_back_to_a_text_that_others_still_say_is_not_scored_again(database: Database) -> None:
    save(database, BAD, replace(BAD, external_id="C1:2"))
    score(database)
    save(database, replace(BAD, text="what a lovely product"))
    save(database, BAD)
    summary = score(database)
    assert (summary.scored, summary.labelled) == (0, 1)
    assert totals(database) == {DAY: (2, 2)}


def test_a_persons_correction_outlives_an_edit(database: Database) -> None:
    save(database, BAD)
    score(database)
    with database.transaction() as connection:
        save_correction(connection, Correction(1, "complaint", "true", "false", "U1", NOW))
    save(database, replace(BAD, text="stop the emails, too many newsletters"))
    score(database)
    assert totals(database) == {DAY: (1, 0)}
    assert scalar(database, "SELECT corrected FROM labels") in {True}


def test_no_quote_shows_a_new_text_with_the_label_of_the_old_one(database: Database) -> None:
    save(database, BAD)
    score(database)

    def quoted() -> list[str]:
        with database.reading() as connection:
            listed = [quote.text for quote in queries.read_quotes(connection, DAY, DAY)]
            assert [quote.text for quote in queries.quotes_of(connection, [1]).values()] == listed
            return listed

    def unread() -> int:
        with database.reading() as connection:
            return queries.week_flaws(connection, DAY, DAY)[2]

    assert (quoted(), unread()) == ([BAD.text], 0)
    save(database, replace(BAD, text="sorry, I was wrong"))
    assert (quoted(), unread()) == ([], 1)
    with database.reading() as connection:
        assert queries.active_model(connection, DAY, DAY) == LexiconScorer().model_id
    remove(database)
    assert unread() == 0
