"""Who received a campaign: its audience in the calendar's words, turned into two groups of customers.

Understood are a list of accounts ("Acme; Blue Ltd"), segments ("customer_type=Enterprise", several with ;), the bare value
of a segment ("Enterprise"), and any of them after "hold-out:", which names who did *not* receive it, drawn at random.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from monitor.domain.nps import NpsResponse

_HOLD_OUT = re.compile(r"^\s*(hold[- ]?out|control( group)?)\s*:\s*", re.IGNORECASE)
_EVERYBODY = frozenset(
    {"all", "all customers", "all users", "everybody", "everyone", "customers", "все", "все клиенты", "*"}
)
UNKNOWN_AUDIENCE = "its audience is not known"
EVERYBODY = "it went to everybody, so there is nobody to compare with"
NO_MATCH = "its audience names neither an account nor a segment that posts or NPS answers carry"
AMBIGUOUS = "its audience is the value of several segments: write it as segment=value"
MIXED = "its audience mixes accounts and segments: use one of them"


@dataclass(frozen=True, slots=True)
class Customers:
    """What is known of customers from posts and NPS answers; names in the form of `plain`.

    Attributes:
        accounts: every account that a post or an answer carries.
        segments: account -> attribute -> value, as of its newest answer.
        values: attribute -> every value that any answer carries.
    """

    accounts: frozenset[str]
    segments: Mapping[str, Mapping[str, str]]
    values: Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Audience:
    """A rule that says of a customer whether the campaign reached them.

    Attributes:
        accounts: listed accounts; None where segments decide.
        segments: attribute -> values; all attributes must fit.
        hold_out: the rule names those who were left out at random.
        reason: why there is no rule; "" when there is one.
    """

    accounts: frozenset[str] | None = None
    segments: Mapping[str, frozenset[str]] = field(default_factory=dict)
    hold_out: bool = False
    reason: str = ""

    def reached(self, account: str, segments: Mapping[str, str]) -> bool | None:
        """Whether a customer received it; None when nobody knows.

        Args:
            account: "" when unknown.
            segments: attribute -> value, all in the form of `plain`.
        """
        if self.accounts is not None:
            named = account in self.accounts if account else None
        elif any(not segments.get(name) for name in self.segments):
            named = None
        else:
            named = all(segments[name] in values for name, values in self.segments.items())
        return named if named is None else named != self.hold_out


def plain(name: str) -> str:
    """A name without case and superfluous spaces."""
    return " ".join(name.split()).casefold()


def know_customers(accounts: Sequence[str], answers: Sequence[NpsResponse]) -> Customers:
    """Gather accounts and segments; of two answers of an account the newer one counts."""
    segments: dict[str, dict[str, str]] = {}
    values: dict[str, set[str]] = {}
    for answer in sorted(answers, key=lambda answer: (answer.answered_at, answer.external_id)):
        known = plain_segments(answer)
        for name, value in known.items():
            values.setdefault(name, set()).add(value)
        if answer.account:
            segments.setdefault(plain(answer.account), {}).update(known)
    return Customers(
        frozenset({plain(name) for name in accounts} | set(segments)),
        segments,
        {name: frozenset(found) for name, found in values.items()},
    )


def plain_segments(answer: NpsResponse) -> dict[str, str]:
    """An answer's segments with names and values in the form of `plain`."""
    return {plain(name): plain(value) for name, value in answer.segments.items() if value.strip()}


def read_audience(text: str, customers: Customers) -> Audience:
    """The rule that a campaign's audience stands for, or the reason why there is none."""
    hold_out = _HOLD_OUT.match(text) is not None
    words = _HOLD_OUT.sub("", text)
    if not words.strip():
        return Audience(reason=UNKNOWN_AUDIENCE)
    if plain(words) in _EVERYBODY:
        return Audience(reason=EVERYBODY)
    parts = _parts(words, customers.accounts)
    if any("=" in part and part not in customers.accounts for part in parts):
        return _by_segments(parts, customers, hold_out=hold_out)
    if customers.accounts.intersection(parts):
        return Audience(frozenset(parts), hold_out=hold_out)
    fitting = [name for name, values in sorted(customers.values.items()) if values.intersection(parts)]
    if not fitting:
        return Audience(reason=NO_MATCH)
    if len(fitting) > 1:
        return Audience(reason=AMBIGUOUS)
    return Audience(None, {fitting[0]: frozenset(parts)}, hold_out)


def _parts(words: str, accounts: frozenset[str]) -> list[str]:
    """Names between semicolons, else between commas; a known account with a comma in its name stays whole."""
    if plain(words) in accounts:
        return [plain(words)]
    if ";" in words:
        return [plain(part) for part in words.split(";") if part.strip()]
    parts: list[str] = []
    for piece in (plain(piece) for piece in words.split(",")):
        joined = f"{parts[-1]}, {piece}" if parts else piece
        if parts and joined in accounts:
            parts[-1] = joined
        elif piece:
            parts.append(piece)
    return parts


def _by_segments(parts: Sequence[str], customers: Customers, *, hold_out: bool) -> Audience:
    wanted: dict[str, set[str]] = {}
    for part in parts:
        name, sign, value = (piece.strip() for piece in part.partition("="))
        if not sign:
            return Audience(reason=MIXED)
        wanted.setdefault(name, set()).add(value)
    for name, values in wanted.items():
        if not values.intersection(customers.values.get(name, ())):
            return Audience(reason=NO_MATCH)
    return Audience(None, {name: frozenset(values) for name, values in wanted.items()}, hold_out)
