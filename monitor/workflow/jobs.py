"""Turn the configured sources into connectors."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from monitor.errors import GoodwillError, UsageError
from monitor.settings import Loaded, read_secrets
from monitor.workflow.sync import SourceJob


def source_jobs(loaded: Loaded, names: Sequence[str] = ()) -> tuple[list[SourceJob], list[str]]:
    """Open the connectors of the enabled sources.

    Args:
        loaded: the settings.
        names: only these sources; empty means all enabled ones.

    Returns:
        the jobs, and one line for every source that cannot be opened (the others still run).

    Raises:
        UsageError: a name that is not configured.
    """
    from connectors.registry import build_connector

    known = {source.name for source in loaded.settings.sources}
    for name in names:
        if name not in known:
            raise UsageError(
                f"there is no source {name!r}: expected {', '.join(sorted(known)) or 'one in goodwill.toml'}."
            )
    secrets = {name: value.get_secret_value() for name, value in read_secrets(loaded.folder).items()}
    jobs: list[SourceJob] = []
    problems: list[str] = []
    for source in loaded.settings.sources:
        if (names and source.name not in names) or (not names and not source.enabled):
            continue
        try:
            connector = build_connector(
                source.kind, source.name, source.options, base_folder=loaded.folder, secrets=secrets
            )
        except GoodwillError as error:
            problems.append(f"{source.name}: {error}")
            continue
        jobs.append(SourceJob(connector, source.retention_days))
    return jobs, problems


def enabled_sources(loaded: Loaded) -> list[str]:
    """Names of the sources that the settings read."""
    return [source.name for source in loaded.settings.sources if source.enabled]


def retention_days(loaded: Loaded) -> dict[str, int]:
    """Source -> days its posts may be kept, disabled sources too; sources without a limit are absent."""
    return {s.name: s.retention_days for s in loaded.settings.sources if s.retention_days is not None}


def file_job(kind: str, path: Path, name: str, options: dict[str, object]) -> SourceJob:
    """One job that imports a file once, as `goodwill import` asks for it.

    Raises:
        ConfigurationError: the kind is unknown or an option is wrong.
    """
    from connectors.registry import build_connector

    given = {"path": str(path.resolve()), **options}
    return SourceJob(build_connector(kind, name, given, base_folder=path.resolve().parent, secrets={}))
