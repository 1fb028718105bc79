"""Why a campaign got its verdict, in words that fit their numbers."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from monitor.correlate.options import CorrelatorOptions
from monitor.correlate.verdicts import incidents_at_risk, refusal
from monitor.domain.series import CampaignWindow, DailySeries, Incident

FIRST = date(2025, 1, 6)
OPTIONS = CorrelatorOptions()


def campaign(day: int) -> CampaignWindow:
    """One that starts on a day of the data, counted from 0."""
    start = FIRST + timedelta(days=day)
    return CampaignWindow("C1", "upsell", "email", start, start)


def series(days: int = 200) -> DailySeries:
    """Forty posts a day, five of them bad, one of those a complaint."""
    dates = tuple(FIRST + timedelta(days=day) for day in range(days))
    counts = [np.full(days, number) for number in (40, 5, 1)]
    return DailySeries(dates, *counts, np.ones(days, dtype=bool))


def incident(kind: str, day: int) -> Incident:
    when = FIRST + timedelta(days=day)
    return Incident(kind, when, when)


@pytest.mark.parametrize(
    ("days", "said"),
    [
        ([], ""),
        ([50], "the known outage of 2025-02-25 fell into the same days and was allowed for"),
        (
            [50, 52],
            "the known outage of 2025-02-25 and the known outage of 2025-02-27 fell into the same days and were allowed for",
        ),
    ],
)
def test_one_incident_was_and_several_were_allowed_for(days: list[int], said: str) -> None:
    known = [incident("outage", day) for day in days]
    assert incidents_at_risk(campaign(48), known, OPTIONS) == said


@pytest.mark.parametrize(
    ("start", "said"),
    [
        (1, "only 1 day of data before its start, 14 are needed"),
        (2, "only 2 days of data before its start, 14 are needed"),
        (199, "only 1 day of data from its start on, 10 are needed"),
        (198, "only 2 days of data from its start on, 10 are needed"),
    ],
)
def test_one_day_is_not_days(start: int, said: str) -> None:
    assert refusal(series(), campaign(start), "negative_marketing", OPTIONS) == said


def test_one_post_is_not_posts() -> None:
    daily = series()
    daily.negative_marketing[1:] = 0  # type: ignore[index]
    said = "only 1 post in all, 10 are needed"
    assert refusal(daily, campaign(100), "negative_marketing", OPTIONS) == said


def test_one_collected_day_is_not_days() -> None:
    daily = series()
    daily.collected[1:] = False
    said = "only 1 day was collected, 60 are needed"
    assert refusal(daily, campaign(100), "negative_marketing", OPTIONS) == said
