"""The weekly job in one step: sync, score, correlate, report. What cron calls.

Every step finds its work by looking at the database, so a run that was killed anywhere is completed by the
next one, and a second run over the same data writes nothing new.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from models.load import load_scorer
from monitor.domain.weeks import IsoWeek
from monitor.settings import Loaded
from monitor.store.database import Database
from monitor.workflow.about_us import AboutUs
from monitor.workflow.forget import forget_old
from monitor.workflow.jobs import enabled_sources, retention_days, source_jobs
from monitor.workflow.publish import publish_week
from monitor.workflow.score import ScoreSummary, score_posts
from monitor.workflow.steps import Steps
from monitor.workflow.sync import SyncOutcome, note_configured, sync_sources


@dataclass(frozen=True, slots=True)
class RunOutcome:
    """What one run did.

    Attributes:
        week: the week reported.
        outcomes: one a source.
        problems: sources that could not even be opened.
        scores: what was scored.
        files: the report's files, the one to open first first.
        terminal: the report as terminal text.
    """

    week: IsoWeek
    outcomes: Sequence[SyncOutcome]
    problems: Sequence[str]
    scores: ScoreSummary
    files: Sequence[Path]
    terminal: str


def run_once(
    database: Database,
    loaded: Loaded,
    *,
    now: datetime,
    week: IsoWeek | None = None,
    folder: Path | None = None,
    steps: Steps,
) -> RunOutcome:
    """Do the whole weekly job.

    Args:
        database: the caller holds its run lock.
        loaded: the settings.
        now: the run's moment, aware UTC.
        week: the week to report; None takes the last complete one.
        folder: where the report's files go; None takes the settings' folder.
        steps: told what is being done.
    """
    chosen = week or IsoWeek.last_complete(now, loaded.settings.report.zone)
    jobs, problems = source_jobs(loaded)
    steps.begin("reading sources")
    note_configured(database, enabled_sources(loaded))
    outcomes = sync_sources(database, jobs, now=now, progress=steps.source)
    forget_old(database, retention_days(loaded), now=now)
    steps.begin("scoring posts")
    model = loaded.settings.model
    scorer = load_scorer(model.engine, model.id or None)
    scores = score_posts(database, scorer, AboutUs.from_settings(loaded.settings), progress=steps.count)
    steps.begin("writing the report")
    target = folder or loaded.folder / loaded.settings.report.folder
    files, terminal = publish_week(database, loaded, chosen, target, now=now)
    return RunOutcome(chosen, outcomes, problems, scores, files, terminal)
