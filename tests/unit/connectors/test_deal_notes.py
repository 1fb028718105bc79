"""Deal notes and the deals they belong to."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from connectors.registry import build_connector
from monitor.domain.deals import Deal
from monitor.domain.posts import IdentityPolicy, Post, PostKind, Voice, scored_voice
from tests.unit.connectors.file_sources import see


def test_a_row_is_a_note_and_a_deal(tmp_path: Path) -> None:
    """Everything a report needs of both arrives."""
    content = (
        "Note ID;Body;Create Date;Deal ID;Deal Stage;Deal Type;Amount;Close Date;Deal Owner;Company;Qualified;URL\n"
        '7;"Client said: ""we get far too many emails"".";2026-10-01T09:00:00Z;d9;Closed Lost;Existing Business;'
        "€12.500,50;2026-09-30;Ann;Acme;yes;https://example.com/7\n"
    )
    deal, post = see(tmp_path, "deal_notes", content, decimal=",").records
    assert deal == Deal(
        "s",
        "d9",
        "expansion",
        "Closed Lost",
        12500.5,
        "Ann",
        "Acme",
        None,
        date(2026, 9, 30),
        won=False,
        qualified=True,
    )
    assert isinstance(post, Post)
    assert (post.kind, post.about_us, post.deal_id, post.account) == (PostKind.DEAL_NOTE, True, "d9", "Acme")
    assert (scored_voice(post.segments), post.url) == (Voice.CUSTOMER, "https://example.com/7")
    assert post.scored_text == "we get far too many emails"


def test_incoming_messages_are_the_customers(tmp_path: Path) -> None:
    """The direction column says who wrote."""
    content = "note,date,direction\nno more calls,2026-10-01,INCOMING_EMAIL\nall fine,2026-10-01,outgoing\n"
    first, second = see(tmp_path, "deal_notes", content).records
    assert isinstance(first, Post)
    assert isinstance(second, Post)
    assert (scored_voice(first.segments), scored_voice(second.segments)) == (Voice.CUSTOMER, Voice.REP)


def test_a_deals_latest_note_tells_its_state(tmp_path: Path) -> None:
    """Whatever the order of rows; empty cells erase nothing; a reopened deal is not lost."""
    rows = [
        "first,2026-10-01,d1,Closed lost,100,Acme",
        "third,2026-10-03,d1,Negotiation,,",
        "second,2026-10-02,d1,Qualified,90,Other",
    ]
    for order in (rows, rows[::-1]):
        seen = see(tmp_path, "deal_notes", "note,date,deal,stage,amount,account\n" + "\n".join(order))
        last = [record for record in seen.records if isinstance(record, Deal)][-1]
        assert (last.stage, last.amount, last.account, last.won) == ("Negotiation", 90.0, "Other", None)


@pytest.mark.parametrize(
    ("columns", "cells", "won", "closed"),
    [
        ("stage,closed", "Closed Won,2026-10-01", True, True),
        ("stage,closed", "Negotiation,2026-12-31", None, False),
        ("stage,closed", "Negotiation,2026-10-01", None, False),
        ("IsWon,stage,closed", "false,Negotiation,2026-10-01", None, False),
        ("IsWon,stage,closed", "false,Closed Lost,2026-10-01", False, True),
        ("IsWon,IsClosed,closed", "false,true,2026-10-01", False, True),
        ("hs_is_closed_won,hs_is_closed,closed", "false,false,2026-10-01", None, False),
        ("won,closed", "no,2026-10-01", False, True),
        ("closed", "2026-10-01", None, True),
        ("closed", "2027-10-01", None, False),
    ],
)
def test_open_deals_are_not_lost_ones(
    columns: str, cells: str, won: bool | None, closed: bool, tmp_path: Path
) -> None:
    """A flag that says "not won" and a hoped-for day do not close a deal."""
    deal = see(tmp_path, "deal_notes", f"note,date,deal,{columns}\n,2026-10-01,d1,{cells}\n").only
    assert (deal.won, deal.closed_on is not None) == (won, closed)


def test_a_note_on_several_deals_belongs_to_the_first(tmp_path: Path) -> None:
    """As CRMs write them into one cell."""
    assert see(tmp_path, "deal_notes", "note,date,deal\n,2026-10-01,123;456\n").only.external_id == "123"
    assert (
        see(tmp_path, "deal_notes", 'note,date,deal\n,2026-10-01,"Acme, EU; two"\n').only.external_id
        == "Acme, EU; two"
    )


def test_a_deal_without_a_note_is_a_deal(tmp_path: Path) -> None:
    """An empty note is nothing that was lost."""
    seen = see(tmp_path, "deal_notes", "note,date,deal\n,2026-10-01,d1\n")
    assert seen.only == Deal("s", "d1")
    assert not seen.skipped


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ("Upsell", "expansion"),
        ("Cross-sell", "expansion"),
        ("RENEWAL", "renewal"),
        ("New Business", "new"),
        ("Pilot", "pilot"),
        ("PS add", "expansion"),
        ("", ""),
    ],
)
def test_deal_types(written: str, kind: str, tmp_path: Path) -> None:
    """The usual words are known, others are mapped or kept."""
    seen = see(
        tmp_path,
        "deal_notes",
        f"note,date,deal,type\n,2026-10-01,d1,{written}\n",
        deal_types={"ps ADD": "expansion"},
    )
    assert seen.only.type == kind


def test_a_note_in_russian_from_an_old_export(tmp_path: Path) -> None:
    """cp1251, semicolons, Russian names of columns and days first."""
    content = "Заметка;Дата;Сделка;Сумма\nКлиент: хватит писем;01.10.2026;С-1;12 000,50\n"
    encoded = content.encode("cp1251")
    deal, post = see(tmp_path, "deal_notes", encoded, date_order="day_first", decimal=",").records
    assert isinstance(deal, Deal)
    assert isinstance(post, Post)
    assert (deal.amount, post.scored_text, post.created_at.day) == (12000.5, "хватит писем", 1)


def test_people_may_be_matched_with_customers() -> None:
    """A CRM is our own; a file of posts is not, unless said."""
    for kind, policy in (
        ("deal_notes", IdentityPolicy.FIRST_PARTY),
        ("nps", IdentityPolicy.FIRST_PARTY),
        ("posts", IdentityPolicy.FORBIDDEN),
    ):
        built = build_connector(kind, "s", {"path": "x.csv"}, base_folder=Path(), secrets={})
        assert built.identity_policy is policy
    own = build_connector(
        "posts", "s", {"path": "x.csv", "identity": "first_party"}, base_folder=Path(), secrets={}
    )
    assert own.identity_policy is IdentityPolicy.FIRST_PARTY


def test_amounts_with_a_decimal_comma_need_no_setting(tmp_path: Path) -> None:
    """One amount that shows the column's mark tells how the others are meant."""
    rows = ["a;2026-10-01;d1;12.000,50 €", "b;2026-10-01;d2;12.000 €", "c;2026-10-01;d3;1,5"]
    seen = see(tmp_path, "deal_notes", "note;date;deal;amount\n" + "\n".join(rows))
    assert [record.amount for record in seen.records if isinstance(record, Deal)] == [12000.5, 12000.0, 1.5]


