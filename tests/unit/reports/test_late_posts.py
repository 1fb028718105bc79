"""What a report says while some of the week's posts are still to come."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from monitor.workflow.weekly import with_unread_days
from reports.build import build_report
from reports.weekly import WeeklyReport
from reports.wording import percent
from tests.golden.samples import NOW, OPTIONS, busy_analysis, busy_facts, busy_words, redactor


def report_with_known(shares: list[float]) -> WeeklyReport:
    """The busy week's report when these shares of its seven days are in; 30 posts a day are."""
    analysis = busy_analysis()
    assert analysis.daily is not None
    analysis = replace(analysis, daily=replace(analysis.daily, known=np.array(shares)))
    return build_report(busy_facts(), analysis, busy_words(), redactor(), OPTIONS, now=NOW)


def test_a_week_with_late_posts_says_how_many_are_to_come() -> None:
    """Half of the last day's 60 posts: 30 of 240 expected ones are missing, one in eight."""
    report = report_with_known([1.0] * 6 + [0.5])
    told = [caveat for caveat in report.sections[0].caveats if "come late" in caveat]
    assert told == [
        (
            f"Posts come late: about {percent(0.125)} of this week's are not in yet, so its counts will rise; "
            "shares hold better."
        )
    ]
    assert f"about {percent(0.125)} of its posts still to come" in report.sections[8].answer


def test_a_week_that_is_all_but_complete_says_nothing() -> None:
    """One post in two hundred is not worth a sentence."""
    report = report_with_known([1.0] * 6 + [0.97])
    assert not [caveat for caveat in report.sections[0].caveats if "come late" in caveat]
    assert "to come" not in report.sections[8].answer


def test_days_without_a_post_where_posts_are_usual_are_told_as_not_read() -> None:
    """The statistics count four days of the week as not collected; no source told of a gap."""
    analysis, facts = busy_analysis(), busy_facts()
    assert analysis.daily is not None
    in_week = [facts.week.start <= day <= facts.week.end for day in analysis.daily.dates]
    assert sum(in_week) == 7
    unread = np.flatnonzero(in_week)[3:]
    daily = analysis.daily
    columns = {
        name: getattr(daily, name).copy() for name in ("total", "negative", "negative_marketing", "collected")
    }
    for column in columns.values():
        column[unread] = 0
    daily = replace(daily, **columns)
    facts = with_unread_days(facts, daily)
    assert facts.weeks[-1].missed_days == 4
    analysis = replace(analysis, daily=daily)
    report = build_report(facts, analysis, busy_words(), redactor(), OPTIONS, now=NOW)
    assert any("On 4 days of this week" in caveat for caveat in report.sections[0].caveats)
    limits = report.sections[8]
    assert "4 days without a post where posts are usual" in limits.answer
    assert any(line.startswith("Nothing came on 12-15 Nov 2026") for line in limits.details)
