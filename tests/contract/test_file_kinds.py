"""Every kind of file keeps every promise of the contract, on files with bad rows among the good ones."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connectors.base import Connector
from connectors.registry import build_connector
from connectors.testing import Case, assert_conforms

NOW = datetime(2026, 11, 16, 8, 0, tzinfo=UTC)

NOTES = """\
id,note,date,deal,stage,type,amount,account
1,"<p>They called.</p><blockquote>far too many emails</blockquote>",2026-10-01,d1,Open,Upsell,"1,200",Acme
2,,2026-10-02,d1,Closed won,,,
3,"--
Rep",2026-10-02,,,,,
4,late,2031-01-01,,,,,
5,no day,someday,,,,,
6,short row
7,=HYPERLINK("x"),2026-10-03T10:00:00+02:00,d2,,,lots,
"""
ANSWERS = """\
id,score,date,comment,respondent,product
1,9,2026-10-01,Love it,p1,Core
2,11,2026-10-01,,p2,Core
3,-1,2026-10-01,,p2,Core
4,,2026-10-01,,p2,Core
5,great,2026-10-01,,p2,Core
6,3,2026-10-32,,p2,Core
7,4,2026-10-02,"\u200b",p3,Core
"""
CAMPAIGNS = """\
id;name;channel;type;audience;start;end;sends
c1;Autumn;E-Mail;Upsell;All;2026-10-01;2026-10-05;1 200
c1;Again;E-Mail;Upsell;All;2026-10-01;2026-10-05;1
c2;Backwards;SMS;;;2026-10-05;2026-10-01;
c3;Bad number;Push;;;2026-10-05;;12 %
;;;;;2026-10-05;;
c4;No day;Push;;;;;
"""
RESULTS = """\
campaign,date,sent,delivered,opens
c1,2026-10-01,100,99,40
c1,2026-10-01,1,1,1
c2,2026-10-01,100,99,40%
,2026-10-01,1,1,1
c3,2026-10-01,,,
c4,never,1,1,1
"""
INCIDENTS = """\
kind,name,start,end
outage,Database,2026-10-01,2026-10-02
outage,Database,2026-10-01,2026-10-03
outage,Database,2026-10-01,2026-10-02
release,Backwards,2026-10-05,2026-10-01
release,No day,,
"""
METRICS = """\
metric,date,value,numerator,denominator,segment
win_rate,2026-10-01,,3,10,
win_rate,2026-10-01,,4,10,
win_rate,2026-10-02,,11,10,
win_rate,2026-10-03,much,,,
,2026-10-03,1,,,
delivery_rate,2026-10-01,98%,,,EU
delivery_rate,2026-13-01,98%,,,EU
"""
POSTS = """\
id\tdate\ttitle\tbody\tuser\tdeleted
1\t2026-10-01\tHello\tToo many pop-ups\tana\t
2\t2026-10-01\t\t> only a quotation\tana\t
3\tsometime\t\tno day\tana\t
4\t2026-10-01\t\tgone\tana\tyes
"""
CALENDAR = """\
BEGIN:VCALENDAR
X-WR-TIMEZONE:Europe/Berlin
BEGIN:VEVENT
UID:a
SUMMARY:Autumn mailing
DTSTART;VALUE=DATE:20261001
DTEND;VALUE=DATE:20261004
CATEGORIES:Email,Upsell
END:VEVENT
BEGIN:VEVENT
UID:b
STATUS:CANCELLED
DTSTART;VALUE=DATE:20261001
END:VEVENT
BEGIN:VEVENT
UID:c
DTSTART:never
END:VEVENT
BEGIN:VEVENT
UID:d
DTSTART:20261001T100000Z
RRULE:FREQ=SECONDLY
END:VEVENT
BEGIN:VEVENT
UID:e
DTSTART;VALUE=DATE:20260901
RRULE:FREQ=WEEKLY
END:VEVENT
END:VCALENDAR
"""
FILES = {
    "deal_notes": (
        NOTES,
        4,
        {
            "no text": 1,
            "date in the future": 1,
            "bad date": 1,
            "wrong number of cells": 1,
            "amount not read (row kept)": 1,
        },
    ),
    "nps": (
        ANSWERS,
        3,
        {
            "score outside 0-10": 2,
            "no score": 1,
            "score is no number": 1,
            "bad date": 1,
            "comment without text (row kept)": 1,
        },
    ),
    "campaigns": (
        CAMPAIGNS,
        2,
        {
            "id given twice": 1,
            "ends before it starts": 1,
            "sends not read (row kept)": 1,
            "no name and no id": 1,
            "no date": 1,
        },
    ),
    "campaign_results": (
        RESULTS,
        1,
        {
            "campaign and day given twice": 1,
            "not a count": 1,
            "no campaign": 1,
            "no counts": 1,
            "bad date": 1,
        },
    ),
    "incidents": (INCIDENTS, 2, {"incident given twice": 1, "ends before it starts": 1, "no date": 1}),
    "metrics": (
        METRICS,
        2,
        {
            "metric and day given twice": 1,
            "no usable value": 1,
            "not a number": 1,
            "no metric": 1,
            "bad date": 1,
        },
    ),
    "posts": (POSTS, 1, {"no text": 1, "bad date": 1}),
    "calendar": (CALENDAR, 30, {"cancelled": 1, "broken event": 1, "repeats more often than daily": 1}),
}


def maker(folder: Path, kind: str, content: str) -> Callable[[], Connector]:
    name = "file.ics" if kind == "calendar" else "file.csv"
    (folder / name).write_text(content, encoding="utf-8")
    return lambda: build_connector(kind, "export", {"path": name}, base_folder=folder, secrets={})


@pytest.mark.parametrize("kind", FILES)
def test_each_kind_conforms(kind: str, tmp_path: Path) -> None:
    """Good rows arrive once, bad ones are counted with their reason."""
    content, records, skipped = FILES[kind]
    make = maker(tmp_path, kind, content)
    store = assert_conforms(Case(make, NOW, skipped=skipped, minimum_records=records))
    assert {reason: count for reason, count in store.skipped.items() if count} == skipped


LONG = {
    "deal_notes": ("id,note,date,deal,amount", "{0},note {0},2026-10-01,d{1},{0}"),
    "nps": ("score,date,comment", "{1},2026-10-01,"),
    "campaigns": ("id,name,start", "{0},name,2026-10-01"),
    "campaign_results": ("campaign,date,sent", "{0},2026-10-01,5"),
    "incidents": ("id,kind,name,start", "{0},outage,name,2026-10-01"),
    "metrics": ("metric,date,value", "m{0},2026-10-01,1"),
    "posts": ("text,date,author", "text {0},2026-10-01,ana"),
}


@pytest.mark.parametrize("kind", LONG)
def test_a_crash_between_any_two_batches_loses_and_doubles_nothing(kind: str, tmp_path: Path) -> None:
    """2,100 rows come in several batches; ids do not depend on where reading began."""
    header, line = LONG[kind]
    rows = [line.format(number, number % 7) for number in range(2_100)]
    make = maker(tmp_path, kind, "\n".join([header, *rows]) + "\n")
    store = assert_conforms(Case(make, NOW, minimum_records=2_100))
    assert len(store.records) == (2_107 if kind == "deal_notes" else 2_100)


@pytest.mark.parametrize("kind", [kind for kind in FILES if kind != "calendar"])
def test_an_unchanged_file_is_not_read_again_and_a_changed_one_is(kind: str, tmp_path: Path) -> None:
    """The cursor knows the file's content and the options it was read with."""
    content = FILES[kind][0]
    make = maker(tmp_path, kind, content)
    (*_, last) = make().fetch({}, NOW)
    assert list(make().fetch(last.cursors, NOW)) == []
    with (tmp_path / "file.csv").open("a") as file:
        file.write("\n")
    assert list(make().fetch(last.cursors, NOW)) != []
