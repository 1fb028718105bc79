"""Files that are read again with corrected `columns` or `encoding`: nothing is there twice, nothing is lost."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from connectors.base import Batch, Connector
from connectors.registry import build_connector
from connectors.testing import MemoryStore
from monitor.domain.posts import Post
from tests.unit.connectors.file_sources import NOW

POSTS = "Created at,Nick,Subject,Body\n2026-10-01 09:30,ana,Mails,The banner is bad\n2026-10-02 09:30,ben,Mails,Too many\n"
CYRILLIC = "Posted at,Author,Body\n2026-10-01 09:30,Аня,Баннер мешает\n2026-10-02 09:30,Борис,plain\n"


def connect(path: Path, kind: str = "posts", **options: object) -> Connector:
    told = {"path": path.name, "time_zone": "UTC", **options}
    return build_connector(kind, "s", told, base_folder=path.parent, secrets={})


def sync(path: Path, store: MemoryStore, kind: str = "posts", **options: object) -> list[Batch]:
    return store.sync(connect(path, kind, **options), NOW)


def texts(store: MemoryStore) -> list[str]:
    return sorted(record.text for record in store.records.values() if isinstance(record, Post))


def problems(batches: list[Batch]) -> list[str]:
    return [problem for batch in batches for problem in batch.problems]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "file.csv"


@pytest.mark.parametrize(
    ("kind", "content", "columns", "what"),
    [
        ("posts", POSTS, {"author": "Nick"}, "author_id"),
        ("deal_notes", POSTS, {"author": "Nick"}, "author_id"),
        ("nps", "Day,Who,Score,comment\n2026-10-01,ana,9,good\n2026-10-01,ana,9,good\n", {"respondent": "Who"}, ""),
        ("campaigns", "start,name,Way\n2026-10-01,Autumn,email\n2026-10-02,Spring,email\n", {"channel": "Way"}, "channel"),
        ("incidents", "start,name,Sort\n2026-10-01,Mail down,outage\n2026-10-02,Two,release\n", {"kind": "Sort"}, "kind"),
    ],
)  # fmt: skip
def test_corrected_columns_change_rows_that_have_no_ids(
    path: Path, kind: str, content: str, columns: dict[str, str], what: str
) -> None:
    """The rows of the first reading get what was missing; the same again, and back again, adds nothing."""
    path.write_text(content)
    base = {"columns": {"date": "Day"}} if kind == "nps" else {}
    store = MemoryStore()
    sync(path, store, kind, **base)
    before = dict(store.records)
    for told in (columns, {}, columns):
        sync(path, store, kind, columns={**base.get("columns", {}), **told})
        assert store.records.keys() == before.keys()
    assert store.changed
    assert not what or all(getattr(record, what) for record in store.records.values())


def test_later_versions_of_a_corrected_file_follow_it(path: Path) -> None:
    """New rows come, known rows stay, whichever of both are corrected or not."""
    path.write_text(POSTS)
    store = MemoryStore()
    sync(path, store)
    sync(path, store, columns={"author": "Nick"})
    path.write_text(POSTS + "2026-10-03 09:30,cleo,,Third\n")
    sync(path, store, columns={"author": "Nick"})
    assert (len(store.records), store.added) == (3, 3)
    assert {record.author_id for record in store.records.values() if isinstance(record, Post)} == {
        "ana",
        "ben",
        "cleo",
    }


def test_rows_that_a_wrong_column_made_one_are_all_there(path: Path) -> None:
    """The first reading took the subject for the text and saw one post twice."""
    path.write_text("Day,Subject,Body\n2026-10-01,Mails,one\n2026-10-01,Mails,two\n2026-10-01,Mails,three\n")
    store, base = MemoryStore(), {"date": "Day", "title": ""}
    sync(path, store, columns={**base, "text": "Subject"})
    assert (texts(store), store.skipped["row given twice"]) == (["Mails"], 2)
    for _ in range(2):
        sync(path, store, columns={**base, "text": "Body"})
        assert texts(store) == ["one", "three", "two"]


def test_a_text_that_was_none_goes(path: Path) -> None:
    """What a wrong column gave does not stay where the right one is empty."""
    path.write_text("Day,Subject,Body\n2026-10-01,A,one\n2026-10-02,B,\n")
    store, base = MemoryStore(), {"date": "Day", "title": ""}
    sync(path, store, columns={**base, "text": "Subject"})
    sync(path, store, columns={**base, "text": "Body"})
    assert texts(store) == ["one"]


@pytest.mark.parametrize("wrong", ["cp1252", "utf-8", ""])
@pytest.mark.parametrize("kind", ["posts", "deal_notes", "nps"])
def test_a_corrected_encoding_replaces_texts(path: Path, kind: str, wrong: str) -> None:
    """The ids of the first reading stay, also those of texts that it could not tell apart."""
    rows = "2026-10-01 09:30,Аня,Баннер,3\n2026-10-01 09:30,Аня,Ошибка,3\n2026-10-02 09:30,ben,plain,9\n"
    path.write_bytes(f"Date,Respondent,Comment,Score\n{rows}".encode("cp1251"))
    columns = {} if kind == "nps" else {"note" if kind == "deal_notes" else "text": "Comment"}
    store = MemoryStore()
    sync(path, store, kind, columns=columns, encoding=wrong)
    before = set(store.records)
    for _ in range(2):
        sync(path, store, kind, columns=columns, encoding="cp1251")
        assert texts(store) == sorted(["plain", "Баннер", "Ошибка"])
    assert before <= set(store.records)


def test_a_file_saved_in_another_encoding_is_the_same_file(path: Path) -> None:
    """What it says did not change, so nothing is new."""
    store = MemoryStore()
    path.write_bytes(CYRILLIC.encode("cp1251"))
    sync(path, store, encoding="cp1251")
    path.write_bytes(CYRILLIC.encode("utf-8"))
    sync(path, store)
    assert (store.added, store.changed, store.deleted) == (2, 0, 0)


def test_a_wrong_encoding_of_a_utf_8_file_is_corrected(path: Path) -> None:
    """Also when the file grows afterwards."""
    store = MemoryStore()
    path.write_bytes(CYRILLIC.encode("utf-8"))
    sync(path, store, encoding="cp1251")
    sync(path, store)
    path.write_bytes((CYRILLIC + "2026-10-03 09:30,Вера,Третье\n").encode("utf-8"))
    sync(path, store)
    assert (texts(store), store.added) == (sorted(["plain", "Баннер мешает", "Третье"]), 3)


@pytest.mark.parametrize("kind", ["posts", "deal_notes"])
def test_an_id_column_named_later_replaces_the_rows_and_says_so(path: Path, kind: str) -> None:
    """Rows get the file's ids, the earlier copies go, and the run tells once what that means."""
    path.write_text("Ref,Date,Body\nr1,2026-10-01,one\nr2,2026-10-02,two\n")
    store = MemoryStore()
    sync(path, store, kind)
    (problem,) = problems(sync(path, store, kind, columns={"id": "Ref"}))
    assert "goodwill db forget" in problem
    assert (texts(store), {key[2] for key in store.records}) == (["one", "two"], {"r1", "r2"})
    path.write_text("Ref,Date,Body\nr1,2026-10-01,one, corrected\nr2,2026-10-02,TWO\nr3,2026-10-03,three\n")
    assert not problems(sync(path, store, kind, columns={"id": "Ref"}))
    assert texts(store) == ["TWO", "one", "three"]


