"""Which campaigns of different sources are one campaign.

A plan and a CRM often name the same campaign, and counting it twice takes its verdict away: two campaigns of
the same days cannot be told apart. A wrong merge would cost more than a missing one, so two are one only if
nothing contradicts it; what merely looks alike stays two, and `goodwill doctor` names it.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from monitor.domain.campaigns import Campaign, CampaignResult

_CLOSE = timedelta(days=3)
_SENDS_TOLERANCE = 0.1
_MOST_ALIKE = 50
"""More campaigns of one day and one name than this are no campaign with several names, and stay as they are."""


@dataclass(frozen=True, slots=True)
class CampaignBook:
    """Every campaign once, under an id that no other one has.

    Attributes:
        campaigns: by start day, source and id.
        kept_ids: id that a merged campaign no longer has -> the id it is known by.
        merged: what was taken as one campaign; the first one's id stays.
        renamed: campaigns whose id another one of another source has, under their new id.
        doubtful: pairs that look alike and are counted as two.
    """

    campaigns: tuple[Campaign, ...]
    kept_ids: dict[str, str] = field(default_factory=dict)
    merged: tuple[tuple[Campaign, ...], ...] = ()
    renamed: tuple[Campaign, ...] = ()
    doubtful: tuple[tuple[Campaign, Campaign], ...] = ()


def settle_campaigns(campaigns: Iterable[Campaign]) -> CampaignBook:
    """Find campaigns that several sources name.

    Args:
        campaigns: of any sources, in any order; the result does not depend on it.
    """
    ordered = sorted(campaigns, key=_order)
    groups = _groups(ordered)
    merged = tuple(sorted((group for group in groups if len(group) > 1), key=lambda g: _order(g[0])))
    settled, renamed = _with_own_ids(sorted((_as_one(group) for group in groups), key=_order))
    live = {campaign.external_id for campaign in settled}
    aliases = {c.external_id: group[0].external_id for group in merged for c in group[1:]}
    return CampaignBook(
        tuple(settled),
        {gone: kept for gone, kept in aliases.items() if gone not in live},
        merged,
        tuple(renamed),
        tuple(_look_alike(ordered, merged)),
    )


def settle_results(results: Iterable[CampaignResult], book: CampaignBook) -> Iterator[CampaignResult]:
    """Results under the ids of the book; the same counts of two sources are one result.

    Args:
        results: in a stable order; of two that agree the first is kept.
        book: the campaigns they belong to.
    """
    seen: dict[tuple[str, date, str], list[CampaignResult]] = defaultdict(list)
    for result in results:
        named = replace(result, campaign_id=book.kept_ids.get(result.campaign_id, result.campaign_id))
        alike = seen[named.campaign_id, named.day, named.channel]
        if not any(_same_counts(named, other) for other in alike):
            alike.append(named)
            yield named


def _order(campaign: Campaign) -> tuple[date, str, str]:
    return campaign.start, campaign.source, campaign.external_id


def _name(campaign: Campaign) -> str:
    """The name for comparison; "" when the id stands in for it."""
    name = " ".join(unicodedata.normalize("NFKC", campaign.name).casefold().split())
    return "" if campaign.name == campaign.external_id else name


def _agree(one: Campaign, other: Campaign) -> bool:
    """Whether two campaigns of the same start day are certainly one."""
    names = _name(one), _name(other)
    same = names[0] == names[1] if all(names) else one.external_id == other.external_id
    return same and one.source != other.source and not _contradict(one, other)


def _contradict(one: Campaign, other: Campaign) -> bool:
    for first, second in ((one.channel, other.channel), (one.audience, other.audience)):
        if first and second and first.casefold() != second.casefold():
            return True
    if one.sends is None or other.sends is None:
        return False
    return abs(one.sends - other.sends) > _SENDS_TOLERANCE * max(one.sends, other.sends)


def _groups(ordered: Sequence[Campaign]) -> list[tuple[Campaign, ...]]:
    """Sets of campaigns that are one: all of different sources, and every two of them agree."""
    partners: dict[int, set[int]] = {index: {index} for index in range(len(ordered))}
    for bucket in _buckets(ordered, with_day=True):
        for one in bucket:
            partners[one] |= {other for other in bucket if _agree(ordered[one], ordered[other])}
    groups: list[tuple[Campaign, ...]] = []
    for index, found in partners.items():
        # a group is kept only where all members see the same group, so that none could belong to two
        whole = all(partners[other] == found for other in found)
        sources = {ordered[other].source for other in found}
        if not whole or len(sources) < len(found):
            groups.append((ordered[index],))
        elif index == min(found):
            members = [ordered[other] for other in found]
            groups.append(tuple(sorted(members, key=lambda c: (len(c.external_id), c.external_id, c.source))))
    return groups


def _buckets(ordered: Sequence[Campaign], *, with_day: bool) -> Iterator[list[int]]:
    """Indices of campaigns that share a name or an id (and the start day): only these can be alike."""
    found: dict[tuple[object, ...], list[int]] = defaultdict(list)
    for index, campaign in enumerate(ordered):
        day = campaign.start if with_day else None
        found["id", campaign.external_id, day].append(index)
        if _name(campaign):
            found["name", _name(campaign), day].append(index)
    for bucket in found.values():
        if 1 < len(bucket) <= _MOST_ALIKE and len({ordered[index].source for index in bucket}) > 1:
            yield bucket


def _as_one(group: Sequence[Campaign]) -> Campaign:
    """The campaign that people can read best (the shortest id), with what only the others know."""
    kept = group[0]

    def first(name: str) -> str:
        return next((value for value in (getattr(c, name) for c in group) if value), "")

    return replace(
        kept,
        name=next((c.name for c in group if _name(c)), kept.name),
        end=max(c.end for c in group),
        channel=first("channel"),
        type=first("type"),
        audience=first("audience"),
        sends=next((c.sends for c in group if c.sends is not None), None),
    )


def _with_own_ids(campaigns: Sequence[Campaign]) -> tuple[list[Campaign], list[Campaign]]:
    """Let the earliest campaign keep an id that several sources use; the others' names their source."""
    taken = {campaign.external_id for campaign in campaigns}
    seen: set[str] = set()
    settled, renamed = [], []
    for campaign in campaigns:
        own = campaign
        if campaign.external_id in seen:
            own = replace(campaign, external_id=_free_id(campaign, taken))
            taken.add(own.external_id)
            renamed.append(own)
        seen.add(own.external_id)
        settled.append(own)
    return sorted(settled, key=_order), renamed


