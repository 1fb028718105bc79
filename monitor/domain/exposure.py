"""What can be said when some customers received a campaign and others did not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from monitor.domain.effects import Verdict

Outcome = Literal["complaints", "negatives", "nps"]

TEMPORAL_NOTE = "No exposed and unexposed customers are compared: every link is one in time only."
"""What a report says when no campaign's audience allows a comparison."""

_POSTS: dict[Outcome, str] = {
    "complaints": "marketing complaints",
    "negatives": "negative posts and complaints",
    "nps": "NPS",
}


@dataclass(frozen=True, slots=True)
class GroupCounts:
    """What was counted in one group: posts, or people asked for NPS (one vote an account).

    Attributes:
        before, after: counts before the campaign and in the days at risk after it.
        accounts: customers in the group, as far as any are known.
    """

    before: int = 0
    after: int = 0
    accounts: int = 0


@dataclass(frozen=True, slots=True)
class ExposureComparison:
    """Exposed against not exposed customers before and after one campaign (difference in differences).

    What moves all customers alike (an outage, a season, a bad week) cancels. What moves the exposed alone
    does not, so nothing is said about cause unless the groups were drawn at random.

    Attributes:
        campaign_id: the calendar's id.
        outcome: "complaints" or "negatives" (effect is a ratio of rate ratios), or "nps" (effect is the change of
            the exposed minus the change of the others, in points; negative is worse).
        verdict: likely, possible, no sign or cannot tell; of harm to the exposed.
        compared: False when it stays with the link in time; `reason` says why.
        p_value, q_value: one-sided for harm; q is Benjamini-Hochberg over the campaigns of one outcome.
        effect, low, high: with the 95 % interval.
        smallest_detectable: ratio, or points lost, found (p <= 5 %) in 80 of 100 cases.
        exposed, unexposed: counts of both groups.
        days_after: days at risk counted from the start.
        randomised: the audience names a hold-out.
        confounded_with: campaigns in the same days that reached the two groups differently.
        reason: why this verdict, in words.
    """

    campaign_id: str
    outcome: Outcome
    verdict: Verdict = "cannot tell"
    compared: bool = False
    p_value: float | None = None
    q_value: float | None = None
    effect: float | None = None
    low: float | None = None
    high: float | None = None
    smallest_detectable: float | None = None
    exposed: GroupCounts = GroupCounts()
    unexposed: GroupCounts = GroupCounts()
    days_after: int = 0
    randomised: bool = False
    confounded_with: tuple[str, ...] = ()
    reason: str = ""

    def sentence(self) -> str:
        """One sentence that a statistician would sign; it never says "caused"."""
        if not self.compared or self.effect is None or self.low is None or self.high is None:
            return f"{self.campaign_id}: temporal only; {self.reason}."
        return f"{self._lead()} {self._size()} ({self._counts()}){self._verdict()}{self._overlap()}; {self._groups()}."

    def _lead(self) -> str:
        return f"In the {self.days_after} days from the start of {self.campaign_id}"

    def _size(self) -> str:
        if self.outcome == "nps":
            return (
                f"NPS of the customers who received it moved by {self.effect:+.0f} points "
                f"({self.low:+.0f} to {self.high:+.0f}) beside that of the others"
            )
        return (
            f"{_POSTS[self.outcome]} of the customers who received it ran {self.effect:.1f} × "
            f"({self.low:.1f}-{self.high:.1f}) the rate that the others' lets expect"
        )

    def _counts(self) -> str:
        unit = "accounts with answers" if self.outcome == "nps" else "posts"
        return (
            f"{unit}: {self.exposed.before} before and {self.exposed.after} after, "
            f"others {self.unexposed.before} and {self.unexposed.after}"
        )

    def _verdict(self) -> str:
        found = "" if self.q_value is None else f", q {100 * self.q_value:.2g} %"
        if self.verdict in {"likely", "possible"}:
            worse = "fell" if self.outcome == "nps" else "rose"
            more = "likely" if self.verdict == "likely" else "possibly"
            return f"; {more} it {worse} more among them{found}"
        if self.verdict == "no sign":
            return f"; no sign of harm{self._seen()}"
        return f"; cannot tell: {self.reason}{self._seen()}"

    def _seen(self) -> str:
        if self.smallest_detectable is None:
            return "; no effect of a plausible size could have been seen"
        if self.outcome == "nps":
            return f"; a loss from {self.smallest_detectable:.0f} points on would probably have been seen"
        return f"; an effect from {self.smallest_detectable:.1f} × would probably have been seen"

    def _overlap(self) -> str:
        return f"; overlaps with {', '.join(self.confounded_with)}" if self.confounded_with else ""

    def _groups(self) -> str:
        if self.randomised:
            return "the others are a hold-out"
        return "who received it was not drawn at random, so the groups may differ in other ways"
