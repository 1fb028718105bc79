"""The whole weekly job runs with every socket shut: nothing phones home, nothing is downloaded."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.e2e.test_kill import prepare

CHILD = """
import socket, sys

class Shut(socket.socket):
    def __init__(self, family=socket.AF_INET, *arguments, **options):
        if family in (socket.AF_INET, socket.AF_INET6):
            print("SOCKET OPENED", file=sys.stderr)
            raise OSError("this process may not open a socket")
        super().__init__(family, *arguments, **options)

def refuse(*arguments, **options):
    print("NAME RESOLVED", file=sys.stderr)
    raise OSError("this process may not resolve a name")

socket.socket = Shut
socket.create_connection = refuse
socket.getaddrinfo = refuse
from monitor.cli.main import main
main()
"""


def goodwill_without_sockets(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", CHILD, *arguments],
        cwd=folder,
        env={"SOURCE_DATE_EPOCH": "1763400000", "PATH": "", "HOME": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_weekly_job_opens_no_socket(tmp_path: Path) -> None:
    folder = prepare(tmp_path / "offline")
    settings = folder / "goodwill.toml"
    settings.write_text(settings.read_text().replace('engine = "lexicon"', 'engine = "onnx"'))
    done = goodwill_without_sockets(folder, "run", "--week", "2025-W46")
    assert done.returncode == 0, done.stderr
    assert "SOCKET OPENED" not in done.stderr
    assert "NAME RESOLVED" not in done.stderr
    assert (folder / "reports" / "weekly-2025-W46.html").exists()


def test_doctor_offline_opens_no_socket(tmp_path: Path) -> None:
    folder = prepare(tmp_path / "offline")
    done = goodwill_without_sockets(folder, "doctor", "--offline")
    assert "SOCKET OPENED" not in done.stderr
    assert "NAME RESOLVED" not in done.stderr
