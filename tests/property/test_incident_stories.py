"""Hundreds of drawn stories of problems that come, pause and return, against rules that a reader could check by hand."""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

from monitor.domain.alerts import (
    ALIVE,
    AlertOptions,
    Incident,
    IncidentEvent,
    IncidentState,
    Measure,
    RuleName,
    Signal,
    next_state,
)
from monitor.domain.incidents import Change, CheckMoment, act, check

STORIES, DAYS = 150, 45
FIRST = date(2026, 9, 1)
KINDS = (
    (RuleName.COMPLAINT_SPIKE, "all"),
    (RuleName.NEGATIVE_SPIKE, "all"),
    (RuleName.CAMPAIGN_VERDICT, "c1"),
    (RuleName.RED_FLAG, "community/marketing complaints"),
    (RuleName.RED_FLAG, "sales and CS/win rate"),
)
QUIET_DAYS_THAT_END = {
    RuleName.COMPLAINT_SPIKE: 1,
    RuleName.NEGATIVE_SPIKE: 1,
    RuleName.CAMPAIGN_VERDICT: 3,
    RuleName.RED_FLAG: 3,
}
COOLDOWN_DAYS = 7
FLAGS = {RuleName.RED_FLAG}
TALKED_OF = {RuleName.COMPLAINT_SPIKE, RuleName.NEGATIVE_SPIKE, RuleName.CAMPAIGN_VERDICT}


