"""Whatever a file holds, its readers either say that it cannot be read or count every row."""

from __future__ import annotations

import csv
import io
import json
import re
import tempfile
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from connectors.cell_values import (
    BadNumberError,
    Decimal,
    Mark,
    UnclearNumberError,
    parse_count,
    parse_number,
    usual_mark,
)
from connectors.csv_tables import DELIMITERS, CsvReader, CsvRecord, vote_delimiter
from connectors.dates import BadDate, DateReader
from connectors.html_text import html_to_text
from connectors.mail_text import read_note
from connectors.registry import build_connector
from connectors.testing import MemoryStore
from monitor.domain.posts import Voice
from monitor.errors import InputError

NOW = datetime(2026, 11, 16, tzinfo=UTC)
HEADERS = {
    "deal_notes": "id,note,date,deal,amount",
    "nps": "id,score,date,comment",
    "campaigns": "id,name,start,end,sends",
    "campaign_results": "campaign,date,sent,opens",
    "incidents": "id,kind,name,start,end",
    "metrics": "metric,date,value,numerator,denominator",
    "posts": "id,title,text,date,author",
    "calendar": "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20261001",
}
relaxed = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
text_cells = st.text(st.characters(exclude_characters="\x00", exclude_categories=("Cs",)), max_size=12)
tidy_cells = st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp")), min_size=1, max_size=12).map(
    lambda text: f"x{text}"
)


def read(kind: str, content: bytes, name: str = "file.csv") -> MemoryStore:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        connector = build_connector(
            kind, "s", {"path": name, "time_zone": "UTC"}, base_folder=Path(folder), secrets={}
        )
        store = MemoryStore()
        assert connector.check()
        store.sync(connector, NOW)
        again = MemoryStore(records=dict(store.records), cursors=dict(store.cursors))
        again.sync(connector, NOW)
        assert (again.added, again.changed) == (0, 0)
        return store


@pytest.mark.parametrize("kind", HEADERS)
@given(content=st.binary(max_size=400))
@relaxed
def test_any_bytes_are_survived(kind: str, content: bytes) -> None:
    """Bytes of any kind end in records, counted rows, or one clear refusal."""
    for suffix in (".csv", ".ics" if kind == "calendar" else ".jsonl", ".toml"):
        try:
            read(kind, content, f"file{suffix}")
        except InputError:  # the one clear refusal
            continue


