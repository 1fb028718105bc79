"""Rows without an id: two campaigns stay two, one row given twice is one, and stored ids stay what they were."""

from __future__ import annotations

from pathlib import Path

import pytest

from connectors.cell_values import stable_id
from connectors.registry import build_connector
from connectors.testing import MemoryStore
from tests.unit.connectors.file_sources import NOW, see

HEAD = "name,channel,start,end,audience,sends\n"
BIG = "Autumn,Email,2026-10-01,2026-10-05,customer_type=Enterprise,8200\n"
SMALL = "Autumn,Email,2026-10-01,2026-10-05,customer_type=SMB,1300\n"
LONGER = "Autumn,Email,2026-10-01,2026-10-09,customer_type=Enterprise,8200\n"
SECOND_WAVE = "Autumn,Email,2026-10-01,2026-10-05,customer_type=Enterprise,700\n"
STORED_ID = stable_id("Autumn", "2026-10-01", "Email")


@pytest.mark.parametrize("other", [SMALL, LONGER, SECOND_WAVE])
def test_rows_that_differ_are_two_campaigns(other: str, tmp_path: Path) -> None:
    """Another audience, end or number of sends; the first keeps the id it had before."""
    seen = see(tmp_path, "campaigns", HEAD + BIG + other)
    assert seen.records[0].external_id == STORED_ID
    assert len({campaign.external_id for campaign in seen.records}) == 2
    assert sum(campaign.sends for campaign in seen.records) == 8200 + int(other.rpartition(",")[2])
    assert not seen.skipped


def test_four_alike_are_four(tmp_path: Path) -> None:
    """Every id is another one."""
    seen = see(tmp_path, "campaigns", HEAD + BIG + SMALL + LONGER + SECOND_WAVE)
    assert len({campaign.external_id for campaign in seen.records}) == 4


def test_a_repeated_row_is_one_campaign_and_the_message_names_both_rows(tmp_path: Path) -> None:
    """Numbers written in another way are the same; a file without ids is not told about ids."""
    repeated = 'Autumn,Email,2026-10-01,2026-10-05,Customer_Type=SMB,"1,300"\n'
    path = tmp_path / "file.csv"
    path.write_text(HEAD + BIG + SMALL + repeated)
    connector = build_connector("campaigns", "s", {"path": path.name}, base_folder=tmp_path, secrets={})
    (batch,) = connector.fetch({}, NOW)
    assert len(batch.records) == 2
    (skipped,) = batch.skipped
    assert (skipped.reason, skipped.external_id) == ("campaign given twice", "row 4")
    assert skipped.detail == "the same campaign stands in rows 3 and 4"


def test_an_id_of_the_file_that_comes_again_is_named_with_its_row(tmp_path: Path) -> None:
    """The file's own ids are taken at their word."""
    path = tmp_path / "file.csv"
    path.write_text("id,name,start\na,One,2026-10-01\na,Two,2026-10-02\n")
    connector = build_connector("campaigns", "s", {"path": path.name}, base_folder=tmp_path, secrets={})
    (batch,) = connector.fetch({}, NOW)
    assert [(s.reason, s.detail) for s in batch.skipped] == [
        ("id given twice", "row 2 has it too and is kept")
    ]


def test_a_stored_campaign_is_not_doubled_by_a_second_one(tmp_path: Path) -> None:
    """The file grows by a row that is alike, and the sends of both change: two campaigns at the end."""
    path, store = tmp_path / "file.csv", MemoryStore()
    for rows in (BIG, BIG + SMALL, BIG.replace("8200", "8300") + SMALL.replace("1300", "1400")):
        path.write_text(HEAD + rows)
        store.sync(
            build_connector("campaigns", "s", {"path": path.name}, base_folder=tmp_path, secrets={}), NOW
        )
    assert {getattr(record, "sends", None) for record in store.records.values()} == {1400, 8300}
    assert len(store.records) == 2


def test_incidents_of_one_start_may_have_several_ends(tmp_path: Path) -> None:
    """The longer one is not lost."""
    rows = "kind,name,start,end\noutage,Login,2026-10-01,2026-10-02\noutage,Login,2026-10-01,2026-10-07\n"
    assert [incident.end.day for incident in see(tmp_path, "incidents", rows).records] == [2, 7]
