"""Compare customers who received a campaign with those who did not, wherever accounts and audiences allow it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from monitor.domain.campaigns import Campaign
from monitor.domain.exposure import ExposureComparison, GroupCounts, Outcome
from monitor.domain.nps import NpsResponse
from monitor.domain.posts import IdentityPolicy
from monitor.domain.series import DailySeries
from monitor.settings import ReportSettings
from monitor.store.database import Database
from monitor.store.exposed import AccountDay, account_days
from monitor.store.sources import read_sources
from monitor.workflow.audience import (
    Audience,
    Customers,
    know_customers,
    plain,
    plain_segments,
    read_audience,
)
from monitor.workflow.history import History

Groups = NDArray[np.int8]
"""One value a customer: 1 received it, 0 did not, -1 nobody knows."""

_POSTS: tuple[Outcome, ...] = ("complaints", "negatives")
_DIFFERENT_REACH = 0.2
"""Another campaign disturbs a comparison when it reached the two groups' shares this much apart."""


@dataclass(frozen=True, slots=True, eq=False)
class _Posts:
    """Bad posts of known customers as arrays: one row a day and customer.

    Attributes:
        days: (r,) offset from the series' first day; customers: (r,) index into the sorted accounts.
    """

    days: NDArray[np.int64]
    customers: NDArray[np.int64]
    counts: dict[Outcome, NDArray[np.int64]]


@dataclass(frozen=True, slots=True)
class KnownCustomers:
    """What is known by customer.

    Attributes:
        bad_posts: negative posts and complaints a day and customer.
        answers: NPS answers of sources that allow to know who gave them.
    """

    bad_posts: tuple[AccountDay, ...]
    answers: tuple[NpsResponse, ...]


def compare_exposed(
    known: KnownCustomers, history: History, daily: DailySeries | None, settings: ReportSettings
) -> tuple[ExposureComparison, ...]:
    """One comparison of posts a campaign, and one of NPS where answers tell who gave them.

    Args:
        known: what `read_known_customers` found.
        history: campaigns and NPS answers.
        daily: which days were collected; None without posts.
        settings: the report's time zone.

    Returns:
        In the order of the calendar; a campaign that cannot be compared says why ("temporal only").
    """
    if not history.campaigns:
        return ()
    rows, answers = known.bad_posts, known.answers
    customers = know_customers([row.account for row in rows], answers)
    audiences = [read_audience(campaign.audience, customers) for campaign in history.campaigns]
    names = sorted(customers.accounts)
    groups = [_groups(audience, names, customers) for audience in audiences]
    posts = _posts(rows, names, daily)
    about_posts, about_nps = [], []
    for index, (campaign, audience) in enumerate(zip(history.campaigns, audiences, strict=True)):
        rivals = _rivals(index, history.campaigns, groups)
        compared = _compare_posts(campaign, audience, groups[index], posts, daily)
        about_posts.append(replace(compared, confounded_with=rivals if compared.compared else ()))
        if not audience.reason and answers:
            change = _compare_answers(campaign, audience, customers, answers, settings)
            about_nps.append(replace(change, confounded_with=rivals if change.compared else ()))
    return (*_judged(about_posts), *_judged(about_nps))


def read_known_customers(database: Database, history: History, daily: DailySeries | None) -> KnownCustomers:
    """Bad posts and answers of known customers; nothing where no campaign says whom it reached."""
    if not any(campaign.audience for campaign in history.campaigns):
        return KnownCustomers((), ())
    with database.reading() as connection:
        rows = account_days(connection, daily.dates[0], daily.dates[-1]) if daily is not None else []
        policies = {source.name: source.identity_policy for source in read_sources(connection)}
    answers = [
        answer
        for answer in history.answers
        if policies.get(answer.source, IdentityPolicy.FIRST_PARTY) is not IdentityPolicy.FORBIDDEN
        and (answer.account or answer.segments)
    ]
    return KnownCustomers(tuple(rows), tuple(answers))


def _groups(audience: Audience, names: Sequence[str], customers: Customers) -> Groups:
    """(accounts,) group of each account; all unknown without a rule."""
    if audience.reason:
        return np.full(len(names), -1, dtype=np.int8)
    reached = [audience.reached(name, customers.segments.get(name, {})) for name in names]
    return np.array([-1 if known is None else int(known) for known in reached], dtype=np.int8)


def _posts(rows: Sequence[AccountDay], names: Sequence[str], daily: DailySeries | None) -> _Posts:
    first = daily.dates[0].toordinal() if daily is not None else 0
    position = {name: index for index, name in enumerate(names)}
    return _Posts(
        np.array([row.day.toordinal() - first for row in rows], dtype=np.int64),
        np.array([position[plain(row.account)] for row in rows], dtype=np.int64),
        {
            "complaints": np.array([row.complaints for row in rows], dtype=np.int64),
            "negatives": np.array([row.negatives for row in rows], dtype=np.int64),
        },
    )


