"""The tutorial tells the truth of the default seed."""

from __future__ import annotations

import re
import tomllib
from datetime import date, timedelta
from pathlib import Path

from monitor.demo.calendar_year import WEEK
from monitor.demo.plan import make_plan
from monitor.demo.settings_file import settings_text

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "tutorial" / "first-report.md").read_text(
    encoding="utf-8"
)


def test_the_tutorials_table_is_what_seed_7_plants() -> None:
    """Ids, names, days and ratios of the harmful campaigns."""
    rows = []
    for campaign in make_plan(7).harmful:
        assert campaign.harm is not None
        first = campaign.start + timedelta(days=campaign.harm.lag_days)
        last = first + timedelta(days=campaign.harm.duration_days - 1)
        start, ratio = campaign.start, campaign.harm.rate_ratio
        rows.append(f"| {campaign.id} | {campaign.name} | {start} | {ratio} | {first} to {last} |")
    assert rows == [row for row in PAGE.splitlines() if re.match(r"\| C\d\d ", row)]


def test_the_tutorials_remarks_hold() -> None:
    """The days and ids named in its list."""
    plan = make_plan(7)
    by_id = {campaign.id: campaign for campaign in plan.campaigns}
    assert by_id["C09"].start <= by_id["C10"].start <= by_id["C09"].end
    assert (by_id["C01"].start - date(2025, 11, 17)).days == 10
    hidden = [incident for incident in plan.incidents if not incident.listed]
    assert [incident.start for incident in hidden] == [date(2026, 7, 8)]
    assert (plan.dip.campaign_id, plan.dip.start, plan.dip.end) == (
        "C06",
        date(2026, 3, 26),
        date(2026, 4, 22),
    )
    assert plan.dip.depth_points == 48
    assert str(WEEK) in PAGE


def test_the_tutorial_names_every_source() -> None:
    """File and kind of each [[sources]] table of the demo's settings."""
    for source in tomllib.loads(settings_text())["sources"]:
        assert re.search(rf"\| `{re.escape(source['path'])}` \|.*\| `{source['kind']}` \|", PAGE), source[
            "name"
        ]
