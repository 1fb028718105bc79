"""The weekly job gives the same report on SQLite and on PostgreSQL."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from monitor.domain.weeks import IsoWeek
from monitor.settings import load
from monitor.store.database import Database
from monitor.store.lock import exclusive
from monitor.workflow.run import RunOutcome, run_once
from tests.e2e.test_kill import prepare

NOW = datetime(2025, 11, 17, 8, tzinfo=UTC)


class Silent:
    """Hears progress and says nothing."""

    def begin(self, name: str) -> None: ...

    def source(self, name: str, count: int) -> None: ...

    def count(self, count: int) -> None: ...


def run(database: Database, folder: Path) -> RunOutcome:
    loaded = load(folder / "goodwill.toml")
    with exclusive(database):
        return run_once(database, loaded, now=NOW, week=IsoWeek(2025, 46), steps=Silent())


def report(folder: Path) -> Any:
    return json.loads((folder / "reports" / "weekly-2025-W46.json").read_text("utf-8"))


@pytest.mark.postgres
def test_both_databases_tell_the_same(tmp_path: Path, postgres_url: str) -> None:
    from tests.integration.conftest import drop_everything

    here, there = prepare(tmp_path / "sqlite"), prepare(tmp_path / "postgres")
    with Database(str(here / "goodwill.db"), time_zone=ZoneInfo("UTC")) as database:
        first = run(database, here)
    drop_everything(postgres_url)
    with Database(postgres_url, time_zone=ZoneInfo("UTC")) as database:
        second = run(database, there)
        again = run(database, there)
    assert first.scores == second.scores
    assert first.terminal == second.terminal
    assert report(here) == report(there)
    assert again.scores.scored == 0
    assert [outcome.summary.added for outcome in again.outcomes] == [0, 0]


@pytest.mark.postgres
def test_two_runs_at_once_are_refused_on_postgresql(postgres_url: str) -> None:
    from monitor.errors import LockedError

    refused = pytest.raises(LockedError, match="another Goodwill run")
    with (
        Database(postgres_url) as one,
        Database(postgres_url) as two,
        exclusive(one),
        refused,
        exclusive(two),
    ):
        pass
    with Database(postgres_url) as three, exclusive(three):
        pass


def test_two_runs_at_once_are_refused_on_sqlite(tmp_path: Path) -> None:
    from monitor.errors import LockedError

    url = str(tmp_path / "goodwill.db")
    refused = pytest.raises(LockedError, match="another Goodwill run")
    with Database(url) as one, Database(url) as two, exclusive(one), refused, exclusive(two):
        pass
