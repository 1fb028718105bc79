"""From today's signals and yesterday's incidents to today's incidents: pure, without clock or database.

A signal belongs to the living incident that has its member already, else to one it is plainly part of (a
campaign's verdict to the spike in its window), else to one that ended less than a cooldown ago, else it is new.
Each member of an incident ends by itself; its return is news for the thread, and after its cooldown for the channel,
however long another member kept the incident alive.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TypeVar

from monitor.domain.alerts import (
    ALIVE,
    AlertOptions,
    Incident,
    IncidentEvent,
    IncidentState,
    RuleName,
    RuleOptions,
    Signal,
    next_state,
    refused,
)
from monitor.domain.same_problem import belongs
from monitor.domain.weeks import IsoWeek
from monitor.errors import UsageError

T = TypeVar("T")
_PRIORITY = list(RuleName)
_WORSE = 1.5
_GOT_WORSE = "It got worse."
_CLEAR_AFTER_DAYS: Mapping[RuleName, int] = {
    # The detector's own quiet days end a spike; the others may flicker around a threshold.
    RuleName.COMPLAINT_SPIKE: 1,
    RuleName.NEGATIVE_SPIKE: 1,
    RuleName.CAMPAIGN_VERDICT: 3,
    RuleName.NPS_DIP: 3,
    RuleName.RED_FLAG: 3,
    RuleName.KNOWN_ACCOUNT: 1,
}


@dataclass(frozen=True, slots=True)
class CheckMoment:
    """When a check happens.

    Attributes:
        as_of: the last complete day, which the signals are about.
        now: aware UTC, for snoozes.
        first: no check was ever made: flags that are up already are history, not news.
    """

    as_of: date
    now: datetime
    first: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """One incident's step.

    Attributes:
        before: None for a new incident.
        event: what happened ("raise" for a new incident, else an `IncidentEvent`).
        visible: its message must show the new state.
        told: a sentence for its thread, "" when there is nothing to tell.
        loud: the sentence is news for the whole channel: the problem came back or got worse.
        noted: a sentence for its log alone, "" when that has the same as the thread.
    """

    before: Incident | None
    after: Incident
    event: str
    visible: bool = False
    told: str = ""
    actor: str = ""
    loud: bool = False
    noted: str = ""


def check(
    known: Sequence[Incident], signals: Sequence[Signal], options: AlertOptions, moment: CheckMoment
) -> list[Change]:
    """Every incident's step of one check, in order of their ids, new ones last.

    Args:
        known: living incidents, and those that ended (oldest first).
        signals: what the rules see as of `moment.as_of`.
        options: the rules' options and the weekly budget.
        moment: when this is.
    """
    wanted = [s for s in _ordered(signals, options) if options.rules[s.rule].enabled]
    owned, reopened, new = _assign(known, wanted, options, moment)
    living = [_living(i, owned.get(i.id, []), options, moment) for i in known if i.state in ALIVE]
    changes = [_unposted(change, options) for change in living]
    changes += [_return(i, reopened[i.id], options, moment) for i in known if i.id in reopened]
    changes += [_new(group, options, moment) for group in new]
    return _within_budget(known, changes, options, moment)


def _ordered(signals: Sequence[Signal], options: AlertOptions) -> list[Signal]:
    """What leads first: a muted rule leads only where no other rule sees the problem."""
    return sorted(
        signals,
        key=lambda s: (options.rules[s.rule].muted, _PRIORITY.index(s.rule), -s.strength, s.subject),
    )


def _assign(
    known: Sequence[Incident], signals: Sequence[Signal], options: AlertOptions, moment: CheckMoment
) -> tuple[dict[int, list[Signal]], dict[int, list[Signal]], list[list[Signal]]]:
    owned: dict[int, list[Signal]] = {}
    reopened: dict[int, list[Signal]] = {}
    new: list[list[Signal]] = []
    alive = [i for i in known if i.state in ALIVE]
    ended = [i for i in reversed(known) if i.state not in ALIVE]
    for signal in signals:
        owner = _first(i for i in alive if _owns(i, signal, options)) or _first(
            i
            for i in alive
            if _takes_in(i) and belongs(signal, (*i.signals, *owned.get(i.id, ())), i.seen_on)
        )
        if owner is not None:
            owned.setdefault(owner.id, []).append(signal)
            continue
        earlier = _first(i for i in ended if _comes_back(signal, i, options.rules[signal.rule], moment))
        if earlier is not None:
            reopened.setdefault(earlier.id, []).append(signal)
            continue
        groups = [*reopened.values(), *new]
        group = _first(g for g in groups if belongs(signal, g, moment.as_of))
        if group is None:
            new.append([signal])
        else:
            group.append(signal)
    return owned, reopened, new


def _owns(incident: Incident, signal: Signal, options: AlertOptions) -> bool:
    """Whether a signal goes on an incident; what only muted rules brought back keeps no other rule's news."""
    by_rules = incident.state is IncidentState.MUTED and incident.useful is not False
    swallows = by_rules and options.mute(incident.signals) and not options.mute([signal])
    return signal.member in incident.members and not swallows


