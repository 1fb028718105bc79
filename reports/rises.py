"""Unusual rises in sentences, and how they change an answer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from monitor.domain.findings import DetectionPoint
from monitor.domain.weeks import IsoWeek
from reports.weekly import Level
from reports.wording import day_text, whole


def spike_sentence(points: Sequence[DetectionPoint], week: IsoWeek, what: str) -> str:
    """A sentence on an incident that began in the week or reaches into it; "" when there is none.

    Args:
        points: one a collected day, by day.
        week: the reported week.
        what: what was counted, in words.
    """
    inside = [p for p in points if week.start <= p.timestamp.date() <= week.end]
    alarms = [p for p in inside if p.alarm and p.value >= 2]
    if alarms:
        first = alarms[0]
        return (
            f"An unusual rise of {what} began on {day_text(first.timestamp.date())}: {whole(first.value)} that day, "
            f"about {max(first.expected, 0.1):.2g} a day expected."
        )
    running = [p for p in inside if p.in_incident]
    if not running:
        return ""
    last = running[-1].timestamp
    began = [p.timestamp for p in points if p.alarm and p.timestamp <= last]
    since = f" that began on {day_text(began[-1].date())}" if began else ""
    return (
        f"The unusual rise of {what}{since} {_end_in_words(last.date(), inside[-1].timestamp.date(), week)}."
    )


def _end_in_words(last: date, judged: date, week: IsoWeek) -> str:
    """Whether an incident was over: `last` is its last day in the week, `judged` the last day that was read."""
    if last < judged:
        return f"ended on {day_text(last)}"
    if judged < week.end:
        return f"was not over on {day_text(judged)}, the last day that was read"
    return "was not over at the week's end"


def with_spike(answer: str, level: Level, spike: str) -> tuple[str, Level]:
    """An unusual rise within the week leads the answer where the week as a whole looks usual."""
    if not spike or level is Level.CROSSED:
        return answer, level
    whole_week = (
        answer.removeprefix("No: ")
        .removeprefix("No, fewer than usual: ")
        .removeprefix("Too early to say: ")
        .removeprefix("Too few posts: ")
    )
    return f"{spike} The week as a whole: {whole_week}", Level.WATCH
