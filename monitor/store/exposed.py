"""Negative posts and complaints a day of known customers: only where the source's policy allows to know the author."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, and_, case, func, or_, select

from monitor.domain.posts import IdentityPolicy
from monitor.store.posts import AUTHORS, LABELS, POSTS
from monitor.store.sources import SOURCES


@dataclass(frozen=True, slots=True)
class AccountDay:
    """Bad posts about us of one customer on one day; the account's name never leaves the database unredacted.

    Attributes:
        complaints: marketing complaints; negatives: those and every other negative post.
    """

    day: date
    account: str
    complaints: int
    negatives: int


def account_days(connection: Connection, since: date, until: date) -> list[AccountDay]:
    """Bad posts a day and customer, first-party sources only; days without such posts are absent.

    Args:
        connection: for reading.
        since, until: first and last day.
    """
    account = func.coalesce(POSTS.c.account, AUTHORS.c.account)
    same_author = and_(AUTHORS.c.source == POSTS.c.source, AUTHORS.c.external_id == POSTS.c.author_id)
    joined = (
        LABELS.join(POSTS, POSTS.c.id == LABELS.c.post_id)
        .join(SOURCES, SOURCES.c.name == POSTS.c.source)
        .outerjoin(AUTHORS, same_author)
    )
    complaints = func.sum(case((LABELS.c.complaint.is_(True), 1), else_=0))
    query = (
        select(
            LABELS.c.day, account.label("account"), complaints.label("complaints"), func.count().label("n")
        )
        .select_from(joined)
        .where(LABELS.c.day.between(since, until), LABELS.c.about_us.is_(True), POSTS.c.deleted_at.is_(None))
        .where(or_(LABELS.c.sentiment == "negative", LABELS.c.complaint.is_(True)))
        .where(SOURCES.c.identity_policy == IdentityPolicy.FIRST_PARTY.value, account.is_not(None))
        .group_by(LABELS.c.day, account)
        .order_by(LABELS.c.day, account)
    )
    return [
        AccountDay(row.day, row.account, int(row.complaints), int(row.n)) for row in connection.execute(query)
    ]