def _takes_in(incident: Incident) -> bool:
    """Whether a problem may grow by others: what nobody has seen, since it was up at the first check, may not.

    What a person muted may: they said that this problem is of no use to them.
    """
    return incident.state is not IncidentState.MUTED or incident.useful is False


def _first(found: Iterable[T]) -> T | None:
    return next(iter(found), None)


def _comes_back(signal: Signal, incident: Incident, rule: RuleOptions, moment: CheckMoment) -> bool:
    if incident.resolved_on is None or signal.member not in incident.members:
        return False
    return abs((moment.as_of - incident.resolved_on).days) <= rule.cooldown_days


def _living(incident: Incident, seen: Sequence[Signal], options: AlertOptions, moment: CheckMoment) -> Change:
    if not seen:
        return _unseen(incident, moment)
    alive = {signal.member for signal in incident.signals}
    joined = [signal for signal in seen if signal.member not in alive]
    after = _with_evidence(incident, seen, moment.as_of)
    # A muted rule's part is logged and shown, but no news, while another rule sees the problem, too.
    heard = [s for s in after.signals if not options.mute([s])] or list(after.signals)
    joined_heard = [s for s in joined if s in heard]
    is_more = _is_more_than_flags(
        incident, [s for s in joined_heard if _is_new(incident, s, options, moment)]
    )
    noted, told = _news(incident, joined, after.lead), _news(incident, joined_heard, heard[0])
    over = incident.snoozed_until is not None and moment.now >= incident.snoozed_until
    if incident.state is IncidentState.SNOOZED and over:
        after = replace(after, state=IncidentState.OPEN, snoozed_until=None, version=incident.version + 1)
        news = told if joined_heard else heard[0].sentence
        told = f"The snooze is over and it goes on. {news}"
        return Change(incident, after, IncidentEvent.WAKE, visible=True, told=told, loud=is_more)
    visible = after.signals != incident.signals
    after = replace(after, version=incident.version + visible)
    is_loud = incident.state is IncidentState.OPEN and (is_more or told.startswith(_GOT_WORSE))
    noted = noted if noted != told else ""
    return Change(
        incident, after, IncidentEvent.SIGNAL, visible=visible, told=told, loud=is_loud, noted=noted
    )


def _unposted(change: Change, options: AlertOptions) -> Change:
    """What happens to a muted incident is logged, not posted; its message changes once, silently, when it ends."""
    before = change.before or change.after
    if before.state is not IncidentState.MUTED and not options.mute(change.after.signals):
        return change
    quiet = replace(change, told="", noted=change.noted or change.told, loud=False)
    if change.event is IncidentEvent.CLEAR:
        return quiet
    return replace(quiet, visible=False, after=replace(change.after, version=before.version))


