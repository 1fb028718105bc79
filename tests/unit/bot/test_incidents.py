"""The states of an incident, and how signals become incidents."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from monitor.domain.alerts import (
    ALIVE,
    TRANSITIONS,
    AlertOptions,
    Incident,
    IncidentEvent,
    IncidentState,
    Measure,
    RuleName,
    RuleOptions,
    Signal,
    next_state,
)
from monitor.domain.incidents import Change, CheckMoment, act, check
from monitor.errors import UsageError

DAY = date(2026, 3, 2)
NOW = datetime(2026, 3, 3, 7, tzinfo=UTC)
S, E = IncidentState, IncidentEvent


def signal(rule: RuleName = RuleName.COMPLAINT_SPIKE, subject: str = "all", **more: Any) -> Signal:
    values: dict[str, Any] = {"onset": DAY, "last_day": DAY, "sentence": "It rose.", "strength": 1.0, **more}
    return Signal(rule=rule, subject=subject, measure=Measure("posts", "9", "2", "0", "4", 9), **values)


def incident(state: IncidentState = S.OPEN, **more: Any) -> Incident:
    values: dict[str, Any] = {
        "key": "complaint_spike/all/2026-03-02",
        "members": ("complaint_spike/all",),
        "signals": (signal(),),
        "onset": DAY,
        "opened_on": DAY,
        "seen_on": DAY,
        "id": 1,
        "posted_on": None if state in {S.HELD, S.MUTED} else DAY,
        "snoozed_until": NOW + timedelta(days=7) if state is S.SNOOZED else None,
        **more,
    }
    return Incident(state=state, **values)


def moment(days: int = 0, *, first: bool = False) -> CheckMoment:
    return CheckMoment(DAY + timedelta(days=days), NOW + timedelta(days=days), first)


def options(**rules: RuleOptions) -> AlertOptions:
    defaults = AlertOptions()
    return replace(
        defaults, rules={**defaults.rules, **{RuleName(name): rule for name, rule in rules.items()}}
    )


def step(
    known: list[Incident], signals: list[Signal], days: int, settings: AlertOptions | None = None
) -> list[Change]:
    return check(known, signals, settings or options(), moment(days))


def cause(state: IncidentState, event: IncidentEvent) -> Change:
    """Make an event happen the way it happens in life."""
    person = {E.ACKNOWLEDGE, E.SNOOZE, E.MUTE, E.UNMUTE}
    if event in person:
        until = NOW + timedelta(days=1) if event is E.SNOOZE else None
        return act(incident(state), event, actor="U1", until=until, as_of=DAY)
    if event is E.SIGNAL:
        budget = replace(options(), weekly_budget=0)
        return step([incident(state)], [signal(sentence="It rose more.")], 1, budget)[0]
    if event is E.CLEAR:
        return step([incident(state)], [], 1, replace(options(), weekly_budget=0))[0]
    if event is E.WAKE:
        return step([incident(state, snoozed_until=NOW)], [signal()], 1)[0]
    if event is E.RELEASE:
        return step([incident(state)], [signal()], 1)[0]
    ended: dict[IncidentEvent, dict[str, Any]] = {
        E.REOPEN: {},
        E.REMUTE: {"useful": False},
        E.REHOLD: {"posted_on": None},
        E.RESNOOZE: {"snoozed_until": NOW + timedelta(days=7)},
    }
    known = incident(state, resolved_on=DAY + timedelta(days=1), **ended[event])
    return step([known], [signal()], 3, replace(options(), weekly_budget=0))[0]


@pytest.mark.parametrize(("state", "event"), list(TRANSITIONS), ids=str)
def test_every_transition_happens(state: IncidentState, event: IncidentEvent) -> None:
    change = cause(state, event)
    assert change.event == event
    assert change.after.state is TRANSITIONS[state, event]


@pytest.mark.parametrize("state", list(S))
@pytest.mark.parametrize("event", [E.ACKNOWLEDGE, E.SNOOZE, E.MUTE, E.UNMUTE])
def test_a_step_that_is_not_in_the_table_is_refused_with_what_is_possible(state: S, event: E) -> None:
    if next_state(state, event) is not None:
        return
    with pytest.raises(UsageError, match=rf"is {state.value}.*possible now are"):
        act(incident(state), event, actor="U1", until=NOW, as_of=DAY)


def test_every_state_can_be_reached_and_every_living_one_left() -> None:
    reached = set(TRANSITIONS.values())
    assert reached == set(S)
    for state in ALIVE:
        assert next_state(state, E.CLEAR) is S.RESOLVED


def test_a_new_signal_raises_one_incident_and_seeing_it_again_none() -> None:
    first = step([], [signal()], 0)
    assert [(c.event, c.after.state, c.after.posted_on) for c in first] == [("raise", S.OPEN, DAY)]
    again = step([replace(first[0].after, id=1)], [signal()], 1)
    assert [(c.event, c.visible, c.told) for c in again] == [(E.SIGNAL, False, "")]


def test_both_spikes_and_the_campaign_behind_them_are_one_incident() -> None:
    spikes = [
        signal(),
        signal(RuleName.NEGATIVE_SPIKE),
        signal(RuleName.CAMPAIGN_VERDICT, "c1", campaigns=("c1",)),
    ]
    changes = step([], spikes, 0)
    assert len(changes) == 1
    assert changes[0].after.members == ("complaint_spike/all", "negative_spike/all", "campaign_verdict/c1")


def test_a_verdict_that_turns_likely_later_joins_the_spike_and_is_told_in_its_thread() -> None:
    verdict = signal(RuleName.CAMPAIGN_VERDICT, "c1", sentence="Likely linked to c1.")
    (change,) = step([incident()], [signal(), verdict], 1)
    assert change.after.members[-1] == "campaign_verdict/c1"
    assert change.told == "Also seen: Likely linked to c1."


def test_flags_that_come_up_together_are_one_incident_and_join_the_spike() -> None:
    flags = [signal(RuleName.RED_FLAG, f"e-mail/{name}") for name in ("open rate", "unsubscribe rate")]
    assert len(step([], flags, 0)) == 1
    (change,) = step([incident()], [signal(), *flags], 1)
    assert len(change.after.members) == 3
    later = [signal(RuleName.RED_FLAG, "e-mail/bounce rate", onset=DAY + timedelta(days=9))]
    assert [c.event for c in step([incident()], [signal(), *later], 9)] == [E.SIGNAL, "raise"]


def test_a_spike_that_joins_a_flag_is_news_for_the_channel_and_a_flag_that_joins_a_spike_is_not() -> None:
    flag = signal(RuleName.RED_FLAG, "e-mail/open rate")
    known = incident(signals=(flag,), members=(flag.member,))
    (change,) = step([known], [flag, signal()], 1)
    assert (change.loud, change.told) == (True, "Also seen: It rose.")
    (change,) = step([incident()], [signal(), flag], 1)
    assert (change.loud, change.told) == (False, "Also seen: It rose.")


def test_only_an_open_incident_is_loud_when_it_gets_worse() -> None:
    for state, loud in ((S.OPEN, True), (S.ACKNOWLEDGED, False), (S.SNOOZED, False)):
        assert step([incident(state)], [signal(strength=2.0)], 1)[0].loud is loud


def test_an_unrelated_problem_is_an_incident_of_its_own() -> None:
    changes = step([incident()], [signal(), signal(RuleName.RED_FLAG, "sales and CS/win rate")], 1)
    assert [c.event for c in changes] == [E.SIGNAL, "raise"]


def test_what_gets_worse_is_told_and_what_wobbles_is_not() -> None:
    assert "worse" in step([incident()], [signal(strength=1.6)], 1)[0].told
    assert step([incident()], [signal(strength=1.2)], 1)[0].told == ""


def test_over_the_budget_incidents_are_held_and_released_next_week() -> None:
    settings = replace(options(), weekly_budget=1)
    flags = [signal(RuleName.RED_FLAG, "sales and CS/win rate")]
    changes = step([], [signal(), *flags], 0, settings)
    assert [c.after.state for c in changes] == [S.OPEN, S.HELD]
    known = [replace(c.after, id=number) for number, c in enumerate(changes, 1)]
    assert [c.after.state for c in step(known, [signal(), *flags], 3, settings)] == [S.OPEN, S.HELD]
    later = step(known, [signal(), *flags], 7, settings)
    assert [(c.event, c.after.state) for c in later] == [(E.SIGNAL, S.OPEN), (E.RELEASE, S.OPEN)]
    assert later[1].visible


def test_a_muted_rule_is_evaluated_but_never_posted() -> None:
    (change,) = step([], [signal()], 0, options(complaint_spike=RuleOptions(muted=True)))
    assert (change.after.state, change.after.posted_on, change.visible) == (S.MUTED, None, False)


@pytest.mark.parametrize("told_useless", [False, True])
def test_a_muted_flag_hides_a_new_spike_only_where_a_person_muted_it(told_useless: bool) -> None:
    """A flag that was up at the first check is muted by nobody: the first spike after it must be heard."""
    flag = signal(RuleName.RED_FLAG, "community/marketing complaints")
    (change,) = check([], [flag], options(), moment(first=True))
    known = replace(change.after, id=1, useful=False if told_useless else None)
    changes = step([known], [flag, signal()], 3)
    assert any(c.visible and c.after.state is S.OPEN for c in changes) is not told_useless
    assert next(c for c in changes if c.before == known).after.state is S.MUTED


def test_flags_that_were_up_before_the_first_check_are_history() -> None:
    flag = signal(RuleName.RED_FLAG, "e-mail/open rate")
    (change,) = check([], [flag], options(), moment(first=True))
    assert change.after.state is S.MUTED
    (change,) = check([], [signal()], options(), moment(first=True))
    assert change.after.state is S.OPEN


def test_within_the_cooldown_it_reopens_and_after_it_a_new_incident_begins() -> None:
    ended = incident(S.RESOLVED, resolved_on=DAY + timedelta(days=1))
    assert [c.event for c in step([ended], [signal()], 8)] == [E.REOPEN]
    assert [c.event for c in step([ended], [signal()], 9)] == ["raise"]


def test_a_disabled_rule_raises_nothing_and_ends_what_it_raised() -> None:
    off = options(complaint_spike=RuleOptions(enabled=False))
    assert step([], [signal()], 0, off) == []
    assert step([incident()], [signal()], 1, off)[0].after.state is S.RESOLVED


def test_a_flickering_flag_is_not_resolved_by_one_quiet_day() -> None:
    flag = signal(RuleName.RED_FLAG, "e-mail/open rate")
    known = incident(signals=(flag,), members=(flag.member,))
    assert step([known], [], 2)[0].after.state is S.OPEN
    assert step([known], [], 3)[0].after.state is S.RESOLVED


def living(known: Change) -> list[Incident]:
    return [replace(known.after, id=1)]


def test_a_spike_that_returns_after_a_month_of_its_flag_alone_is_news_for_the_channel_and_leads() -> None:
    flag = signal(RuleName.RED_FLAG, "community/marketing complaints", sentence="Flag.")
    known = step([], [signal(sentence="The old one.", strength=3.0), flag], 0)
    for days in range(1, 31):
        known = step(living(known[0]), [flag], days)
        assert [s.sentence for s in known[0].after.signals] == ["Flag."]
        assert (known[0].visible, known[0].told) == (days == 1, "")
    later = signal(sentence="The new one.", strength=3.0, campaigns=("new",), onset=DAY + timedelta(days=31))
    (back,) = step(living(known[0]), [later, flag], 31)
    assert (back.told, back.loud, back.visible) == ("Seen again: The new one.", True, True)
    assert back.after.lead == later
    (again,) = step(living(back), [later, flag], 32)
    assert (again.told, again.visible) == ("", False)


@pytest.mark.parametrize(
    ("days", "cooldown", "loud"), [(7, 7, False), (8, 7, True), (4, 3, True), (8, 9, False)]
)
def test_a_return_is_news_for_the_channel_after_the_cooldown_and_for_the_thread_before(
    days: int, cooldown: int, loud: bool
) -> None:
    flag = signal(RuleName.RED_FLAG, "community/marketing complaints", sentence="Flag.")
    (known,) = step([], [signal(), flag], 0)
    for day in range(1, days):
        (known,) = step(living(known), [flag], day)
    settings = options(complaint_spike=RuleOptions(cooldown_days=cooldown))
    (back,) = step(living(known), [signal(), flag], days, settings)
    assert (back.told, back.loud) == ("Seen again: It rose.", loud)


def test_each_member_ends_by_its_own_quiet_days_even_when_nothing_is_seen() -> None:
    flag = signal(RuleName.RED_FLAG, "community/marketing complaints", sentence="Flag.")
    (raised,) = step([], [signal(), flag], 0)
    (quiet,) = step(living(raised), [], 1)
    assert (quiet.event, quiet.visible, quiet.told, quiet.after.lead) == (E.SIGNAL, True, "", flag)
    (back,) = step(living(quiet), [signal()], 2)
    assert (back.told, back.loud) == ("Seen again: It rose.", False)
    assert step(living(quiet), [], 3)[0].event == E.CLEAR


def test_a_lead_that_passes_on_to_a_stronger_rule_has_not_got_worse() -> None:
    verdict = signal(RuleName.CAMPAIGN_VERDICT, "c1", sentence="Likely linked to c1.", strength=9.0)
    (raised,) = step([], [signal(), verdict], 0)
    (passed,) = step(living(raised), [verdict], 1)
    assert (passed.after.lead, passed.told, passed.loud) == (verdict, "", False)


def test_the_snooze_that_ends_with_a_return_tells_of_it() -> None:
    flag = signal(RuleName.RED_FLAG, "community/marketing complaints", sentence="Flag.")
    known = incident(
        S.SNOOZED, signals=(flag,), members=("complaint_spike/all", flag.member), snoozed_until=NOW
    )
    known = replace(known, last_seen={"complaint_spike/all": DAY - timedelta(days=7), flag.member: DAY})
    (change,) = step([known], [signal(), flag], 1)
    assert (change.event, change.loud) == (E.WAKE, True)
    assert change.told == "The snooze is over and it goes on. Seen again: It rose."


def test_an_incident_of_an_older_version_ages_from_its_last_day_with_evidence() -> None:
    flag = signal(RuleName.RED_FLAG, "community/marketing complaints", sentence="Flag.")
    known = incident(signals=(signal(), flag), members=("complaint_spike/all", flag.member))
    assert known.last_seen == {}
    (alone,) = step([known], [flag], 1)
    assert alone.after.signals == (flag,)
    assert alone.after.last_seen == {"complaint_spike/all": DAY, flag.member: DAY + timedelta(days=1)}


def test_a_clock_that_goes_back_resolves_nothing_and_raises_nothing_twice() -> None:
    known = incident(opened_on=DAY + timedelta(days=30), seen_on=DAY + timedelta(days=30))
    (change,) = step([known], [], 0)
    assert change.after == known
    ended = incident(S.RESOLVED, resolved_on=DAY + timedelta(days=5))
    assert [c.event for c in step([ended], [signal()], 0)] == [E.REOPEN]


def test_a_clock_that_jumps_a_month_ahead_opens_no_flood() -> None:
    names = [signal(RuleName.KNOWN_ACCOUNT, f"{number}") for number in range(20)]
    changes = check([], names, options(), moment(31))
    assert sum(c.after.state is S.OPEN for c in changes) == AlertOptions().weekly_budget


def test_nothing_is_told_or_shown_of_a_muted_incident_but_all_is_noted() -> None:
    muted = act(incident(), E.MUTE, actor="U1", as_of=DAY)
    joined = signal(RuleName.NEGATIVE_SPIKE, sentence="Negative posts, too.")
    (change,) = step(living(muted), [signal(strength=9.0), joined], 1)
    assert (change.told, change.loud, change.visible) == ("", False, False)
    assert change.noted == "Also seen: Negative posts, too."
    assert (change.after.version, len(change.after.signals)) == (muted.after.version, 2)
    (worse,) = step(living(muted), [signal(strength=9.0)], 1)
    assert (worse.told, worse.noted, worse.visible) == ("", "It got worse. It rose.", False)
    unmuted = act(living(change)[0], E.UNMUTE, actor="U1", as_of=DAY)
    assert unmuted.visible


def test_what_goes_on_is_told_no_more_once_its_rule_is_muted() -> None:
    quiet = options(complaint_spike=RuleOptions(muted=True))
    (worse,) = step([incident()], [signal(strength=9.0)], 1, quiet)
    assert (worse.told, worse.noted, worse.loud, worse.visible) == (
        "",
        "It got worse. It rose.",
        False,
        False,
    )
    (ended,) = step([incident()], [], 1, quiet)
    assert (ended.event, ended.visible, ended.told) == (E.CLEAR, True, "")
    (joined,) = step([incident()], [signal(), signal(RuleName.NEGATIVE_SPIKE)], 1, quiet)
    assert (joined.told, joined.visible) == ("Also seen: It rose.", True)  # the other rule is not muted
    (again,) = step(living(worse), [signal(strength=30.0)], 2)
    assert (again.loud, again.visible) == (True, True)


def test_a_held_incident_waits_as_long_as_its_rule_is_muted() -> None:
    quiet = options(complaint_spike=RuleOptions(muted=True))
    (change,) = step([incident(S.HELD)], [signal()], 1, quiet)
    assert (change.after.state, change.after.posted_on, change.visible) == (S.HELD, None, False)
    assert step([incident(S.HELD)], [signal()], 1)[0].event == E.RELEASE


def test_the_message_of_a_muted_incident_that_ends_loses_its_buttons_without_a_note() -> None:
    muted = act(incident(), E.MUTE, actor="U1", as_of=DAY)
    (ended,) = step(living(muted), [], 1)
    assert (ended.event, ended.visible, ended.told, ended.loud) == (E.CLEAR, True, "", False)
    assert ended.noted.startswith("Resolved: nothing more since")
    (back,) = step(living(ended), [signal()], 2)
    assert (back.event, back.visible, back.told, back.loud) == (E.REMUTE, False, "", False)


def test_a_snooze_outlasts_the_end_of_its_incident_and_says_when_it_is_over() -> None:
    until = NOW + timedelta(days=4)
    snoozed = act(incident(), E.SNOOZE, actor="U1", until=until, as_of=DAY)
    (ended,) = step(living(snoozed), [], 1)
    assert (ended.event, ended.after.snoozed_until) == (E.CLEAR, until)
    (back,) = step(living(ended), [signal()], 2)
    assert (back.event, back.after.state, back.after.snoozed_until) == (E.RESNOOZE, S.SNOOZED, until)
    assert (back.loud, back.visible, back.told) == (False, True, "It came back and stays snoozed. It rose.")
    assert step(living(back), [signal(strength=9.0)], 3)[0].loud is False
    (over,) = step(living(back), [signal()], 4)
    assert (over.event, over.after.state, over.after.snoozed_until) == (E.WAKE, S.OPEN, None)
    assert over.told == "The snooze is over and it goes on. It rose."


def test_what_comes_back_after_the_snooze_is_news_for_the_channel() -> None:
    ended = incident(S.RESOLVED, resolved_on=DAY + timedelta(days=1), snoozed_until=NOW + timedelta(days=3))
    (back,) = step([ended], [signal()], 3)
    assert (back.event, back.loud, back.after.snoozed_until) == (E.REOPEN, True, None)


def test_a_snooze_over_the_leap_day_ends_when_it_says() -> None:
    until = datetime(2028, 2, 29, 9, tzinfo=UTC)
    change = act(incident(), E.SNOOZE, actor="U1", until=until, as_of=DAY)
    before, after = (
        check([change.after], [signal()], options(), CheckMoment(date(2028, 2, 28), until + wait))
        for wait in (timedelta(seconds=-1), timedelta())
    )
    assert [before[0].after.state, after[0].after.state] == [S.SNOOZED, S.OPEN]
    assert change.after.useful is None


def test_a_snooze_needs_an_end() -> None:
    with pytest.raises(UsageError, match="needs an end"):
        act(incident(), E.SNOOZE, actor="U1", as_of=DAY)
