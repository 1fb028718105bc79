"""kill -9 at every commit of `goodwill run`: the next run completes, nothing is lost and nothing doubled."""

from __future__ import annotations

import hashlib
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.test_commands import write_reddit

SETTINGS = """\
[company]
name = "Northbeam"
[model]
engine = "lexicon"
[[sources]]
name = "reddit"
kind = "reddit_jsonl"
path = "reddit.jsonl"
[[sources]]
name = "campaigns"
kind = "campaigns"
path = "campaigns.csv"
"""
CAMPAIGNS = "id,name,channel,type,start,end,sends\nc1,Upsell,email,upsell,2025-11-10,2025-11-12,500\n"

# The child runs the real command and dies, as by a power cut, before or after its n-th commit.
CHILD = """
import os, signal, sys
from contextlib import contextmanager
from monitor.store.database import Database
from monitor.cli.main import main

limit, moment = int(sys.argv.pop(1)), sys.argv.pop(1)
ordinary = Database.transaction
count = 0

@contextmanager
def mortal(self):
    global count
    with ordinary(self) as connection:
        yield connection
        count += 1
        if count == limit and moment == "before":
            os.kill(os.getpid(), signal.SIGKILL)
    if count == limit and moment == "after":
        os.kill(os.getpid(), signal.SIGKILL)

Database.transaction = mortal
main()
"""
IGNORED = {"sync_runs", "sqlite_sequence"}


def prepare(folder: Path) -> Path:
    folder.mkdir()
    (folder / "goodwill.toml").write_text(SETTINGS)
    (folder / "campaigns.csv").write_text(CAMPAIGNS)
    write_reddit(folder / "reddit.jsonl", 24)
    return folder


def run(folder: Path, limit: int, moment: str) -> int:
    done = subprocess.run(
        [sys.executable, "-c", CHILD, str(limit), moment, "--quiet", "run", "--week", "2025-W46"],
        cwd=folder,
        env={"SOURCE_DATE_EPOCH": "1763400000", "PATH": "", "HOME": str(folder), "HF_HUB_OFFLINE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in {0, -signal.SIGKILL}, done.stderr
    return done.returncode


def contents(folder: Path) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table but the record of runs, which tells of the killed ones."""
    connection = sqlite3.connect(folder / "goodwill.db")
    names = [
        row[0]
        for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
        if row[0] not in IGNORED and not row[0].startswith("posts_search")
    ]
    found = {
        name: sorted(connection.execute(f'SELECT * FROM "{name}"').fetchall(), key=repr) for name in names
    }
    found["search"] = connection.execute(
        "SELECT rowid FROM posts_search WHERE posts_search MATCH 'unsubscribe'"
    ).fetchall()
    connection.close()
    return found


def report_bytes(folder: Path) -> dict[str, str]:
    return {
        p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted((folder / "reports").iterdir())
    }


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is POSIX")
def test_a_run_killed_at_any_commit_is_completed_by_the_next(tmp_path: Path) -> None:
    whole = prepare(tmp_path / "whole")
    assert run(whole, 0, "never") == 0
    expected, files = contents(whole), report_bytes(whole)
    assert len(expected["posts"]) == 24
    survived = False
    limit = 0
    while not survived:
        limit += 1
        moment = "before" if limit % 2 else "after"
        folder = prepare(tmp_path / f"killed-{limit}")
        survived = run(folder, limit, moment) == 0
        assert run(folder, 0, "never") == 0
        assert contents(folder) == expected, f"after a kill {moment} commit {limit}"
        assert report_bytes(folder) == files
    assert limit > 8


def test_a_second_run_changes_neither_rows_nor_reports(tmp_path: Path) -> None:
    folder = prepare(tmp_path / "twice")
    assert run(folder, 0, "never") == 0
    before, files = contents(folder), report_bytes(folder)
    assert run(folder, 0, "never") == 0
    assert contents(folder) == before
    assert report_bytes(folder) == files
