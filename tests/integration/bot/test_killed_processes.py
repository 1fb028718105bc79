"""kill -9 of `goodwill alert` and `goodwill bot` around every request to Slack: nothing doubles, nothing is lost."""

from __future__ import annotations

import json
import shutil
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from monitor.domain.alerts import IncidentState
from monitor.domain.outbox import MessageKind, MessageState
from monitor.errors import LockedError
from monitor.settings import load
from monitor.store import alerts as store
from monitor.store.database import Database
from reports.alert import ACKNOWLEDGE
from tests.integration.bot.conftest import SPIKE, fill, raise_incident, step_incident
from tests.integration.bot.mortal import DeadlyWorld, Death, Run, Starter, starting
from tests.integration.bot.slack_world import SlackServer
from tests.integration.bot.talk import interaction, send, until
from tests.integration.conftest import drop_everything

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="fork and SIGKILL are POSIX")
SETTINGS = """\
[company]
name = "Acme"
[database]
url = "{database}"
[report]
time_zone = "Europe/Berlin"
[slack]
base_url = "{url}"
channel = "C1"
[alerts.rules.red_flag]
enabled = false
"""
PATIENCE = 120.0
ALERT_DEATHS = [
    Death(method, after=after)
    for method in (
        "auth.test",
        "chat.postMessage",
        "files.getUploadURLExternal",
        "files.completeUploadExternal",
        "chat.update",
    )
    for after in (False, True)
]


def morning(days: int) -> int:
    """The morning so many days after the spike began, in seconds since 1970."""
    begin = datetime(SPIKE.year, SPIKE.month, SPIKE.day, 7, tzinfo=UTC)
    return int((begin + timedelta(days=days)).timestamp())


@pytest.fixture(scope="module")
def starter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Starter]:
    with starting(tmp_path_factory.mktemp("home")) as running:
        yield running


@pytest.fixture(scope="module")
def company_folder(tmp_path_factory: pytest.TempPathFactory, starter: Starter) -> Path:
    """A company whose statistics of the days that are checked below are remembered already."""
    folder = tmp_path_factory.mktemp("warm")
    with Database(str(folder / "company.db"), time_zone=ZoneInfo("Europe/Berlin")) as database:
        fill(database)
    (folder / "goodwill.toml").write_text(SETTINGS.format(database="company.db", url="http://127.0.0.1:9"))
    for days in (2, 5):
        run = starter.start(folder, morning(days), "alert --dry-run")
        assert run.wait() == 0, run.output()
    return folder


@contextmanager
def deadly_slack() -> Iterator[tuple[SlackServer, DeadlyWorld]]:
    world = DeadlyWorld()
    with SlackServer(world) as server:
        yield server, world


def settle(original: Path, folder: Path, server: SlackServer) -> Path:
    """A copy of the company whose Slack is `server`."""
    shutil.copytree(original, folder)
    (folder / "goodwill.toml").write_text(SETTINGS.format(database="company.db", url=server.url))
    return folder


def go(starter: Starter, world: DeadlyWorld, folder: Path, words: str, days: int = 2) -> Run:
    run = starter.start(folder, morning(days), words)
    world.name(run)
    return run


def opened(folder: Path) -> Database:
    return Database(load(folder / "goodwill.toml").database_url, time_zone=ZoneInfo("Europe/Berlin"))


def verdict(folder: Path, world: DeadlyWorld) -> None:
    """Everything that was asked for is in Slack, once."""
    posted = Counter(m["metadata"]["event_payload"]["key"] for m in world.channels["C1"] if m.get("metadata"))
    files = Counter(f["name"] for m in world.channels["C1"] for f in m.get("files", ()))
    with opened(folder) as database, database.reading() as connection:
        assert store.pending_messages(connection) == []
        incidents = [i for i in store.read_incidents(connection) if i.posted_on is not None]
        messages = [m for incident in incidents for m in store.messages_of(connection, incident.id)]
    told = {m.key for m in messages if m.kind in {MessageKind.ROOT, MessageKind.THREAD}}
    charts = {m.file_name for m in messages if m.kind is MessageKind.CHART and m.state is MessageState.SENT}
    assert len(incidents) == 1
    assert posted == dict.fromkeys(told, 1)
    assert files == dict.fromkeys(charts, 1)
    assert len(world.roots()) == 1