def _is_new(incident: Incident, signal: Signal, options: AlertOptions, moment: CheckMoment) -> bool:
    """Within its cooldown it is the same problem that flickers, after it another one."""
    if signal.member not in incident.members:
        return True
    away = (moment.as_of - _seen_on(incident, signal.member)).days
    return away > options.rules[signal.rule].cooldown_days


def _is_more_than_flags(before: Incident, joined: Sequence[Signal]) -> bool:
    """People began to write about what was only a number before."""
    only_flags = all(signal.rule is RuleName.RED_FLAG for signal in before.signals)
    return only_flags and any(signal.rule is not RuleName.RED_FLAG for signal in joined)


def _with_evidence(incident: Incident, seen: Sequence[Signal], as_of: date) -> Incident:
    """The incident with a day's evidence, without that of members which ended: in the order they joined."""
    now = {signal.member: signal for signal in seen}
    kept = {s.member: s for s in incident.signals if s.member in now or not _is_over(incident, s, as_of)}
    members = tuple(dict.fromkeys([*incident.members, *now]))
    merged = {**kept, **{name: _continued(signal, kept.get(name)) for name, signal in now.items()}}
    last_seen = {name: _seen_on(incident, name) for name in members}
    last_seen |= {name: max(last_seen[name], as_of) for name in now}
    return replace(
        incident,
        members=members,
        signals=tuple(merged[name] for name in members if name in merged),
        last_seen=last_seen,
        seen_on=max(incident.seen_on, as_of),
    )


def _seen_on(incident: Incident, member: str) -> date:
    """The last checked day with evidence of a member (incidents stored by older versions know one for all)."""
    return incident.last_seen.get(member, incident.seen_on)


def _is_over(incident: Incident, signal: Signal, as_of: date) -> bool:
    return (as_of - _seen_on(incident, signal.member)).days >= _CLEAR_AFTER_DAYS[signal.rule]


def _continued(signal: Signal, earlier: Signal | None) -> Signal:
    return signal if earlier is None else replace(signal, onset=min(signal.onset, earlier.onset))


def _news(before: Incident, joined: Sequence[Signal], new: Signal) -> str:
    if joined:
        return " ".join(
            f"{'Seen again' if signal.member in before.members else 'Also seen'}: {signal.sentence}"
            for signal in joined
        )
    # Strengths are compared only within a rule: the lead may have passed on to another member.
    old = next((signal.strength for signal in before.signals if signal.member == new.member), 0.0)
    return f"{_GOT_WORSE} {new.sentence}" if old > 0 and new.strength >= _WORSE * old else ""


def _unseen(incident: Incident, moment: CheckMoment) -> Change:
    kept = tuple(s for s in incident.signals if not _is_over(incident, s, moment.as_of))
    if kept == incident.signals:
        return Change(incident, incident, IncidentEvent.SIGNAL)
    if kept:
        after = replace(incident, signals=kept, version=incident.version + 1)
        return Change(incident, after, IncidentEvent.SIGNAL, visible=True)
    after = replace(
        incident, state=IncidentState.RESOLVED, resolved_on=moment.as_of, version=incident.version + 1
    )
    days = (incident.seen_on - incident.onset).days + 1
    told = f"Resolved: nothing more since {incident.seen_on.isoformat()}; it lasted {days} day{'s' * (days != 1)}."
    return Change(incident, after, IncidentEvent.CLEAR, visible=True, told=told)


