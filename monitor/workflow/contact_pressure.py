"""Touches per customer and week from campaigns, and how complaints and unsubscribes answer them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from monitor.correlate.pressure import Sends, dose_response, touches_by_week
from monitor.correlate.pressure_forecast import forecast_complaints
from monitor.domain.campaigns import Campaign
from monitor.domain.findings import PressureForecast, PressureResult
from monitor.domain.series import DailySeries
from monitor.workflow.history import History

UNKNOWN_CUSTOMERS = "the number of customers is not set (company.customers in goodwill.toml)"


@dataclass(frozen=True, slots=True)
class Pressure:
    """What contact pressure did.

    Attributes:
        weeks: (T,) Monday of each complete week of the history.
        touches: (T,) touches per customer; empty when they are not known.
        results: complaints, then unsubscribes.
    """

    weeks: tuple[date, ...]
    touches: tuple[float, ...]
    results: tuple[PressureResult, ...]
    forecast: PressureForecast | None


def contact_pressure(history: History, daily: DailySeries | None, customers: int, *, seed: int) -> Pressure:
    """Dose-response over the history's complete weeks.

    Args:
        history: campaigns with sends, results with unsubscribes.
        daily: complaints a day; None without posts.
        customers: people marketing can reach; 0 = unknown.
        seed: of the simulated intervals.
    """
    sends = _sends(history)
    if daily is None:
        return Pressure((), (), (), None)
    if not customers or not sends:
        reason = UNKNOWN_CUSTOMERS if sends else "no campaign in the history says how many touches it sent"
        return Pressure((), (), (_refused("marketing complaints", reason),), None)
    weeks, complaints, posts = _weekly(daily)
    touches = touches_by_week(sends, weeks, customers)
    results = [dose_response(touches, complaints, exposure=posts, seed=seed)]
    unsubscribes, delivered = _unsubscribes(history, weeks)
    if delivered.sum() > 0:
        sent = delivered > 0
        results.append(
            dose_response(
                touches[sent], unsubscribes[sent], exposure=delivered[sent], outcome="unsubscribes", seed=seed
            )
        )
    forecast = _forecast(history, touches, complaints, customers, seed)
    return Pressure(tuple(weeks), tuple(float(t) for t in touches), tuple(results), forecast)


def _refused(outcome: str, reason: str) -> PressureResult:
    return PressureResult(outcome, "cannot tell", None, (), None, None, None, None, 0, 0, reason)


def _sends(history: History) -> list[Sends]:
    """Touches by campaign: the calendar's, or else what the results say was sent."""
    reported: dict[str, int] = defaultdict(int)
    for result in history.results:
        reported[result.campaign_id] += result.sent or 0
    return _planned_sends(history.campaigns, reported)


def _planned_sends(campaigns: Sequence[Campaign], reported: dict[str, int]) -> list[Sends]:
    found = [(c, c.sends if c.sends is not None else reported.get(c.external_id, 0)) for c in campaigns]
    return [Sends(campaign.start, campaign.end, float(touches)) for campaign, touches in found if touches]


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _weekly(daily: DailySeries) -> tuple[list[date], NDArray[np.float64], NDArray[np.float64]]:
    """Complete, wholly collected weeks: their Mondays, complaints and posts."""
    complaints: dict[date, float] = defaultdict(float)
    posts: dict[date, float] = defaultdict(float)
    days: dict[date, int] = defaultdict(int)
    tagged = daily.negative if daily.negative_marketing is None else daily.negative_marketing
    for index, day in enumerate(daily.dates):
        if daily.collected[index]:
            monday = _monday(day)
            complaints[monday] += float(tagged[index])
            posts[monday] += float(daily.total[index])
            days[monday] += 1
    weeks = sorted(monday for monday, count in days.items() if count == 7)
    return weeks, np.array([complaints[w] for w in weeks]), np.array([posts[w] for w in weeks])


def _unsubscribes(history: History, weeks: Sequence[date]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    place = {week: index for index, week in enumerate(weeks)}
    unsubscribes, delivered = np.zeros(len(weeks)), np.zeros(len(weeks))
    for result in history.results:
        index = place.get(_monday(result.day))
        if index is not None and result.unsubscribes is not None and result.delivered:
            unsubscribes[index] += result.unsubscribes
            delivered[index] += result.delivered
    return unsubscribes, delivered


def _forecast(
    history: History,
    touches: NDArray[np.float64],
    complaints: NDArray[np.float64],
    customers: int,
    seed: int,
) -> PressureForecast | None:
    planned = _planned_sends(history.planned, {})
    if not planned:
        return None
    first = _monday(history.as_of) + timedelta(days=7)
    ahead = [first + timedelta(weeks=number) for number in range(4)]
    plan = touches_by_week(planned, ahead, customers)
    return forecast_complaints(touches, complaints, ahead, plan, seed=seed)
