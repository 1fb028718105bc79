"""Rows that a file gives twice, and texts that a corrected file has emptied."""

from __future__ import annotations

from pathlib import Path

import pytest

from connectors.registry import build_connector
from connectors.testing import MemoryStore
from monitor.domain.posts import DeletedPost
from tests.unit.connectors.file_sources import NOW, see

REPEATED = [
    ("nps", "id,score,date\n1,9,2026-10-01\n1,2,2026-10-02\n2,5,2026-10-03\n", "score", [9, 5]),
    ("posts", "id,text,date\n1,one,2026-10-01\n1,two,2026-10-02\n2,three,2026-10-03\n", "text", ["one", "three"]),
    ("deal_notes", "id,note,date\n1,one,2026-10-01\n1,two,2026-10-02\n2,three,2026-10-03\n", "text", ["one", "three"]),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "content", "field", "kept"), REPEATED)
def test_an_id_given_twice_is_counted_and_the_first_row_kept(
    kind: str, content: str, field: str, kept: list[object], tmp_path: Path
) -> None:
    """No row is lost without a word, and a reading that was interrupted knows the rows before."""
    seen = see(tmp_path, kind, content)
    assert [getattr(record, field) for record in seen.records] == kept
    assert seen.skipped == {"id given twice": 1}
    connector = build_connector(kind, "s", {"path": "file.csv"}, base_folder=tmp_path, secrets={})
    (batch,) = connector.fetch({}, NOW)
    assert (batch.skipped[0].external_id, batch.skipped[0].detail) == (
        "row 3",
        "row 2 has it too and is kept",
    )
    (fingerprint,) = (cursor.split()[0] for cursor in batch.cursors.values())
    (rest,) = connector.fetch({"file.csv": f"{fingerprint} 2"}, NOW)
    assert len(rest.records) == 1
    assert [item.reason for item in rest.skipped] == ["id given twice"]


def test_an_unusable_row_takes_no_id_away(tmp_path: Path) -> None:
    """The first usable row with an id is kept."""
    seen = see(tmp_path, "nps", "id,score,date\n1,99,2026-10-01\n1,2,2026-10-02\n")
    assert (seen.only.score, seen.skipped) == (2, {"score outside 0-10": 1})


@pytest.mark.parametrize("kind", ["posts", "deal_notes"])
def test_equal_rows_without_id_are_counted(kind: str, tmp_path: Path) -> None:
    """The same text at the same time is one post."""
    column = "text" if kind == "posts" else "note"
    seen = see(tmp_path, kind, f"{column},date\nsame,2026-10-01\nsame,2026-10-01\nsame,2026-10-02\n")
    assert (len(seen.records), seen.places) == (2, {"row given twice": "row 3"})


def test_a_post_that_was_deleted_and_written_again_is_no_repetition(tmp_path: Path) -> None:
    """A log of changes ends with its last word."""
    rows = "1,one,2026-10-01,\n1,,2026-10-01,yes\n1,two,2026-10-01,\n"
    seen = see(tmp_path, "posts", "id,text,date,deleted\n" + rows)
    assert (seen.only.text, seen.skipped) == ("two", {})


def test_a_note_of_several_deals_is_one_note(tmp_path: Path) -> None:
    """Exports repeat it for each deal; the deals all arrive."""
    rows = "1,one,2026-10-01,d1\n1,one,2026-10-01,d2\n"
    seen = see(tmp_path, "deal_notes", "id,note,date,deal\n" + rows)
    assert [type(record).__name__ for record in seen.records] == ["Deal", "Post", "Deal"]
    assert seen.skipped == {"id given twice": 1}


EMPTIED = [
    ("nps", "id,score,date,comment\n1,9,2026-10-01,{}\n2,2,2026-10-02,stays\n"),
    ("posts", "id,text,date\n1,{},2026-10-01\n2,stays,2026-10-02\n"),
    ("deal_notes", "id,note,date,deal\n1,{},2026-10-01,d1\n2,stays,2026-10-02,\n"),
]


@pytest.mark.parametrize("emptied", ["", " ", "\u200b"])
@pytest.mark.parametrize(("kind", "content"), EMPTIED)
def test_a_text_that_is_emptied_in_a_corrected_file_is_deleted(
    kind: str, content: str, emptied: str, tmp_path: Path
) -> None:
    """So people take back what should not have been exported; filled in again it is back."""
    connector = build_connector(kind, "s", {"path": "f.csv"}, base_folder=tmp_path, secrets={})
    store = MemoryStore()
    for text, deleted, posts in (("a name", 0, {"1", "2"}), (emptied, 1, {"2"}), ("no name", 1, {"1", "2"})):
        (tmp_path / "f.csv").write_text(content.format(text))
        store.sync(connector, NOW)
        assert store.deleted == deleted
        assert {key[2] for key in store.records if key[0] == "Post"} == posts
        assert len([key for key in store.records if key[0] == "NpsResponse"]) == (2 if kind == "nps" else 0)


@pytest.mark.parametrize("kind", ["posts", "deal_notes"])
def test_a_file_without_any_text_takes_none_back(kind: str, tmp_path: Path) -> None:
    """Its text column is the wrong one: nothing is deleted, and the run has a problem."""
    header = f"id,{'text' if kind == 'posts' else 'note'},date\n"
    connector = build_connector(kind, "s", {"path": "f.csv"}, base_folder=tmp_path, secrets={})
    store = MemoryStore()
    (tmp_path / "f.csv").write_text(header + "1,one,2026-10-01\n2,two,2026-10-02\n")
    store.sync(connector, NOW)
    (tmp_path / "f.csv").write_text(header + "1,,2026-10-01\n2,,2026-10-02\n")
    (batch,) = store.sync(connector, NOW)
    assert (store.deleted, len(store.records), len(batch.problems)) == (0, 2, 1)


def test_many_emptied_texts_come_in_batches(tmp_path: Path) -> None:
    """However many rows are empty before the first text."""
    rows = "".join(f"{number},,2026-10-01\n" for number in range(4_500))
    (tmp_path / "f.csv").write_text(f"id,text,date\n{rows}a,text,2026-10-02\n")
    connector = build_connector("posts", "s", {"path": "f.csv"}, base_folder=tmp_path, secrets={})
    batches = list(connector.fetch({}, NOW))
    assert max(len(batch.records) for batch in batches) <= 1_000
    deleted = [record for batch in batches for record in batch.records if isinstance(record, DeletedPost)]
    assert len({record.external_id for record in deleted}) == 4_500


def test_a_file_without_comments_takes_none_back(tmp_path: Path) -> None:
    """Neither where the column is missing or switched off, nor where rows have no ids."""
    assert see(tmp_path, "nps", "id,score,date\n1,9,2026-10-01\n").only.score == 9
    content = "id,score,date,comment\n1,9,2026-10-01,\n"
    assert see(tmp_path, "nps", content, columns={"comment": ""}).only.score == 9
    assert see(tmp_path, "nps", "score,date,comment\n9,2026-10-01,\n").only.score == 9
    assert DeletedPost("s", "1") in see(tmp_path, "nps", content).records
