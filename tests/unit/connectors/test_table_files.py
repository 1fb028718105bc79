"""CSV, TSV, JSON and TOML as strangers write them: read in full, refused clearly, or counted row by row."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from connectors.registry import build_connector
from monitor.domain.posts import MAXIMUM_TEXT_LENGTH, Post
from monitor.errors import ConfigurationError, InputError
from tests.unit.connectors.file_sources import NOW, see

HEADER = "id,text,date,author\n"
GOOD = "a,good words,2026-10-01,ana\n"


def texts(folder: Path, content: str | bytes, **more: object) -> list[str]:
    return [record.text for record in see(folder, "posts", content, **more).records]


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1251"]
)
def test_encodings_are_found(encoding: str, tmp_path: Path) -> None:
    """With a byte order mark or without, Cyrillic arrives as it was written."""
    content = HEADER + "a,Хватит присылать рассылки каждый день,2026-10-01,анна\n"
    if encoding == "utf-32":
        content = "\ufeff" + content
    (tmp_path / "file.csv").write_bytes(content.encode(encoding))
    connector = build_connector("posts", "s", {"path": "file.csv"}, base_folder=tmp_path, secrets={})
    (batch,) = connector.fetch({}, NOW)
    assert batch.records[0].text == "Хватит присылать рассылки каждый день"


def test_western_letters_in_an_old_encoding(tmp_path: Path) -> None:
    """Single accented letters among ASCII are no Cyrillic."""
    content = (HEADER + "a,Das ist für uns überhaupt nicht schön,2026-10-01,jörg\n").encode("cp1252")
    assert texts(tmp_path, content) == ["Das ist für uns überhaupt nicht schön"]


def test_a_damaged_character_does_not_change_the_encoding(tmp_path: Path) -> None:
    """One broken byte in a UTF-8 file costs one character."""
    lines = "".join(f"{n},ещё одно письмо,2026-10-01,ana\n" for n in range(50))
    content = (HEADER + lines).encode() + b"x,bro\xffken,2026-10-01,ana\n"
    assert texts(tmp_path, content)[-1] == "bro\ufffdken"


def test_the_encoding_can_be_given(tmp_path: Path) -> None:
    """What the user says is not doubted."""
    (tmp_path / "f.csv").write_bytes((HEADER + "a,ж,2026-10-01,x\n").encode("koi8-r"))
    options = {"path": "f.csv", "encoding": "koi8-r"}
    (batch,) = build_connector("posts", "s", options, base_folder=tmp_path, secrets={}).fetch({}, NOW)
    assert batch.records[0].text == "ж"


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_voted_for(delimiter: str, tmp_path: Path) -> None:
    """Other delimiters inside quoted or even unquoted cells do not win."""
    others = ",;|".replace(delimiter, "")
    rows = [
        ["id", "text", "date"],
        *[[str(n), f"one{others[0]} two{others[1]} three", "2026-10-01"] for n in range(9)],
    ]
    content = "\n".join(delimiter.join(row) for row in rows)
    assert len(texts(tmp_path, content)) == 9


def test_the_delimiter_can_be_given_and_excels_line_is_honoured(tmp_path: Path) -> None:
    """`sep=;` and the option both say it."""
    assert texts(tmp_path, "sep=;\nid;text;date\n1;a, b, c;2026-10-01\n") == ["a, b, c"]
    assert texts(tmp_path, "id^text^date\n1^a, b^2026-10-01\n", delimiter="^") == ["a, b"]


def test_long_fields_and_line_breaks(tmp_path: Path) -> None:
    """Far beyond the limit of the csv module; what is kept of a text is bounded and said."""
    seen = see(
        tmp_path,
        "posts",
        HEADER + 'a,"' + "long\n" * 200_000 + '",2026-10-01,ana\n' + GOOD.replace("a,", "b,", 1),
    )
    assert len(seen.records[0].text) <= MAXIMUM_TEXT_LENGTH
    assert seen.records[0].truncated
    assert seen.records[1].text == "good words"


@pytest.mark.parametrize(
    "broken",
    [
        'x,"never closed,2026-10-01,ana\n',
        "x,too,many,cells,2026-10-01,ana\n",
        "x,too few\n",
        'x,"open\nand on\n',
        '"""",,\n',
    ],
)
def test_a_broken_row_is_counted_and_the_others_stay(broken: str, tmp_path: Path) -> None:
    """Nothing before or after it is lost."""
    rows = [GOOD.replace("a,", f"g{n},", 1) for n in range(20)]
    seen = see(tmp_path, "posts", HEADER + "".join(rows[:10]) + broken + "".join(rows[10:]))
    assert {record.external_id for record in seen.records} >= {f"g{n}" for n in range(20)}
    assert len(seen.records) + seen.skipped.total() >= 21
    assert set(seen.places.values()) <= {"row 12", "row 13"}


