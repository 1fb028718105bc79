"""Files read again with corrected settings, through the real database: forgotten people stay forgotten."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from connectors.registry import build_connector
from monitor.store.database import Database
from monitor.workflow.forget import forget_person
from monitor.workflow.sync import SourceJob, sync_source

NOW = datetime(2026, 11, 16, 12, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Database]:
    with Database(str(tmp_path / "goodwill.db"), time_zone=ZoneInfo("UTC")) as database:
        yield database


def sync(store: Database, folder: Path, kind: str, **options: object) -> str:
    connector = build_connector(kind, "s", options, base_folder=folder, secrets={})
    return sync_source(store, SourceJob(connector), now=NOW).status


def texts(store: Database) -> list[str]:
    """Of every stored row; "" for one that was deleted."""
    with store.reading() as connection:
        return sorted(row[0] for row in connection.execute(text("SELECT text FROM posts")))


@pytest.mark.parametrize(
    ("first", "corrected"),
    [
        ({"encoding": "cp1251"}, {"encoding": "cp1252"}),
        ({"columns": {"text": "Title", "title": ""}}, {"columns": {"text": "Body"}, "encoding": "cp1252"}),
        ({"encoding": "utf-8"}, {}),
    ],
)
def test_a_correction_brings_back_nobody(
    store: Database, tmp_path: Path, first: dict[str, object], corrected: dict[str, object]
) -> None:
    """What one person wrote is gone for good; the other one's post is put right, and there once."""
    rows = "2026-10-01 09:30,ana,Gêne,Le bouton caché\n2026-10-02 09:30,ben,Trop,Déjà trop de mails\n"
    (tmp_path / "q.csv").write_bytes(f"Posted at,Author,Title,Body\n{rows}".encode("cp1252"))
    base = {"path": "q.csv", "time_zone": "UTC"}
    sync(store, tmp_path, "posts", **base, **first)
    assert forget_person(store, "s", "ana", now=NOW).posts == 1
    for _ in range(2):
        assert sync(store, tmp_path, "posts", **base, **corrected) == "complete"
        assert texts(store) == ["", "Trop\n\nDéjà trop de mails"]


def test_a_file_whose_name_is_not_utf_8_is_stored(store: Database, tmp_path: Path) -> None:
    """Its cursor and its problem are, too."""
    line = '{"id": "a1", "body": "plain", "created_utc": 1761955200, "subreddit": "x", "author": "a"}\n'
    try:
        (tmp_path / "dumps").mkdir()
        (tmp_path / "dumps" / "caf\udce9.jsonl").write_text(line)
        (tmp_path / "dumps" / "caf\udce8.jsonl").write_text("")
    except (OSError, UnicodeEncodeError):
        pytest.skip("this file system takes no such name")
    for _ in range(2):
        assert sync(store, tmp_path, "reddit_jsonl", path="dumps") == "partial"
        assert texts(store) == ["plain"]
