"""Corrections of settings in several steps, and files that change with them: nothing is there twice, nothing stays."""

from __future__ import annotations

from pathlib import Path

import pytest

from connectors.testing import MemoryStore
from monitor.domain.campaigns import Campaign
from tests.unit.connectors.test_corrected_settings import sync, texts

ROWS = "2026-10-01 09:30,ana,The banner is bad\n2026-10-02 09:30,ben,Too many\n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "file.csv"


@pytest.mark.parametrize("before", [{"text": "Stuff"}, {"text": "Stuff", "title": "Nick"}])
def test_one_more_column_after_an_earlier_version_finds_its_rows(path: Path, before: dict[str, str]) -> None:
    """The cursor tells nothing of the columns of that time, but they can be found out."""
    path.write_text(f"Posted at,Nick,Stuff\n{ROWS}")
    store = MemoryStore()
    sync(path, store, columns=before)
    store.cursors = {name: " ".join(cursor.split()[:2]) for name, cursor in store.cursors.items()}
    sync(
        path,
        store,
        columns={"text": "Stuff", "author": "Nick"} | ({} if "title" not in before else {"title": "Nick"}),
    )
    assert (len(store.records), store.added) == (2, 2)


def test_a_header_renamed_after_a_correction_keeps_the_rows(path: Path) -> None:
    """The other columns still make the ids that the first reading made."""
    path.write_text(f"Posted at,Nick,Body\n{ROWS}")
    store = MemoryStore()
    sync(path, store)
    sync(path, store, columns={"author": "Nick"})
    path.write_text(f"Posted at,Nick,Message\n{ROWS}")
    sync(path, store, columns={"author": "Nick"})
    assert (len(store.records), store.added) == (2, 2)


def test_a_post_that_is_deleted_goes_although_its_id_was_named_later(path: Path) -> None:
    """Its text was stored under another id."""
    path.write_text("Ref,Posted at,Body,Gone\nr1,2026-10-01,one,\nr2,2026-10-02,two,yes\n")
    store = MemoryStore()
    sync(path, store)
    sync(path, store, columns={"id": "Ref", "deleted": "Gone"})
    assert texts(store) == ["one"]


def test_a_post_without_id_that_is_deleted_goes(path: Path) -> None:
    """As long as its text still stands there, it is known by it."""
    path.write_text("Posted at,Body,Deleted\n2026-10-01,one,\n2026-10-02,two,\n2026-10-03,one,\n")
    store = MemoryStore()
    sync(path, store)
    path.write_text("Posted at,Body,Deleted\n2026-10-01,one,\n2026-10-02,two,yes\n2026-10-03,one,\n")
    sync(path, store)
    assert texts(store) == ["one", "one"]


@pytest.mark.parametrize("kind", ["campaigns", "incidents"])
def test_rows_with_one_name_and_day_keep_their_ids(path: Path, kind: str) -> None:
    """Their ids are made of the end, too, and that of the audience and type."""
    path.write_text(
        "start,name,Until day,until,Who,audience\n"
        "2026-10-01,Autumn,2026-10-03,2026-10-05,all,x\n2026-10-01,Autumn,2026-10-04,2026-10-06,some,y\n"
    )
    store = MemoryStore()
    sync(path, store, kind)
    before = set(store.records)
    for columns in ({"end": "Until day"}, {"end": "Until day", "audience": "Who"}, {}):
        told = columns if kind == "campaigns" else {"end": columns.get("end", "until")}
        sync(path, store, kind, columns=told)
        assert set(store.records) == before
    audiences = {record.audience for record in store.records.values() if isinstance(record, Campaign)}
    assert audiences == ({"x", "y"} if kind == "campaigns" else set())


def test_rows_that_were_one_are_there_once_after_two_corrections(path: Path) -> None:
    """The first correction told them apart; a second one gives them no new ids."""
    rows = "".join(
        f"2026-10-01,{who},Mails,{text}\n"
        for who, text in (("ana", "one"), ("ben", "two"), ("cleo", "three"))
    )
    path.write_text(f"Day,Nick,Subject,Body\n{rows}")
    store, base = MemoryStore(), {"date": "Day", "title": ""}
    sync(path, store, columns={**base, "text": "Subject"})
    for more in ({}, {"author": "Nick"}, {"title": "Subject"}, {"title": "Subject", "author": "Nick"}):
        sync(path, store, columns={**base, "text": "Body", **more})
        assert sorted(text.split("\n")[-1] for text in texts(store)) == ["one", "three", "two"]
