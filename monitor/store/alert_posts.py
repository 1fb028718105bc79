"""Posts that known accounts of weight wrote: only where the source's policy allows to know the author."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, and_, func, or_, select

from monitor.domain.posts import IdentityPolicy
from monitor.store.posts import AUTHORS, LABELS, POSTS, label_is_current
from monitor.store.sources import SOURCES
from monitor.store.tables import DealRow

DEALS = DealRow.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class AccountPost:
    """A negative post or complaint of a known account; the account's name never leaves the database.

    Attributes:
        weight: sum of the amounts of the account's deals.
    """

    post_id: int
    day: date
    account: str
    weight: float
    complaint: bool


def posts_of_accounts(
    connection: Connection, since: date, until: date, *, minimum_weight: float
) -> list[AccountPost]:
    """Negative posts and complaints about us by accounts whose deals are worth at least `minimum_weight`.

    Args:
        connection: for reading.
        since, until: first and last day.
        minimum_weight: in the currency of the deals.
    """
    account = func.coalesce(POSTS.c.account, AUTHORS.c.account)
    weights = (
        select(DEALS.c.account, func.sum(DEALS.c.amount).label("weight"))
        .where(DEALS.c.account.is_not(None))
        .group_by(DEALS.c.account)
        .having(func.sum(DEALS.c.amount) >= minimum_weight)
        .subquery()
    )
    joined = (
        LABELS.join(POSTS, POSTS.c.id == LABELS.c.post_id)
        .join(SOURCES, SOURCES.c.name == POSTS.c.source)
        .outerjoin(
            AUTHORS, and_(AUTHORS.c.source == POSTS.c.source, AUTHORS.c.external_id == POSTS.c.author_id)
        )
        .join(weights, weights.c.account == account)
    )
    query = (
        select(LABELS.c.post_id, LABELS.c.day, account.label("account"), weights.c.weight, LABELS.c.complaint)
        .select_from(joined)
        .where(LABELS.c.day.between(since, until), LABELS.c.about_us.is_(True), POSTS.c.deleted_at.is_(None))
        .where(or_(LABELS.c.sentiment == "negative", LABELS.c.complaint.is_(True)))
        .where(SOURCES.c.identity_policy == IdentityPolicy.FIRST_PARTY.value, label_is_current())
        .order_by(LABELS.c.day, LABELS.c.post_id)
    )
    return [
        AccountPost(r.post_id, r.day, r.account, float(r.weight), r.complaint)
        for r in connection.execute(query)
    ]
