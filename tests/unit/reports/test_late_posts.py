"""What a report says while some of the week's posts are still to come."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

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
