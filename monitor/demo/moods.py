"""How many unhappy posts each day brings, where they are written, and what they are about."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

from monitor.demo.calendar_year import DAYS, rhythm
from monitor.demo.dice import Dice
from monitor.demo.plan import Plan, PlannedCampaign, PlannedIncident

Place = Literal["slack", "reddit", "nps", "deals"]
PLACES: tuple[tuple[Place, float], ...] = (("slack", 0.5), ("reddit", 0.16), ("nps", 0.2), ("deals", 0.14))

_PRODUCT, _PRODUCT_WEEKEND = 1.8, 0.3
_MARKETING, _MARKETING_WEEKEND = 0.85, 0.35
_PERSISTENCE, _SPREAD = 0.93, 0.28  # of the latent level, on the log scale
_USUAL_COMPLAINTS = (
    ("too_many_messages email", 5.0), ("cannot_unsubscribe email", 3.0), ("irrelevant email", 3.0),
    ("pushy_sales call", 2.0), ("pushy_sales email", 3.0), ("in_app_interruption in_app", 4.0),
    ("unsolicited_contact email", 1.5), ("misleading_promo email", 2.0), ("privacy email", 1.5),
    ("discount_promo email", 1.5), ("other_marketing event", 1.0), ("other_marketing community", 1.0),
    ("other_marketing social", 0.8), ("other_marketing email", 1.0), ("irrelevant ads", 0.7),
    ("too_many_messages push", 0.8), ("in_app_interruption push", 0.5),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Grumble:
    """One unhappy post to be written.

    Attributes:
        heading: deck of complaint texts ("<tag> <channel>") or of product trouble.
        campaign: what the complaint is about; None for everyday ones.
    """

    day: date
    place: Place
    heading: str
    is_marketing: bool
    campaign: PlannedCampaign | None = None

    @property
    def tag(self) -> str:
        """The complaint's tag; "" for product trouble."""
        return self.heading.split(" ")[0] if self.is_marketing else ""


@dataclass(frozen=True, slots=True)
class Expected:
    """Expected posts of one day without any campaign or incident."""

    product: float
    marketing: float


def expected_levels(seed: int) -> dict[date, Expected]:
    """The everyday level: weekday and holiday rhythm times a latent level that drifts from day to day."""
    dice = Dice(seed, "level")
    state, found = 0.0, {}
    for day in DAYS:
        state = _PERSISTENCE * state + _SPREAD * math.sqrt(1 - _PERSISTENCE**2) * dice.normal()
        level = math.exp(state - _SPREAD**2 / 2)
        found[day] = Expected(
            product=_PRODUCT * level * rhythm(day, weekend=_PRODUCT_WEEKEND),
            marketing=_MARKETING * level**0.7 * rhythm(day, weekend=_MARKETING_WEEKEND),
        )
    return found


def grumbles(plan: Plan, seed: int) -> tuple[Grumble, ...]:
    """Every unhappy post of the year, by day."""
    dice = Dice(seed, "grumbles")
    levels = expected_levels(seed)
    found: list[Grumble] = []
    for day in DAYS:
        found += _everyday(day, levels[day], dice)
        for incident in plan.incidents:
            found += _from_incident(day, incident, dice)
        for campaign in plan.harmful:
            found += _from_campaign(day, campaign, levels[day], dice)
    return tuple(found)


def _everyday(day: date, level: Expected, dice: Dice) -> Iterator[Grumble]:
    for _ in range(dice.poisson(level.product)):
        heading = dice.weighted((("product", 6.0), ("support", 2.2), ("price", 1.5)))
        yield Grumble(day, _place(day, dice), heading, is_marketing=False)
    for _ in range(dice.poisson(level.marketing)):
        yield Grumble(day, _place(day, dice), dice.weighted(_USUAL_COMPLAINTS), is_marketing=True)


def _from_incident(day: date, incident: PlannedIncident, dice: Dice) -> Iterator[Grumble]:
    step = (day - incident.start).days
    if 0 <= step <= (incident.end - incident.start).days + 2:
        for _ in range(dice.poisson(incident.strength * 0.45**step)):
            yield Grumble(day, _place(day, dice), incident.kind, is_marketing=False)


def _from_campaign(day: date, campaign: PlannedCampaign, level: Expected, dice: Dice) -> Iterator[Grumble]:
    if campaign.harm is None:
        return
    excess = campaign.harm.excess_on((day - campaign.start).days) * (level.product + level.marketing)
    for _ in range(dice.poisson(excess)):
        heading = dice.weighted(tuple(campaign.harm.tags.items()))
        yield Grumble(day, _place(day, dice), heading, is_marketing=True, campaign=campaign)


def _place(day: date, dice: Dice) -> Place:
    place = dice.weighted(PLACES)
    return "slack" if place == "deals" and day.weekday() >= 5 else place
