"""What the nine answers say."""

from __future__ import annotations

from dataclasses import replace

from monitor.domain.analysis import Analysis
from monitor.domain.weekly import WeeklyFacts
from reports.build import build_report
from reports.figures import basis_text
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