@pytest.mark.parametrize("kind", HEADERS)
@given(content=st.binary(max_size=300))
@relaxed
def test_any_bytes_below_a_good_header_are_survived(kind: str, content: bytes) -> None:
    """The same with a header that lets the rows through."""
    try:
        read(kind, HEADERS[kind].encode() + b"\r\n" + content)
    except InputError:  # the one clear refusal
        return


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1251"])
@pytest.mark.parametrize("delimiter", DELIMITERS)
@given(rows=st.lists(st.tuples(text_cells, text_cells), min_size=1, max_size=8))
@settings(max_examples=15, deadline=None)
def test_what_a_csv_writer_wrote_is_read_back(
    encoding: str, delimiter: str, rows: list[tuple[str, str]]
) -> None:
    """Every row of a well-formed file arrives, whatever its cells hold."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, delimiter=delimiter)
    writer.writerow(["id", "text", "date"])
    for number, cells in enumerate(rows):
        writer.writerow([f"n{number}", f"word {cells[0]}", "2026-10-01"])
    content = buffer.getvalue().encode(encoding, "ignore")
    store = read("posts", content)
    assert {key[2] for key in store.records} == {f"n{number}" for number in range(len(rows))}


@given(rows=st.lists(st.tuples(tidy_cells, tidy_cells, tidy_cells), min_size=3, max_size=12))
@relaxed
def test_a_broken_row_costs_itself_only(rows: list[tuple[str, str, str]]) -> None:
    """An open quote in the middle of a file leaves every other row readable."""
    buffer = io.StringIO(newline="")
    csv.writer(buffer).writerows(rows)
    lines = buffer.getvalue().splitlines(keepends=True)
    lines.insert(len(lines) // 2, 'bad,"never closed\r\n')
    reader = CsvReader(io.StringIO("".join(lines), newline=""), ",")
    reader.width = 3
    items = list(reader)
    assert [item.cells for item in items if isinstance(item, CsvRecord)] == [list(row) for row in rows]
    assert len(items) == len(rows) + 1


@given(sample=st.text(max_size=300))
@example("sep=;\na,b;c\n")
@relaxed
def test_the_vote_always_ends(sample: str) -> None:
    """Any sample has a delimiter."""
    assert vote_delimiter(sample) in DELIMITERS


@given(st.text(max_size=60))
@relaxed
def test_any_text_is_a_date_or_a_reason(text: str) -> None:
    """Dates are aware UTC, everything else is a reason."""
    for reader in (DateReader(), DateReader("day_first"), DateReader(pattern="%d.%m.%Y")):
        moment = reader.moment(text)
        assert isinstance(moment, BadDate) or moment.utcoffset() == UTC.utcoffset(None)
        assert isinstance(reader.day(text), BadDate | date)


@given(st.datetimes(datetime(2000, 1, 1), datetime(2099, 12, 30)))  # noqa: DTZ001 - written without zone
@relaxed
def test_written_dates_are_read_back(moment: datetime) -> None:
    """Each way of writing that the reader knows gives the same moment."""
    moment = moment.replace(microsecond=0)
    expected = moment.replace(tzinfo=UTC)
    for reader, written in (
        (DateReader(), moment.isoformat() + "Z"),
        (DateReader(), moment.strftime("%Y/%m/%d %H:%M:%S +0000")),
        (DateReader(), moment.strftime("%d %b %Y %H:%M:%S UTC")),
        (DateReader(), moment.strftime("%B %d, %Y, %I:%M:%S %p Z")),
        (DateReader("day_first"), moment.strftime("%d.%m.%Y %H:%M:%SZ")),
        (DateReader("month_first"), moment.strftime("%m/%d/%Y %I:%M:%S %pZ")),
        (DateReader(pattern="%Y%j %H-%M-%S %z"), moment.strftime("%Y%j %H-%M-%S +0000")),
    ):
        assert reader.moment(written) == expected, written


@given(st.text(max_size=40))
@relaxed
def test_any_text_is_a_number_or_refused(text: str) -> None:
    """Counts are never negative, numbers are finite."""
    for parse in (parse_count, parse_number):
        try:
            number = parse(text)
        except BadNumberError:
            continue
        assert number is None or abs(number) < 1e120


_number = st.tuples(
    st.integers(0, 10**12), st.text("0123456789", max_size=6), st.sampled_from(["", "-", "+"])
)
_marks = [("", "."), (",", "."), (" ", "."), ("'", "."), ("", ","), (".", ","), (" ", ",")]


@given(_number, st.sampled_from(_marks))
@relaxed
def test_a_number_means_what_its_writer_meant(number: tuple[int, str, str], marks: tuple[str, Mark]) -> None:
    """With the mark given or usual always; without, unless thousands or three decimals are both possible."""
    (whole, fraction, sign), (group, decimal) = number, marks
    digits = f"{whole:,}".replace(",", group)
    written = f"{sign}{digits}{decimal if fraction else ''}{fraction}"
    meant = float(f"{sign}{whole}.{fraction}")
    assert parse_number(written, decimal) == meant
    assert parse_number(f"{written} €", "auto", decimal) == meant
    assert parse_number(f"{written} %", "auto", decimal) == meant / 100
    if not re.fullmatch(r"[-+]?[1-9]\d{0,2}[.,]\d{3}", re.sub("[ ']", "", written)):
        other: Mark = "," if decimal == "." else "."
        assert parse_number(written, "auto", other) == meant


@given(st.integers(1, 999), st.integers(0, 999))
@relaxed
def test_what_can_be_read_in_two_ways_follows_its_column(thousands: int, rest: int) -> None:
    """ "1,234" is grouped, unless the column is known to have decimal commas."""
    written = f"{thousands},{rest:03}"
    grouped, decimal = float(thousands * 1000 + rest), float(f"{thousands}.{rest:03}")
    assert parse_number(written) == parse_number(written, ".") == grouped
    assert parse_number(written, usual=usual_mark(["", "n/a", "7", "31,5 %", written])) == decimal
    assert parse_number(written, usual=usual_mark(["31,5", "31.5"])) == grouped
    assert parse_number(written, usual=usual_mark([written, "2,345,678"])) == grouped
    assert parse_number(written, ",") == decimal


@given(st.integers(1, 999), st.integers(0, 999))
@relaxed
def test_three_digits_behind_one_dot_are_read_as_their_column_shows_or_not_at_all(
    whole: int, rest: int
) -> None:
    """ "12.000" is 12 or 12000: a column that shows neither leaves it unread; percentages have decimals."""
    written = f"{whole}.{rest:03}"
    grouped, decimal = float(whole * 1000 + rest), float(written)
    for cells in (["31,5"], ["1.234.567"], ["12.000,50"]):
        assert parse_number(written, usual=usual_mark([*cells, written])) == grouped
    for cells in (["31.5"], ["0.125"], ["1500.000"], ["1,234.50"]):
        assert parse_number(written, usual=usual_mark([*cells, written])) == decimal
    nothing_shown = usual_mark([written, "7", "870", "1,234", "n/a", ""])
    with pytest.raises(UnclearNumberError):
        parse_number(f"{written} EUR", usual=nothing_shown)
    assert parse_number("1,234", usual=nothing_shown) == 1234.0
    assert parse_number(f"{written} %", usual=nothing_shown) == decimal / 100
    assert parse_number(written, ",", nothing_shown) == grouped
    assert parse_number(written, ".", nothing_shown) == decimal
    assert parse_count(written) == grouped


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("31,5 %", 0.315), ("0,082", 0.082), ("12.000,50 €", 12000.5), ("1,5", 1.5), ("1234,56", 1234.56),
        ("1.234.567", 1234567.0), ("1,234,567", 1234567.0), ("12,34,567.8", 1234567.8), (",5", 0.5), ("5,", 5.0),
        ("1,234", 1234.0), ("1.234", 1.234), ("0.082", 0.082), ("-1,5", -1.5), ("1,5e3", 1500.0), ("EUR 7,50", 7.5),
        ("1 234,5", 1234.5), ("1'234.5", 1234.5), ("1234,567", 1234.567), ("007,123", 7.123),
    ],
)  # fmt: skip
def test_numbers_without_a_decimal_setting(written: str, number: float) -> None:
    """Whatever can be read in one way only is read in that way."""
    assert parse_number(written) == pytest.approx(number, rel=1e-12)


@pytest.mark.parametrize(
    ("written", "decimal"),
    [("1,5", "."), ("0,082", "."), ("1.5", ","), ("1.2.3", "auto"), ("1,2.3", "auto"), ("1,23,4", "auto"),
     ("0,082.5", "auto"), (".", "auto"), (",", "auto"), ("1.234,567.8", "auto"), ("9" * 50_000, "auto")],
)  # fmt: skip
def test_digits_grouped_in_no_known_way_are_no_number(written: str, decimal: Decimal) -> None:
    """Reported, not made up: "1,5" is not fifteen."""
    with pytest.raises(BadNumberError):
        parse_number(written, decimal)


@given(st.integers(0, 10**12))
@relaxed
def test_grouped_counts_are_read_back(count: int) -> None:
    """Grouping by commas or spaces changes nothing."""
    for written in (str(count), f"{count:,}", f"{count:,}".replace(",", " "), f"{count}.0"):
        assert parse_count(written) == count


_MARKUP = "<p> </p> <div> <div\tclass=gmail_quote> </div> <blockquote> </blockquote> <br> <script> </script> <!-- -->"
_PLAIN = ["&amp;", "&#99999999999999999999;", "<", ">", "\n", "> ", "On Mon, x wrote:\n", '"', "--\n"]
html_like = st.lists(
    st.sampled_from([*_MARKUP.split(" "), *_PLAIN]) | st.text(max_size=6),
    max_size=40,
).map("".join)


@given(html_like)
@example("<p>" + "&#" + "9" * 6000 + ";</p>")
@relaxed
def test_any_note_is_read(raw: str) -> None:
    """Segments hold all of the text, and nothing of a customer's message is the rep's."""
    assert "\x00" not in html_to_text(raw.replace("\x00", ""))
    for author in (Voice.REP, Voice.CUSTOMER):
        note = read_note(raw, author=author)
        assert note.text == "\n\n".join(segment.text for segment in note.segments)
        assert all(segment.text.strip() == segment.text != "" for segment in note.segments)
    assert all(segment.voice is Voice.CUSTOMER for segment in note.segments)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)


@given(json_values)
@relaxed
def test_any_json_line_is_a_row_or_a_reason(value: object) -> None:
    """A strange line next to a good one leaves the good one in place."""
    good = json.dumps({"id": "a", "text": "good", "date": "2026-10-01"})
    store = read("posts", f"{good}\n{json.dumps(value)}\n".encode(), "file.jsonl")
    assert ("Post", "s", "a") in store.records