def test_a_row_with_a_stray_quote_is_rescued(tmp_path: Path) -> None:
    """The right number of cells without the quote's meaning is a row."""
    assert texts(tmp_path, HEADER + 'x,"oops,2026-10-01,ana\n' + GOOD) == ['"oops', "good words"]
    seen = see(tmp_path, "posts", HEADER + 'x,7" pipe,2026-10-01,ana\n' + GOOD)
    assert ([post.text for post in seen.records], seen.skipped) == (['7" pipe', "good words"], {})


def test_a_quote_that_is_never_closed_is_told(tmp_path: Path) -> None:
    """The row is kept with what its line holds; at the end of a file the file may be cut off."""
    content = 'id,date,text\n1,2026-10-01,"never closed\n2,2026-10-02,fine\n3,2026-10-03,"cut in the mid'
    seen = see(tmp_path, "posts", content)
    assert [post.text for post in seen.records] == ["never closed", "fine", "cut in the mid"]
    assert seen.skipped == {"a quote is not closed (row kept)": 2}
    connector = build_connector("posts", "s", {"path": "file.csv"}, base_folder=tmp_path, secrets={})
    (batch,) = connector.fetch({}, NOW)
    assert [(item.external_id, item.detail) for item in batch.skipped] == [
        ("row 2", "what followed on later lines is not in it"),
        ("row 4", "the file ends there and may be cut off"),
    ]


def test_columns_named_twice_are_refused(tmp_path: Path) -> None:
    """Which of the two is meant cannot be known; case and spaces make no difference."""
    with pytest.raises(InputError, match="twice"):
        see_fetch(tmp_path, "id,Text,text ,date\n1,a,b,2026-10-01\n")


def see_fetch(
    folder: Path, content: str | bytes, kind: str = "posts", name: str = "file.csv", **options: object
) -> None:
    (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
    connector = build_connector(kind, "s", {"path": name, **options}, base_folder=folder, secrets={})
    assert not connector.check()[0].ok
    list(connector.fetch({}, NOW))


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf\r\n", "empty"),
        (b"PK\x03\x04rest", "Excel"),
        (b"\x1f\x8brest", "gzip"),
        (b"%PDF-1.7", "PDF"),
        (b"  <!DOCTYPE html><html>", "login page"),
        (b"a,b\n1,2\n", "its columns are 'a', 'b'"),
        (b"id,text,date\n1,hello,03/04/2026\n", "day or month comes first"),
        (bytes(range(1, 32)) * 9, "is no text file"),
        (b"id,text,date\n1,hello,25/03/2026\n", "looks like 'day_first'"),
        (b"id,text,date\n1,hello,2026-03-04 10:00\n", "time_zone"),
        (b"id,text,date\n1,hello,yesterday\n", "a text of 9 characters"),
        (
            b"id,text,date\n1,hello,45950\n2,hi,45951.5\n",
            r"'45950', .* Excel counts days \(2025-10-20\).*as a date",
        ),
        (
            b"Posts of Q4\n\nid,text,date\n1,hello,2026-10-01\n",
            "only column is 'Posts of Q4'. If that is a title, delete",
        ),
        (
            b"Posts of Q4;;\nid;text;date\n1;hello;2026-10-01\n",
            "only column is 'Posts of Q4'. If that is a title, delete",
        ),
        (b"[]", "no JSON object"),
    ],
)
def test_files_that_cannot_be_read_say_why(content: bytes, expected: str, tmp_path: Path) -> None:
    """The message names what is wrong; `check` says the same without raising."""
    with pytest.raises(InputError, match=expected):
        see_fetch(tmp_path, content)


