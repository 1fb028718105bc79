"""Reddit's objects from JSON lines after a setting was corrected, and files with unusual names."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from connectors.testing import MemoryStore
from tests.unit.connectors.test_reddit_jsonl import NOW, comment, connect, lines, read, sync, texts

NOT_UTF_8 = "caf\udce9.jsonl"
"""How Python writes the name of a file that was named in Latin-1."""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "dump.jsonl"


def cyrillic(*bodies: str) -> bytes:
    made = [json.dumps(comment(f"a{n}", body), ensure_ascii=False) + "\n" for n, body in enumerate(bodies)]
    return "".join(made).encode("cp1251")


def test_a_corrected_encoding_reads_the_file_again(path: Path) -> None:
    """What was unreadable is read, what was read wrongly is put right, and nothing is there twice."""
    content = cyrillic("plain", "привет", "письма")
    store = read(path, content)
    assert texts(store) == {"plain"}
    sync(path, store, encoding="latin-1")
    assert len(store.records) == 3
    sync(path, store, encoding="cp1251")
    assert texts(store) == {"plain", "привет", "письма"}
    assert store.added == 3


def test_corrected_own_accounts_read_the_file_again(path: Path) -> None:
    """Posts of an account that is ours after all go; those of one that is not ours come."""
    store = read(path, lines(comment("a1", "ours", author="Acme"), comment("a2", "theirs")))
    sync(path, store, own_accounts=["u/acme"])
    assert texts(store) == {"theirs"}
    sync(path, store)
    assert texts(store) == {"ours", "theirs"}


def test_the_same_settings_written_otherwise_read_nothing(path: Path) -> None:
    """Only what decides on posts counts, not how it is spelt."""
    store = read(path, cyrillic("привет"), encoding="cp1251", own_accounts=["Acme", "u/other"])
    batches = sync(path, store, encoding="windows-1251", own_accounts=["other", "acme"])
    assert not any(batch.records or batch.skipped for batch in batches)


def test_a_cursor_without_settings_reads_once_more(path: Path) -> None:
    """One of an earlier version: settings may have changed since; nothing is there twice, nothing is lost."""
    store = read(path, cyrillic("plain", "привет"))
    (before,) = store.cursors.values()
    store.cursors[path.name] = json.dumps({k: v for k, v in json.loads(before).items() if k != "settings"})
    sync(path, store, encoding="cp1251")
    assert texts(store) == {"plain", "привет"}
    assert (store.added, store.changed) == (2, 0)
    assert not any(batch.records for batch in sync(path, store, encoding="cp1251"))


def test_an_earlier_version_without_settings_reads_nothing_again(tmp_path: Path) -> None:
    """A post that a file of another name told as removed would be back."""
    folder = tmp_path / "dumps"
    folder.mkdir()
    (folder / "old.jsonl").write_bytes(lines(comment("a1", "gone since")))
    store = MemoryStore()
    store.sync(connect(folder), NOW)
    (folder / "new.jsonl").write_bytes(lines(comment("a1", "[removed]"), comment("a2", "plain")))
    store.sync(connect(folder), NOW)
    for name, cursor in store.cursors.items():
        store.cursors[name] = json.dumps({k: v for k, v in json.loads(cursor).items() if k != "settings"})
    store.sync(connect(folder), NOW)
    assert texts(store) == {"plain"}


def test_a_cursor_names_no_account(path: Path) -> None:
    """It shows in the database: what was set is there as a digest."""
    store = read(path, lines(comment("a1")), own_accounts=["acme_support"])
    assert "acme" not in store.cursors[path.name]


def test_a_file_whose_name_is_not_utf_8_is_read(tmp_path: Path) -> None:
    """Its name is escaped wherever it shows, and files that differ in such a letter are told apart."""
    folder = tmp_path / "dumps"
    folder.mkdir()
    other = NOT_UTF_8.replace("\udce9", "\udce8")
    for number, name in enumerate((NOT_UTF_8, other, "plain.jsonl")):
        _write(folder / name, lines(comment(f"a{number}", f"text {number}")))
    store = MemoryStore()
    sync(folder, store)
    assert texts(store) == {"text 0", "text 1", "text 2"}
    assert set(store.cursors) == {"caf\\udce9.jsonl", "caf\\udce8.jsonl", "plain.jsonl"}
    assert not any(batch.records for batch in sync(folder, store))
    _write(folder / NOT_UTF_8, b"")
    (problem,) = [line for batch in sync(folder, store) for line in batch.problems]
    assert problem.startswith("caf\\udce9.jsonl is empty")
    assert {result.name for result in connect(folder).check()} == set(store.cursors)


def test_an_unreadable_name_shows_escaped_in_errors(tmp_path: Path) -> None:
    """Messages are stored and printed, which a lone surrogate would end."""
    (result,) = connect(tmp_path / NOT_UTF_8).check()
    assert "caf\\udce9.jsonl" in result.message
    result.message.encode()


def _write(path: Path, content: bytes) -> None:
    try:
        Path(os.fspath(path)).write_bytes(content)
    except (OSError, UnicodeEncodeError):
        pytest.skip("this file system takes no such name")
