"""Redactors that know the names in the database, and recognise those that left it."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from monitor.settings import Loaded
from monitor.store import forgotten, queries
from monitor.store.database import Database
from reports.forgotten_names import recognising
from reports.redact import KnownNames, Redactor


def build_redactor(database: Database, loaded: Loaded) -> Redactor:
    """A redactor that knows every author and account of the database, and leaves our own and allowed names in."""
    company = loaded.settings.company
    ours = (*company.our_names, *company.competitors)
    return _redactor(database, ours, tuple(loaded.settings.report.allowed_companies))


def late_redact(database: Database, loaded: Loaded) -> Callable[[str], str]:
    """`build_redactor(...).redact` that reads the names with the first text: most checks have none to show.

    Equal texts are redacted once.
    """

    @cache
    def redactor() -> Redactor:
        return build_redactor(database, loaded)

    @cache
    def redact(text: str) -> str:
        return redactor().redact(text)

    return redact


def build_strict_redactor(database: Database) -> Redactor:
    """A redactor that lets no name stay: for search and export, which go anywhere."""
    return _redactor(database)


def _redactor(database: Database, ours: tuple[str, ...] = (), allowed: tuple[str, ...] = ()) -> Redactor:
    with database.reading() as connection:
        people, accounts = queries.person_names(connection), queries.account_names(connection)
        key, digests = forgotten.read_key(connection), forgotten.read_hashes(connection)
    known = KnownNames.build(people, accounts, ours, allowed)
    return Redactor(recognising(known, key, digests) if key else known)