def _rivals(index: int, campaigns: Sequence[Campaign], groups: Sequence[Groups]) -> tuple[str, ...]:
    """Campaigns with days at risk in common that reached the exposed and the others differently."""
    from monitor.correlate.exposed import RISK_DAYS

    exposed, others = groups[index] == 1, groups[index] == 0
    if not exposed.any() or not others.any():
        return ()
    found = []
    for rival, campaign in enumerate(campaigns):
        near = abs((campaign.start - campaigns[index].start).days) < RISK_DAYS
        reach = groups[rival] == 1
        apart = abs(float(reach[exposed].mean()) - float(reach[others].mean()))
        if rival != index and near and apart > _DIFFERENT_REACH:
            found.append(campaign.external_id)
    return tuple(found)


def _compare_posts(
    campaign: Campaign, audience: Audience, groups: Groups, posts: _Posts, daily: DailySeries | None
) -> ExposureComparison:
    """Complaints, or all negative posts where complaints are too few."""
    from monitor.correlate.exposed import RISK_DAYS, ratio_of_ratios, refusal, stretch_counts

    result = ExposureComparison(
        campaign.external_id, "complaints", days_after=RISK_DAYS, randomised=audience.hold_out
    )
    if audience.reason or daily is None:
        return replace(result, reason=audience.reason or "there are no posts")
    start = (campaign.start - daily.dates[0]).days
    if not 0 <= start < len(daily.dates):
        return replace(result, reason=f"it starts {campaign.start}, outside the data")
    reason = ""
    for outcome in _POSTS:
        sides = [_by_day(posts, outcome, groups == side, len(daily.dates)) for side in (1, 0)]
        counts = stretch_counts(sides[0], sides[1], daily.collected, start)
        refused = refusal(counts)
        if refused:
            reason = reason or refused
            continue
        found = ratio_of_ratios(counts)
        sizes = [
            GroupCounts(int(counts.before[k]), int(counts.after[k]), int((groups == 1 - k).sum()))
            for k in (0, 1)
        ]
        return replace(
            result,
            outcome=outcome,
            compared=True,
            p_value=found.p_value,
            effect=found.ratio,
            low=found.low,
            high=found.high,
            smallest_detectable=found.smallest_detectable,
            exposed=sizes[0],
            unexposed=sizes[1],
        )
    return replace(result, reason=reason)


def _by_day(posts: _Posts, outcome: Outcome, inside: NDArray[np.bool_], days: int) -> NDArray[np.int64]:
    """(days,) posts a day of the customers `inside`."""
    kept = inside[posts.customers] if len(posts.customers) else np.zeros(0, dtype=bool)
    sums = np.bincount(posts.days[kept], weights=posts.counts[outcome][kept], minlength=days)
    return np.rint(sums).astype(np.int64)


def _compare_answers(
    campaign: Campaign,
    audience: Audience,
    customers: Customers,
    answers: Sequence[NpsResponse],
    settings: ReportSettings,
) -> ExposureComparison:
    from monitor.correlate.exposed_nps import LAST_DAY_AFTER, compare_scores
    from monitor.correlate.nps import points

    days, scores, exposed, voters = [], [], [], []
    for number, answer in enumerate(answers):
        account = plain(answer.account or "")
        reached = audience.reached(account, {**customers.segments.get(account, {}), **plain_segments(answer)})
        if reached is not None:
            days.append((answer.answered_at.astimezone(settings.zone).date() - campaign.start).days)
            scores.append(answer.score)
            exposed.append(reached)
            voters.append(account or f"\x1f{number}")
    index = {voter: position for position, voter in enumerate(sorted(set(voters)))}
    found = compare_scores(
        np.array(days, dtype=np.int64),
        points(scores),
        np.array(exposed, dtype=bool),
        np.array([index[voter] for voter in voters], dtype=np.int64),
    )
    result = ExposureComparison(
        campaign.external_id, "nps", days_after=LAST_DAY_AFTER + 1, randomised=audience.hold_out
    )
    if found.change is None:
        return replace(result, reason=found.reason)
    sizes = [
        len({voter for voter, inside in zip(voters, exposed, strict=True) if inside == side})
        for side in (True, False)
    ]
    return replace(
        result,
        compared=True,
        p_value=found.p_value,
        effect=found.change,
        low=found.low,
        high=found.high,
        smallest_detectable=found.smallest_detectable,
        exposed=GroupCounts(found.votes[0], found.votes[1], sizes[0]),
        unexposed=GroupCounts(found.votes[2], found.votes[3], sizes[1]),
    )


def _judged(comparisons: Sequence[ExposureComparison]) -> list[ExposureComparison]:
    """Verdicts with false-discovery control over all campaigns of one kind of outcome."""
    from monitor.correlate.exposed_verdicts import judge
    from monitor.correlate.multiplicity import false_discovery_rates

    q_values = false_discovery_rates([comparison.p_value for comparison in comparisons])
    return [
        comparison if q_value is None else judge(replace(comparison, q_value=q_value), q_value)
        for comparison, q_value in zip(comparisons, q_values, strict=True)
    ]
