"""What the nine answers say."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from monitor.domain.analysis import Analysis
from monitor.domain.findings import DetectionPoint, FlagLevel, RedFlag
from monitor.domain.weekly import WeeklyFacts
from reports.build import build_report
from reports.figures import basis_text
from reports.rises import spike_sentence
from reports.weekly import Section
from tests.golden import samples


def answer(number: int, facts: WeeklyFacts | None = None, analysis: Analysis | None = None) -> Section:
    """One of the nine answers of the busy week, with other facts or statistics where given."""
    report = build_report(
        facts or samples.busy_facts(),
        analysis or samples.busy_analysis(),
        samples.busy_words(),
        samples.redactor(),
        samples.OPTIONS,
        now=samples.NOW,
    )
    return report.sections[number - 1]


def test_posts_in_the_days_at_risk_stand_beside_these_days() -> None:
    """C07 ran on 2-6 November; an effect was looked for in the fourteen days from its start."""
    (figure,) = answer(3).figures
    assert basis_text(figure) == "n = 41 posts in the days at risk; 2-15 Nov 2026; likely"


def test_days_at_risk_that_are_not_known_are_not_told() -> None:
    """A result that an earlier version stored lacks them."""
    analysis = samples.busy_analysis()
    assert analysis.correlation is not None
    likely, quiet = analysis.correlation.campaigns
    older = replace(analysis.correlation, campaigns=(replace(likely, risk_days=0), quiet))
    (figure,) = answer(3, analysis=replace(analysis, correlation=older)).figures
    assert basis_text(figure) == "n = 41 posts in the days at risk; likely"


def points(marks: str, values: dict[int, float] | None = None) -> list[DetectionPoint]:
    """One day a sign, the last on the week's Sunday: "." quiet, "A" an alarm, "i" inside an incident, " " not read."""
    found = []
    for index, mark in enumerate(marks):
        day = samples.WEEK.end - timedelta(days=len(marks) - 1 - index)
        moment, value = datetime.combine(day, time(), tzinfo=UTC), (values or {}).get(index, 5.0)
        judged = DetectionPoint(
            moment, value, 1.0, 0.0, 3.0, 0.5, alarm=mark == "A", in_incident=mark in "Ai"
        )
        found += [judged] if mark != " " else []
    return found


CARRIED = "The unusual rise of complaints that began on 5 Nov 2026"


@pytest.mark.parametrize(
    ("marks", "said"),
    [
        (".Aii iiiiiii", f"{CARRIED} was not over at the week's end."),
        (".Aii iiii...", f"{CARRIED} ended on 12 Nov 2026."),
        (".Aii i......", f"{CARRIED} ended on 9 Nov 2026."),
        (".Aii .......", ""),
        (".Aii ii iiii", f"{CARRIED} was not over at the week's end."),
        (".Aii iiiii  ", f"{CARRIED} was not over on 13 Nov 2026, the last day that was read."),
        ("......iiiiii", "The unusual rise of complaints was not over at the week's end."),
        ("............", ""),
        ("", ""),
    ],
)
def test_a_rise_of_earlier_days_is_over_when_it_ended_within_the_week(marks: str, said: str) -> None:
    """The week is the last seven days; it begins on 9 November."""
    assert spike_sentence(points(marks), samples.WEEK, "complaints") == said


def test_a_rise_that_begins_in_the_week_is_told_first() -> None:
    said = spike_sentence(points(".Aii i...Aii"), samples.WEEK, "complaints")
    assert said.startswith("An unusual rise of complaints began on 13 Nov 2026: 5 that day")


def test_a_faint_beginning_is_dated_by_its_own_alarm() -> None:
    """A first day of one post makes no sentence of its own, but the older incident is not the one that goes on."""
    said = spike_sentence(points(".Aii ....Aii", {9: 1.0}), samples.WEEK, "complaints")
    assert said == "The unusual rise of complaints that began on 13 Nov 2026 was not over at the week's end."


def test_deleted_posts_are_told_for_every_reason_that_deletes_them() -> None:
    """At the source, with `goodwill db forget`, past the retention period: the database keeps only that they are gone."""
    told = [line for line in answer(9).details if "deleted" in line]
    assert told == [
        (
            "3 posts of this week were deleted since (at the source, at a person's request, or because of their "
            "age); the counts stay."
        )
    ]


def complaints_flag(level: FlagLevel) -> RedFlag:
    """Marketing complaints on the scorecard: 7.5 % against an own history of 0-5.9 %."""
    none = FlagLevel.NO_DATA
    return RedFlag(
        "community", "marketing complaints", level, 0.075, 0.045, 0.123, 187, "share", 0.02, 0.0, 0.059, level, "", none,
        "2026-11-09 to 2026-11-15", "7.5 %, beyond the 0 % to 5.9 % that 13 earlier weeks lead to expect",
    )  # fmt: skip


def quiet_facts() -> WeeklyFacts:
    """14 complaints of 187 posts after uneven weeks: within the usual range of answer 2."""
    facts = samples.busy_facts()
    *earlier, week = facts.weeks
    earlier = [
        replace(w, total=187, complaints=2 + 11 * (i % 2), missed_days=0) for i, w in enumerate(earlier)
    ]
    return replace(facts, weeks=(*earlier, replace(week, total=187, complaints=14)))


def scorecard_lines(level: FlagLevel) -> list[str]:
    """What answer 2 says about the scorecard."""
    flags = replace(samples.busy_analysis(), complaint_spikes=(), red_flags=(complaints_flag(level),))
    section = answer(2, quiet_facts(), flags)
    assert section.answer.startswith("No: 14 of 187 posts")
    return [caveat for caveat in section.caveats if "question 8" in caveat]


def test_a_share_that_is_usual_here_and_up_on_the_scorecard_says_why() -> None:
    """Two ranges of one number are told as two."""
    (line,) = scorecard_lines(FlagLevel.CAUTION)
    assert line == (
        "The scorecard of question 8 has the same share as a flag: its own range, 0-5.9 %, comes from up to 13 weeks and is "
        "not widened for small counts, so it warns earlier than the usual range here."
    )


def test_a_share_that_is_usual_on_both_needs_no_such_words() -> None:
    assert scorecard_lines(FlagLevel.OK) == []


def test_the_scorecard_tells_its_own_range_from_the_usual_one_of_other_answers() -> None:
    analysis = replace(samples.busy_analysis(), red_flags=(complaints_flag(FlagLevel.CAUTION),))
    assert any(
        caveat.startswith("The usual range of questions 1, 2 and 5")
        for caveat in answer(8, analysis=analysis).caveats
    )
    assert not any("questions 1, 2 and 5" in caveat for caveat in answer(8).caveats)
