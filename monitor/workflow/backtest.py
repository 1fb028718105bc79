"""What the rules would have sent, day by day, and how that compares with what is known to be true.

Every day is judged from what was known on its evening. Spikes are judged daily; verdicts, NPS dips and red
flags, which take the whole correlator, on the days a weekly job would see them and the day after each alarm.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from monitor.domain.alerts import AlertOptions, Incident, IncidentState, RuleName, Signal
from monitor.domain.analysis import Analysis
from monitor.domain.campaigns import Campaign
from monitor.domain.incidents import CheckMoment, check
from monitor.settings import Loaded
from monitor.store import alerts as store
from monitor.store.alert_posts import posts_of_accounts
from monitor.store.database import Database
from monitor.store.records import read_records
from monitor.workflow.alert import last_complete_day
from monitor.workflow.alert_rules import account_window, find_signals
from monitor.workflow.alert_spikes import SPIKE_RULES, judge_spikes
from monitor.workflow.analysis import analyse, daily_series
from monitor.workflow.history import read_history
from monitor.workflow.redaction import late_redact

IN_TIME_DAYS = 2
"""A harmful stretch counts as seen in time when the alert came at most so many days after it began to show."""
_LATE_DAYS = 7
_EARLY_DAYS = 3
_WEEKLY = 0


@dataclass(frozen=True, slots=True)
class Harm:
    """A stretch that is known to have been harmful.

    Attributes:
        first, last: its days; alerted_on: the checked day of the first alert for it, None when there was none.
    """

    name: str
    first: date
    last: date
    alerted_on: date | None = None

    @property
    def delay(self) -> int | None:
        """Days from its first day to the alert."""
        return None if self.alerted_on is None else (self.alerted_on - self.first).days


@dataclass(frozen=True, slots=True)
class BacktestResult:
    """What would have happened.

    Attributes:
        sent: incidents that would have been posted; told_again: (day, incident key) of later notes to the whole
            channel, because a problem came back or got worse; held: those the weekly budget kept back; muted: logged only.
        harms: what the truth file (the demo's) calls harmful, in these weeks; () without such a file.
        known: (incident key, useful) of stored incidents that people acknowledged or muted in these weeks.
        false_alerts: announcements (both kinds) that no known harm explains; None when no truth is known.
    """

    first: date
    last: date
    weeks: int
    sent: tuple[Incident, ...]
    told_again: tuple[tuple[date, str], ...]
    held: int
    muted: int
    harms: tuple[Harm, ...]
    known: tuple[tuple[str, bool], ...]
    false_alerts: int | None
    truth: str

    @property
    def alerts_per_week(self) -> float:
        """Announcements to the channel a week."""
        return (len(self.sent) + len(self.told_again)) / self.weeks

    def document(self) -> dict[str, Any]:
        """As plain values, for JSON."""
        return {
            "first": self.first.isoformat(),
            "last": self.last.isoformat(),
            "weeks": self.weeks,
            "truth": self.truth,
            "sent": [
                {
                    "day": i.opened_on.isoformat(),
                    "posted_on": i.posted_on.isoformat() if i.posted_on else None,
                    "rules": list(i.members),
                    "sentence": i.lead.sentence,
                    "state": i.state.value,
                    "until": i.seen_on.isoformat(),
                }
                for i in self.sent
            ],
            "told_again": [{"day": day.isoformat(), "incident": key} for day, key in self.told_again],
            "held": self.held,
            "muted": self.muted,
            "alerts_per_week": round(self.alerts_per_week, 3),
            "harms": [
                {
                    "name": h.name,
                    "first": h.first.isoformat(),
                    "last": h.last.isoformat(),
                    "alerted_on": h.alerted_on.isoformat() if h.alerted_on else None,
                    "delay_days": h.delay,
                }
                for h in self.harms
            ],
            "judged_by_people": [{"incident": key, "useful": useful} for key, useful in self.known],
            "false_alerts": self.false_alerts,
        }


def backtest(
    database: Database, loaded: Loaded, *, weeks: int, now: datetime, options: AlertOptions | None = None
) -> BacktestResult:
    """Replay the last weeks.

    Args:
        database: scored and labelled.
        loaded: the settings.
        weeks: how many.
        now: the run's moment, aware UTC.
        options: other options than the settings' (to compare budgets and sensitivities).

    Raises:
        InputError: there is nothing to check yet.
    """
    last = last_complete_day(database, loaded, now)
    first = last - timedelta(weeks=weeks) + timedelta(days=1)
    chosen = options or loaded.settings.alerts.options
    incidents, told_again = _replay(database, loaded, first, last, chosen)
    sent = tuple(i for i in incidents if i.posted_on is not None)
    announced = [*(i.posted_on for i in sent if i.posted_on is not None), *(day for day, _ in told_again)]
    harms, truth = _truth(loaded, first, last)
    harms = tuple(_alerted(harm, announced) for harm in harms)
    false = sum(not any(_is_about(day, harm) for harm in harms) for day in announced)
    return BacktestResult(
        first=first,
        last=last,
        weeks=weeks,
        sent=sent,
        told_again=tuple(told_again),
        held=sum(
            i.posted_on is None and IncidentState.MUTED not in {i.state} and not _is_muted(i)
            for i in incidents
        ),
        muted=sum(_is_muted(i) for i in incidents),
        harms=harms,
        known=_judged(database, first, last),
        false_alerts=false if truth else None,
        truth=truth,
    )


def _is_muted(incident: Incident) -> bool:
    return incident.state is IncidentState.MUTED


def _replay(
    database: Database, loaded: Loaded, first: date, last: date, options: AlertOptions
) -> tuple[list[Incident], list[tuple[date, str]]]:
    told_again: list[tuple[date, str]] = []
    days = _Days(database, loaded, last, options)
    known: list[Incident] = []
    for offset in range((last - first).days + 1):
        day = first + timedelta(days=offset)
        moment = CheckMoment(
            day, datetime.combine(day + timedelta(days=1), time(7), tzinfo=UTC), first=offset == 0
        )
        changes = check(known, days.signals(day), options, moment)
        by_id = {i.id: i for i in known}
        for change in changes:
            number = change.after.id or len(by_id) + 1
            by_id[number] = replace(change.after, id=number)
            if change.loud:
                told_again.append((day, change.after.key))
        known = [by_id[number] for number in sorted(by_id)]
    return known, told_again


class _Days:
    """Signals of any day, with the spikes of the whole stretch computed once: they look at the past only."""

    def __init__(self, database: Database, loaded: Loaded, last: date, options: AlertOptions) -> None:
        self._database, self._loaded, self._options = database, loaded, options
        settings = loaded.settings.report
        history = read_history(database, settings, last)
        self._daily = daily_series(history.counts, history.gaps, last, settings)
        self._slow: list[Signal] = []
        with database.reading() as connection:
            self._campaigns = list(read_records(connection, Campaign, until=last))
        self._redact = late_redact(database, loaded)
        self._points = judge_spikes(self._daily, options, self._campaigns)

    def signals(self, day: date) -> list[Signal]:
        """What the rules would have seen on the evening of a day."""
        points = {rule: self._until(rule, day) for rule in SPIKE_RULES}
        if day.weekday() == _WEEKLY or any(p and p[-1].alarm for p in points.values()):
            self._slow = [s for s in self._everything(day) if s.rule not in SPIKE_RULES]
        bare = Analysis(as_of=day, daily=None, correlation=None, nps=None)
        begun = [c for c in self._campaigns if c.start <= day]
        accounts = self._accounts(day)
        spikes = find_signals(bare, begun, accounts, self._options, points, redact=self._redact)
        return [*spikes, *self._slow]

    def _until(self, rule: RuleName, day: date) -> tuple[Any, ...]:
        end = datetime.combine(day, time(), tzinfo=UTC)
        return tuple(point for point in self._points[rule] if point.timestamp <= end)

    def _everything(self, day: date) -> Sequence[Signal]:
        analysis = analyse(self._database, self._loaded.settings.report, day)
        begun = [c for c in self._campaigns if c.start <= day]
        return find_signals(analysis, begun, (), self._options, redact=self._redact)

    def _accounts(self, day: date) -> Sequence[Any]:
        if self._options.account_weight <= 0:
            return ()
        since, until = account_window(day)
        with self._database.reading() as connection:
            return posts_of_accounts(connection, since, until, minimum_weight=self._options.account_weight)


def _truth(loaded: Loaded, first: date, last: date) -> tuple[tuple[Harm, ...], str]:
    """The harmful stretches of the demo's truth file that begin in these days."""
    path = loaded.folder / "truth.json"
    if not path.is_file():
        return (), ""
    stored = json.loads(path.read_text(encoding="utf-8"))
    harms = []
    for campaign in stored.get("campaigns", ()):
        if not campaign.get("harmful") or not campaign.get("window"):
            continue
        begin, end = (date.fromisoformat(day) for day in campaign["window"])
        if first <= begin <= last:
            harms.append(Harm(f"{campaign['id']} {campaign['name']}", begin, min(end, last)))
    return tuple(harms), path.name


def _is_about(day: date, harm: Harm) -> bool:
    """Whether an announcement of that day is about a harm: one that was made long before it is not."""
    return harm.first - timedelta(days=_EARLY_DAYS) <= day <= harm.last + timedelta(days=_LATE_DAYS)


def _alerted(harm: Harm, announced: Sequence[date]) -> Harm:
    days = [max(day, harm.first) for day in announced if _is_about(day, harm)]
    return replace(harm, alerted_on=min(days, default=None))


def _judged(database: Database, first: date, last: date) -> tuple[tuple[str, bool], ...]:
    with database.reading() as connection:
        stored = store.read_incidents(connection)
    return tuple((i.key, i.useful) for i in stored if i.useful is not None and first <= i.opened_on <= last)


def backtest_lines(result: BacktestResult) -> list[str]:
    """The result as a person reads it."""
    lines = [
        f"{result.first} to {result.last}, {result.weeks} weeks, judged day by day from the past alone",
        "",
    ]
    for incident in result.sent:
        when = f"{incident.posted_on}, until {incident.seen_on}"
        lines.append(f"{when}  {', '.join(incident.members)}")
        lines.append(f"    {incident.lead.sentence}")
    held = f"{result.held} held by the weekly budget, {result.muted} muted"
    again = f"{len(result.told_again)} told again because they came back or got worse"
    lines += [
        "",
        f"{len(result.sent)} alerts sent, {again} ({result.alerts_per_week:.2f} a week in all), {held}",
    ]
    if result.truth:
        lines += _truth_lines(result)
    if result.known:
        useful = sum(value for _, value in result.known)
        lines.append(f"your team marked {useful} of {len(result.known)} past incidents as useful")
    if not result.truth and not result.known:
        lines.append(
            "no truth to compare with: acknowledge useful alerts in Slack, mute the others, and look again"
        )
    return lines


def _truth_lines(result: BacktestResult) -> list[str]:
    in_time = sum(h.delay is not None and h.delay <= IN_TIME_DAYS for h in result.harms)
    lines = [
        f"against {result.truth}: {in_time} of {len(result.harms)} harmful stretches alerted within {IN_TIME_DAYS} days"
    ]
    for harm in result.harms:
        told = "no alert" if harm.delay is None else f"alert after {harm.delay} days ({harm.alerted_on})"
        lines.append(f"    {harm.name} ({harm.first} to {harm.last}): {told}")
    months = result.weeks * 7 / 30.44
    false = result.false_alerts or 0
    lines.append(f"    {false} announcements that no harmful stretch explains ({false / months:.2f} a month)")
    return lines