@pytest.mark.parametrize(
    "death", ALERT_DEATHS, ids=lambda d: f"{d.method}-{'after' if d.after else 'before'}"
)
def test_alert_killed_at_a_request_is_completed_by_the_next(
    company_folder: Path, tmp_path: Path, starter: Starter, death: Death
) -> None:
    """The first check dies; the next one completes it; days later the end is told, and that process dies, too."""
    with deadly_slack() as (server, world):
        folder = settle(company_folder, tmp_path / "company", server)
        world.condemn(death)
        assert go(starter, world, folder, "alert").wait() == -9
        assert world.was_executed()
        again = go(starter, world, folder, "alert")
        assert again.wait() == 0, again.output()
        verdict(folder, world)
        with opened(folder) as database:
            step_incident(database, 1, "It got worse.", loud=True)
        world.condemn(death)
        killed = go(starter, world, folder, "alert").wait() == -9
        assert world.was_executed() is killed
        again = go(starter, world, folder, "alert")
        assert again.wait() == 0, again.output()
        verdict(folder, world)
        # the later step uploads nothing: there only those two deaths cannot happen
        assert killed is not death.method.startswith("files.")


def test_alert_killed_again_and_again_tells_it_once(
    company_folder: Path, tmp_path: Path, starter: Starter
) -> None:
    """One process after the other dies after each step, the look-ups of the next one among them."""
    deaths = [
        Death("chat.postMessage"),
        Death("conversations.history"),
        Death("conversations.history", after=False),
        Death("files.completeUploadExternal"),
        Death("conversations.replies"),
        Death("chat.update", after=False),
    ]
    with deadly_slack() as (server, world):
        folder = settle(company_folder, tmp_path / "company", server)
        for death in deaths:
            world.condemn(death)
            assert go(starter, world, folder, "alert").wait() == -9, death
            assert world.was_executed()
        last = go(starter, world, folder, "alert")
        assert last.wait() == 0, last.output()
        verdict(folder, world)


def test_the_check_above_would_notice_a_double(company_folder: Path, tmp_path: Path) -> None:
    """Without looking it up, a message whose answer was lost goes out twice."""
    forgetful = (
        "from reports.slack_delivery import SlackDelivery\nSlackDelivery.find_message = lambda *a, **o: ''\n"
    )
    with deadly_slack() as (server, world), starting(tmp_path, forgetful) as starter:
        folder = settle(company_folder, tmp_path / "company", server)
        world.condemn(Death("chat.postMessage"))
        assert go(starter, world, folder, "alert").wait() == -9
        world.was_executed()
        assert go(starter, world, folder, "alert").wait() == 0
        assert len(world.roots()) == 2
        with pytest.raises(AssertionError):
            verdict(folder, world)


@pytest.fixture
def postgres_company(
    postgres_url: str, tmp_path: Path, company_folder: Path
) -> Iterator[tuple[Path, DeadlyWorld]]:
    """The company in a PostgreSQL database."""
    drop_everything(postgres_url)
    with deadly_slack() as (server, world):
        folder = settle(company_folder, tmp_path / "company", server)
        (folder / "goodwill.toml").write_text(SETTINGS.format(database=postgres_url, url=server.url))
        with opened(folder) as database:
            fill(database)
        yield folder, world


@pytest.mark.postgres
def test_two_alerts_at_once_on_postgresql_tell_it_once(
    postgres_company: tuple[Path, DeadlyWorld], starter: Starter
) -> None:
    """While one is sending, under the advisory lock, the other ends without sending anything."""
    folder, world = postgres_company
    world.paused = threading.Event()
    first = go(starter, world, folder, "alert")
    assert world.waiting.wait(PATIENCE), first.output()
    calls = len(world.calls)
    second = go(starter, world, folder, "alert")
    assert second.wait() == 0, second.output()
    assert len(world.calls) == calls
    world.paused.set()
    assert first.wait() == 0, first.output()
    verdict(folder, world)
    assert is_free(folder)
    with opened(folder) as database, store.delivering(database):
        assert not is_free(folder)


