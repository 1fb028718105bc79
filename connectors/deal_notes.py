"""Deal notes of any CRM from a file: each row a note, and the state of the deal it belongs to.

The rep's words and the customer's are told apart (`connectors.mail_text`); both are kept. A deal is handed on
whenever what the file says of it changes: values of its latest note win, an empty cell erases nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from datetime import UTC, date, datetime
from typing import Any

from connectors.base import Connector, Record
from connectors.cell_values import (
    TWO_WAYS,
    BadNumberError,
    Decimal,
    UnclearNumberError,
    is_nothing,
    parse_number,
    parse_yes_no,
    stable_id,
)
from connectors.dates import BadDate, shown_value
from connectors.kinds import ConnectorKind, SourceContext
from connectors.mail_text import read_note
from connectors.options import option
from connectors.repeated_rows import TextRows
from connectors.row_identity import TextIds
from connectors.row_values import read_address, read_moment, read_name
from connectors.table_columns import Column
from connectors.table_source import RowContext, TableConnector, TableKind, TableOptions
from connectors.tables import Row
from connectors.text import clean_name
from monitor.domain.deals import Deal
from monitor.domain.posts import DeletedPost, Post, PostKind, SkippedItem, Voice

KIND = "deal_notes"
_LONG_AGO = datetime(1, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class DealNotesOptions(TableOptions):
    """Keys of a `[[sources]]` table of kind "deal_notes"."""

    deal_types: Mapping[str, str] = option(
        "the CRM's deal type -> expansion, renewal or new, where the usual words do not tell", default={}
    )
    decimal: Decimal = option("decimal mark of amounts; found in each cell when auto", default="auto")


_TABLE = TableKind(
    kind=KIND,
    columns=(
        Column("note", ("body", "note body", "hs_note_body", "text", "content", "description", "comments", "заметка",
                        "комментарий"), required=True),
        Column("date", ("created at", "created", "created date", "note date", "hs_timestamp", "timestamp", "time",
                        "activity date", "add time", "create date", "дата"), required=True),
        Column("id", ("note id", "activity id", "record id", "hs_object_id", "noteid")),
        Column("deal", ("deal id", "opportunity id", "associated deal ids", "associated deal id", "dealid",
                        "opportunity", "deal name", "opportunity name", "сделка")),
        Column("stage", ("deal stage", "dealstage", "stage name", "opportunity stage", "этап")),
        Column("type", ("deal type", "dealtype", "opportunity type", "тип сделки")),
        Column("amount", ("deal amount", "value", "deal value", "acv", "arr", "сумма")),
        Column("owner", ("deal owner", "opportunity owner", "hubspot owner", "owner name", "ответственный")),
        Column("account", ("account name", "company", "company name", "customer", "organization", "associated company",
                           "компания")),
        Column("opened", ("opened on", "deal created", "open date", "deal create date")),
        Column("closed", ("closed on", "close date", "closedate", "closed date", "won time")),
        Column("won", ("deal status", "outcome")),
        Column("is_won", ("iswon", "hs_is_closed_won", "is closed won")),
        Column("is_closed", ("isclosed", "hs_is_closed", "is deal closed")),
        Column("qualified", ("is qualified",)),
        Column("author", ("created by", "author name", "note author", "user", "автор")),
        Column("voice", ("direction", "email direction", "hs_email_direction", "note voice")),
        Column("pipeline", ("deal pipeline", "pipeline name", "воронка")),
        Column("url", ("link", "note url")),
    ),
    moments=("date",),
    days=("opened", "closed"),
    identity=("id", "note", "date", "deal", "author"),
    replaces_ids=True,
)  # fmt: skip
_TYPES = {
    "expansion": "expansion upsell upgrade crosssell addon existingbusiness existing расширение",
    "renewal": "renewal renew existingrenewal продление",
    "new": "new newbusiness newlogo newcustomer acquisition новый новая",
}
_TYPE_BY_WORD = {word: kind for kind, words in _TYPES.items() for word in words.split()}
_INCOMING = frozenset({"customer", "incoming", "inbound", "incoming email", "client", "received", "входящее"})


class DealNotesReader:
    """Rows to posts and deals; a note that comes again is reported, the first stays, its deal's news count."""

    def __init__(self, context: RowContext, options: DealNotesOptions) -> None:
        self._context = context
        self._decimal = options.decimal
        self._types = {**_TYPE_BY_WORD, **{_word(key): value for key, value in options.deal_types.items()}}
        self._rows = TextRows(context.source)
        self._ids = TextIds(_content_id)
        self._deals: dict[str, dict[str, tuple[datetime, Any]]] = {}

    def __call__(self, row: Row) -> Iterator[Record | SkippedItem]:
        """The deal's new state if it changed, and the note."""
        created = read_moment(row, "date", self._context)
        deal_id = _first_deal(row["deal"])
        if deal_id:
            yield from self._deal(row, deal_id, _LONG_AGO if isinstance(created, SkippedItem) else created)
        if not isinstance(created, SkippedItem):
            yield from self._note(row, created, deal_id or None)
        elif not deal_id or row["note"].strip():
            yield created

    def _note(
        self, row: Row, created: datetime, deal_id: str | None
    ) -> Iterator[Post | DeletedPost | SkippedItem]:
        """The note; where it is empty, one that an earlier version of the file had goes."""
        incoming = " ".join(row["voice"].casefold().replace("_", " ").split()) in _INCOMING
        note = read_note(row["note"], author=Voice.CUSTOMER if incoming else Voice.REP)
        identifier = clean_name(row["id"])
        known_by = self._ids.of(row)
        if not note.text and (row["note"].strip() or not deal_id):
            yield row.skip("no text")
        replaced = self._ids.replaced(row, known_by)
        follows = self._rows.follow(
            row, known_by, replaced, has_text=bool(note.text), from_file=bool(identifier)
        )
        if not (yield from follows):
            return
        pipeline = clean_name(row["pipeline"])
        yield Post(
            source=self._context.source,
            external_id=known_by,
            kind=PostKind.DEAL_NOTE,
            text=note.text,
            created_at=created,
            channel=pipeline,
            channel_name=pipeline,
            author_id=read_name(row, "author") or read_name(row, "owner"),
            author_name=read_name(row, "author") or read_name(row, "owner"),
            url=read_address(row, "url"),
            account=read_name(row, "account"),
            deal_id=deal_id,
            segments=note.segments,
            truncated=note.truncated,
            about_us=True,
        )

    def _deal(self, row: Row, deal_id: str, told_at: datetime) -> Iterator[Deal | SkippedItem]:
        problems: list[SkippedItem] = []
        told = self._told(row, deal_id, problems)
        yield from problems
        known = self._deals.setdefault(deal_id, {})
        before = {name: value for name, (_, value) in known.items()}
        for name, value in _said(told).items():
            if name not in known or told_at >= known[name][0]:
                known[name] = told_at, value
        state = {name: value for name, (_, value) in known.items()}
        if not before or state != before:
            yield replace(told, **state)

    def _told(self, row: Row, deal_id: str, problems: list[SkippedItem]) -> Deal:
        """What one row says of its deal; unreadable cells are reported and count as empty."""
        stage = clean_name(row["stage"])
        won = _won(row)
        return Deal(
            source=self._context.source,
            external_id=deal_id,
            type=self._type(row["type"]),
            stage=stage,
            amount=self._amount(row, problems),
            owner=read_name(row, "owner"),
            account=read_name(row, "account"),
            opened_on=self._day(row, "opened", problems),
            closed_on=self._closed_on(row, problems, won=won),
            won=won,
            qualified=parse_yes_no(row["qualified"]),
        )

    def _type(self, text: str) -> str:
        name = clean_name(text)
        return self._types.get(_word(name), name.casefold())

    def _amount(self, row: Row, problems: list[SkippedItem]) -> float | None:
        try:
            usual = self._context.usual_mark(row.fields.get("amount", ""))
            return parse_number(row["amount"], self._decimal, usual)
        except BadNumberError as error:
            what = TWO_WAYS if isinstance(error, UnclearNumberError) else "not read"
            problems.append(row.skip(f"amount {what} (row kept)", f"amount is {shown_value(row['amount'])}"))
            return None

    def _closed_on(self, row: Row, problems: list[SkippedItem], *, won: bool | None) -> date | None:
        """The day a deal was closed; for open deals CRMs hold the day they hope for, which is none."""
        day = self._day(row, "closed", problems)
        is_open = won is None and any(row[field].strip() for field in ("stage", "won", "is_won", "is_closed"))
        return None if day is None or is_open or day > self._context.now.date() else day

    def _day(self, row: Row, field: str, problems: list[SkippedItem]) -> date | None:
        if is_nothing(row[field]):
            return None
        day = self._context.dates.day(row[field])
        if isinstance(day, BadDate):
            problems.append(row.skip(f"{field} day not read (row kept)", f"it is {shown_value(row[field])}"))
            return None
        return day


