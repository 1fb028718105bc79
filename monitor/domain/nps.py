"""Net promoter score: single answers, the score with its interval, and dips of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from enum import StrEnum

from monitor.errors import InputError


class NpsGroup(StrEnum):
    """Bain's three groups: 9-10 promoter, 7-8 passive, 0-6 detractor."""

    PROMOTER = "promoter"
    PASSIVE = "passive"
    DETRACTOR = "detractor"


@dataclass(frozen=True, slots=True)
class NpsResponse:
    """One answer to "how likely are you to recommend us?".

    Attributes:
        source: the configured source's name.
        external_id: the survey tool's own id.
        answered_at: when it was answered, aware UTC.
        score: whole number 0..10.
        comment: the free text, "" when there is none.
        respondent_id: the survey tool's or CRM's id of the person; None when anonymous.
        account: the customer account; None when unknown.
        segments: attribute -> value ("product_line" -> "core", "customer_type" -> "enterprise",
            "csm_coverage" -> "dedicated", ...); an absent key means not told.
        survey_id: the survey the answer belongs to; None when not told.
    """

    source: str
    external_id: str
    answered_at: datetime
    score: int
    comment: str = ""
    respondent_id: str | None = None
    account: str | None = None
    segments: Mapping[str, str] = field(default_factory=dict)
    survey_id: str | None = None

    def __post_init__(self) -> None:
        """Refuse a score outside 0..10 and a time without zone.

        Raises:
            InputError: with the value and the answer's id.
        """
        if not 0 <= self.score <= 10:
            raise InputError(
                f"NPS answer {self.external_id!r} has score {self.score!r}: 0 to 10 expected, fix the row"
            )
        if self.answered_at.utcoffset() != UTC.utcoffset(None):
            raise InputError(
                f"NPS answer {self.external_id!r} has the time {self.answered_at.isoformat()}: aware UTC expected"
            )

    @property
    def group(self) -> NpsGroup:
        """Promoter, passive or detractor."""
        if self.score >= 9:
            return NpsGroup.PROMOTER
        return NpsGroup.PASSIVE if self.score >= 7 else NpsGroup.DETRACTOR


@dataclass(frozen=True, slots=True)
class NpsScore:
    """A net promoter score in points (-100..100) with its 95 % interval.

    Attributes:
        score: percent promoters minus percent detractors; None when refused (`reason` says why).
        low, high: ends of the interval; None when refused.
        n, promoters, passives, detractors: counts of answers.
        response_rate: answers / invitations, 0..1; None when the invitations are unknown.
        reason: why no score is given; "" when it is.
    """

    score: float | None
    low: float | None
    high: float | None
    n: int
    promoters: int = 0
    passives: int = 0
    detractors: int = 0
    response_rate: float | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class SegmentScore:
    """One segment's score beside its partially pooled estimate.

    Attributes:
        attribute, value: what defines the segment ("customer_type", "enterprise").
        own: the segment's own score (refused under the minimum n).
        pooled, pooled_low, pooled_high: the score shrunk towards all answers, with its 95 % interval;
            given even where `own` is refused.
        weight: 0..1, how much of `pooled` is the segment's own.
    """

    attribute: str
    value: str
    own: NpsScore
    pooled: float
    pooled_low: float
    pooled_high: float
    weight: float


@dataclass(frozen=True, slots=True)
class DipLink:
    """How well an NPS dip follows one campaign in time; never a claim about cause.

    Attributes:
        campaign_id: `Campaign.external_id`.
        p_value, q_value: one-sided for harm; None when it could not be tested.
        verdict: "likely", "possible", "no sign" or "cannot tell".
        depth, low, high: points lost in the best window after the campaign, with its 95 % interval.
        smallest_detectable: dip in points that would have been found in 80 of 100 cases.
        n: answers in the window after the campaign.
        reason: why "cannot tell"; "" otherwise.
    """

    campaign_id: str
    p_value: float | None
    q_value: float | None
    verdict: str
    depth: float | None = None
    low: float | None = None
    high: float | None = None
    smallest_detectable: float | None = None
    n: int = 0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class NpsDip:
    """A stretch in which the mix-adjusted score lay below its own history.

    Attributes:
        start, end: first and last day, inclusive.
        depth, low, high: points lost (positive = worse) with the 95 % interval.
        n: answers in the stretch.
        p_value: of the whole search over windows, one-sided.
        campaigns: links to campaigns, best first.
    """

    start: date
    end: date
    depth: float
    low: float
    high: float
    n: int
    p_value: float
    campaigns: tuple[DipLink, ...] = ()


@dataclass(frozen=True, slots=True)
class NpsReport:
    """The overall score, its dips, and one link per tested campaign."""

    overall: NpsScore
    dips: tuple[NpsDip, ...] = ()
    links: tuple[DipLink, ...] = ()
    smallest_detectable: float | None = None
    reason: str = ""