def test_an_amount_that_can_be_read_in_two_ways_is_not_guessed(tmp_path: Path) -> None:
    """12.000 EUR is 12 or 12000: another amount, the setting or JSON tells, else the row is kept without it."""
    rows = ["a;2026-10-01;d1;12.000 EUR", "b;2026-10-01;d2;870"]
    content = "note;date;deal;amount\n" + "\n".join(rows)
    seen = see(tmp_path, "deal_notes", content)
    assert [record.amount for record in seen.records if isinstance(record, Deal)] == [None, 870.0]
    assert seen.skipped == {'amount can be read in two ways, set decimal to "," or "." (row kept)': 1}
    for decimal, amount in ((",", 12000.0), (".", 12.0)):
        records = see(tmp_path, "deal_notes", content, decimal=decimal).records
        assert [record.amount for record in records if isinstance(record, Deal)] == [amount, 870.0]
    shown = see(tmp_path, "deal_notes", content + "\nc;2026-10-01;d3;7.50").records
    assert [record.amount for record in shown if isinstance(record, Deal)] == [12.0, 870.0, 7.5]
    json = '[{"note": "a", "date": "2026-10-01", "deal": "d1", "amount": 12.125}]'
    (told,) = [r for r in see(tmp_path, "deal_notes", json, name="notes.json").records if isinstance(r, Deal)]
    assert told.amount == 12.125


def test_a_metric_that_can_be_read_in_two_ways_is_not_guessed(tmp_path: Path) -> None:
    seen = see(tmp_path, "metrics", "metric;date;value\na;2026-10-01;12.000\nb;2026-10-01;7\n")
    assert [point.value for point in seen.records] == [7.0]
    assert seen.skipped == {'number can be read in two ways, set decimal to "," or "."': 1}


def test_metrics_with_a_decimal_comma_need_no_setting(tmp_path: Path) -> None:
    """In long and in wide form, each column for itself."""
    long = "metric;date;value\na;2026-10-01;31,5 %\nb;2026-10-01;0,082\nc;2026-10-01;1,234\n"
    assert [point.value for point in see(tmp_path, "metrics", long).records] == [0.315, 0.082, 1.234]
    wide = "date;Rate;Volume\n2026-10-01;31,5 %;1,234\n"
    seen = see(tmp_path, "metrics", wide, values={"rate": "Rate", "volume": "Volume"})
    assert [point.value for point in seen.records] == [0.315, 1234.0]
