"""Sync and score: exactly once whatever happens, corrections on top, counts that never lie."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import text

from connectors.base import Batch, CheckResult
from monitor.domain.campaigns import Campaign
from monitor.domain.posts import CoverageGap, DeletedPost, IdentityPolicy, Post, PostKind, SkippedItem
from monitor.domain.scores import ComplaintTag, Scores, Sentiment
from monitor.errors import SourceUnavailableError
from monitor.store import counts
from monitor.store.counts import daily_counts
from monitor.store.database import Database
from monitor.store.scores import Correction, save_correction
from monitor.store.sources import read_cursors, read_gaps, read_sources
from monitor.workflow.about_us import AboutUs
from monitor.workflow.score import score_posts
from monitor.workflow.sync import SourceJob, sync_source

NOW = datetime(2026, 11, 16, 8, tzinfo=UTC)


def post(number: int, words: str = "fine", **changes: object) -> Post:
    values: dict[str, object] = {
        "source": "forum",
        "external_id": str(number),
        "kind": PostKind.FORUM_POST,
        "text": f"{words} {number}",
        "created_at": NOW - timedelta(days=number % 20, hours=1),
    }
    return Post(**{**values, **changes})  # type: ignore[arg-type]


@dataclass
class ScriptedConnector:
    """Yields prepared batches from where the cursor stands; fails before batch `fails_at`."""

    batches: Sequence[Batch]
    fails_at: int | None = None
    name: str = "forum"
    kind: str = "scripted"
    identity_policy: IdentityPolicy = IdentityPolicy.FIRST_PARTY

    def check(self) -> list[CheckResult]:
        return []

    def fetch(self, cursors: Mapping[str, str], now: datetime) -> Iterator[Batch]:
        for number in range(int(cursors.get("page", "0")), len(self.batches)):
            if number == self.fails_at:
                raise SourceUnavailableError("the forum answered 503: try again later")
            batch = self.batches[number]
            yield Batch(
                records=batch.records,
                skipped=batch.skipped,
                gaps=batch.gaps,
                problems=batch.problems,
                cursors={"page": str(number + 1)},
            )


@dataclass
class WordScorer:
    """Calls texts with 'spam' complaints and with 'bad' negative; remembers what it read."""

    model_id: str = "words-1"
    read: list[str] = field(default_factory=list)

    def score(self, texts: Sequence[str], langs: Sequence[str | None] | None = None) -> list[Scores]:
        self.read.extend(texts)
        return [self._one(value) for value in texts]

    def _one(self, value: str) -> Scores:
        complaint = "spam" in value
        mood = Sentiment.NEGATIVE if complaint or "bad" in value else Sentiment.NEUTRAL
        return Scores(
            lang="en",
            sentiment=mood,
            probabilities={m: 0.8 if m is mood else 0.1 for m in Sentiment},
            marketing_complaint=0.9 if complaint else 0.1,
            complaint=complaint,
            model=self.model_id,
            tags=(ComplaintTag.TOO_MANY_MESSAGES,) if complaint else (),
        )


def count_rows(database: Database, table: str) -> int:
    with database.reading() as connection:
        return int(connection.execute(text(f"SELECT count(*) FROM {table}")).scalar() or 0)


def days(database: Database, **options: bool) -> list[counts.DayCount]:
    with database.reading() as connection:
        return counts.daily_counts(connection, date(2026, 1, 1), date(2026, 12, 31), **options)


def test_a_source_that_breaks_halfway_goes_on_where_it_stood(database: Database) -> None:
    pages = [Batch(records=tuple(post(p * 10 + n) for n in range(10))) for p in range(3)]
    broken = sync_source(database, SourceJob(ScriptedConnector(pages, fails_at=2)), now=NOW)
    assert (broken.status, broken.summary.added) == ("failed", 20)
    assert "503" in broken.summary.problems[0]
    whole = sync_source(database, SourceJob(ScriptedConnector(pages)), now=NOW)
    assert (whole.status, whole.summary.added) == ("complete", 10)
    assert count_rows(database, "posts") == 30


def test_a_batch_and_its_cursor_are_stored_together_or_not_at_all(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    from monitor.store import sources

    def lose_power(*_arguments: object) -> None:
        raise KeyboardInterrupt

    pages = [Batch(records=(post(1), post(2)))]
    with monkeypatch.context() as patch:
        patch.setattr(sources, "save_cursors", lose_power)
        with pytest.raises(KeyboardInterrupt):
            sync_source(database, SourceJob(ScriptedConnector(pages)), now=NOW)
    assert count_rows(database, "posts") == 0
    with database.reading() as connection:
        assert read_cursors(connection, "forum") == {}
    assert sync_source(database, SourceJob(ScriptedConnector(pages)), now=NOW).summary.added == 2


def test_skips_gaps_and_problems_are_counted_and_kept(database: Database) -> None:
    gap = CoverageGap("forum", "", NOW - timedelta(days=3), NOW - timedelta(days=2), "listing cap reached")
    batch = Batch(
        records=(post(1),),
        skipped=(SkippedItem("no text", "7"), SkippedItem("no text", "8"), SkippedItem("bad date", "9")),
        gaps=(gap,),
        problems=("category 'private' cannot be read: 403",),
    )
    outcome = sync_source(database, SourceJob(ScriptedConnector([batch])), now=NOW)
    assert outcome.status == "partial"
    assert outcome.summary.skipped == {"bad date": 1, "no text": 2}
    with database.reading() as connection:
        assert read_gaps(connection, NOW - timedelta(days=9), NOW) == [gap]
        assert read_sources(connection)[0].last_success_at is None


def test_what_is_too_old_does_not_come_in(database: Database) -> None:
    pages = [Batch(records=(post(1), post(12), DeletedPost("forum", "1")))]
    job = SourceJob(ScriptedConnector(pages), retention_days=10)
    outcome = sync_source(database, job, now=NOW)
    assert (outcome.summary.added, outcome.summary.deleted) == (1, 1)
    assert outcome.summary.skipped == {"older than the retention period": 1}


def test_campaigns_are_records_like_posts(database: Database) -> None:
    campaign = Campaign("forum", "c1", "Upsell", date(2026, 11, 1), date(2026, 11, 3))
    pages = [Batch(records=(campaign,))]
    assert sync_source(database, SourceJob(ScriptedConnector(pages)), now=NOW).summary.added == 1
    assert count_rows(database, "campaigns") == 1


def test_the_same_text_is_scored_once_and_a_second_run_scores_nothing(database: Database) -> None:
    records = (post(1, text="spam again"), post(2, text="spam again"), post(3, "bad"), post(4))
    sync_source(database, SourceJob(ScriptedConnector([Batch(records=records)])), now=NOW)
    scorer = WordScorer()
    first = score_posts(database, scorer, AboutUs())
    assert (first.scored, first.labelled) == (3, 4)
    second = score_posts(database, scorer, AboutUs())
    assert (second.scored, second.labelled, second.days) == (0, 0, 0)
    assert len(scorer.read) == 3


def test_daily_counts_agree_with_the_labels(database: Database) -> None:
    records = tuple(post(n, ("spam", "bad", "fine")[n % 3]) for n in range(60))
    sync_source(database, SourceJob(ScriptedConnector([Batch(records=records)])), now=NOW)
    score_posts(database, WordScorer(), AboutUs())
    found = days(database)
    assert sum(day.total for day in found) == 60
    assert sum(day.complaints for day in found) == 20
    assert sum(day.negative_or_complaint for day in found) == 40
    tags = days(database, by_tag=True)
    assert {day.tag for day in tags} == {"too_many_messages"}
    assert sum(day.complaints for day in tags) == 20


def test_a_deleted_post_keeps_its_counts_until_a_correction_is_not_needed(database: Database) -> None:
    sync_source(database, SourceJob(ScriptedConnector([Batch(records=(post(1, "spam"),))])), now=NOW)
    score_posts(database, WordScorer(), AboutUs())
    before = days(database)
    pages = [Batch(), Batch(records=(DeletedPost("forum", "1"),))]
    sync_source(database, SourceJob(ScriptedConnector(pages)), now=NOW)
    score_posts(database, WordScorer(), AboutUs())
    assert days(database) == before
    assert count_rows(database, "scores") == 0


def test_a_correction_wins_over_this_model_and_the_next(database: Database) -> None:
    sync_source(database, SourceJob(ScriptedConnector([Batch(records=(post(1, "spam"),))])), now=NOW)
    score_posts(database, WordScorer(), AboutUs())
    with database.transaction() as connection:
        save_correction(connection, Correction(1, "complaint", "true", "false", "reviewer", NOW))
    score_posts(database, WordScorer(), AboutUs())
    assert sum(day.complaints for day in days(database)) == 0
    score_posts(database, WordScorer("words-2"), AboutUs())
    assert sum(day.complaints for day in days(database)) == 0
    assert days(database, by_tag=True) == []


def test_new_company_names_relabel_every_post(database: Database) -> None:
    records = (post(1, "acme spam"), post(2, "rival spam"))
    sync_source(database, SourceJob(ScriptedConnector([Batch(records=records)])), now=NOW)
    scorer = WordScorer()
    score_posts(database, scorer, AboutUs(("acme",), ("rival",)))
    assert sum(day.complaints for day in days(database)) == 1
    score_posts(database, scorer, AboutUs(("rival",)))
    assert sum(day.complaints for day in days(database)) == 1
    assert len(scorer.read) == 2


def test_a_rival_in_the_same_post_does_not_make_it_our_complaint(database: Database) -> None:
    records = (
        post(1, text="Rival sends spam every day. Acme is fine for us."),
        post(2, text="Acme spam again. Rival is fine."),
    )
    sync_source(database, SourceJob(ScriptedConnector([Batch(records=records)])), now=NOW)
    score_posts(database, WordScorer(), AboutUs(("acme",), ("rival",)))
    assert sum(day.total for day in days(database)) == 2
    assert sum(day.complaints for day in days(database)) == 1


def test_an_edited_text_moves_its_day_out_of_the_old_counts(database: Database) -> None:
    pages = [Batch(records=(post(1, "spam"),))]
    sync_source(database, SourceJob(ScriptedConnector(pages)), now=NOW)
    score_posts(database, WordScorer(), AboutUs())
    edited = post(1, text="all fine now", created_at=NOW - timedelta(days=5))
    sync_source(database, SourceJob(ScriptedConnector([*pages, Batch(records=(edited,))])), now=NOW)
    score_posts(database, WordScorer(), AboutUs())
    assert [(day.day, day.total, day.complaints) for day in days(database)] == [(date(2026, 11, 11), 1, 0)]


def test_a_source_declared_ours_later_counts_for_posts_already_read(database: Database) -> None:
    sync_source(database, SourceJob(ScriptedConnector([Batch(records=(post(1, text="spam"),))])), now=NOW)
    score_posts(database, WordScorer(), AboutUs(("acme",)))
    with database.reading() as connection:
        assert daily_counts(connection, date.min, date.max) == []
    score_posts(database, WordScorer(), AboutUs(("acme",), sources=("forum",)))
    with database.reading() as connection:
        assert sum(count.total for count in daily_counts(connection, date.min, date.max)) == 1
