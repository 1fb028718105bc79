"""Deals and the notes of sales and success people: their own words and the customer's."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path

from monitor.demo.calendar_year import DAYS, FIRST_DAY, LAST_DAY, is_working_day
from monitor.demo.dice import Dice
from monitor.demo.moods import Grumble
from monitor.demo.people import Person
from monitor.demo.tables import write_csv
from monitor.demo.unhappy import grumble_text
from monitor.demo.words import MAIL, Writer, sections

COLUMNS = ("Note ID", "Deal ID", "Account", "Deal type", "Stage", "Amount", "Owner", "Opened", "Closed", "Won",
           "Qualified", "Note date", "Body")  # fmt: skip
DEALS = 210
WIN_SHARE, LATE_WIN_SHARE = 0.46, 0.27
LATE_FROM = LAST_DAY - timedelta(days=69)
"""From here on expansion deals are won less often: planted, and told in truth.json."""
_OPEN_STAGES = ("Discovery", "Proposal", "Negotiation")
Row = dict[str, object]


@dataclass(frozen=True, slots=True)
class DemoDeal:
    """One deal as the CRM knows it on the day of the export."""

    id: str
    account: str
    type: str
    stage: str
    amount: int
    owner: str
    opened: date
    closed: date | None
    won: bool | None
    qualified: bool

    @property
    def last_note_day(self) -> date:
        """The last day on which a note makes sense."""
        return min(LAST_DAY, self.closed or LAST_DAY)


def make_deals(seed: int, owners: tuple[Person, ...]) -> tuple[DemoDeal, ...]:
    """The year's deals."""
    dice = Dice(seed, "deals")
    return tuple(_deal(number, dice, owners) for number in range(1, DEALS + 1))


def _deal(number: int, dice: Dice, owners: tuple[Person, ...]) -> DemoDeal:
    deal_type = dice.weighted((("Expansion", 5.0), ("Renewal", 3.0), ("New business", 2.0)))
    opened = FIRST_DAY + timedelta(days=dice.whole(0, 355))
    late = opened > LATE_FROM - timedelta(days=40)
    closes = opened + timedelta(days=dice.whole(14, 80) + (12 if late else 0))
    closed = closes if closes <= LAST_DAY else None
    share = LATE_WIN_SHARE if deal_type == "Expansion" and closes >= LATE_FROM else WIN_SHARE
    won = dice.chance(0.8 if deal_type == "Renewal" else share) if closed else None
    stage = dice.pick(_OPEN_STAGES) if won is None else ("Closed won" if won else "Closed lost")
    return DemoDeal(
        id=f"D-{number:04d}",
        account=dice.pick(sections()["accounts"]),
        type=deal_type,
        stage=stage,
        amount=dice.whole(12, 480) * 100,
        owner=dice.pick(owners).name,
        opened=opened,
        closed=closed,
        won=won,
        qualified=dice.chance(0.55 if late else 0.7),
    )


def write_deal_notes(path: Path, deals: tuple[DemoDeal, ...], unhappy: tuple[Grumble, ...], seed: int) -> int:
    """Write the CRM's export: a row a note, with the state of its deal.

    Returns:
        how many notes.
    """
    notes = sorted(
        _Notes(seed, deals).rows(unhappy), key=lambda row: (str(row["Note date"]), str(row["Deal ID"]))
    )
    for number, row in enumerate(notes, start=1):
        row["Note ID"] = f"N-{number:05d}"
    return write_csv(path, COLUMNS, notes)


class _Notes:
    def __init__(self, seed: int, deals: tuple[DemoDeal, ...]) -> None:
        self._dice = Dice(seed, "notes")
        self._writer = Writer(seed, "notes")
        self._deals = deals

    def rows(self, unhappy: tuple[Grumble, ...]) -> Iterator[Row]:
        for deal in self._deals:
            days = [day for day in DAYS if deal.opened <= day <= deal.last_note_day and is_working_day(day)]
            for day in sorted(self._dice.shuffled(days)[: self._dice.whole(2, 5)]):
                yield self._row(deal, day, self._everyday())
        for grumble in unhappy:
            yield self._row(self._deal_on(grumble.day), grumble.day, self._grumble(grumble))

    def _deal_on(self, day: date) -> DemoDeal:
        running = [deal for deal in self._deals if deal.opened <= day <= deal.last_note_day]
        expansions = [deal for deal in running if deal.type == "Expansion"]
        return self._dice.pick(expansions or running or self._deals)

    def _everyday(self) -> str:
        kind = self._dice.weighted((("plain", 5.0), ("good", 2.5), ("neutral", 2.5)))
        if kind == "plain":
            heading = self._dice.weighted((("note_neutral", 8.0), ("note_good", 1.2)))
            tail = ("note_neutral", 0.6)
            return self._html([self._writer.say(heading, MAIL, tail=tail)], "")
        quote = self._writer.say(f"quote_{kind}", MAIL, tail=(f"quote_{kind}", 0.3))
        return self._html([self._writer.say("note_good" if kind == "good" else "note_neutral", MAIL)], quote)

    def _grumble(self, grumble: Grumble) -> str:
        if grumble.is_marketing:
            words = {"topic": grumble.campaign.topic if grumble.campaign else "upgrade"}
            own = self._writer.say("note_marketing", MAIL, words=words) if self._dice.chance(0.3) else ""
        else:
            own = self._writer.say("note_bad", MAIL) if self._dice.chance(0.4) else ""
            if grumble.heading == "product" and self._dice.chance(0.6):
                return self._html([own or self._neutral()], self._writer.say("quote_bad", MAIL))
        return self._html([own or self._neutral()], grumble_text(self._writer, grumble, MAIL, short=True))

    def _neutral(self) -> str:
        return self._writer.say("note_neutral", MAIL)

    def _html(self, paragraphs: list[str], quote: str) -> str:
        """The note as a CRM's editor stores it; the customer's words in one of three usual forms."""
        body = "".join(f"<p>{_escaped(text)}</p>" for text in paragraphs if text)
        if not quote:
            return body
        form = self._dice.weighted((("speech", 4.0), ("block", 3.0), ("named", 3.0)))
        lead = self._writer.fill(self._writer.draw("quote_lead"))
        plain = quote.replace('"', "'").replace("“", "'").replace("”", "'").replace("„", "'")
        if form == "speech" and len(plain.split()) >= 4:
            return f"{body}<p>{_escaped(lead)} &quot;{_escaped(plain)}&quot;</p>"
        if form == "block":
            return f"{body}<p>{_escaped(lead)}</p><blockquote>{_escaped(quote)}</blockquote>"
        return f"{body}<p>Customer: {_escaped(quote)}</p>"

    def _row(self, deal: DemoDeal, day: date, body: str) -> Row:
        moment = datetime.combine(
            day, time(self._dice.whole(8, 17), self._dice.whole(0, 59), self._dice.whole(0, 59))
        )
        return {
            "Deal ID": deal.id,
            "Account": deal.account,
            "Deal type": deal.type,
            "Stage": deal.stage,
            "Amount": deal.amount,
            "Owner": deal.owner,
            "Opened": deal.opened,
            "Closed": deal.closed,
            "Won": {True: "yes", False: "no", None: ""}[deal.won],
            "Qualified": "yes" if deal.qualified else "no",
            "Note date": f"{moment.isoformat()}Z",
            "Body": body,
        }


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
