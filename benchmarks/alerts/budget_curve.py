"""How many harmful stretches are alerted in time, and how many false alerts that costs, by the detector's budget.

Years of the demo's generator with other seeds; the labels are the generator's own, so this measures the rules
and the detector, not the model. Run: python -m benchmarks.alerts.budget_curve [years] [first seed]
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from monitor.demo.company import write_company
from monitor.domain.alerts import AlertOptions, Incident, IncidentState, RuleName, Sensitivity
from monitor.domain.campaigns import Campaign
from monitor.domain.findings import DetectionPoint
from monitor.domain.incidents import CheckMoment, check
from monitor.domain.series import DailySeries
from monitor.workflow.alert_spikes import ALARMS_A_YEAR, SPIKE_RULES, days_near, detect_days, spike_signals

BUDGETS = (2.0, 4.0, 6.0, 8.0, 11.0, 16.0)
QUIET_POSTS = 30
EARLY_DAYS, LATE_DAYS = 3, 7
HISTORY_DAYS = 28
REMEMBERED_DAYS = 60
NEGATIVE_SHARE = (
    ALARMS_A_YEAR[RuleName.NEGATIVE_SPIKE][Sensitivity.BALANCED]
    / ALARMS_A_YEAR[RuleName.COMPLAINT_SPIKE][Sensitivity.BALANCED]
)
Points = Mapping[RuleName, Sequence[DetectionPoint]]
Stretch = tuple[date, date]
Announcement = tuple[date, bool]
"""The day, and whether it was told again of an older incident."""


@dataclass(frozen=True)
class Year:
    """One generated year: its posts, what was planted, and its campaigns, harmful ones by themselves."""

    series: DailySeries
    harms: list[Stretch]
    outages: list[Stretch]
    harmless: list[Campaign]
    harmful: list[Campaign]


def year(seed: int) -> Year:
    with tempfile.TemporaryDirectory() as folder:
        write_company(Path(folder) / "demo", seed=seed)
        truth = json.loads((Path(folder) / "demo" / "truth.json").read_text())
    days = tuple(date.fromisoformat(row["date"]) for row in truth["daily"])
    negative = np.array([row["negative"] for row in truth["daily"]])
    marketing = np.array([row["negative_marketing"] for row in truth["daily"]])
    harms = [
        (shows(truth["daily"], *c["window"]), date.fromisoformat(c["window"][1]))
        for c in truth["campaigns"]
        if c["harmful"] and date.fromisoformat(c["window"][0]) > days[HISTORY_DAYS]
    ]
    sent = [c for c in truth["campaigns"] if not c["planned"]]
    return Year(
        DailySeries(days, negative + QUIET_POSTS, negative, marketing, np.ones(len(days), dtype=bool)),
        harms,
        [(date.fromisoformat(i["start"]), date.fromisoformat(i["end"])) for i in truth["incidents"]],
        [campaign(c) for c in sent if not c["harmful"]],
        [campaign(c) for c in sent if c["harmful"]],
    )


def campaign(row: Mapping[str, Any]) -> Campaign:
    start, end = date.fromisoformat(row["start"]), date.fromisoformat(row["end"])
    return Campaign("truth", row["id"], row["name"], start, end)


def shows(daily: list[dict[str, object]], first: str, last: str) -> date:
    """The first day of the window with a complaint more than usual (a harm nobody wrote about yet cannot be seen)."""
    found = [
        row for row in daily if first <= str(row["date"]) <= last and int(str(row["negative_marketing"])) >= 2
    ]
    return date.fromisoformat(str(found[0]["date"]) if found else first)


def replay(points: Points, days: Sequence[date]) -> list[Announcement]:
    """What the channel is told, day by day."""
    options = AlertOptions()
    told: list[Announcement] = []
    known: dict[int, Incident] = {}
    for index, day in enumerate(days[HISTORY_DAYS:], HISTORY_DAYS):
        signals = [
            signal
            for rule, judged in points.items()
            for signal in spike_signals(
                judged[max(0, index - REMEMBERED_DAYS) : index + 1], rule, options.rules[rule], day
            )
        ]
        moment = CheckMoment(day, datetime.combine(day, time(), tzinfo=UTC))
        for change in check(list(known.values()), signals, options, moment):
            number = change.after.id or max(known, default=0) + 1
            known[number] = replace(change.after, id=number)
            if change.loud or (change.visible and change.event in {"raise", "release"}):
                told.append((day, change.loud))
        known = {number: i for number, i in known.items() if not is_forgotten(i, day)}
    return told


def is_forgotten(incident: Incident, day: date) -> bool:
    """Nothing can bring it back."""
    ended = incident.resolved_on if incident.state is IncidentState.RESOLVED else None
    return ended is not None and (day - ended).days > REMEMBERED_DAYS


def is_about(day: date, first: date, last: date) -> bool:
    """Told for this stretch: what was told long before does not count as its alert."""
    return first - timedelta(days=EARLY_DAYS) <= day <= last + timedelta(days=LATE_DAYS)


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    first = int(sys.argv[2]) if len(sys.argv) > 2 else 21
    years = [year(seed) for seed in range(first, first + count)]
    print(f"{len(years)} years, {sum(len(y.harms) for y in years)} harmful stretches")
    calendars = {
        "every campaign in the calendar": [days_near([*y.harmless, *y.harmful]) for y in years],
        "the harmful ones missing in it": [days_near(y.harmless) for y in years],
        "no calendar": [frozenset[date]() for _ in years],
    }
    for title, near in calendars.items():
        print(title)
        print(
            "alarms a year | in 1 day | 2 days | 4 days | ever | told a month | of these again | false | outages"
        )
        for budget in BUDGETS:
            print(row(years, near, budget), flush=True)


def row(years: Sequence[Year], near: Sequence[frozenset[date]], budget: float) -> str:
    delays: list[float] = []
    alerts = again = false = outage = months = 0.0
    budgets = dict(zip(SPIKE_RULES, (budget, budget * NEGATIVE_SHARE), strict=True))
    for one, days in zip(years, near, strict=True):
        points = {rule: detect_days(one.series, rule, budgets[rule], days) for rule in SPIKE_RULES}
        told = replay(points, one.series.dates)
        months += (len(one.series.dates) - HISTORY_DAYS) / 30.44
        alerts += len(told)
        again += sum(is_again for _, is_again in told)
        for first, last in one.harms:
            found = [max((day - first).days, 0) for day, _ in told if is_about(day, first, last)]
            delays.append(min(found, default=999))
        for day, _ in told:
            if not any(is_about(day, *harm) for harm in one.harms):
                false += 1
                outage += any(is_about(day, *stretch) for stretch in one.outages)
    share = [np.mean([d <= limit for d in delays]) for limit in (1, 2, 4, 99)]
    shown = " | ".join(f"{value:.0%}" for value in share)
    rates = " | ".join(f"{value / months:.2f}" for value in (alerts, again, false, outage))
    return f"{budget:g} | {shown} | {rates}"


if __name__ == "__main__":
    main()
