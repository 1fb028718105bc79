"""What the tests of the Slack connector share: connecting to the local server, and what came of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from connectors.base import Batch, Connector
from connectors.registry import build_connector
from connectors.slack_history import ts_of
from connectors.testing import MemoryStore
from monitor.domain.posts import Post
from tests.integration.slack_server import TOKEN, SlackServer

NOW = datetime(2026, 11, 16, 12, tzinfo=UTC)


def ago(days: float, micros: int = 100) -> str:
    """A ts so many days before the run."""
    return ts_of((NOW - timedelta(days=days)).replace(microsecond=micros))


def connect(server: SlackServer, *, token: str = TOKEN, **options: object) -> Connector:
    keys = {"base_url": server.url, **options}
    return build_connector("slack", "community", keys, base_folder=Path(), secrets={"slack_token": token})


def sync(server: SlackServer, store: MemoryStore, now: datetime = NOW, **options: object) -> list[Batch]:
    return store.sync(connect(server, **options), now)


def texts(store: MemoryStore) -> set[str]:
    return {record.text for record in store.records.values() if isinstance(record, Post)}


def problems(batches: list[Batch]) -> list[str]:
    return [problem for batch in batches for problem in batch.problems]
