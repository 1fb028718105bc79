"""What happens in the year: campaigns, which of them hurt, outages and releases."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from monitor.demo.calendar_year import FIRST_DAY, day_of
from monitor.demo.dice import Dice

Shape = Literal["flat", "decaying"]


@dataclass(frozen=True, slots=True)
class Harm:
    """What a campaign does to the number of negative posts.

    Attributes:
        rate_ratio: mean of all negative posts over the expected number, through the window.
        lag_days: days from the campaign's start to the first day of the window.
        duration_days: length of the window.
        shape: "flat", or "decaying" from twice the mean excess to nothing.
        tags: heading of complaint texts (tag and channel) -> weight.
        nps_dip: whether the score dips after it.
    """

    rate_ratio: float
    lag_days: int
    duration_days: int
    shape: Shape
    tags: Mapping[str, float]
    nps_dip: bool = False

    def excess_on(self, days_after_start: int) -> float:
        """The rate ratio minus 1 on one day."""
        step = days_after_start - self.lag_days
        if not 0 <= step < self.duration_days:
            return 0.0
        fade = 2.0 * (1.0 - (step + 0.5) / self.duration_days) if self.shape == "decaying" else 1.0
        return (self.rate_ratio - 1.0) * fade


@dataclass(frozen=True, slots=True)
class PlannedCampaign:
    """One campaign of the year.

    Attributes:
        touches: messages to each addressed contact, spread over the campaign.
        contacts: contacts addressed.
        topic: what complaints call it.
        in_calendar: listed in the ICS calendar; the others stand in the CSV.
        planned: after the last day of data, so nothing is known of it yet.
    """

    id: str
    name: str
    type: str
    channel: str
    audience: str
    start: date
    end: date
    touches: int
    contacts: int
    topic: str
    harm: Harm | None = None
    in_calendar: bool = False
    planned: bool = False

    @property
    def sends(self) -> int:
        """Touches in all."""
        return self.touches * self.contacts


@dataclass(frozen=True, slots=True)
class PlannedIncident:
    """An outage or a release; `listed` is whether the company's incident list knows it.

    Attributes:
        strength: expected negative posts a day at its beginning.
    """

    id: str
    kind: str
    name: str
    start: date
    end: date
    strength: float
    listed: bool = True


@dataclass(frozen=True, slots=True)
class NpsDipPlan:
    """When and by how much answers get worse: points lost on average."""

    campaign_id: str
    start: date
    end: date
    depth_points: float


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that is planted."""

    campaigns: tuple[PlannedCampaign, ...]
    incidents: tuple[PlannedIncident, ...]
    dip: NpsDipPlan

    @property
    def harmful(self) -> tuple[PlannedCampaign, ...]:
        """The campaigns that hurt."""
        return tuple(campaign for campaign in self.campaigns if campaign.harm)


@dataclass(frozen=True, slots=True)
class _Idea:
    """A campaign before the dice are thrown; `risk` are the complaints it would bring."""

    name: str
    type: str
    channel: str
    audience: str
    week: int
    weekday: int
    days: int
    touches: int
    contacts: int
    topic: str
    risk: Mapping[str, float] | None = None
    in_calendar: bool = False


_CALLS = {
    "pushy_sales call": 5,
    "pushy_sales email": 3,
    "unsolicited_contact call": 1.5,
    "irrelevant email": 0.5,
}
_TOUR = {"in_app_interruption in_app": 7, "cannot_unsubscribe in_app": 1, "misleading_promo in_app": 1,
         "in_app_interruption push": 0.6}  # fmt: skip
_DRIP = {
    "too_many_messages email": 6,
    "cannot_unsubscribe email": 4,
    "irrelevant email": 1.5,
    "privacy email": 0.8,
}
_TEXTS = {"unsolicited_contact sms": 3, "too_many_messages push": 2, "unsolicited_contact messenger": 1.5,
          "privacy email": 1.5}  # fmt: skip
_WIN_BACK = {
    "irrelevant email": 4,
    "unsolicited_contact email": 4,
    "cannot_unsubscribe email": 2,
    "irrelevant ads": 1,
}
_BLACK_FRIDAY = {"too_many_messages email": 5, "discount_promo email": 4, "misleading_promo email": 2.5,
                 "discount_promo in_app": 0.7, "in_app_interruption in_app": 1.5}  # fmt: skip