def test_a_missing_file_and_an_empty_pattern(tmp_path: Path) -> None:
    """The path is named."""
    for path in ("none.csv", "none-*.csv"):
        connector = build_connector("posts", "s", {"path": path}, base_folder=tmp_path, secrets={})
        with pytest.raises(InputError, match="none"):
            list(connector.fetch({}, NOW))
        assert not connector.check()[0].ok


def test_several_files_are_streams_of_one_source(tmp_path: Path) -> None:
    """A new week's file is read beside the known ones; a broken one is a problem of the run, not its end."""
    options = {"path": "week-*.csv"}
    (tmp_path / "week-1.csv").write_text(HEADER + GOOD)
    cursors: dict[str, str] = {}
    for batch in build_connector("posts", "s", options, base_folder=tmp_path, secrets={}).fetch(cursors, NOW):
        cursors |= batch.cursors
    (tmp_path / "week-2.csv").write_text(HEADER + GOOD.replace("a,", "b,", 1))
    (tmp_path / "week-3.csv").write_text("nothing,here\n1,2\n")
    batches = list(
        build_connector("posts", "s", options, base_folder=tmp_path, secrets={}).fetch(cursors, NOW)
    )
    assert [record.external_id for batch in batches for record in batch.records] == ["b"]
    assert [problem for batch in batches for problem in batch.problems if "week-3.csv" in problem]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"columns": {"txt": "Body"}}, "Did you mean 'text'"),
        ({"time_zone": "Mars/Base"}, "time_zone"),
        ({"encoding": "klingon"}, "encoding"),
        ({"encoding": "base64"}, "encoding"),
        ({"delimiter": "ab"}, "delimiter"),
        ({"date_format": "%H"}, "date_format"),
        ({"date_format": "%Q"}, "date_format"),
        ({"date_order": "mdy"}, "day_first"),
    ],
)
def test_wrong_options_are_refused_before_a_file_is_touched(
    options: dict[str, object], expected: str
) -> None:
    """The configuration is wrong, whatever the file holds."""
    with pytest.raises(ConfigurationError, match=expected):
        build_connector("posts", "s", {"path": "none.csv", **options}, base_folder=Path(), secrets={})


def test_columns_are_mapped_by_name_or_alias(tmp_path: Path) -> None:
    """The mapping wins, an empty text switches a column off, case and spaces do not matter."""
    content = "Note ID,Message,Body,Posted at,User\n1,wrong,right,2026-10-01,ana\n"
    seen = see(tmp_path, "posts", content, columns={"text": "body", "id": "NOTE  ID", "author": ""})
    assert (seen.only.text, seen.only.external_id, seen.only.author_name) == ("right", "1", None)
    with pytest.raises(InputError, match=r"'Words'.*its columns are 'Note ID'"):
        see_fetch(tmp_path, content, columns={"text": "Words"})


def test_rows_without_id_are_known_by_their_content(tmp_path: Path) -> None:
    """Rows that move keep their identity."""
    rows = [f"text {n},2026-10-01,ana\n" for n in range(5)]
    first = see(tmp_path, "posts", "text,date,author\n" + "".join(rows))
    second = see(tmp_path, "posts", "text,date,author\n" + "".join(reversed(rows)))
    assert {r.external_id: r.text for r in first.records} == {r.external_id: r.text for r in second.records}
    assert len({r.external_id for r in first.records}) == 5


