"""What a report tells of readings and writers: what was left out of a file, whose words a deal note is, who is meant."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from connectors.base import Batch
from monitor.domain.posts import Post, PostKind, SkippedItem
from monitor.domain.weekly import WeekCount, WeeklyFacts
from monitor.domain.weeks import IsoWeek
from monitor.settings import ReportSettings
from monitor.store.database import Database
from monitor.store.sources import last_runs
from monitor.workflow.about_us import AboutUs
from monitor.workflow.score import score_posts
from monitor.workflow.sync import SourceJob, sync_source
from monitor.workflow.weekly_facts import collect_facts
from tests.golden import samples
from tests.integration.workflow.test_sync_and_score import ScriptedConnector, WordScorer

NOW = datetime(2026, 11, 16, 8, tzinfo=UTC)
WEEK = IsoWeek(2026, 46)


def read(database: Database, *batches: Batch) -> None:
    sync_source(database, SourceJob(ScriptedConnector(batches)), now=NOW)


def skipped(database: Database) -> dict[str, int]:
    with database.reading() as connection:
        return dict(last_runs(connection)[0].skipped)


def post(number: int, kind: PostKind, author: str | None, account: str | None, words: str) -> Post:
    created = datetime(2026, 11, 12, 9, number, tzinfo=UTC)
    return Post("forum", str(number), kind, words, created, author_id=author, account=account, about_us=True)


def test_what_was_left_out_of_a_file_is_told_until_the_file_is_read_again(database: Database) -> None:
    """An unchanged file is not read: the second run of a day finds nothing, and nothing left out."""
    left_out = tuple(SkippedItem("score outside 0-10", str(n)) for n in range(3))
    note = post(1, PostKind.NPS_COMMENT, "a", None, "fine")
    read(database, Batch(records=(note,), skipped=left_out))
    read(database)
    read(database)
    assert skipped(database) == {"score outside 0-10": 3}
    read(database, Batch(), Batch(records=(replace(note, text="mended"),)))
    assert skipped(database) == {}


def test_a_deal_notes_author_is_no_customer_and_its_account_no_writers(database: Database) -> None:
    bad = "bad spam"
    posts = (
        post(1, PostKind.DEAL_NOTE, "rep-ann", "Acme", f"{bad} 1"),
        post(2, PostKind.DEAL_NOTE, "rep-ann", "Bolt", f"{bad} 2"),
        post(3, PostKind.MESSAGE, "customer", "Cogs", f"{bad} 3"),
        post(4, PostKind.MESSAGE, None, "Dyn", f"{bad} 4"),
    )
    read(database, Batch(records=posts))
    score_posts(database, WordScorer(), AboutUs((), (), ()))
    writers = collect_facts(database, ReportSettings(), WEEK).writers
    assert (writers.writers, writers.known, writers.accounts) == (1, 1, 1)
    assert (writers.notes, writers.unnamed) == (2, 1)


@pytest.mark.parametrize(
    ("others", "start"), [(4, "None of the week's 4 posts is about us"), (0, "Nothing was read")]
)
def test_posts_about_others_are_told_from_no_posts_at_all(others: int, start: str) -> None:
    """A company name that is spelt wrong looks like a week in which nothing was read."""
    facts = WeeklyFacts(week=WEEK, weeks=(WeekCount(WEEK),), others=others)
    assert samples.bare(facts).headline.startswith(start)
