"""Forget: what one person wrote, and what is older than its source may be kept.

Of the names that go, keyed hashes stay, so that what other people wrote of them is still redacted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.domain.posts import IdentityPolicy
from monitor.errors import InputError
from monitor.store import forgotten, search
from monitor.store import posts as post_store
from monitor.store import records as record_store
from monitor.store import sources as source_store
from monitor.store.database import Database
from monitor.store.forgotten import LostNames
from monitor.store.queries import ReadConnection
from reports.forgotten_names import erased_hashes, name_hashes


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What was forgotten.

    Attributes:
        posts: texts deleted.
        answers: NPS answers that lost their person.
        deals: deals that lost their owner's name.
        name_hashes: keyed hashes that stay, by which the name is hidden in other people's posts.
    """

    posts: int
    answers: int
    deals: int
    name_hashes: int = 0


def forget_person(
    database: Database, source: str, person: str, *, now: datetime, without_trace: bool = False
) -> Forgotten:
    """Delete everything one person wrote in a source, for good; only counts stay.

    Args:
        database: the caller holds its run lock.
        source: a source's name.
        person: the author's (or respondent's) id at that source.
        now: the run's moment, aware UTC.
        without_trace: keep no hashes of the person's names either, nor those of an earlier time.

    Raises:
        InputError: the database knows no such source.
    """
    with database.transaction() as connection:
        known = [stored.name for stored in source_store.read_sources(connection)]
        if source not in known:
            raise InputError(
                f"no source {source!r} was ever read: expected one of {', '.join(known) or 'none yet'}. "
                "`goodwill db sources` lists them."
            )
        lost = LostNames()
        posts = post_store.delete_author(connection, source, person, now=now, lost=lost)
        answers = record_store.forget_respondent(connection, source, person, lost)
        deals = record_store.forget_owner(connection, source, person, lost)
        if without_trace:
            own = lost.people | (lost.accounts & {person})
            forgotten.remove_hashes(connection, _of_names(connection, own))
        else:
            keep_hashes(connection, lost)
        kept = 0 if without_trace else len(_of_names(connection, lost.people | lost.accounts))
        search.purge(connection)
    database.shrink_log()
    return Forgotten(posts, answers, deals, kept)


def keep_hashes(connection: ReadConnection, lost: LostNames) -> None:
    """Keep keyed hashes of names that left, in the transaction that deletes them."""
    if lost.people or lost.accounts:
        key, held = forgotten.make_key(connection), forgotten.read_hashes(connection)
        forgotten.add_hashes(connection, name_hashes(key, lost.people, lost.accounts, held))


def _of_names(connection: ReadConnection, names: set[str], *, words: bool = False) -> frozenset[bytes]:
    """The hashes that stand for these names alone."""
    key = forgotten.read_key(connection)
    held = forgotten.read_hashes(connection) if key else frozenset()
    return erased_hashes(key, held, names, words=words) if key else frozenset()


def erase_traces(database: Database, name: str | None = None) -> int:
    """Erase the keyed hashes of one name, or all of them and the key; returns how many.

    What another forgotten name has in common with it, such as the surname, stays.

    Args:
        database: the caller holds its run lock.
        name: a person's or customer's name as it was, or a word that is part of names; None for all.
    """
    with database.transaction() as connection:
        if name is None:
            count = forgotten.erase_hashes(connection)
        else:
            count = forgotten.remove_hashes(connection, _of_names(connection, {name}, words=True))
    database.shrink_log()
    return count


def forget_old(database: Database, retention_days: Mapping[str, int], *, now: datetime) -> int:
    """Delete what is older than each source's retention period, also of sources that are not read any more.

    Args:
        database: the caller holds its run lock.
        retention_days: source -> days a post may be kept.
        now: the run's moment, aware UTC.

    Returns:
        the number of posts.
    """
    count = 0
    for source, days in sorted(retention_days.items()):
        oldest = now - timedelta(days=days)
        with database.transaction() as connection:
            lost = LostNames()
            count += post_store.delete_older(connection, source, oldest, now=now, lost=lost)
            record_store.forget_older_respondents(connection, source, oldest, lost)
            if source in _first_party(connection):
                keep_hashes(connection, lost)
    return count


def _first_party(connection: ReadConnection) -> set[str]:
    """Sources whose people may be known: elsewhere a name goes with the last post, and nothing stays of it."""
    return {
        stored.name
        for stored in source_store.read_sources(connection)
        if stored.identity_policy is IdentityPolicy.FIRST_PARTY
    }