@dataclass
class Story:
    """One sequence of checks, and what a careful reader would have written down."""

    seed: int
    incidents: dict[int, Incident] = field(default_factory=dict)
    diary: dict[tuple[int, str], date] = field(default_factory=dict)
    quiet_until: dict[int, datetime] = field(default_factory=dict)
    returns: int = 0
    late_returns: int = 0
    quiet_returns: int = 0
    wakings: int = 0
    muted_news: int = 0

    def __post_init__(self) -> None:
        self.dice = random.Random(self.seed)
        self.up = dict.fromkeys(KINDS, False)
        self.checked = FIRST - timedelta(days=1)

    def run(self) -> None:
        day = FIRST
        for _ in range(DAYS):
            self._check(day)
            day += timedelta(days=1 if self.dice.random() < 0.9 else self.dice.randint(2, 6))

    def _check(self, day: date) -> None:
        signals = self._weather(day)
        now = datetime(day.year, day.month, day.day, 7, tzinfo=UTC) + timedelta(days=1)
        changes = check(list(self.incidents.values()), signals, AlertOptions(), CheckMoment(day, now))
        self._each_signal_is_told_of_once(changes, signals)
        for change in changes:
            number = change.after.id or len(self.incidents) + 1
            after = replace(change.after, id=number)
            self._only_what_goes_on_is_shown(after, day)
            self._what_comes_back_is_news(change, day)
            self._a_snooze_is_kept(change, now)
            self._a_muted_one_is_silent(change)
            self.incidents[number] = after
            for signal in signals:
                if signal in _evidence(after, day):
                    self.diary[number, signal.member] = day
        self.checked = day
        if self.dice.random() < 0.2:
            self._somebody_snoozes(day, now)
        if self.dice.random() < 0.05:
            self._somebody_steps(self.dice.choice([IncidentEvent.MUTE, IncidentEvent.UNMUTE]), day)

    def _somebody_steps(self, event: IncidentEvent, day: date) -> None:
        chosen = [i for i in self.incidents.values() if next_state(i.state, event) is not None]
        if chosen:
            incident = self.dice.choice(chosen)
            self.incidents[incident.id] = act(incident, event, actor="U1", as_of=day).after
            self.quiet_until.pop(incident.id, None)

    def _somebody_snoozes(self, day: date, now: datetime) -> None:
        chosen = [i for i in self.incidents.values() if next_state(i.state, IncidentEvent.SNOOZE) is not None]
        if chosen:
            incident, until = self.dice.choice(chosen), now + timedelta(days=self.dice.randint(1, 20))
            change = act(incident, IncidentEvent.SNOOZE, actor="U1", until=until, as_of=day)
            self.incidents[incident.id], self.quiet_until[incident.id] = change.after, until

    def _weather(self, day: date) -> list[Signal]:
        found = []
        for kind in KINDS:
            if self.dice.random() < 0.3:
                self.up[kind] = not self.up[kind]
            if self.up[kind]:
                rule, subject = kind
                sentence, strength = f"{rule} {subject} on {day}.", self.dice.choice([1.0, 1.2, 3.0])
                found.append(Signal(rule, subject, day, day, sentence, Measure("posts", "9"), strength))
        return found

    def _each_signal_is_told_of_once(self, changes: list[Change], signals: list[Signal]) -> None:
        living = [change.after for change in changes if change.after.state in ALIVE]
        for signal in signals:
            assert sum(signal.sentence in {s.sentence for s in i.signals} for i in living) == 1

    def _only_what_goes_on_is_shown(self, after: Incident, day: date) -> None:
        if after.state in ALIVE:
            for signal in after.signals:
                assert (day - signal.last_day).days < QUIET_DAYS_THAT_END[signal.rule], (self.seed, day)

    def _what_comes_back_is_news(self, change: Change, day: date) -> None:
        before = change.before
        if before is None or before.state not in ALIVE:
            return
        others = {s.rule for s in before.signals}
        for signal in _evidence(change.after, day):
            last = self.diary.get((before.id, signal.member))
            if last is not None and (self.checked - last).days < QUIET_DAYS_THAT_END[signal.rule]:
                continue
            self.returns += last is not None
            if before.state is IncidentState.MUTED:
                assert signal.sentence in change.noted, (self.seed, day)
                self.muted_news += 1
                continue
            assert signal.sentence in change.told, (self.seed, day)
            is_new = last is None or (day - last).days > COOLDOWN_DAYS
            if is_new and before.state is IncidentState.OPEN and signal.rule in TALKED_OF and others == FLAGS:
                assert change.loud, (self.seed, day)
                self.late_returns += last is not None

    def _a_snooze_is_kept(self, change: Change, now: datetime) -> None:
        until, before = self.quiet_until.get(change.after.id), change.before
        if until is None or before is None:
            return
        if now < until:
            assert not change.loud, (self.seed, now)
            if change.after.state in ALIVE:
                assert change.after.state is IncidentState.SNOOZED
                assert change.after.snoozed_until == until
            self.quiet_returns += before.state not in ALIVE
        elif before.state is IncidentState.SNOOZED and change.after.seen_on > before.seen_on:
            assert change.after.state is IncidentState.OPEN
            assert "snooze is over" in change.told
            self.wakings += 1

    def _a_muted_one_is_silent(self, change: Change) -> None:
        if change.before is not None and change.before.state is IncidentState.MUTED:
            assert not change.told, (self.seed, change.told)
            assert not change.loud
            assert change.after.state in {IncidentState.MUTED, IncidentState.RESOLVED}
            assert change.visible is (change.after.state is IncidentState.RESOLVED)


def _evidence(incident: Incident, day: date) -> list[Signal]:
    return [replace(s, onset=s.last_day) for s in incident.signals if s.last_day == day]


def test_no_story_shows_what_ended_hides_what_returns_or_breaks_a_snooze_or_a_mute() -> None:
    """The rules are asserted while the stories run, and the stories must have put them to the test."""
    stories = [Story(seed) for seed in range(STORIES)]
    for story in stories:
        story.run()
    assert sum(story.returns for story in stories) > STORIES
    assert sum(story.late_returns for story in stories) > 10
    assert sum(story.quiet_returns for story in stories) > 10
    assert sum(story.wakings for story in stories) > 10
    assert sum(story.muted_news for story in stories) > 10