def _free_id(campaign: Campaign, taken: set[str]) -> str:
    wanted = f"{campaign.external_id} ({campaign.source})"
    while wanted in taken:
        wanted += "*"
    return wanted


def _look_alike(
    ordered: Sequence[Campaign], merged: Sequence[Sequence[Campaign]]
) -> Iterator[tuple[Campaign, Campaign]]:
    """Pairs of two sources with the same name or id and nearly the same start that were not merged."""
    served: dict[tuple[str, str], set[str]] = defaultdict(set)  # sources a campaign has its counterpart in
    for group in merged:
        for campaign in group:
            served[campaign.source, campaign.external_id] |= {other.source for other in group}
    told: set[tuple[int, int]] = set()
    for bucket in _buckets(ordered, with_day=False):
        for place, index in enumerate(bucket):
            for other in bucket[place + 1 :]:
                first, second = ordered[index], ordered[other]
                near = first.source != second.source and second.start - first.start <= _CLOSE
                found = (
                    second.source in served[first.source, first.external_id]
                    or first.source in served[second.source, second.external_id]
                )
                if near and not found and (index, other) not in told:
                    told.add((index, other))
                    yield first, second


def _same_counts(one: CampaignResult, other: CampaignResult) -> bool:
    counts = ("sent", "delivered", "opens", "clicks", "unsubscribes", "complaints", "bounces")
    pairs = [(getattr(one, name), getattr(other, name)) for name in counts]
    known = [(first, second) for first, second in pairs if first is not None and second is not None]
    return one.source != other.source and bool(known) and all(first == second for first, second in known)
