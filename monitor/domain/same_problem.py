"""Which evidence of different rules describes one problem."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from monitor.domain.alerts import RuleName, Signal

SPIKES = frozenset({RuleName.COMPLAINT_SPIKE, RuleName.NEGATIVE_SPIKE})
_NEAR_DAYS = 7


def belongs(signal: Signal, others: Sequence[Signal], seen_on: date) -> bool:
    """Whether a signal is part of the problem that other signals describe."""
    if signal.rule is RuleName.KNOWN_ACCOUNT:
        return False
    return any(
        _same_problem(signal, other) and signal.onset <= seen_on + timedelta(days=_NEAR_DAYS)
        for other in others
    )


def _same_problem(one: Signal, other: Signal) -> bool:
    rules = {one.rule, other.rule}
    if rules == {RuleName.RED_FLAG}:
        return _near(one, other)
    if one.rule is other.rule:
        return one.subject == other.subject
    if rules <= SPIKES:
        return True
    if set(one.campaigns) & set(other.campaigns):
        return True
    if RuleName.RED_FLAG in rules and rules & {*SPIKES, RuleName.CAMPAIGN_VERDICT}:
        # What marketing sends and what people say of it: flags of sales and NPS are problems of their own.
        flag = one if one.rule is RuleName.RED_FLAG else other
        return not flag.subject.startswith("sales") and _near(one, other)
    if rules == {RuleName.RED_FLAG, RuleName.NPS_DIP}:
        return any("nps" in each.subject.lower() for each in (one, other) if each.rule is RuleName.RED_FLAG)
    if RuleName.CAMPAIGN_VERDICT in rules and rules & SPIKES:
        return one.onset <= other.last_day and other.onset <= one.last_day
    return False


def _near(one: Signal, other: Signal) -> bool:
    return abs((one.onset - other.onset).days) <= _NEAR_DAYS