def _return(incident: Incident, seen: Sequence[Signal], options: AlertOptions, moment: CheckMoment) -> Change:
    event = _kind_of_return(incident, seen, options, moment)
    # What brings it back leads it, and nothing of its former evidence stays.
    members = tuple(dict.fromkeys([*(s.member for s in seen), *incident.members]))
    ended = replace(incident, members=members, signals=())
    is_snoozed = event is IncidentEvent.RESNOOZE
    after = replace(
        _with_evidence(ended, seen, moment.as_of),
        state=_stepped(incident, event),
        resolved_on=None,
        snoozed_until=incident.snoozed_until if is_snoozed else None,
        version=incident.version + 1,
    )
    is_loud = event is IncidentEvent.REOPEN
    is_back = is_loud or is_snoozed
    told = f"It came back{' and stays snoozed' * is_snoozed}. {after.lead.sentence}" if is_back else ""
    return Change(incident, after, event, visible=is_back, told=told, loud=is_loud)


def _kind_of_return(
    incident: Incident, seen: Sequence[Signal], options: AlertOptions, moment: CheckMoment
) -> IncidentEvent:
    if incident.useful is False or options.mute(seen):
        return IncidentEvent.REMUTE
    if incident.posted_on is None:
        return IncidentEvent.REHOLD
    if incident.snoozed_until is not None and moment.now < incident.snoozed_until:
        return IncidentEvent.RESNOOZE
    return IncidentEvent.REOPEN


def _new(group: Sequence[Signal], options: AlertOptions, moment: CheckMoment) -> Change:
    lead = group[0]
    standing = moment.first and lead.rule is RuleName.RED_FLAG
    muted = options.rules[lead.rule].muted or standing
    incident = Incident(
        key=f"{lead.member}/{moment.as_of.isoformat()}",
        state=IncidentState.MUTED if muted else IncidentState.HELD,
        members=tuple(s.member for s in group),
        signals=tuple(group),
        onset=min(s.onset for s in group),
        opened_on=moment.as_of,
        seen_on=moment.as_of,
        last_seen={s.member: moment.as_of for s in group},
    )
    return Change(None, incident, "raise")


def _within_budget(
    known: Sequence[Incident], changes: Sequence[Change], options: AlertOptions, moment: CheckMoment
) -> list[Change]:
    """Release held incidents, older ones first, as far as this week's budget goes."""
    week = IsoWeek.of(moment.as_of)
    left = options.weekly_budget - sum(
        i.posted_on is not None and IsoWeek.of(i.posted_on) == week for i in known
    )
    released: list[Change] = []
    for change in changes:
        if change.after.state is not IncidentState.HELD or left <= 0 or options.mute(change.after.signals):
            released.append(change)
            continue
        left -= 1
        after = replace(change.after, state=IncidentState.OPEN, posted_on=moment.as_of)
        event = change.event if change.before is None else IncidentEvent.RELEASE
        released.append(replace(change, after=after, event=event, visible=True))
    return released


def _stepped(incident: Incident, event: IncidentEvent) -> IncidentState:
    state = next_state(incident.state, event)
    if state is None:
        raise refused(incident, event)
    return state


def act(
    incident: Incident, event: IncidentEvent, *, actor: str, until: datetime | None = None, as_of: date
) -> Change:
    """A person's step: acknowledge, snooze, mute or unmute.

    Args:
        incident: as it stands now.
        event: what the person asks for.
        actor: Slack user id.
        until: end of a snooze, aware UTC.
        as_of: the last complete day.

    Raises:
        UsageError: the step is not possible in this state, or a snooze has no end.
    """
    if event is IncidentEvent.SNOOZE and until is None:
        raise UsageError("a snooze needs an end: give 1d, 1w or a date such as 2026-12-01.")
    useful = {IncidentEvent.ACKNOWLEDGE: True, IncidentEvent.MUTE: False}.get(event, incident.useful)
    after = replace(
        incident,
        state=_stepped(incident, event),
        snoozed_until=until if event is IncidentEvent.SNOOZE else None,
        handled_by=actor,
        version=incident.version + 1,
        useful=None if event is IncidentEvent.UNMUTE else useful,
        posted_on=as_of
        if event is IncidentEvent.UNMUTE and incident.posted_on is None
        else incident.posted_on,
    )
    return Change(incident, after, event, visible=True, told="", actor=actor)
