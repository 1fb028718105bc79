"""What pictures show, and what they say of what they leave out."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from monitor.domain.campaigns import Campaign
from monitor.domain.effects import CorrelationReport, EffectEstimate
from reports.build import build_report
from reports.charts import Chart
from reports.charts_campaigns import chart_campaigns
from tests.golden import samples


def _campaigns_picture(verdicts: list[str]) -> Chart:
    """The picture of judged campaigns with these verdicts, the newest first."""
    campaigns, estimates = [], []
    for index, verdict in enumerate(verdicts):
        day = samples.WEEK.end - timedelta(days=14 * (index + 1))
        name = f"K{index:02d}"
        campaigns.append(Campaign("calendar", name, name, day, day, "email", "upsell"))
        estimates.append(
            EffectEstimate(name, "negative_marketing", verdict, rate_ratio=1.2, low=0.8, high=1.8, n=9)  # type: ignore[arg-type]
        )
    facts = replace(samples.busy_facts(), campaigns=tuple(campaigns))
    analysis = replace(
        samples.busy_analysis(), correlation=CorrelationReport("negative_marketing", tuple(estimates))
    )
    report = build_report(
        facts, analysis, samples.busy_words(), samples.redactor(), samples.OPTIONS, now=samples.NOW
    )
    chart = chart_campaigns(report)
    assert chart is not None
    return chart


def test_a_campaign_with_a_sign_of_harm_takes_one_of_the_eighteen_places() -> None:
    """New ones with a sign leave the other places to the newest without one."""
    chart = _campaigns_picture(["likely"] * 4 + ["no sign"] * 16)
    assert [row[0] for row in chart.table.rows] == [f"K{index:02d}" for index in range(18)]


def test_old_campaigns_with_a_sign_of_harm_stay() -> None:
    chart = _campaigns_picture(["no sign"] * 16 + ["possible"] * 4)
    kept = [*range(14), *range(16, 20)]
    assert [row[0] for row in chart.table.rows] == [f"K{index:02d}" for index in kept]


def test_a_picture_that_leaves_campaigns_out_says_how_many() -> None:
    chart = _campaigns_picture(["no sign"] * 16 + ["likely"] * 4)
    assert "Shown are 18 of 20 judged campaigns" in chart.caption


def test_a_picture_of_all_campaigns_says_nothing_of_a_cut() -> None:
    chart = _campaigns_picture(["no sign"] * 10 + ["likely"] * 8)
    assert len(chart.table.rows) == 18
    assert "Shown are" not in chart.caption
