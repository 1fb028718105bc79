"""`goodwill correlate` from files: the documented object, and clear errors for bad input."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import pytest

from monitor.errors import InputError
from monitor.workflow.correlate_files import CorrelateFiles, correlate_files

FIRST = date(2025, 1, 6)
TODAY = date(2025, 8, 1)
DAILY = "date,total,negative,negative_marketing"
FIELDS = {
    "id",
    "verdict",
    "p_value",
    "q_value",
    "rate_ratio",
    "low",
    "high",
    "lag_days",
    "excess",
    "excess_low",
    "excess_high",
    "minimum_detectable_rate_ratio",
    "confounded_with",
    "n",
    "reason",
}


def _rows(days: int = 150) -> list[str]:
    rows = []
    for day in range(days):
        more = 5 if 83 <= day <= 89 else 0
        negative = 3 + day * 7 % 4 + more
        rows.append(
            f"{FIRST + timedelta(days=day)},{negative + 50},{negative},{1 + more if day % 2 else more}"
        )
    return rows


def _files(
    folder: Path, rows: list[str] | None = None, *, header: str = DAILY, campaigns: str | None = None
) -> CorrelateFiles:
    (folder / "daily.csv").write_text(
        "\n".join([header, *(_rows() if rows is None else rows)]) + "\n", encoding="utf-8"
    )
    start = FIRST + timedelta(days=80)
    calendar = (
        campaigns
        or f"id,type,start,end\nC1,upsell,{start},{start}\nC2,webinar,{start - timedelta(days=40)},{start}\n"
    )
    (folder / "campaigns.csv").write_text(calendar, encoding="utf-8")
    return CorrelateFiles(folder / "daily.csv", folder / "campaigns.csv")


def test_the_documented_object_without_nan(tmp_path: Path) -> None:
    """Every documented key is there, the second series stands beside the first, JSON holds no NaN."""
    result = correlate_files(_files(tmp_path), today=TODAY)
    json.dumps(result, allow_nan=False)
    assert result["schema_version"] == 1
    assert result["series"] == "negative_marketing"
    assert result["nps"] is None
    for campaign in result["campaigns"]:
        assert set(campaign) >= FIELDS | {"all_negative"}
        assert set(campaign["all_negative"]) >= FIELDS
    found = {campaign["id"]: campaign["verdict"] for campaign in result["campaigns"]}
    assert found["C1"] == "likely"


def test_choosing_a_series_leaves_the_other_out(tmp_path: Path) -> None:
    """With `series` there is no second opinion."""
    result = correlate_files(_files(tmp_path), series="negative", today=TODAY)
    assert result["series"] == "negative"
    assert "all_negative" not in result["campaigns"][0]


def test_order_of_rows_does_not_matter(tmp_path: Path) -> None:
    """Unsorted days give the same object."""
    one = correlate_files(_files(tmp_path), today=TODAY)
    assert correlate_files(_files(tmp_path, _rows()[::-1]), today=TODAY) == one


def test_absent_days_are_not_zero(tmp_path: Path) -> None:
    """Leaving days out is something else than writing zeros."""
    rows = [row for index, row in enumerate(_rows()) if index not in {85, 86}]
    zeros = [f"{row[:10]},0,0,0" if index in {85, 86} else row for index, row in enumerate(_rows())]
    absent = correlate_files(_files(tmp_path, rows), today=TODAY)["campaigns"]
    zeroed = correlate_files(_files(tmp_path, zeros), today=TODAY)["campaigns"]
    assert absent != zeroed


def test_nps_part_is_judged_when_given(tmp_path: Path) -> None:
    """The score, its interval and its n."""
    files = _files(tmp_path)
    answers = "\n".join(f"{FIRST + timedelta(days=day)},{8 + day % 3}" for day in range(150))
    (tmp_path / "nps.csv").write_text(f"date,score\n{answers}\n", encoding="utf-8")
    result = correlate_files(
        CorrelateFiles(files.daily, files.campaigns, nps=tmp_path / "nps.csv"), today=TODAY
    )
    assert result["nps"]["n"] == 150
    json.dumps(result, allow_nan=False)


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([*_rows(), _rows()[3]], "2025-01-09 is given twice"),
        ([*_rows(), "2031-01-01,5,1,0"], "future"),
        ([*_rows(), "2025-13-01,5,1,0"], "2025-13-01"),
        ([*_rows(), "2025-07-01,5,-1,0"], "'-1'"),
        ([*_rows(), "2025-07-01,5,x,0"], "'x'"),
        ([*_rows(), "2025-07-01,5,1.5,0"], "'1.5'"),
        ([*_rows(), "2025-07-01,5,9,0"], "negative is 9"),
        ([*_rows(), "2025-07-01,5,2,3"], "negative_marketing is 3"),
        ([*_rows(), "1925-07-01,5,2,1"], "20 years"),
        ([], "no rows"),
    ],
)
def test_bad_days_are_named(tmp_path: Path, rows: list[str], words: str) -> None:
    """Duplicate, future and impossible days or counts: the message shows the value."""
    with pytest.raises(InputError, match=words):
        correlate_files(_files(tmp_path, rows), today=TODAY)


@pytest.mark.parametrize(
    ("calendar", "words"),
    [
        ("id,start\nC1,2025-03-01\n", "end is missing"),
        ("id,type,start,end\nC1,x,2025-03-05,2025-03-01\n", "before it starts"),
        ("id,type,start,end\nC1,x,soon,2025-03-01\n", "'soon'"),
        ("id,type,start,end\nC1,x,2025-03-01,2025-03-01\nC1,x,2025-04-01,2025-04-01\n", "twice"),
        ("id,type,start,end\n,x,2025-03-01,2025-03-01\n", "empty"),
    ],
)
def test_bad_calendars_are_named(tmp_path: Path, calendar: str, words: str) -> None:
    """Missing columns, bad dates, doubled or empty ids."""
    with pytest.raises(InputError, match=words):
        correlate_files(_files(tmp_path, campaigns=calendar), today=TODAY)


def test_a_missing_file_and_a_missing_column_are_named(tmp_path: Path) -> None:
    """The path, or the columns that were found."""
    files = _files(tmp_path, header="date,total,bad,worse")
    with pytest.raises(InputError, match="negative is missing"):
        correlate_files(files, today=TODAY)
    with pytest.raises(InputError, match=r"nowhere\.csv"):
        correlate_files(CorrelateFiles(tmp_path / "nowhere.csv", files.campaigns), today=TODAY)


@pytest.mark.parametrize("days", [1, 40])
def test_little_data_and_campaigns_outside_are_cannot_tell(tmp_path: Path, days: int) -> None:
    """One day, or campaigns after the last day: an answer with a reason, no error."""
    result = correlate_files(_files(tmp_path, _rows(days)), today=TODAY)
    for campaign in result["campaigns"]:
        assert campaign["verdict"] == "cannot tell"
        assert campaign["reason"]
        assert campaign["p_value"] is None


def test_an_empty_calendar_gives_an_empty_list(tmp_path: Path) -> None:
    """No campaigns is no error."""
    result = correlate_files(_files(tmp_path, campaigns="id,type,start,end\n"), today=TODAY)
    assert result["campaigns"] == []
