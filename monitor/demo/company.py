"""Write the made-up company's year into a folder."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from monitor.demo.calendar_year import DAYS, FIRST_DAY, LAST_DAY, LAST_MOMENT, WEEK
from monitor.demo.campaign_files import (
    write_calendar,
    write_campaigns,
    write_incidents,
    write_metrics,
    write_results,
)
from monitor.demo.deals import LATE_FROM, LATE_WIN_SHARE, WIN_SHARE, make_deals, write_deal_notes
from monitor.demo.dice import Dice
from monitor.demo.moods import Grumble, Place, expected_levels, grumbles
from monitor.demo.nps_survey import write_nps
from monitor.demo.people import make_people
from monitor.demo.plan import Plan, PlannedCampaign, PlannedIncident, make_plan
from monitor.demo.reddit_dump import RedditDump
from monitor.demo.settings_file import MARK, readme_text, settings_text
from monitor.demo.slack_export import write_slack_export
from monitor.demo.slack_talk import SlackTalk
from monitor.domain.weeks import IsoWeek
from monitor.errors import InputError, UsageError

CUSTOMERS, STAFF, OWNERS = 180, 5, 6
_DATABASE = ("goodwill.db", "goodwill.db-wal", "goodwill.db-shm")


@dataclass(frozen=True, slots=True)
class DemoCompany:
    """What was written.

    Attributes:
        description: a sentence for people.
        last_moment: the moment the run pretends to happen, aware UTC.
        week: the week to report.
        files: the input files.
        counts: file name -> records in it.
    """

    description: str
    last_moment: datetime
    week: IsoWeek
    files: tuple[Path, ...]
    counts: Mapping[str, int]


def write_company(folder: Path, *, seed: int = 7, overwrite: bool = False) -> DemoCompany:
    """Write every input file, goodwill.toml, truth.json and README.txt.

    The same seed gives the same bytes. `overwrite` replaces an earlier demo and its database, nothing else.

    Raises:
        UsageError: the folder holds something already, or holds no demo that could be overwritten.
        InputError: a file cannot be written.
    """
    _make_room(folder, overwrite=overwrite)
    plan = make_plan(seed)
    unhappy = grumbles(plan, seed)
    try:
        counts = _write_files(folder, plan, unhappy, seed)
        _write_text(folder / "goodwill.toml", settings_text())
        _write_text(folder / "truth.json", json.dumps(_truth(plan, unhappy, seed, counts), indent=1) + "\n")
        _write_text(folder / "README.txt", readme_text(seed))
    except OSError as error:
        raise InputError(
            f"cannot write the demo into {folder} ({error.strerror}): make room there, or choose another --dir."
        ) from error
    files = tuple(folder / name for name in (*counts, "goodwill.toml", "truth.json", "README.txt"))
    description = (
        f"Ploverdesk, a made-up helpdesk company with {CUSTOMERS} talkative customers: "
        f"{FIRST_DAY} to {LAST_DAY}, everything synthetic."
    )
    return DemoCompany(description, LAST_MOMENT, WEEK, files, counts)


def _make_room(folder: Path, *, overwrite: bool) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not any(folder.iterdir()):
            return
        readme = folder / "README.txt"
        is_demo = readme.is_file() and readme.read_text(encoding="utf-8", errors="replace").startswith(MARK)
        if not is_demo:
            raise UsageError(f"{folder} is not empty and holds no earlier demo: choose another --dir.")
        if not overwrite:
            raise UsageError(
                f"{folder} holds an earlier demo: write over it with --force, or choose another --dir."
            )
        for name in _DATABASE:
            (folder / name).unlink(missing_ok=True)
    except OSError as error:
        raise InputError(
            f"cannot use the folder {folder} ({error.strerror}): choose another --dir."
        ) from error


def _write_text(path: Path, text: str) -> None:
    path.write_bytes(text.encode())


def _write_files(folder: Path, plan: Plan, unhappy: tuple[Grumble, ...], seed: int) -> dict[str, int]:
    dice = Dice(seed, "people")
    people = make_people(CUSTOMERS + STAFF + OWNERS, "U0DEMO", dice)
    customers, staff = people[:CUSTOMERS], people[CUSTOMERS : CUSTOMERS + STAFF]
    deals = make_deals(seed, people[-OWNERS:])
    talk = SlackTalk(seed, customers, staff).conversations(_at(unhappy, "slack"))
    return {
        "slack-export.zip": write_slack_export(folder / "slack-export.zip", talk, customers, staff, seed),
        "reddit.jsonl": RedditDump(seed).write(folder / "reddit.jsonl", _at(unhappy, "reddit")),
        "deal-notes.csv": write_deal_notes(folder / "deal-notes.csv", deals, _at(unhappy, "deals"), seed),
        "nps.csv": write_nps(folder / "nps.csv", _at(unhappy, "nps"), plan.dip, seed),
        "campaigns.csv": write_campaigns(folder / "campaigns.csv", plan),
        "campaigns.ics": write_calendar(folder / "campaigns.ics", plan),
        "campaign-results.csv": write_results(folder / "campaign-results.csv", plan, seed),
        "incidents.csv": write_incidents(folder / "incidents.csv", plan),
        "metrics.csv": write_metrics(folder / "metrics.csv", plan, seed),
    }


def _at(unhappy: tuple[Grumble, ...], place: Place) -> tuple[Grumble, ...]:
    return tuple(grumble for grumble in unhappy if grumble.place == place)


def _truth(
    plan: Plan, unhappy: tuple[Grumble, ...], seed: int, counts: Mapping[str, int]
) -> dict[str, object]:
    """What was planted, for people who want to check the report against it."""
    negative = Counter(grumble.day for grumble in unhappy)
    marketing = Counter(grumble.day for grumble in unhappy if grumble.is_marketing)
    return {
        "synthetic": True,
        "seed": seed,
        "first_day": FIRST_DAY.isoformat(),
        "last_day": LAST_DAY.isoformat(),
        "week": str(WEEK),
        "records": dict(counts),
        "note": "rate_ratio is of all negative posts, mean over the window; the excess are marketing complaints.",
        "campaigns": [_campaign_truth(campaign, unhappy, seed) for campaign in plan.campaigns],
        "incidents": [_incident_truth(incident) for incident in plan.incidents],
        "nps_dip": {
            "campaign": plan.dip.campaign_id,
            "start": plan.dip.start.isoformat(),
            "end": plan.dip.end.isoformat(),
            "points_lost": plan.dip.depth_points,
            "note": "planted in everyday answers; answers that come with a complaint are low all year, so all lose less",
        },
        "expansion_win_rate": {"before": WIN_SHARE, "from": LATE_FROM.isoformat(), "after": LATE_WIN_SHARE},
        "daily": [
            {"date": day.isoformat(), "negative": negative[day], "negative_marketing": marketing[day]}
            for day in DAYS
        ],
    }


def _campaign_truth(campaign: PlannedCampaign, unhappy: tuple[Grumble, ...], seed: int) -> dict[str, object]:
    truth: dict[str, object] = {
        "id": campaign.id,
        "name": campaign.name,
        "start": campaign.start.isoformat(),
        "end": campaign.end.isoformat(),
        "harmful": campaign.harm is not None,
        "planned": campaign.planned,
        "only_in": "campaigns.ics" if campaign.in_calendar else "campaigns.csv",
    }
    harm = campaign.harm
    if harm is None:
        return truth
    first = campaign.start + timedelta(days=harm.lag_days)
    last = first + timedelta(days=harm.duration_days - 1)
    levels = [level for day, level in expected_levels(seed).items() if first <= day <= last]
    everything = sum(level.product + level.marketing for level in levels)
    complaints = sum(level.marketing for level in levels)
    return truth | {
        "rate_ratio": harm.rate_ratio,
        "marketing_rate_ratio": round(1 + (harm.rate_ratio - 1) * everything / complaints, 2),
        "lag_days": harm.lag_days,
        "duration_days": harm.duration_days,
        "shape": harm.shape,
        "window": [first.isoformat(), last.isoformat()],
        "tags": sorted({heading.split(" ")[0] for heading in harm.tags}),
        "extra_posts_written": sum(grumble.campaign is campaign for grumble in unhappy),
        "nps_dip_follows": harm.nps_dip,
    }


def _incident_truth(incident: PlannedIncident) -> dict[str, object]:
    return {
        "id": incident.id,
        "kind": incident.kind,
        "name": incident.name,
        "start": incident.start.isoformat(),
        "end": incident.end.isoformat(),
        "in_incidents_csv": incident.listed,
    }
