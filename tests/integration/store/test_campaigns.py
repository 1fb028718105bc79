"""Campaigns and results of several sources as everybody reads them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from monitor.domain.campaigns import Campaign, CampaignResult
from monitor.store.database import Database
from monitor.store.records import read_campaign_book, read_records, save_records

DAY = date(2026, 10, 1)
RECORDS = [
    Campaign("plan", "C06", "Insights tour", DAY, DAY, sends=100),
    Campaign("crm", "crm-990017", "Insights tour", DAY, date(2026, 10, 3)),
    Campaign("crm", "C01", "Partner webinar", date(2026, 11, 1), date(2026, 11, 1)),
    Campaign("plan", "C01", "Kick-off", date(2026, 1, 5), date(2026, 1, 5)),
    CampaignResult("mail", "crm-990017", DAY, sent=100),
]


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with Database(f"sqlite:///{tmp_path / 'goodwill.db'}") as database:
        with database.transaction() as connection:
            save_records(connection, RECORDS)
        yield database


def test_a_campaign_of_two_sources_is_read_once_with_its_results(database: Database) -> None:
    with database.reading() as connection:
        found = list(read_records(connection, Campaign, since=DAY, until=DAY))
        results = list(read_records(connection, CampaignResult))
    assert [(c.external_id, c.end, c.sends) for c in found] == [("C06", date(2026, 10, 3), 100)]
    assert [r.campaign_id for r in results] == ["C06"]


def test_an_id_does_not_depend_on_the_stretch_of_time_that_is_asked_for(database: Database) -> None:
    with database.reading() as connection:
        late = list(read_records(connection, Campaign, since=date(2026, 10, 15)))
        everything = list(read_records(connection, Campaign))
        book = read_campaign_book(connection)
    assert [c.external_id for c in late] == ["C01 (crm)"]
    assert [c.external_id for c in everything] == ["C01", "C06", "C01 (crm)"]
    assert [len(group) for group in book.merged] == [2]
