"""Check everything a run depends on, and say what to do about what is missing."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path

from connectors.base import CheckResult
from monitor.domain.campaign_identity import CampaignBook
from monitor.domain.campaigns import Campaign
from monitor.errors import GoodwillError
from monitor.settings import Loaded
from monitor.store.records import read_campaign_book
from monitor.store.sources import StoredSource, read_sources
from monitor.workflow.jobs import source_jobs
from monitor.workflow.metric_names import unknown_metrics
from monitor.workflow.opening import open_database

_OLDEST_SQLITE = (3, 35, 0)
_SHOWN = 5


def examine(loaded: Loaded, *, now: datetime, offline: bool = False) -> list[CheckResult]:
    """Run every check; none of them raises.

    Args:
        loaded: the settings.
        now: the run's moment, aware UTC.
        offline: leave out the checks that contact a source.
    """
    checks = [*_settings(loaded), _packages(), _sqlite(), *_database(loaded, now), _model(loaded), _font()]
    return [*checks, *_sources(loaded, offline=offline)]


def _settings(loaded: Loaded) -> Iterator[CheckResult]:
    if loaded.path is None:
        yield CheckResult(
            "settings", ok=False, message="no goodwill.toml here: write one with `goodwill init`."
        )
    else:
        yield CheckResult("settings", ok=True, message=f"{loaded.path} is valid")
    for name in loaded.unknown_variables:
        yield CheckResult(
            "environment", ok=False, message=f"{name} means nothing to Goodwill: correct or unset it."
        )
    if not loaded.settings.company.our_names:
        yield CheckResult(
            "company",
            ok=False,
            message="company.name is empty: every post counts as about you until it is set.",
        )


def _packages() -> CheckResult:
    """A folder named models/ in the user's working folder could shadow ours under `python -m`."""
    import models
    import monitor

    ours = Path(monitor.__file__).resolve().parent.parent
    found = Path(models.__file__ or "").resolve().parent.parent
    if found == ours:
        return CheckResult("packages", ok=True, message="Goodwill's own packages are loaded")
    return CheckResult(
        "packages",
        ok=False,
        message=f"another package named 'models' is loaded from {found}: start Goodwill with its `goodwill` command.",
    )


def _sqlite() -> CheckResult:
    version = sqlite3.sqlite_version
    ok = sqlite3.sqlite_version_info >= _OLDEST_SQLITE
    return CheckResult(
        "sqlite", ok=ok, message=version if ok else f"{version} is too old: 3.35 or newer is needed."
    )


def _database(loaded: Loaded, now: datetime) -> Iterator[CheckResult]:
    try:
        with open_database(loaded) as database:
            yield CheckResult(
                "database", ok=True, message=f"{database.shown_url} is open and at this version's schema"
            )
            with database.reading() as connection:
                stored = read_sources(connection)
                book = read_campaign_book(connection)
    except GoodwillError as error:
        yield CheckResult("database", ok=False, message=str(error))
        return
    configured = {source.name: source.enabled for source in loaded.settings.sources}
    for source in stored:
        yield _last_success(source, configured, now)
    yield from _campaigns(book)


def _last_success(source: StoredSource, configured: Mapping[str, bool], now: datetime) -> CheckResult:
    """When a source was last read completely; of one that is not read any more this is no problem."""
    read = "never" if source.last_success_at is None else f"{(now - source.last_success_at).days} days ago"
    if not configured.get(source.name, False):
        why = "switched off in goodwill.toml" if source.name in configured else "not in goodwill.toml"
        message = f"{read}; {why}, so nothing new comes from it. What was read stays in the report."
        return CheckResult(f"last success of {source.name}", ok=True, message=message)
    if source.last_success_at is None:
        read = "never: run `goodwill sync`."
    return CheckResult(f"last success of {source.name}", ok=source.last_success_at is not None, message=read)


def _campaigns(book: CampaignBook) -> Iterator[CheckResult]:
    """Whether sources name the same campaigns."""
    if book.merged:
        count = "one campaign is" if len(book.merged) == 1 else f"{len(book.merged)} campaigns are"
        message = f"{count} named by several sources and counted once"
        yield CheckResult("campaigns", ok=True, message=message)
    for campaign in book.renamed[:_SHOWN]:
        message = f"{campaign.external_id!r} shares its id with another campaign, so its source stands behind the id"
        yield CheckResult("campaigns", ok=True, message=message)
    for first, second in book.doubtful[:_SHOWN]:
        yield CheckResult("campaigns", ok=False, message=_doubt(first, second))
    if len(book.doubtful) > _SHOWN:
        message = f"{len(book.doubtful) - _SHOWN} more pairs look alike"
        yield CheckResult("campaigns", ok=False, message=message)


def _doubt(first: Campaign, second: Campaign) -> str:
    named = [f"{c.name!r} ({c.external_id}, {c.start}) of {c.source}" for c in (first, second)]
    return (
        f"{' and '.join(named)} look like one campaign but are counted as two: leave one out, or make their names "
        "and days agree."
    )


def _model(loaded: Loaded) -> CheckResult:
    from models.load import load_scorer

    settings = loaded.settings.model
    try:
        scorer = load_scorer(settings.engine, settings.id or None)
    except GoodwillError as error:
        return CheckResult("model", ok=False, message=str(error))
    return CheckResult("model", ok=True, message=f"{scorer.model_id} is whole and loads")


def _font() -> CheckResult:
    from reports.fonts import missing_scripts

    missing = missing_scripts("aя")
    if not missing:
        return CheckResult("fonts", ok=True, message="Latin and Cyrillic can be drawn")
    return CheckResult("fonts", ok=False, message=f"no font for {', '.join(missing)}: install DejaVu Sans.")


def _sources(loaded: Loaded, *, offline: bool) -> Iterator[CheckResult]:
    try:
        jobs, problems = source_jobs(loaded)
    except GoodwillError as error:
        yield CheckResult("secrets", ok=False, message=str(error))
        return
    for line in problems:
        yield CheckResult("source", ok=False, message=line)
    if not loaded.settings.sources:
        yield CheckResult(
            "sources", ok=False, message="none is configured: add [[sources]] tables to goodwill.toml."
        )
    yield from _metric_names(loaded)
    if offline:
        return
    for job in jobs:
        for check in job.connector.check():
            yield CheckResult(f"{job.connector.name}: {check.name}", ok=check.ok, message=check.message)


def _metric_names(loaded: Loaded) -> Iterator[CheckResult]:
    """Whether the scorecard knows the metrics that `values` names."""
    for source in loaded.settings.sources:
        values = source.options.get("values") if source.kind == "metrics" and source.enabled else None
        for unknown in unknown_metrics(map(str, values) if isinstance(values, Mapping) else ()):
            advice = " Correct it in `values`." if unknown.meant else ""
            yield CheckResult(
                f"{source.name}: values", ok=not unknown.meant, message=f"{unknown.hint}{advice}"
            )
