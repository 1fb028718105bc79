"""Counts that cannot be true beside the others are left out and named; the rest of the row stays."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from connectors.registry import build_connector
from monitor.domain.campaigns import CampaignResult
from monitor.domain.posts import SkippedItem
from tests.unit.connectors.file_sources import NOW

HEADER = "campaign,date,sent,delivered,opens,clicks,unsubscribes,complaints,bounces"


def read(folder: Path, row: str, header: str = HEADER) -> tuple[CampaignResult, list[SkippedItem]]:
    """The result of a file's only row, and what was said of it."""
    (folder / "file.csv").write_text(f"{header}\nc,2026-10-01,{row}\n")
    connector = build_connector("campaign_results", "s", {"path": "file.csv"}, base_folder=folder, secrets={})
    (batch,) = connector.fetch({}, NOW)
    (result,) = batch.records
    assert isinstance(result, CampaignResult)
    return result, list(batch.skipped)


@pytest.mark.parametrize(
    ("row", "field", "reason", "detail"),
    [
        ("100,,60,5,400,1,", "unsubscribes", "more unsubscribes than messages", "unsubscribes is 400 of 100 sent"),
        ("100,90,60,5,91,1,", "unsubscribes", "more unsubscribes than messages", "unsubscribes is 91 of 90 delivered"),
        ("100,,60,5,1,96,5", "complaints", "more complaints than messages", "complaints is 96 of 95 sent and not bounced"),
        ("100,,60,5,1,1,101", "bounces", "more bounces than sent", "bounces is 101 of 100 sent"),
        ("100,120,60,5,1,1,", "delivered", "more delivered than sent", "delivered is 120 of 100 sent"),
        ("100,,250,5,1,1,", "opens", "more opens than messages", "opens is 250 of 100 sent"),
        ("100,,60,61,1,1,", "clicks", "more clicks than opens", "clicks is 61 of 60 opens"),
    ],
)  # fmt: skip
def test_one_impossible_count_is_left_out(
    row: str, field: str, reason: str, detail: str, tmp_path: Path
) -> None:
    """It becomes unknown, never a share of 100 %; the others stay as they are."""
    result, skipped = read(tmp_path, row)
    assert [item.reason for item in skipped] == [f"{reason} (row kept)"]
    assert skipped[0].external_id == "row 2"
    assert skipped[0].detail.startswith(detail)
    written = dict(zip(HEADER.split(",")[2:], row.split(","), strict=True))
    for name, cell in written.items():
        assert getattr(result, name) == (None if name == field or not cell else int(cell))


@pytest.mark.parametrize(
    "row",
    ["100,100,100,100,100,100,0", "0,,30,4,5,1,", "100,,0,3,,,", ",,30,5,1,1,", "100,98,40,8,2,1,2"],
)
def test_what_can_be_true_stays(row: str, tmp_path: Path) -> None:
    """Everybody may open; a later day of a mailing has openings without sends; nothing to compare with is no fault."""
    result, skipped = read(tmp_path, row)
    assert not skipped
    assert result.opens == int(row.split(",")[2])


@pytest.mark.parametrize(
    ("column", "told"),
    [
        ("Total Opens", "'Total Opens' counts each of them and not people"),
        ("Opens", "'Opens' seems to count each of them and not people"),
        ("Unique Opens", "correct the export"),
    ],
)
def test_the_column_tells_what_was_counted(column: str, told: str, tmp_path: Path) -> None:
    """Totals above the sends are no fault of the file, but no share of people."""
    result, skipped = read(tmp_path, "100,250", f"campaign,date,sent,{column}")
    assert result == CampaignResult("s", "c", date(2026, 10, 1), sent=100)
    assert told in skipped[0].detail
