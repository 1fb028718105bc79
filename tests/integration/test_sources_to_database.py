"""Slack and Reddit through the real clients into the real database, twice and after a crash."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from connectors.base import Connector
from connectors.registry import build_connector
from connectors.slack_history import ts_of
from monitor.store import sources as source_store
from monitor.store.database import Database
from monitor.workflow.forget import forget_person
from monitor.workflow.sync import SourceJob, SyncOutcome, sync_source
from tests.integration.reddit_server import CLIENT_ID, CLIENT_SECRET, RedditServer
from tests.integration.slack_server import TOKEN, SlackServer

NOW = datetime(2026, 11, 16, 12, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Database]:
    with Database(str(tmp_path / "goodwill.db"), time_zone=ZoneInfo("UTC")) as database:
        yield database


@pytest.fixture
def slack() -> Iterator[SlackServer]:
    with SlackServer() as server:
        channel = server.add_channel("C1", "general")
        for number in range(60):
            thread = ts_of(NOW - timedelta(days=number + 1))
            channel.post(thread, f"message {number}")
            channel.post(ts_of(NOW - timedelta(days=number + 0.5)), f"reply {number}", thread=thread)
        yield server


@pytest.fixture
def reddit() -> Iterator[RedditServer]:
    with RedditServer() as server:
        for number in range(120):
            created = (NOW - timedelta(hours=number + 1)).timestamp()
            server.submit(f"s{number}", created, f"title {number}")
            server.comment(f"c{number}", created, f"comment {number}")
        yield server


def slack_source(server: SlackServer) -> Connector:
    options = {"base_url": server.url, "page_size": 10}
    return build_connector("slack", "slack", options, base_folder=Path(), secrets={"slack_token": TOKEN})


def reddit_source(server: RedditServer) -> Connector:
    options: dict[str, object] = {"reddit_url": server.url, "oauth_url": server.url, "subreddits": ["sales"]}
    secrets = {"reddit_client_id": CLIENT_ID, "reddit_client_secret": CLIENT_SECRET}
    return build_connector("reddit", "reddit", options, base_folder=Path(), secrets=secrets)


def sync(database: Database, connector: Connector, now: datetime = NOW) -> SyncOutcome:
    return sync_source(database, SourceJob(connector), now=now)


def rows(database: Database) -> list[tuple[object, ...]]:
    """Everything that identifies the stored posts, in a fixed order."""
    query = (
        "SELECT source, external_id, text, created_at, parent_id, deleted_at IS NULL FROM posts ORDER BY 1, 2"
    )
    with database.reading() as connection:
        return [tuple(row) for row in connection.execute(text(query))]


class Killed(BaseException):
    """The process ends between two batches."""


def killed_after(batches: int) -> Callable[[str, int], None]:
    """A progress callback that ends the process once so many batches are stored."""
    seen = [0]

    def progress(source: str, records: int) -> None:
        seen[0] += 1
        if seen[0] == batches:
            raise Killed

    return progress


def test_slack_twice_is_slack_once(store: Database, slack: SlackServer) -> None:
    """The second sync writes nothing new."""
    first, second = sync(store, slack_source(slack)), sync(store, slack_source(slack))
    assert (first.status, first.summary.added) == ("complete", 120)
    assert first.expected == {"thread replies": (60, 60)}
    assert (second.summary.added, second.summary.changed, second.summary.deleted) == (0, 0, 0)


def test_reddit_twice_is_reddit_once(store: Database, reddit: RedditServer) -> None:
    """Re-asking for the look-back changes nothing."""
    first, second = sync(store, reddit_source(reddit)), sync(store, reddit_source(reddit))
    assert (first.status, first.summary.added, first.summary.changed) == ("complete", 240, 0)
    assert (second.summary.added, second.summary.changed, second.summary.deleted) == (0, 0, 0)


@pytest.mark.parametrize("batches", [1, 2, 3, 5])
def test_a_killed_sync_is_completed_by_the_next(
    store: Database, slack: SlackServer, reddit: RedditServer, tmp_path: Path, batches: int
) -> None:
    """Whatever was stored when the process ended, the next run ends with the same rows."""
    with Database(str(tmp_path / "undisturbed.db"), time_zone=ZoneInfo("UTC")) as undisturbed:
        for connector in (slack_source(slack), reddit_source(reddit)):
            sync(undisturbed, connector)
            with pytest.raises(Killed):
                sync_source(store, SourceJob(connector), now=NOW, progress=killed_after(batches))
            sync(store, connector)
        assert rows(store) == rows(undisturbed)


def test_deletions_at_the_source_empty_the_rows(
    store: Database, slack: SlackServer, reddit: RedditServer
) -> None:
    """Text is gone from the database, the row stays as a count."""
    sync(store, slack_source(slack))
    sync(store, reddit_source(reddit))
    slack.channels["C1"].delete(ts_of(NOW - timedelta(days=0.5)))
    reddit.delete("t3_s5")
    later = NOW + timedelta(hours=1)
    assert sync(store, slack_source(slack), later).summary.deleted == 1
    assert sync(store, reddit_source(reddit), later).summary.deleted == 1
    emptied = {row[1] for row in rows(store) if not row[5]}
    assert emptied == {f"C1:{ts_of(NOW - timedelta(days=0.5))}", "t3_s5"}
    assert all(not row[2] for row in rows(store) if not row[5])


def test_an_approved_post_is_there_again_but_no_forgotten_one(store: Database, reddit: RedditServer) -> None:
    """A removal by moderators can be undone; what a person asked to be forgotten stays forgotten."""
    sync(store, reddit_source(reddit))
    for category in ("moderator", None):
        for name in ("t3_s5", "t3_s6"):
            reddit.things[name]["data"]["removed_by_category"] = category
        reddit.things["t3_s6"]["data"]["author_fullname"] = "t2_2"
        sync(store, reddit_source(reddit))
    texts = {row[1]: row[2] for row in rows(store)}
    assert (texts["t3_s5"], texts["t3_s6"]) == ("title 5", "title 6")
    forget_person(store, "reddit", "t2_2", now=NOW)
    for category in ("moderator", None):
        reddit.things["t3_s6"]["data"]["removed_by_category"] = category
        sync(store, reddit_source(reddit))
    assert {row[1]: row[2] for row in rows(store)}["t3_s6"] == ""


def test_a_gap_ends_when_it_was_read(store: Database, slack: SlackServer) -> None:
    """An unreadable channel makes the run partial and leaves a gap; a later run fills it."""
    slack.channels["C1"].error = "not_in_channel"
    outcome = sync(store, slack_source(slack))
    assert (outcome.status, len(outcome.summary.gaps)) == ("partial", 1)
    with store.reading() as connection:
        assert len(source_store.read_gaps(connection, NOW - timedelta(days=400), NOW)) == 1
    slack.channels["C1"].error = ""
    assert sync(store, slack_source(slack)).summary.gaps == ()
    with store.reading() as connection:
        assert source_store.read_gaps(connection, NOW - timedelta(days=400), NOW) == []
