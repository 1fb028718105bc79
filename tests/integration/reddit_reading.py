"""What the tests of the Reddit connector share: connecting to the local server, and what came of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from connectors.base import Batch, Connector
from connectors.reddit import RedditConnector
from connectors.registry import build_connector
from connectors.testing import MemoryStore
from monitor.domain.posts import CoverageGap, Post
from tests.integration.reddit_server import (
    CLIENT_ID,
    CLIENT_SECRET,
    PASSWORD,
    USERNAME,
    RedditServer,
)

NOW = datetime(2026, 11, 16, 12, tzinfo=UTC)
ACCOUNT = {"reddit_username": USERNAME, "reddit_password": PASSWORD}


def ago(days: float) -> float:
    return (NOW - timedelta(days=days)).timestamp()


def connect(server: RedditServer, secrets: dict[str, str] | None = None, **options: object) -> Connector:
    keys: dict[str, object] = {
        "reddit_url": server.url,
        "oauth_url": server.url,
        "subreddits": ["Sales"],
        **options,
    }
    credentials = {"reddit_client_id": CLIENT_ID, "reddit_client_secret": CLIENT_SECRET, **(secrets or {})}
    connector = build_connector("reddit", "reddit", keys, base_folder=Path(), secrets=credentials)
    assert isinstance(connector, RedditConnector)
    connector._api._sleep = [].append
    return connector


def sync(server: RedditServer, store: MemoryStore, now: datetime = NOW, **options: object) -> list[Batch]:
    return store.sync(connect(server, **options), now)


def texts(store: MemoryStore) -> set[str]:
    return {record.text for record in store.records.values() if isinstance(record, Post)}


def problems(batches: list[Batch]) -> list[str]:
    return [problem for batch in batches for problem in batch.problems]


def gaps(batches: list[Batch]) -> list[CoverageGap]:
    return [gap for batch in batches for gap in batch.gaps]