@pytest.mark.postgres
def test_two_checks_begun_at_once_on_postgresql_raise_no_twins(
    postgres_company: tuple[Path, DeadlyWorld], starter: Starter
) -> None:
    folder, world = postgres_company
    runs = [go(starter, world, folder, "alert") for _ in range(3)]
    assert [run.wait() for run in runs] == [0, 0, 0], runs[0].output()
    last = go(starter, world, folder, "alert")
    assert last.wait() == 0, last.output()
    verdict(folder, world)


@pytest.mark.postgres
@pytest.mark.parametrize("after", [False, True])
def test_an_alert_killed_under_the_lock_on_postgresql_is_completed_by_the_next(
    postgres_company: tuple[Path, DeadlyWorld], starter: Starter, after: bool
) -> None:
    """The server takes the lock back with the connection of the dead process."""
    folder, world = postgres_company
    world.condemn(Death("chat.postMessage", after=after))
    assert go(starter, world, folder, "alert").wait() == -9
    assert world.was_executed()
    until(lambda: is_free(folder), PATIENCE)
    again = go(starter, world, folder, "alert")
    assert again.wait() == 0, again.output()
    verdict(folder, world)


def is_free(folder: Path) -> bool:
    """Whether nobody holds the delivery's lock."""
    with opened(folder) as database:
        try:
            with store.delivering(database):
                return True
        except LockedError:
            return False


BOT_DEATHS = [
    Death("apps.connections.open"),
    Death("auth.test"),
    Death("chat.postMessage", after=False),
    Death("chat.postMessage"),
    Death("chat.postMessage", 2, after=False),
    Death("chat.postMessage", 2),
    Death("chat.update", after=False),
    Death("chat.update"),
]


@pytest.mark.parametrize("death", BOT_DEATHS, ids=lambda d: f"{d.method}-{d.number}-{d.after}")
def test_the_bot_killed_at_a_request_loses_and_doubles_nothing(
    company_folder: Path, tmp_path: Path, starter: Starter, death: Death
) -> None:
    """It posts what waits, and somebody presses Acknowledge; whenever it dies, the next one goes on."""
    with deadly_slack() as (server, world):
        folder = settle(company_folder, tmp_path / "company", server)
        with opened(folder) as database:
            raise_incident(database)
            step_incident(database, 1, "It got worse.", loud=True)
            with database.transaction() as connection:
                store.save_check(connection, SPIKE)
        world.condemn(death)
        first = go(starter, world, folder, "bot")
        if death.method == "chat.update":
            press(server, folder, 0)
        assert first.wait() == -9, first.output()
        assert world.was_executed()
        connected = len(server.sockets)
        second = go(starter, world, folder, "bot")
        press(server, folder, connected)
        until(lambda: "acknowledged by <@U7>" in json.dumps(world.roots()[0]["blocks"]), PATIENCE)
        until(lambda: not waiting(folder), PATIENCE)
        assert second.kill() == -9
        assert "Traceback" not in second.output()
        check = go(starter, world, folder, "alert")
        assert check.wait() == 0, check.output()
        verdict(folder, world)
        assert [m["text"] for m in world.channels["C1"]].count("It got worse.") == 1


def waiting(folder: Path) -> set[MessageKind]:
    """What the bot still has to send; charts are left to `goodwill alert`."""
    with opened(folder) as database, database.reading() as connection:
        return {message.kind for message in store.pending_messages(connection)} - {MessageKind.CHART}


def press(server: SlackServer, folder: Path, connected: int) -> None:
    """Press Acknowledge once the incident is in the channel, unless an earlier press was heard.

    Args:
        server: Slack.
        folder: of the company.
        connected: sockets before the bot that shall hear it.
    """
    line = server.wait_for_socket(connected + 1, PATIENCE)
    until(lambda: server.world.roots() and not waiting(folder), PATIENCE)
    with opened(folder) as database, database.reading() as connection:
        if store.read_incident(connection, 1).state is not IncidentState.OPEN:
            return
    send(line, "interactive", interaction(server, ACKNOWLEDGE, {"type": "button", "value": "1"}))
