"""Reads of the daily counts: sums that stay fast at a million posts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, Table, case, func, select

from monitor.store.labels import DAILY_COUNTS
from monitor.store.posts import LABELS, POSTS
from monitor.store.tables import DealRow

DEALS: Table = DealRow.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class DayCount:
    """Labelled posts of one day (and source or tag, where grouped by it).

    Attributes:
        negative: negative in mood; negative_or_complaint: those and every marketing complaint.
        unsure: the model was not confident; unmeasured: in a language it was never measured on.
    """

    day: date
    total: int
    negative: int
    neutral: int
    positive: int
    complaints: int
    negative_or_complaint: int
    unsure: int
    unmeasured: int
    source: str = ""
    tag: str = ""


_SUMS = (
    "total",
    "negative",
    "neutral",
    "positive",
    "complaints",
    "negative_or_complaint",
    "unsure",
    "unmeasured",
)


def daily_counts(
    connection: Connection,
    since: date,
    until: date,
    *,
    about_us: bool = True,
    by_source: bool = False,
    by_tag: bool = False,
) -> list[DayCount]:
    """Counts a day from `since` to `until` inclusive; days without posts are absent.

    Args:
        about_us: posts about us, or (False) all the others.
        by_source: one row a day and source.
        by_tag: one row a day and complaint tag instead of all posts.
    """
    groups = [DAILY_COUNTS.c.day]
    groups += [DAILY_COUNTS.c.source] if by_source else []
    groups += [DAILY_COUNTS.c.tag] if by_tag else []
    query = (
        select(*groups, *(func.sum(DAILY_COUNTS.c[name]).label(name) for name in _SUMS))
        .where(DAILY_COUNTS.c.day.between(since, until), DAILY_COUNTS.c.about_us == about_us)
        .where(DAILY_COUNTS.c.tag != "" if by_tag else DAILY_COUNTS.c.tag == "")
        .group_by(*groups)
        .order_by(*groups)
    )
    return [
        DayCount(
            day=row[0],
            **dict(zip(_SUMS, map(int, row[len(groups) :]), strict=True)),
            source=row.source if by_source else "",
            tag=row.tag if by_tag else "",
        )
        for row in connection.execute(query).all()
    ]


def first_and_last_day(connection: Connection) -> tuple[date, date] | None:
    """The span of labelled posts; None when there is none."""
    row = connection.execute(select(func.min(DAILY_COUNTS.c.day), func.max(DAILY_COUNTS.c.day))).one()
    return None if row[0] is None else (row[0], row[1])


def deal_note_counts(
    connection: Connection, since: date, until: date, deal_type: str
) -> list[tuple[date, int, int]]:
    """(day, notes, negative notes) of deals of one type, days without notes absent."""
    negative = func.sum(case((LABELS.c.sentiment == "negative", 1), else_=0))
    same_deal = (DEALS.c.source == POSTS.c.source) & (DEALS.c.external_id == POSTS.c.deal_id)
    sources = [row[0] for row in connection.execute(select(DEALS.c.source).distinct())]
    # A note and its deal come from one source, whose posts are found by the index of identities; the function
    # keeps the database from reading all posts of the stretch by the index of days instead.
    day = func.coalesce(POSTS.c.day, POSTS.c.day)
    query = (
        select(POSTS.c.day, func.count(), negative)
        .select_from(POSTS.join(LABELS, LABELS.c.post_id == POSTS.c.id).join(DEALS, same_deal))
        .where(POSTS.c.source.in_(sources), day.between(since, until))
        .where(LABELS.c.kind == "deal_note", DEALS.c.type == deal_type)
        .group_by(POSTS.c.day)
        .order_by(POSTS.c.day)
    )
    return [(row[0], int(row[1]), int(row[2])) for row in connection.execute(query)]