def test_a_wrong_id_column_is_corrected(path: Path) -> None:
    """A thread's id is no post's: all posts come, though the ids of both columns overlap."""
    path.write_text(
        "Thread,Post,Date,Body\n1,2,2026-10-01,b\n1,1,2026-10-01,a\n2,3,2026-10-01,c\n3,4,2026-10-02,d\n"
    )
    store = MemoryStore()
    sync(path, store, columns={"id": "Thread"})
    sync(path, store, columns={"id": "Post"})
    assert {key[2]: record.text for key, record in store.records.items() if isinstance(record, Post)} == {
        "1": "a",
        "2": "b",
        "3": "c",
        "4": "d",
    }
    sync(path, store)
    assert texts(store) == ["a", "b", "c", "d"]


def test_a_cursor_of_an_earlier_version_learns_the_first_reading(path: Path) -> None:
    """The unchanged file is not read again, and a later correction finds its rows."""
    path.write_text(POSTS)
    store = MemoryStore()
    sync(path, store)
    store.cursors = {name: " ".join(cursor.split()[:2]) for name, cursor in store.cursors.items()}
    assert [batch.records for batch in sync(path, store)] == [()]
    assert sync(path, store) == []
    sync(path, store, columns={"author": "Nick"})
    assert (len(store.records), store.added) == (2, 2)