def _content_id(row: Row) -> str:
    return stable_id(row["note"], row["date"], _first_deal(row["deal"]), row["author"])


def _won(row: Row) -> bool | None:
    """Whether the deal was won (None: open or not told).

    A CRM's own flag is false for lost and for open deals alike, so it needs another column to mean lost.
    """
    told = parse_yes_no(row["won"])
    if told is not None:
        return told
    flag = parse_yes_no(row["is_won"])
    if flag or (flag is False and parse_yes_no(row["is_closed"])):
        return flag
    return parse_yes_no(row["stage"])


def _first_deal(text: str) -> str:
    """The deal's id; the first where a note belongs to several (`123;456`)."""
    several = re.fullmatch(r"\s*(\w{3,40})(?:\s*[;,]\s*\w{3,40})+\s*", text[:1_000], re.ASCII)
    return several[1] if several else clean_name(text)


def _word(text: str) -> str:
    return "".join(character for character in text.casefold() if character.isalnum())


def _said(deal: Deal) -> dict[str, Any]:
    """What a row says of its deal: fields that are not empty; a stage always says whether the deal was won."""
    values = {entry.name: getattr(deal, entry.name) for entry in fields(Deal)}
    return {
        name: value
        for name, value in values.items()
        if value not in {None, ""}
        or (name == "won" and deal.stage)  # a reopened deal is neither won nor lost
    }


def build(context: SourceContext, options: DealNotesOptions) -> Connector:
    """The connector of one `[[sources]]` table."""
    return TableConnector(context.name, _TABLE, options, lambda rows: DealNotesReader(rows, options))


KINDS = (
    ConnectorKind(
        kind=KIND,
        description="deal notes and deals of any CRM, from CSV or JSON",
        needs_network=False,
        options_class=DealNotesOptions,
        build=build,
    ),
)
