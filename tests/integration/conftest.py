"""Databases to test against: SQLite always, PostgreSQL when a server binary is found."""

from __future__ import annotations

import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from monitor.store.database import Database

_BINARIES = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)


def _postgres_binary(name: str) -> str | None:
    found = shutil.which(name)
    return found or next((str(folder / name) for folder in _BINARIES if (folder / name).exists()), None)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def postgres_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A PostgreSQL server of our own on loopback; skips when there is no server binary to start."""
    initdb, postgres = _postgres_binary("initdb"), _postgres_binary("postgres")
    if initdb is None or postgres is None:
        pytest.skip("no PostgreSQL server binary found")
    folder = tmp_path_factory.mktemp("postgres")
    prefix = _as_ordinary_user(folder)
    data = folder / "data"
    made = subprocess.run(
        [*prefix, initdb, "-D", str(data), "-U", "goodwill", "--auth=trust", "--no-sync", "-E", "UTF8"],
        capture_output=True,
        text=True,
        check=False,
    )
    if made.returncode:
        pytest.skip(f"PostgreSQL's initdb does not work here: {made.stderr.strip()[-200:]}")
    port = _free_port()
    server = subprocess.Popen(
        [*prefix, postgres, "-D", str(data), "-p", str(port), "-h", "127.0.0.1", "-k", str(folder), "-F"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    url = f"postgresql+psycopg://goodwill@127.0.0.1:{port}/postgres"
    try:
        _wait_for(url)
        yield url
    finally:
        server.terminate()
        server.wait(timeout=30)


def _as_ordinary_user(folder: Path) -> list[str]:
    """PostgreSQL refuses to run as root: then run it as the user `nobody`, who owns the folder."""
    import os

    if os.geteuid() != 0:
        return []
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        pytest.skip("PostgreSQL cannot run as root, and setpriv is missing")
    for parent in [folder, *folder.parents]:
        if parent == Path("/tmp"):
            break
        parent.chmod(0o755)
    shutil.chown(folder, 65534, 65534)
    return [setpriv, "--reuid=65534", "--regid=65534", "--clear-groups"]


def _wait_for(url: str) -> None:
    import time

    import sqlalchemy

    engine = sqlalchemy.create_engine(url)
    for _ in range(100):
        try:
            with engine.connect():
                break
        except sqlalchemy.exc.OperationalError:
            time.sleep(0.1)
    engine.dispose()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An empty database of this version, on each engine."""
    if request.param == "sqlite":
        url = str(tmp_path / "goodwill.db")
    else:
        url = request.getfixturevalue("postgres_url")
        drop_everything(url)
    with Database(url, time_zone=ZoneInfo("Europe/Berlin")) as opened:
        yield opened


def drop_everything(url: str) -> None:
    """Empty a PostgreSQL database."""
    import sqlalchemy

    engine = sqlalchemy.create_engine(url)
    with engine.begin() as connection:
        connection.execute(sqlalchemy.text("DROP SCHEMA public CASCADE"))
        connection.execute(sqlalchemy.text("CREATE SCHEMA public"))
    engine.dispose()