_IDEAS = (
    _Idea("Black Friday seat offer", "promotion", "email", "all admins", 1, 2, 4, 2, 2100, "the Black Friday offer"),
    _Idea("Year in review newsletter", "newsletter", "email", "all contacts", 3, 1, 1, 1, 6400, "the newsletter"),
    _Idea("New-year planning webinar", "webinar", "event", "admins", 8, 2, 1, 2, 1900, "the webinar", in_calendar=True),
    _Idea("Annual prepay calls", "upsell", "call", "monthly plans", 11, 0, 6, 2, 640, "annual prepay", _CALLS),
    _Idea("Winter customer survey", "survey", "email", "all contacts", 14, 1, 2, 1, 6400, "the survey"),
    _Idea("Insights tour takeover", "launch", "in_app", "all agents", 17, 1, 8, 4, 5200, "Insights", _TOUR),
    _Idea("Spring price tips newsletter", "newsletter", "email", "all contacts", 20, 3, 1, 1, 6300, "the newsletter"),
    _Idea("Spring release webinar", "webinar", "event", "admins", 23, 2, 1, 2, 1900, "the webinar", in_calendar=True),
    _Idea("Flows upsell drip", "upsell", "email", "teams without Flows", 26, 0, 10, 6, 3900, "Flows", _DRIP),
    _Idea("Referral drive", "referral", "ads", "lookalikes", 26, 5, 9, 1, 2000, "the referral bonus"),
    _Idea("Partner roadshow", "roadshow", "event", "enterprise", 30, 1, 9, 1, 700, "the roadshow", in_calendar=True),
    _Idea("Early summer newsletter", "newsletter", "email", "all contacts", 33, 1, 1, 1, 6400, "the newsletter"),
    _Idea("Mobile app texts", "reactivation", "sms", "agents without the app", 36, 1, 5, 2, 1500, "the mobile app",
          _TEXTS),
    _Idea("Win-back series", "reactivation", "email", "churned and paused", 40, 0, 7, 3, 2300, "Voice", _WIN_BACK),
    _Idea("Autumn user conference invitation", "event", "event", "all admins", 43, 1, 3, 2, 2100, "the user conference",
          in_calendar=True),
    _Idea("Tips for peak season", "education", "email", "agents", 45, 1, 1, 1, 5200, "the tips series"),
    _Idea("Autumn newsletter", "newsletter", "email", "all contacts", 46, 3, 1, 1, 6500, "the newsletter"),
    _Idea("Help centre workshop", "webinar", "event", "writers", 47, 3, 1, 1, 900, "the workshop", in_calendar=True),
    _Idea("Black Friday early access", "promotion", "email", "all contacts", 50, 0, 9, 6, 6500,
          "the Black Friday bundle", _BLACK_FRIDAY),
    _Idea("Black Friday main offer", "promotion", "email", "all contacts", 53, 1, 5, 4, 6500, "the Black Friday bundle"),
    _Idea("Year-end newsletter", "newsletter", "email", "all contacts", 55, 1, 1, 1, 6500, "the newsletter"),
)  # fmt: skip
_ALWAYS_HARMFUL = ("Insights tour takeover", "Black Friday early access")
_SOMETIMES_HARMFUL = ("Annual prepay calls", "Flows upsell drip", "Mobile app texts", "Win-back series")
_WITH_DIP = "Insights tour takeover"


def make_plan(seed: int) -> Plan:
    """The year of one seed: days move a little, other campaigns hurt, by other amounts."""
    dice = Dice(seed, "plan")
    spared = dice.pick(_SOMETIMES_HARMFUL)
    campaigns = tuple(
        _campaign(idea, number, dice, harmful=idea.risk is not None and idea.name != spared)
        for number, idea in enumerate(_IDEAS, start=1)
    )
    cause = next(campaign for campaign in campaigns if campaign.name == _WITH_DIP)
    dip_start = cause.start + timedelta(days=dice.whole(6, 9))
    dip = NpsDipPlan(cause.id, dip_start, dip_start + timedelta(days=dice.whole(24, 27)), dice.whole(48, 52))
    return Plan(campaigns, _incidents(campaigns, dice), dip)


def _campaign(idea: _Idea, number: int, dice: Dice, *, harmful: bool) -> PlannedCampaign:
    planned = idea.week >= 52
    is_last_harm = idea.name == _ALWAYS_HARMFUL[1]
    start = day_of(idea.week, idea.weekday + (0 if planned else dice.whole(0, 1)))
    return PlannedCampaign(
        id=f"C{number:02d}",
        name=idea.name,
        type=idea.type,
        channel=idea.channel,
        audience=idea.audience,
        start=start,
        end=start + timedelta(days=idea.days - 1),
        touches=idea.touches,
        contacts=idea.contacts + dice.whole(-40, 40),
        topic=idea.topic,
        harm=_harm(idea, dice, strong=is_last_harm or idea.name == _WITH_DIP) if harmful else None,
        in_calendar=idea.in_calendar,
        planned=planned,
    )


def _harm(idea: _Idea, dice: Dice, *, strong: bool) -> Harm:
    last = idea.name == _ALWAYS_HARMFUL[1]
    low, high = (2.6, 3.0) if last else ((2.2, 3.0) if strong else (1.6, 2.6))
    return Harm(
        rate_ratio=round(low + (high - low) * dice.share(), 2),
        lag_days=dice.whole(2, 3) if last else dice.whole(0, 5),
        duration_days=10 if last else dice.whole(5, 10),
        shape="flat" if last or dice.chance(0.5) else "decaying",
        tags=dict(idea.risk or {}),
        nps_dip=idea.name == _WITH_DIP,
    )


def _incidents(campaigns: tuple[PlannedCampaign, ...], dice: Dice) -> tuple[PlannedIncident, ...]:
    """Two outages that are listed (one beside a harmless campaign), one that nobody listed, three releases."""
    starts = {campaign.name: campaign.start for campaign in campaigns}
    beside = starts["Spring release webinar"] + timedelta(days=1)
    hidden = starts["Early summer newsletter"] + timedelta(days=dice.whole(1, 2))
    first = FIRST_DAY + timedelta(days=7 * 9 + dice.whole(0, 3))
    releases = (day_of(4, 1), day_of(22, 1), day_of(38, 2))
    return (
        PlannedIncident("I1", "outage", "Mail delivery down", first, first + timedelta(days=1), 4.5),
        PlannedIncident("I2", "outage", "Login errors", beside, beside + timedelta(days=1), 5.0),
        PlannedIncident("I3", "outage", "Slow search and lost drafts", hidden, hidden + timedelta(days=1), 4.5,
                        listed=False),
        *(PlannedIncident(f"R{number}", "release", f"Release {name}", day, day, 1.6)
          for number, (name, day) in enumerate(zip(("26.1", "26.2", "26.3"), releases, strict=True), start=1)),
    )  # fmt: skip
