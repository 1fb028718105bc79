"""`goodwill bot` as its service manager runs it, over a WebSocket: every command is the real one."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from monitor.domain.alerts import IncidentState
from monitor.settings import load
from monitor.store import alerts as store
from monitor.store.database import Database
from monitor.workflow.alert_slack import deliver_alerts
from tests.integration.bot.conftest import SPIKE, fill, raise_incident, set_tokens
from tests.integration.bot.slack_world import APP_TOKEN, TOKEN, SlackServer
from tests.integration.bot.talk import answers, command, send, until

MONDAY = int(datetime(2026, 5, 25, 6, tzinfo=UTC).timestamp())
PATIENCE = 120.0


@dataclass(frozen=True)
class Live:
    """A running bot, its Slack, its database and the folder it runs in."""

    slack: SlackServer
    database: Database
    process: subprocess.Popen[str]
    folder: Path

    def ask(self, words: str) -> list[dict[str, Any]]:
        """Everything the bot answers to a command."""
        self.slack.responses.clear()
        line = self.slack.open_socket(seconds=PATIENCE)
        line.wait_for_ack(send(line, "slash_commands", command(self.slack, words)))
        until(lambda: self.slack.responses, PATIENCE)
        return self.slack.responses


def write_settings(folder: Path, url: str) -> None:
    """A company whose Slack is `url`, with its database beside the file."""
    (folder / "goodwill.toml").write_text(
        "[company]\nname = 'Acme'\n[database]\nurl = 'company.db'\n[report]\ntime_zone = 'Europe/Berlin'\n"
        f"[slack]\nbase_url = '{url}'\nchannel = 'C1'\n"
    )


def bot_process(folder: Path) -> subprocess.Popen[str]:
    """`goodwill bot` in a folder."""
    environment = {
        "PATH": "/usr/bin:/bin",
        "HOME": str(folder),
        "GOODWILL_SLACK_TOKEN_FILE": str(folder / "token"),
        "GOODWILL_SLACK_APP_TOKEN": APP_TOKEN,
        "SOURCE_DATE_EPOCH": str(MONDAY),
        "OMP_NUM_THREADS": "1",
    }
    return subprocess.Popen(
        [sys.executable, "-m", "monitor.cli", "bot"],
        cwd=folder,
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """One bot for the whole file, with incident 1 in the channel."""
    folder = tmp_path_factory.mktemp("live")
    with (
        pytest.MonkeyPatch.context() as patch,
        SlackServer() as slack,
        Database(str(folder / "company.db"), time_zone=ZoneInfo("Europe/Berlin")) as database,
    ):
        set_tokens(patch)
        write_settings(folder, slack.url)
        (folder / "token").write_text(TOKEN)
        fill(database, wordy=True)
        raise_incident(database)
        with database.transaction() as connection:
            store.save_check(connection, SPIKE)
        deliver_alerts(database, load(folder / "goodwill.toml"), draws_charts=False)
        process = bot_process(folder)
        try:
            slack.wait_for_socket(seconds=PATIENCE)
            yield Live(slack, database, process, folder)
        finally:
            process.terminate()
            _, errors = process.communicate(timeout=60)
        assert process.returncode == 0, errors
        assert "Traceback" not in errors


def test_week_is_the_digest_of_the_real_report(live: Live) -> None:
    (answer,) = live.ask("week")
    assert answer["response_type"] == "ephemeral"
    assert "2026-W21" in answer["text"]
    said = json.dumps(answer["blocks"], ensure_ascii=False)
    assert "Acme: week 2026-W21" in said
    assert said.count("_circle:") >= 9
    assert "<!channel>" not in said
    # Asked again it comes from memory.
    assert live.ask("week")[0]["blocks"] == answer["blocks"]


def test_cloud_is_the_weeks_picture_with_its_words(live: Live) -> None:
    (answer,) = live.ask("cloud")
    (image,) = [block for block in answer["blocks"] if block["type"] == "image"]
    file = live.slack.world.files[image["slack_file"]["id"]]
    assert file["content"].startswith(b"\x89PNG")
    assert file["name"] == "words-2026-W21.png"
    assert "unsubscribe" in image["alt_text"]
    assert "2026-W21" in answer["text"]
    assert answer["response_type"] == "ephemeral"


def test_a_cloud_that_slack_still_processes_is_shown_when_it_is_ready(live: Live) -> None:
    live.slack.world.file_ready = False
    live.slack.responses.clear()
    line = live.slack.open_socket(seconds=PATIENCE)
    line.wait_for_ack(send(line, "slash_commands", command(live.slack, "cloud")))
    until(lambda: live.slack.refused, PATIENCE)
    live.slack.world.file_ready = True
    (answer,) = until(lambda: live.slack.responses, PATIENCE)
    assert [block["type"] for block in answer["blocks"]][-1] == "image"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("status", "*1* open: Complaints rose."),
        ("why 1", "*What happened*"),
        ("why 99", "there is no incident 99"),
        ("help", "What /goodwill can do"),
    ],
)
def test_the_quick_commands(live: Live, words: str, expected: str) -> None:
    assert expected in live.ask(words)[0]["text"]


def test_the_home_tab_shows_the_real_week(live: Live) -> None:
    event = {
        "type": "event_callback",
        "event_id": "Ev-live",
        "team_id": "T1",
        "event": {"type": "app_home_opened", "user": "U7", "tab": "home"},
    }
    line = live.slack.open_socket(seconds=PATIENCE)
    line.wait_for_ack(send(line, "events_api", event))
    homes = live.slack.world.homes
    until(lambda: "2026-W21" in json.dumps(homes.get("U7", {})), PATIENCE)
    assert "open" in json.dumps(homes["U7"])
    assert "Boundary scorecard" in json.dumps(homes["U7"])


def test_a_token_that_is_rotated_while_the_bot_runs_is_taken_up(live: Live) -> None:
    """Slack refuses the old one from one moment to the next; the file holds the new one."""
    live.slack.world.tokens = {"xoxb-new", APP_TOKEN}
    (live.folder / "token").write_text("xoxb-new")
    event = {"type": "app_home_opened", "user": "U8", "tab": "home"}
    payload = {"type": "event_callback", "event_id": "Ev-rotated", "team_id": "T1", "event": event}
    line = live.slack.open_socket(seconds=PATIENCE)
    line.wait_for_ack(send(line, "events_api", payload))
    until(lambda: "U8" in live.slack.world.homes, PATIENCE)
    picture = live.ask("cloud")[0]["blocks"][-1]
    assert picture["slack_file"]["id"] in live.slack.world.files


def test_it_acknowledges_fifty_events_a_second_within_three_seconds_and_stays_small(live: Live) -> None:
    """The whole process, other work on the machine or not: a hundred commands in two seconds."""
    line = live.slack.open_socket(seconds=PATIENCE)
    live.slack.responses.clear()
    begin = time.monotonic()
    sent = {}
    for number in range(100):
        sent[send(line, "slash_commands", command(live.slack, "status"))] = time.monotonic()
        time.sleep(max(0.0, begin + (number + 1) / 50 - time.monotonic()))
    for envelope in sent:
        line.wait_for_ack(envelope, seconds=3.0)
    until(lambda: len(live.slack.responses) == 100, PATIENCE)
    status = Path(f"/proc/{live.process.pid}/status")
    if status.exists():
        resident = next(row for row in status.read_text().splitlines() if row.startswith("VmRSS"))
        assert int(resident.split()[1]) < 150 * 1024, resident


def test_snooze_changes_the_incident_and_its_message(live: Live) -> None:
    assert "snoozed until" in live.ask("snooze 1 1w")[0]["text"]
    with live.database.reading() as connection:
        assert store.read_incident(connection, 1).state is IncidentState.SNOOZED
    until(lambda: "nooze" in json.dumps(live.slack.world.roots()[0]["blocks"]), PATIENCE)
    assert "Incident" in answers(live.slack)
