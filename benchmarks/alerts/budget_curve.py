"""How many harmful stretches are alerted in time, and how many false alerts that costs, by the detector's budget.

Years of the demo's generator with other seeds; the labels are the generator's own, so this measures the rules
and the detector, not the model. Run: python -m benchmarks.alerts.budget_curve [years] [first seed]
"""

from __future__ import annotations

import json
import sys
import tempfile
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import numpy as np

from monitor.demo.company import write_company
from monitor.domain.alerts import AlertOptions, Incident, RuleName
from monitor.domain.incidents import CheckMoment, check
from monitor.domain.series import DailySeries
from monitor.workflow.alert_spikes import detect_days, spike_signals

BUDGETS = (1.0, 2.0, 4.0, 8.0, 12.0, 18.0, 26.0)
RULES = (RuleName.COMPLAINT_SPIKE, RuleName.NEGATIVE_SPIKE)
QUIET_POSTS = 30
EARLY_DAYS = 3


Announcement = tuple[date, bool]
"""The day, and whether it was told again of an older incident."""
Year = tuple[DailySeries, list[tuple[date, date]], list[tuple[date, date]]]


def replay(series: DailySeries, budget: float, rules: tuple[RuleName, ...]) -> list[Announcement]:
    options = AlertOptions()
    told: list[Announcement] = []
    points = {rule: detect_days(series, rule, budget) for rule in rules}
    known: list[Incident] = []
    for day in series.dates[28:]:
        end = datetime.combine(day, time(), tzinfo=UTC)
        signals = [
            signal
            for rule in rules
            for signal in spike_signals(
                [p for p in points[rule] if p.timestamp <= end][-60:], rule, options.rules[rule], day
            )
        ]
        changes = check(known, signals, options, CheckMoment(day, end))
        by_id = {i.id: i for i in known}
        for change in changes:
            number = change.after.id or len(by_id) + 1
            by_id[number] = replace(change.after, id=number)
            if change.loud or (change.visible and change.event in {"raise", "release"}):
                told.append((day, change.loud))
        known = list(by_id.values())
    return told


def year(seed: int) -> Year:
    with tempfile.TemporaryDirectory() as folder:
        write_company(Path(folder) / "demo", seed=seed)
        truth = json.loads((Path(folder) / "demo" / "truth.json").read_text())
    days = tuple(date.fromisoformat(row["date"]) for row in truth["daily"])
    negative = np.array([row["negative"] for row in truth["daily"]])
    marketing = np.array([row["negative_marketing"] for row in truth["daily"]])
    series = DailySeries(days, negative + QUIET_POSTS, negative, marketing, np.ones(len(days), dtype=bool))
    harms = [
        (shows(truth["daily"], *c["window"]), date.fromisoformat(c["window"][1]))
        for c in truth["campaigns"]
        if c["harmful"] and date.fromisoformat(c["window"][0]) > days[28]
    ]
    outages = [(date.fromisoformat(i["start"]), date.fromisoformat(i["end"])) for i in truth["incidents"]]
    return series, harms, outages


def shows(daily: list[dict[str, object]], first: str, last: str) -> date:
    """The first day of the window with a complaint more than usual (a harm nobody wrote about yet cannot be seen)."""
    found = [
        row for row in daily if first <= str(row["date"]) <= last and int(str(row["negative_marketing"])) >= 2
    ]
    return date.fromisoformat(str(found[0]["date"]) if found else first)


def is_about(day: date, first: date, last: date) -> bool:
    """Told for this stretch: what was told long before does not count as its alert."""
    return first - timedelta(days=EARLY_DAYS) <= day <= last + timedelta(days=7)


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    first = int(sys.argv[2]) if len(sys.argv) > 2 else 21
    years = [year(seed) for seed in range(first, first + count)]
    print(f"{len(years)} years, {sum(len(h) for _, h, _ in years)} harmful stretches")
    for rules in ((RuleName.COMPLAINT_SPIKE,), RULES):
        print(" + ".join(rules))
        print(
            "alarms a year | in 1 day | 2 days | 4 days | ever | told a month | of these again | false | outages"
        )
        for budget in BUDGETS:
            print(row(years, budget, rules))


def row(years: list[Year], budget: float, rules: tuple[RuleName, ...]) -> str:
    delays: list[float] = []
    alerts = again = false = outage = months = 0.0
    for series, harms, outages in years:
        told = replay(series, budget, rules)
        months += (len(series.dates) - 28) / 30.44
        alerts += len(told)
        again += sum(is_again for _, is_again in told)
        for first, last in harms:
            days = [max((day - first).days, 0) for day, _ in told if is_about(day, first, last)]
            delays.append(min(days, default=999))
        for day, _ in told:
            if not any(is_about(day, *harm) for harm in harms):
                false += 1
                outage += any(is_about(day, *stretch) for stretch in outages)
    share = [np.mean([d <= limit for d in delays]) for limit in (1, 2, 4, 99)]
    shown = " | ".join(f"{value:.0%}" for value in share)
    rates = " | ".join(f"{value / months:.2f}" for value in (alerts, again, false, outage))
    return f"{budget:g} | {shown} | {rates}"


if __name__ == "__main__":
    main()
