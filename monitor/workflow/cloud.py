"""Word-cloud images of one week for review meetings."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from monitor.domain.campaigns import Campaign
from monitor.domain.weeks import IsoWeek
from monitor.settings import Loaded
from monitor.store.database import Database
from monitor.store.records import read_records
from monitor.workflow.files import write_atomically
from monitor.workflow.redaction import build_redactor
from monitor.workflow.weekly_words import PostGroup, compare_words, read_group, term_options
from reports.cloud_plans import week_plan
from reports.cloud_table import cloud_csv
from reports.redact import Redactor
from reports.weekly import WeeklyReport
from reports.wordcloud import MINIMUM_WORDS, SQUARE, WIDE, CloudPlan, Panel, lay_out, png_bytes, svg_text
from reports.wording import counted, days_text
from reports.words import ComparedPost, compare

_BEFORE_DAYS, _AFTER_DAYS, _OLDEST_CAMPAIGN_DAYS, _YOUNGEST_CAMPAIGN_DAYS = 28, 14, 56, 3
_LIMIT = 1500


@dataclass(frozen=True, slots=True)
class CloudOutcome:
    """What was drawn.

    Attributes:
        files: images and the tables behind them.
        notes: why a picture is missing, what a font could not draw.
    """

    files: Sequence[Path]
    notes: Sequence[str]


def draw_clouds(
    database: Database, loaded: Loaded, week: IsoWeek, folder: Path, *, report: WeeklyReport | None = None
) -> CloudOutcome:
    """Draw the week's words, complaints beside other posts, and a campaign's before and after.

    Args:
        database: scored and labelled.
        loaded: the settings.
        week: the week.
        folder: made if it is not there.
        report: the week's report, when it is there already: its words and verdicts are used.
    """
    redactor = build_redactor(database, loaded)
    words = report.words if report else compare_words(database, loaded, week, redactor)
    plans: list[CloudPlan | str] = [
        week_plan(week, words),
        _complaint_plan(database, loaded, week, redactor),
        _campaign_plan(database, loaded, week, redactor, report),
    ]
    files: list[Path] = []
    notes: list[str] = []
    for plan in plans:
        if isinstance(plan, str):
            notes.append(plan)
            continue
        drawn, undrawn = _write(_labelled(plan, loaded), folder)
        files += drawn
        if undrawn:
            notes.append(
                f"{plan.name}: no font here can draw {counted(len(undrawn), 'word')} ({', '.join(undrawn[:5])}); "
                "install Noto Sans with the letters you need."
            )
    return CloudOutcome(files, notes)


def _labelled(plan: CloudPlan, loaded: Loaded) -> CloudPlan:
    if (loaded.folder / "truth.json").is_file():
        return replace(plan, note=f"{plan.note} Synthetic data.")
    return plan


def _write(plan: CloudPlan, folder: Path) -> tuple[list[Path], tuple[str, ...]]:
    files = []
    undrawn: tuple[str, ...] = ()
    for ending, size in (("", WIDE), ("-square", SQUARE)):
        scene = lay_out(plan, size)
        undrawn = scene.undrawn
        for suffix, content in (("png", png_bytes(scene)), ("svg", svg_text(scene).encode("utf-8"))):
            path = folder / f"{plan.name}{ending}.{suffix}"
            write_atomically(path, content)
            files.append(path)
    table = folder / f"{plan.name}.csv"
    write_atomically(table, cloud_csv(plan).encode("utf-8"))
    return [*files, table], undrawn


def _complaint_plan(database: Database, loaded: Loaded, week: IsoWeek, redactor: Redactor) -> CloudPlan | str:
    since = week.shifted(-3).start
    complaints = read_group(
        database, PostGroup(since, week.end, _LIMIT, complaints=True, bad=False), redactor
    )
    others = read_group(database, PostGroup(since, week.end, _LIMIT, complaints=False, bad=False), redactor)
    panels = _pair(loaded, "Marketing complaints", complaints, "All other posts", others)
    if isinstance(panels, str):
        return f"No cloud of complaints beside other posts for {week}: {panels}."
    return CloudPlan(
        f"complaints-and-others-{week}",
        "How marketing complaints differ from all other posts",
        f"Four weeks, {days_text(since, week.end)}",
        panels,
    )


def _campaign_plan(
    database: Database, loaded: Loaded, week: IsoWeek, redactor: Redactor, report: WeeklyReport | None
) -> CloudPlan | str:
    campaign = _campaign(database, week, report)
    if campaign is None:
        return f"No cloud before and after a campaign for {week}: none started in the eight weeks before."
    last = min(campaign.start + timedelta(days=_AFTER_DAYS - 1), week.end)
    first = campaign.start - timedelta(days=_BEFORE_DAYS)
    before = read_group(database, PostGroup(first, campaign.start - timedelta(days=1), _LIMIT), redactor)
    after = read_group(database, PostGroup(campaign.start, last, _LIMIT), redactor)
    panels = _pair(
        loaded,
        "After the start",
        after,
        "Before",
        before,
        groups=("posts after the start", "posts before it"),
    )
    name = redactor.redact(campaign.name or campaign.external_id)
    if isinstance(panels, str):
        return f"No cloud before and after {name}: {panels}."
    slug = re.sub(r"[^a-z0-9]+", "-", campaign.external_id.lower()).strip("-")[:40] or "campaign"
    return CloudPlan(
        f"before-after-{slug}-{week}",
        f"Before and after: {name}"[:80],
        f"Negative posts and complaints, {days_text(campaign.start, last)} against the {_BEFORE_DAYS} days before. "
        "It shows what changed, not why.",
        (panels[1], panels[0]),
    )


def _campaign(database: Database, week: IsoWeek, report: WeeklyReport | None) -> Campaign | None:
    """The campaign whose effect is likeliest among those of the last eight weeks, else the latest one."""
    oldest = week.end - timedelta(days=_OLDEST_CAMPAIGN_DAYS)
    latest = week.end - timedelta(days=_YOUNGEST_CAMPAIGN_DAYS)
    with database.reading() as connection:
        recent = list(read_records(connection, Campaign, since=oldest, until=latest))
    if not recent:
        return None
    rank: dict[str, tuple[int, float]] = {}
    correlation = report.analysis.correlation if report else None
    for estimate in correlation.campaigns if correlation else ():
        order = {"likely": 0, "possible": 1}.get(estimate.verdict, 2)
        rank[estimate.campaign_id] = (order, estimate.q_value if estimate.q_value is not None else 1.0)
    return min(
        recent, key=lambda c: (*rank.get(c.external_id, (2, 1.0)), -c.start.toordinal(), c.external_id)
    )


def _pair(
    loaded: Loaded,
    heading: str,
    posts: Sequence[ComparedPost],
    other_heading: str,
    others: Sequence[ComparedPost],
    groups: tuple[str, str] | None = None,
) -> tuple[Panel, Panel] | str:
    """Each side's own words against the other side; a reason when one side has none.

    Without `groups`, what a reason calls the sides, they are called by their headings.
    """
    options = term_options(loaded)
    group, other_group = groups or (heading.lower(), other_heading.lower())
    first = compare(posts, others, options, group=group)
    second = compare(others, posts, options, group=other_group)
    for side in (first, second):
        if len(side.words) < MINIMUM_WORDS:
            return side.reason or f"only {counted(len(side.words), 'word')} set the {side.group} apart"
    return Panel(heading, first.words, first.posts), Panel(other_heading, second.words, second.posts)
