"""A file of which no row could be used is a problem of every run, not a complete one without news."""

from __future__ import annotations

from pathlib import Path

import pytest

from connectors.registry import build_connector
from connectors.testing import MemoryStore
from tests.unit.connectors.file_sources import NOW

NAME = {"calendar": "file.ics"}


def problems(folder: Path, kind: str, content: str, store: MemoryStore) -> list[str]:
    """What one run says of a file."""
    name = NAME.get(kind, "file.csv")
    (folder / name).write_text(content)
    connector = build_connector(kind, "s", {"path": name}, base_folder=folder, secrets={})
    return [line for batch in store.sync(connector, NOW) for line in batch.problems]


def event(lines: str) -> str:
    return f"BEGIN:VCALENDAR\nBEGIN:VEVENT\n{lines}\nEND:VEVENT\nEND:VCALENDAR\n"


@pytest.mark.parametrize(
    ("kind", "bad", "good", "told"),
    [
        (
            "campaign_results",
            "campaign,date,opens\na,2026-10-01,23 %\nb,2026-10-01,22 %\n",
            "campaign,date,opens\na,2026-10-01,23\n",
            "file.csv: none of its 2 rows could be used (2 × not a count). ",
        ),
        (
            "campaigns",
            "name,start,end\n" + "a,2026-10-05,2026-10-01\n" * 2_500,
            "name,start,end\na,2026-10-01,2026-10-05\n",
            "file.csv: none of its 2500 rows could be used (2500 × ends before it starts). ",
        ),
        (
            "calendar",
            event("UID:a\nDTSTART;VALUE=DATE:2026"),
            event("UID:a\nDTSTART;VALUE=DATE:20261005"),
            "file.ics: none of its 1 events could be used (1 × broken event). ",
        ),
    ],
)
def test_nothing_usable_is_said_by_every_run(
    kind: str, bad: str, good: str, told: str, tmp_path: Path
) -> None:
    """Also when the file did not change since; put right, it is read and silent."""
    store = MemoryStore()
    for _ in range(2):
        (problem,) = problems(tmp_path, kind, bad, store)
        assert problem.startswith(told)
    assert not problems(tmp_path, kind, good, store)
    assert len(store.records) == 1


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("incidents", "kind,name,start\n"),
        ("campaigns", "name,start\na,2026-10-01\nb,never\nc,never\nd,2026-10-02\n"),
        ("calendar", "BEGIN:VCALENDAR\nEND:VCALENDAR\n"),
        ("calendar", event("UID:a\nDTSTART;VALUE=DATE:20261005\nSTATUS:CANCELLED")),
        ("calendar", event("UID:a\nDTSTART;VALUE=DATE:20100101\nRRULE:FREQ=DAILY;COUNT=2")),
    ],
)
def test_no_news_is_no_problem(kind: str, content: str, tmp_path: Path) -> None:
    """A table that waits for its first row, some bad rows among good ones, cancelled and past events."""
    assert not problems(tmp_path, kind, content, MemoryStore())


def test_an_unchanged_usable_file_stays_silent(tmp_path: Path) -> None:
    """Nothing is read the second time, and that is no problem."""
    store = MemoryStore()
    for _ in range(2):
        assert not problems(tmp_path, "campaigns", "name,start\na,2026-10-01\n", store)
