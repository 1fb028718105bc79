"""Check everything a run depends on, and say what to do about what is missing."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from connectors.base import CheckResult
from monitor.errors import GoodwillError
from monitor.settings import Loaded
from monitor.workflow.jobs import source_jobs
from monitor.workflow.opening import open_database

_OLDEST_SQLITE = (3, 35, 0)


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
    from monitor.store.sources import read_sources

    try:
        with open_database(loaded) as database:
            yield CheckResult(
                "database", ok=True, message=f"{database.shown_url} is open and at this version's schema"
            )
            with database.reading() as connection:
                stored = read_sources(connection)
    except GoodwillError as error:
        yield CheckResult("database", ok=False, message=str(error))
        return
    for source in stored:
        if source.last_success_at is None:
            yield CheckResult(
                f"last success of {source.name}", ok=False, message="never: run `goodwill sync`."
            )
        else:
            days = (now - source.last_success_at).days
            yield CheckResult(f"last success of {source.name}", ok=True, message=f"{days} days ago")


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
    if offline:
        return
    for job in jobs:
        for check in job.connector.check():
            yield CheckResult(f"{job.connector.name}: {check.name}", ok=check.ok, message=check.message)