HOSTILE_LINES = [
    '{"id": "x1", "text": "lone \\ud800 surrogate", "date": "2026-10-01"}',
    '{"id": "x2", "text": "nul \\u0000 and esc \\u001b[31m", "date": "2026-10-01"}',
    '{"id": ' + "9" * 5_000 + ', "text": "big number", "date": "2026-10-01"}',
    "[" * 100_000,
    '{"a":' * 100_000,
    "not json",
    "17",
    '{"id": "x3", "text": {"deep": {"er": "x"}}, "date": "2026-10-01"}',
    '{"id": "x4", "text": "' + "m" * 1_000_000 + '", "date": "2026-10-01"}',
    '{"id": "x5", "text": "\\u202eright to left", "date": "2026-10-01"}',
    '{"id": "x6", "text": "z' + "\\u0301" * 500 + '", "date": "2026-10-01"}',
    '{"id": "x7", "text": "<script>alert(1)</script>", "date": "2026-10-01"}',
    '{"id": "x8", "text": "=cmd|calc", "date": "2026-10-01"}',
    '{"id": "x9", "text": "' + "a" * 50_000 + '!", "date": "' + "1" * 50_000 + '"}',
]


def test_hostile_json_lines(tmp_path: Path) -> None:
    """Every line is a clean post or a counted reason, quickly."""
    good = '{"id": "good", "text": "good", "date": "2026-10-01"}'
    started = time.process_time()
    seen = see(tmp_path, "posts", "\n".join([good, *HOSTILE_LINES]), "file.jsonl")
    assert time.process_time() - started < 5
    posts = [record for record in seen.records if isinstance(record, Post)]
    found = {post.external_id: post.text for post in posts}
    assert found["good"] == "good"
    assert found["x1"] == "lone \ufffd surrogate"
    assert found["x2"] == "nul  and esc [31m"
    assert found["x5"] == "right to left"
    assert len(found["x6"]) < 10
    assert found["x8"] == "=cmd|calc"
    assert seen.skipped["no text"] == 2
    assert seen.skipped["bad date"] == 1
    assert len(posts) + seen.skipped.total() == len(HOSTILE_LINES) + 1


def test_json_arrays_and_inner_objects(tmp_path: Path) -> None:
    """A CRM's API answer saved as JSON reads with dotted names."""
    content = json.dumps([{"id": 1, "properties": {"text": "inner", "day": "2026-10-01"}}, 5])
    columns = {"text": "properties.text", "date": "properties.day"}
    seen = see(tmp_path, "posts", content, "file.json", columns=columns)
    assert (seen.only.text, seen.only.external_id) == ("inner", "1")
    assert seen.places == {"not an object": "row 2"}


def test_answers_of_an_api_saved_as_json(tmp_path: Path) -> None:
    """The list inside the answer holds the rows; lines of JSON under that name are read as lines."""
    row = {"id": 1, "text": "inner", "date": "2026-10-01"}
    for content in (
        json.dumps({"total": 1, "records": [row], "links": ["x"]}, indent=1),
        json.dumps(row, indent=1),
        json.dumps(row) + "\n" + json.dumps({**row, "text": ""}),
    ):
        assert see(tmp_path, "posts", content, "file.json").only.text == "inner"


def test_toml_tables(tmp_path: Path) -> None:
    """A calendar may be kept as TOML, with real dates."""
    content = '[[campaigns]]\nid = "c"\nname = "Autumn"\nstart = 2026-10-01\nend = 2026-10-03\nsends = 5\n'
    campaign = see(tmp_path, "campaigns", content, "file.toml").only
    assert (campaign.external_id, campaign.start.day, campaign.end.day, campaign.sends) == ("c", 1, 3, 5)
    for broken in ("[[campaigns", "a = 1\n", "x = [[[" + "[" * 5_000, "a = " + "9" * 5_000):
        with pytest.raises(InputError):
            see_fetch(tmp_path, broken, "campaigns", "broken.toml")


def test_an_interrupted_reading_continues_where_it_was(tmp_path: Path) -> None:
    """Rows that were stored are not handed over again."""
    rows = "".join(f"{n},text,2026-10-01,ana\n" for n in range(2_500))
    (tmp_path / "f.csv").write_text(HEADER + rows)
    connector = build_connector("posts", "s", {"path": "f.csv"}, base_folder=tmp_path, secrets={})
    first = next(iter(connector.fetch({}, NOW)))
    rest = [record for batch in connector.fetch(first.cursors, NOW) for record in batch.records]
    assert len(first.records) + len(rest) == 2_500
    assert len({record.external_id for record in (*first.records, *rest)}) == 2_500
