"""What a report keeps of its statistics: the same numbers again, and nothing of a post that went."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import text

from monitor.domain.weeks import IsoWeek
from monitor.settings import Loaded
from monitor.store.database import Database
from monitor.store.posts import delete_older
from monitor.workflow import analysis as analysis_module
from monitor.workflow import weekly_words
from monitor.workflow.weekly import render_week, weekly_report
from tests.unit.reports import made_up_company

WEEK = IsoWeek(2026, 46)
NOW = datetime(2026, 11, 16, 8, 0, tzinfo=UTC)


@pytest.fixture
def company(tmp_path: Path) -> Iterator[tuple[Database, Loaded]]:
    """A scored database of a made-up company."""
    database, loaded = made_up_company.make(tmp_path)
    with database:
        yield database, loaded


def kinds(database: Database) -> list[str]:
    with database.reading() as connection:
        return [row.kind for row in connection.execute(text("SELECT kind FROM findings ORDER BY kind"))]


def rendered(database: Database, loaded: Loaded) -> str:
    return render_week(weekly_report(database, loaded, WEEK, now=NOW), "json", to_terminal=False)


def test_a_second_report_is_read_not_computed_and_says_the_same(
    company: tuple[Database, Loaded], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Equal inputs give the stored results, byte for byte the same report."""
    first = rendered(*company)
    stored = kinds(company[0])

    def computed_again(*_: object, **__: object) -> None:
        raise AssertionError("computed again")

    monkeypatch.setattr(analysis_module, "_compute_others", computed_again)
    monkeypatch.setattr(weekly_words, "compare", computed_again)
    assert rendered(*company) == first
    assert kinds(company[0]) == stored
    assert {"OtherStatistics", "WordFacts"} <= set(stored)


def test_another_list_of_names_makes_the_words_anew(company: tuple[Database, Loaded]) -> None:
    """A stored comparison was redacted with the names known then: new names need a new one."""
    database, loaded = company
    rendered(database, loaded)
    before = kinds(database).count("WordFacts")
    with database.transaction() as connection:
        connection.execute(
            text(
                "UPDATE authors SET name = 'Newly Known' WHERE external_id = (SELECT min(external_id) FROM authors)"
            )
        )
    rendered(database, loaded)
    assert kinds(database).count("WordFacts") == 2 * before


def test_stored_words_go_with_the_first_post_that_goes(company: tuple[Database, Loaded]) -> None:
    """Compared words quote posts, so no deletion may leave them behind."""
    database, loaded = company
    rendered(database, loaded)
    with database.reading() as connection:
        source = connection.execute(text("SELECT min(source) FROM posts")).scalar()
    with database.transaction() as connection:
        assert delete_older(connection, str(source), NOW, now=NOW) > 0
    assert "WordFacts" not in kinds(database)
    assert "OtherStatistics" in kinds(database)


def test_other_shares_of_late_posts_make_the_statistics_anew(
    company: tuple[Database, Loaded], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is expected to come in late is an input like the counts themselves."""
    database, loaded = company
    settings = loaded.settings.report
    analysis_module.analyse(database, settings, WEEK.end)
    stored = kinds(database).count("OtherStatistics")

    def half_of_the_last_day(_database: object, _settings: object, days: Sequence[date]) -> np.ndarray:
        return np.where(np.arange(len(days)) == len(days) - 1, 0.5, 1.0)

    monkeypatch.setattr(analysis_module, "known_share", half_of_the_last_day)
    analysis_module.analyse(database, settings, WEEK.end)
    assert kinds(database).count("OtherStatistics") == stored + 1
