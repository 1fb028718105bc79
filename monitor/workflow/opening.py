"""Open the database that the settings name."""

from __future__ import annotations

from pathlib import Path

from monitor.settings import Loaded
from monitor.store.database import Database
from monitor.store.sources import read_sources


def holds_data(loaded: Loaded) -> bool:
    """Whether anything was ever read into the configured database; a file that is not there is not made.

    Raises:
        ConfigurationError, StoreError: it cannot be opened.
    """
    file = loaded.database_url.removeprefix("sqlite:///")
    if file != loaded.database_url and not Path(file).exists():
        return False
    with open_database(loaded) as database, database.reading() as connection:
        return bool(read_sources(connection))


def open_database(loaded: Loaded) -> Database:
    """The configured database, migrated to this version.

    Where no settings are found, days stay counted in the zone they are counted in: looking at a database from
    another folder must not change it.

    Raises:
        ConfigurationError, StoreError: it cannot be opened.
    """
    report = loaded.settings.report
    given = loaded.path is not None or "time_zone" in report.model_fields_set
    return Database(loaded.database_url, time_zone=report.zone if given else None)
