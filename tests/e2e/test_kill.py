"""kill -9 at every commit of `goodwill run`: the next run completes, nothing is lost and nothing doubled."""

from __future__ import annotations

import hashlib
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.e2e.test_commands import write_reddit

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="fork and SIGKILL are POSIX")
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

# One process imports everything once; each run is a fork of it, so that it pays no start of Python. The fork
# runs the real command and dies, as by a power cut, before or after its n-th commit.
STARTER = """
import importlib, os, signal, sys, traceback
from contextlib import contextmanager
from pathlib import Path

def live(folder, limit, moment):
    os.chdir(folder)
    from monitor.cli.main import main
    from monitor.store.database import Database

    ordinary, count = Database.transaction, 0

    @contextmanager
    def mortal(self):
        nonlocal count
        with ordinary(self) as connection:
            yield connection
            count += 1
            if count == limit and moment == "before":
                os.kill(os.getpid(), signal.SIGKILL)
        if count == limit and moment == "after":
            os.kill(os.getpid(), signal.SIGKILL)

    Database.transaction = mortal
    sys.argv = ["goodwill", "--quiet", "run", "--week", "2025-W46"]
    main()

def fork(folder, limit, moment):
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    code = 0
    output = os.open(folder + "/output.txt", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(output, 1), os.dup2(output, 2)
    try:
        live(folder, limit, moment)
    except SystemExit as end:
        code = int(end.code or 0)
    except BaseException:
        traceback.print_exc()
        code = 99
    if not Path("modules.txt").exists():
        Path("modules.txt").write_text("\\n".join(sys.modules))
    sys.stdout.flush(), sys.stderr.flush()
    os._exit(code)

for line in sys.stdin:
    folder, limit, moment = line.rstrip("\\n").split("\\t")
    print(fork(folder, int(limit), moment), flush=True)
    names = Path(folder, "modules.txt")
    for name in names.read_text().split("\\n") if names.exists() and len(sys.modules) < 500 else ():
        try:
            importlib.import_module(name)
        except Exception:
            pass
"""
IGNORED = {"sync_runs", "sqlite_sequence"}


def prepare(folder: Path) -> Path:
    folder.mkdir()
    (folder / "goodwill.toml").write_text(SETTINGS)
    (folder / "campaigns.csv").write_text(CAMPAIGNS)
    write_reddit(folder / "reddit.jsonl", 24)
    return folder


@dataclass(frozen=True)
class Starter:
    """Runs `goodwill run` in a folder, in a process of its own that can be killed."""

    process: subprocess.Popen[str]

    def run(self, folder: Path, limit: int = 0, moment: str = "never") -> int:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{folder}\t{limit}\t{moment}\n")
        self.process.stdin.flush()
        code = int(self.process.stdout.readline())
        assert code in {0, -signal.SIGKILL}, (folder / "output.txt").read_text()
        return code


@pytest.fixture(scope="module")
def starter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Starter]:
    process = subprocess.Popen(
        [sys.executable, "-c", STARTER],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={
            "SOURCE_DATE_EPOCH": "1763400000",
            "PATH": "",
            "HOME": str(tmp_path_factory.mktemp("home")),
            "HF_HUB_OFFLINE": "1",
            "OPENBLAS_NUM_THREADS": "1",
        },
        text=True,
    )
    yield Starter(process)
    process.communicate()


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
    reports = folder / "reports"
    return {
        str(path.relative_to(reports)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(reports.rglob("*"))
        if path.is_file()
    }


def test_a_run_killed_at_any_commit_is_completed_by_the_next(tmp_path: Path, starter: Starter) -> None:
    whole = prepare(tmp_path / "whole")
    assert starter.run(whole) == 0
    expected, files = contents(whole), report_bytes(whole)
    assert len(expected["posts"]) == 24
    survived = False
    limit = 0
    while not survived:
        limit += 1
        moment = "before" if limit % 2 else "after"
        folder = prepare(tmp_path / f"killed-{limit}")
        survived = starter.run(folder, limit, moment) == 0
        assert starter.run(folder) == 0
        assert contents(folder) == expected, f"after a kill {moment} commit {limit}"
        assert report_bytes(folder) == files
    assert limit > 8


def test_a_second_run_changes_neither_rows_nor_reports(tmp_path: Path, starter: Starter) -> None:
    folder = prepare(tmp_path / "twice")
    assert starter.run(folder) == 0
    before, files = contents(folder), report_bytes(folder)
    assert starter.run(folder) == 0
    assert contents(folder) == before
    assert report_bytes(folder) == files
