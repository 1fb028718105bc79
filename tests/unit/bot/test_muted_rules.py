"""A muted rule is never news, and never keeps another rule's news back."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta

import pytest

from monitor.domain.alerts import ALIVE, Incident, RuleName, RuleOptions
from monitor.domain.alerts import IncidentEvent as E
from monitor.domain.alerts import IncidentState as S
from monitor.domain.incidents import act
from tests.unit.bot.test_incidents import DAY, incident, living, options, signal, step

MUTED = RuleOptions(muted=True)
COMPLAINTS = signal(sentence="Complaints rose.")
NEGATIVE = signal(RuleName.NEGATIVE_SPIKE, sentence="Negative posts rose.")
QUIET = options(complaint_spike=MUTED)
BOTH = incident(members=(COMPLAINTS.member, NEGATIVE.member), signals=(COMPLAINTS, NEGATIVE))
ENDED = replace(BOTH, state=S.RESOLVED, resolved_on=DAY)


def test_what_a_muted_and_another_rule_see_together_is_posted() -> None:
    (change,) = step([], [COMPLAINTS, NEGATIVE], 0, QUIET)
    assert (change.after.state, change.visible, change.after.lead.rule) == (S.OPEN, True, NEGATIVE.rule)
    (alone,) = step([], [COMPLAINTS], 0, QUIET)
    assert (alone.after.state, alone.visible) == (S.MUTED, False)


def test_what_another_rule_brings_back_is_told_whichever_rule_led_before() -> None:
    (back,) = step([ENDED], [NEGATIVE], 2, QUIET)
    assert (back.event, back.loud, back.told) == (E.REOPEN, True, "It came back. Negative posts rose.")


def test_what_only_a_muted_rule_brings_back_stays_silent() -> None:
    (back,) = step([ENDED], [NEGATIVE], 2, options(negative_spike=MUTED))
    assert (back.event, back.loud, back.told, back.visible) == (E.REMUTE, False, "", False)


def test_news_of_another_rule_is_told_while_a_muted_one_goes_on_silently() -> None:
    (back,) = step([ENDED], [COMPLAINTS], 2, QUIET)
    assert back.after.state is S.MUTED
    muted, told = step(living(back), [COMPLAINTS, NEGATIVE], 3, QUIET)
    assert (muted.after.state, muted.visible) == (S.MUTED, False)
    assert (told.after.state, told.visible, told.after.members) == (S.OPEN, True, (NEGATIVE.member,))
    again = step([muted.after, replace(told.after, id=2)], [COMPLAINTS, NEGATIVE], 4, QUIET)
    assert [len(change.after.signals) for change in again] == [1, 1]


def test_a_muted_rule_that_joins_or_gets_worse_is_noted_but_not_told() -> None:
    quiet = options(negative_spike=MUTED)
    (joined,) = step([incident()], [signal(), NEGATIVE], 1, quiet)
    assert (joined.told, joined.noted, joined.visible) == ("", "Also seen: Negative posts rose.", True)
    (worse,) = step([BOTH], [replace(COMPLAINTS, strength=9.0), NEGATIVE], 1, QUIET)
    assert (worse.told, worse.loud, worse.noted) == ("", False, "It got worse. Complaints rose.")
    (heard,) = step([BOTH], [COMPLAINTS, replace(NEGATIVE, strength=9.0)], 1, QUIET)
    assert (heard.told, heard.loud) == ("It got worse. Negative posts rose.", True)


def test_what_a_person_muted_stays_muted_whichever_rule_sees_it() -> None:
    muted = act(BOTH, E.MUTE, actor="U1", as_of=DAY)
    (change,) = step(living(muted), [NEGATIVE], 1, QUIET)
    assert (change.after.state, change.visible, change.told) == (S.MUTED, False, "")


@pytest.mark.parametrize("seed", range(60))
def test_in_any_fortnight_no_muted_rule_is_told_and_no_other_one_is_kept_back(seed: int) -> None:
    chance = random.Random(seed)
    rules = [rule for rule in RuleName if rule is not RuleName.KNOWN_ACCOUNT]
    muted = {rule for rule in rules if chance.random() < 0.4}
    settings = replace(options(**{rule.value: MUTED for rule in muted}), weekly_budget=99)
    known: dict[int, Incident] = {}
    for day in range(14):
        now = DAY + timedelta(days=day)
        seen = [
            signal(
                rule,
                subject,
                onset=now,
                last_day=now,
                strength=chance.choice([1.0, 5.0]),
                sentence=rule.value,
            )
            for rule in rules
            for subject in ("all", "x")
            if chance.random() < 0.35
        ]
        for change in step(list(known.values()), seen, day, settings):
            number = change.after.id or len(known) + 1
            known[number] = replace(change.after, id=number)
            assert not [rule for rule in muted if rule.value in change.told]
        for one in seen:
            alive = [i for i in known.values() if i.state in ALIVE]
            owners = [i for i in alive if one.member in {s.member for s in i.signals}]
            assert owners
            assert one.rule in muted or any(i.state is not S.MUTED for i in owners)
