"""Forget: what one person wrote, and what is older than its source may be kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.errors import InputError
from monitor.store import posts as post_store
from monitor.store import records as record_store
from monitor.store import search
from monitor.store import sources as source_store
from monitor.store.database import Database


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What was forgotten.

    Attributes:
        posts: texts deleted.
        answers: NPS answers that lost their person.
        deals: deals that lost their owner's name.
    """

    posts: int
    answers: int
    deals: int


def forget_person(database: Database, source: str, person: str, *, now: datetime) -> Forgotten:
    """Delete everything one person wrote in a source, for good; only counts stay.

    Args:
        database: the caller holds its run lock.
        source: a source's name.
        person: the author's (or respondent's) id at that source.
        now: the run's moment, aware UTC.

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
        posts = post_store.delete_author(connection, source, person, now=now)
        answers = record_store.forget_respondent(connection, source, person)
        deals = record_store.forget_owner(connection, source, person)
        search.purge(connection)
    database.shrink_log()
    return Forgotten(posts, answers, deals)


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
            count += post_store.delete_older(connection, source, oldest, now=now)
            record_store.forget_older_respondents(connection, source, oldest)
    return count
