"""Alerts: what a rule saw, the incident it belongs to, and the states an incident can be in.

An incident is one problem, however many rules see it and however long it lasts. It has one message, which is
updated in place. The state machine below is the only way an incident changes its state.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from monitor.errors import UsageError


class RuleName(StrEnum):
    """What can raise an alert."""

    COMPLAINT_SPIKE = "complaint_spike"
    NEGATIVE_SPIKE = "negative_spike"
    CAMPAIGN_VERDICT = "campaign_verdict"
    NPS_DIP = "nps_dip"
    RED_FLAG = "red_flag"
    KNOWN_ACCOUNT = "known_account"


class Sensitivity(StrEnum):
    """How readily a rule speaks up."""

    FEWER = "fewer"
    BALANCED = "balanced"
    MORE = "more"


class IncidentState(StrEnum):
    """Where an incident stands.

    `held` is over the weekly budget: evaluated and logged, posted when the budget allows. `muted` is evaluated
    and logged, never posted: a message from before stays as it is until somebody unmutes it or the problem ends.
    """

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    SNOOZED = "snoozed"
    MUTED = "muted"
    HELD = "held"
    RESOLVED = "resolved"


class IncidentEvent(StrEnum):
    """What can happen to an incident."""

    SIGNAL = "signal"
    CLEAR = "clear"
    ACKNOWLEDGE = "acknowledge"
    SNOOZE = "snooze"
    WAKE = "wake"
    MUTE = "mute"
    UNMUTE = "unmute"
    RELEASE = "release"
    REOPEN = "reopen"
    REMUTE = "remute"
    REHOLD = "rehold"
    RESNOOZE = "resnooze"


_STATE, _EVENT = IncidentState, IncidentEvent
TRANSITIONS: Mapping[tuple[IncidentState, IncidentEvent], IncidentState] = {
    (_STATE.OPEN, _EVENT.SIGNAL): _STATE.OPEN,
    (_STATE.OPEN, _EVENT.CLEAR): _STATE.RESOLVED,
    (_STATE.OPEN, _EVENT.ACKNOWLEDGE): _STATE.ACKNOWLEDGED,
    (_STATE.OPEN, _EVENT.SNOOZE): _STATE.SNOOZED,
    (_STATE.OPEN, _EVENT.MUTE): _STATE.MUTED,
    (_STATE.ACKNOWLEDGED, _EVENT.SIGNAL): _STATE.ACKNOWLEDGED,
    (_STATE.ACKNOWLEDGED, _EVENT.CLEAR): _STATE.RESOLVED,
    (_STATE.ACKNOWLEDGED, _EVENT.SNOOZE): _STATE.SNOOZED,
    (_STATE.ACKNOWLEDGED, _EVENT.MUTE): _STATE.MUTED,
    (_STATE.SNOOZED, _EVENT.SIGNAL): _STATE.SNOOZED,
    (_STATE.SNOOZED, _EVENT.CLEAR): _STATE.RESOLVED,
    (_STATE.SNOOZED, _EVENT.ACKNOWLEDGE): _STATE.ACKNOWLEDGED,
    (_STATE.SNOOZED, _EVENT.SNOOZE): _STATE.SNOOZED,
    (_STATE.SNOOZED, _EVENT.WAKE): _STATE.OPEN,
    (_STATE.SNOOZED, _EVENT.MUTE): _STATE.MUTED,
    (_STATE.MUTED, _EVENT.SIGNAL): _STATE.MUTED,
    (_STATE.MUTED, _EVENT.CLEAR): _STATE.RESOLVED,
    (_STATE.MUTED, _EVENT.UNMUTE): _STATE.OPEN,
    (_STATE.HELD, _EVENT.SIGNAL): _STATE.HELD,
    (_STATE.HELD, _EVENT.CLEAR): _STATE.RESOLVED,
    (_STATE.HELD, _EVENT.RELEASE): _STATE.OPEN,
    (_STATE.HELD, _EVENT.MUTE): _STATE.MUTED,
    (_STATE.RESOLVED, _EVENT.REOPEN): _STATE.OPEN,
    (_STATE.RESOLVED, _EVENT.REMUTE): _STATE.MUTED,
    (_STATE.RESOLVED, _EVENT.REHOLD): _STATE.HELD,
    (_STATE.RESOLVED, _EVENT.RESNOOZE): _STATE.SNOOZED,
}
"""Every allowed step; a step that is not here is refused and told to whoever asked for it."""

ALIVE = frozenset(IncidentState) - {IncidentState.RESOLVED}


def next_state(state: IncidentState, event: IncidentEvent) -> IncidentState | None:
    """The state after an event; None when the event means nothing there (an old button was pressed)."""
    return TRANSITIONS.get((state, event))


@dataclass(frozen=True, slots=True)
class Measure:
    """The number that made a rule speak, as a person reads it.

    Attributes:
        what: the number's name ("marketing complaints a day").
        value: as text; expected: what the past leads to expect, "" when there is no such thing.
        low, high: ends of the 95 % interval (of the expectation where there is one, else of the value), as text.
        n: how many posts, answers or messages are behind it.
        window: the days it is about, in words.
    """

    what: str
    value: str
    expected: str = ""
    low: str = ""
    high: str = ""
    n: int = 0
    window: str = ""

    def sentence(self) -> str:
        """The number with its baseline, its interval and its n."""
        interval = f" ({self.low} to {self.high})" if self.low and self.high else ""
        beside = f", expected about {self.expected}{interval}" if self.expected else interval
        return f"{self.what}: {self.value}{beside}; n = {self.n}{f', {self.window}' if self.window else ''}"


@dataclass(frozen=True, slots=True)
class Signal:
    """One rule's evidence as of one day. It holds numbers and ids, never the text of a post.

    Attributes:
        rule, subject: what is seen and in what (a campaign's id, a metric's name, "all").
        onset: first day of the problem; last_day: last day it was seen.
        sentence: what happened, in words.
        measure: the number behind it.
        strength: grows with the evidence; compared only within a rule.
        campaigns: ids of campaigns that belong to it.
        nearby: what is known of the campaigns around it, a sentence each, the verdict in it.
        questions: what to ask next.
        post_ids: posts that are the evidence, where the rule is about single posts.
    """

    rule: RuleName
    subject: str
    onset: date
    last_day: date
    sentence: str
    measure: Measure
    strength: float = 0.0
    campaigns: tuple[str, ...] = ()
    nearby: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()
    post_ids: tuple[int, ...] = ()

    @property
    def member(self) -> str:
        """Identifies the same problem from one check to the next."""
        return f"{self.rule.value}/{self.subject}"


@dataclass(frozen=True, slots=True)
class RuleOptions:
    """How one rule behaves.

    Attributes:
        enabled: False leaves the rule out; muted: True evaluates and logs it but never posts.
        cooldown_days: a problem that comes back within this many days reopens its incident.
        minimum_posts: fewer posts, answers or messages than this raise nothing.
    """

    enabled: bool = True
    muted: bool = False
    sensitivity: Sensitivity = Sensitivity.BALANCED
    cooldown_days: int = 7
    minimum_posts: int = 3


@dataclass(frozen=True, slots=True)
class AlertOptions:
    """All rules, and how many new incidents a week may be posted.

    Attributes:
        rules: every rule's options.
        weekly_budget: new incidents posted in one ISO week; further ones are held.
        account_weight: a known account's deals must be worth this much for the known-account rule; 0 = rule off.
    """

    rules: Mapping[RuleName, RuleOptions] = field(
        default_factory=lambda: {name: RuleOptions() for name in RuleName}
    )
    weekly_budget: int = 3
    account_weight: float = 0.0

    def mute(self, signals: Iterable[Signal]) -> bool:
        """Whether nothing is posted of a problem with this evidence: all its rules are muted."""
        return all(self.rules[signal.rule].muted for signal in signals)


@dataclass(frozen=True, slots=True)
class Incident:
    """One problem from its first day to its end.

    Attributes:
        id: the database's; 0 before it is stored.
        members: signals that ever belonged to it ("rule/subject"), the one that raised it or brought it back first.
        signals: the latest evidence of each member that goes on, in the order of `members`; of an ended incident,
            of those that went on last.
        opened_on: the checked day on which it was raised; seen_on: the last one with evidence.
        resolved_on: the checked day on which it ended; None while it lives.
        snoozed_until: aware UTC; None unless snoozed, or ended while it was: a snooze outlasts the end.
        handled_by: Slack user id of who acknowledged, snoozed or muted it last; "" when nobody did.
        version: grows with every visible change.
        posted_on: the checked day on which its message was asked for; None while it was only muted or held.
        useful: a person's verdict: True acknowledged, False muted, None nobody said.
        last_seen: by member, the last checked day with its evidence; those that are not in it were seen on `seen_on`.
    """

    key: str
    state: IncidentState
    members: tuple[str, ...]
    signals: tuple[Signal, ...]
    onset: date
    opened_on: date
    seen_on: date
    id: int = 0
    resolved_on: date | None = None
    snoozed_until: datetime | None = None
    handled_by: str = ""
    version: int = 1
    posted_on: date | None = None
    useful: bool | None = None
    last_seen: Mapping[str, date] = field(default_factory=dict, hash=False)

    @property
    def lead(self) -> Signal:
        """The evidence that is told first."""
        return self.signals[0]

    @property
    def campaigns(self) -> tuple[str, ...]:
        """Ids of the campaigns that any of its signals names, each once."""
        return tuple(dict.fromkeys(name for signal in self.signals for name in signal.campaigns))


@dataclass(frozen=True, slots=True)
class LogEntry:
    """What happened to an incident: kept for muted ones too."""

    incident_id: int
    at: datetime
    event: str
    state_from: str
    state_to: str
    actor: str = ""
    note: str = ""


def refused(incident: Incident, event: IncidentEvent) -> UsageError:
    """The answer to a person who asks for a step that is not possible."""
    possible = sorted(step.value for state, step in TRANSITIONS if state is incident.state)
    return UsageError(
        f"incident {incident.id} is {incident.state.value}, so it cannot be changed by {event.value!r}: "
        f"possible now are {', '.join(possible)}."
    )