@pytest.mark.parametrize("encoding", ["", "cp1251"])
def test_a_cursor_of_an_earlier_version_and_a_correction_at_once(path: Path, encoding: str) -> None:
    """Where the settings were not there before, the rows of the unchanged file are found."""
    path.write_bytes(CYRILLIC.replace("Author", "Nick").encode("cp1251"))
    store = MemoryStore()
    sync(path, store)
    store.cursors = {name: " ".join(cursor.split()[:2]) for name, cursor in store.cursors.items()}
    sync(path, store, columns={"author": "Nick"}, encoding=encoding)
    assert (texts(store), store.added) == (["plain", "Баннер мешает"], 2)


def test_a_file_with_other_columns_starts_anew(path: Path) -> None:
    """Ids cannot be made of columns that are gone."""
    path.write_text(POSTS)
    store = MemoryStore()
    sync(path, store)
    path.write_text("date,text\n2026-10-01,other\n2026-10-01,another\n")
    sync(path, store)
    assert len(store.records) == 4


@pytest.mark.parametrize("told", ["{}", "[", '{"encoding":"klingon","family":"x","columns":{}}', "null x"])
def test_a_damaged_cursor_is_none(path: Path, told: str) -> None:
    """Whatever stands there, the file is read."""
    path.write_text(POSTS)
    store = MemoryStore(cursors={path.name: f"0 done {told}"})
    sync(path, store)
    assert len(store.records) == 2


def test_a_killed_correction_is_completed(path: Path) -> None:
    """However many batches were stored, the next run ends where an undisturbed one does."""
    rows = "".join(f"2026-10-01,nick {number},text {number % 1300},r{number}\n" for number in range(2_500))
    path.write_text(f"Date,Nick,Body,Ref\n{rows}")
    first = MemoryStore()
    sync(path, first)
    for columns in ({"author": "Nick"}, {"author": "Nick", "id": "Ref"}):
        ends = []
        for batches in (None, 1, 2):
            store = MemoryStore(records=dict(first.records), cursors=dict(first.cursors))
            store.sync(connect(path, columns=columns), NOW, batches=batches)
            sync(path, store, columns=columns)
            ends.append(store.records)
        assert len(ends[0]) == 2_500
        assert ends[0] == ends[1] == ends[2]


def test_names_that_are_not_utf_8_are_told_apart(tmp_path: Path) -> None:
    """Each file has its own cursor, which can be stored."""
    try:
        for name in ("caf\udce8.csv", "caf\udce9.csv"):
            Path(os.fspath(tmp_path / name)).write_text(POSTS.replace("bad", repr(name)))
    except (OSError, UnicodeEncodeError):
        pytest.skip("this file system takes no such name")
    store = MemoryStore()
    store.sync(connect(tmp_path / "*.csv"), NOW)
    assert set(store.cursors) == {"caf\\udce8.csv", "caf\\udce9.csv"}
    assert store.sync(connect(tmp_path / "*.csv"), NOW) == []
