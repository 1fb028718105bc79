"""`goodwill doctor slack`: each thing that can be wrong is told with what to do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from monitor.settings import Loaded
from monitor.workflow.doctor_slack import examine_slack
from tests.integration.bot.conftest import loaded_for
from tests.integration.bot.slack_world import TOKEN, Fault, SlackServer


def examine(loaded: Loaded, slack: SlackServer, *, late: float = 0.0) -> dict[str, tuple[bool, str]]:
    now = datetime.fromtimestamp(slack.world.now, UTC) + timedelta(seconds=late)
    return {check.name: (check.ok, check.message) for check in examine_slack(loaded, now=now)}


def test_all_is_well(loaded: Loaded, slack: SlackServer) -> None:
    checks = examine(loaded, slack)
    assert {name for name, (ok, _) in checks.items() if not ok} == set()
    assert set(checks) == {
        "slack token",
        "slack scopes",
        "clock",
        "slack.channel",
        "slack limits",
        "socket mode",
    }
    assert slack.world.channels["C1"] == []


def test_tokens_in_dotenv_beside_the_settings_are_found_from_another_folder(
    slack: SlackServer, dotenv_home: Path
) -> None:
    checks = examine(loaded_for(dotenv_home, slack.url), slack)
    assert (checks["slack token"][0], checks["socket mode"][0]) == (True, True)


def test_a_clock_that_jumped_a_month_is_seen(loaded: Loaded, slack: SlackServer) -> None:
    ok, message = examine(loaded, slack, late=31 * 86_400)["clock"]
    assert not ok
    assert "ahead of Slack's" in message


def test_missing_scopes_are_named_with_their_use(loaded: Loaded, slack: SlackServer) -> None:
    slack.world.scopes = "chat:write,commands,channels:read,channels:history,users:read"
    ok, message = examine(loaded, slack)["slack scopes"]
    assert not ok
    assert "files:write (charts and word clouds)" in message


def test_a_channel_that_is_gone_or_archived(tmp_path: Path, loaded: Loaded, slack: SlackServer) -> None:
    slack.world.archived.add("C1")
    assert "is archived" in examine(loaded, slack)["slack.channel"][1]
    assert (
        "channel_not_found"
        in examine(loaded_for(tmp_path, slack.url, channel="C404"), slack)["slack.channel"][1]
    )
    assert not examine(loaded_for(tmp_path, slack.url, channel=""), slack)["slack.channel"][0]


def test_an_app_that_is_held_to_one_read_a_minute(loaded: Loaded, slack: SlackServer) -> None:
    limit = Fault("status", "ratelimited", 429, headers={"Retry-After": "60"})
    slack.world.fail("conversations.history", limit)
    ok, message = examine(loaded, slack)["slack limits"]
    assert not ok
    assert "internal" in message


def test_bad_and_missing_tokens(loaded: Loaded, slack: SlackServer, monkeypatch: pytest.MonkeyPatch) -> None:
    slack.world.fail("apps.connections.open", Fault("error", "not_allowed_token_type"))
    assert "connections:write" in examine(loaded, slack)["socket mode"][1]
    slack.world.tokens.clear()
    checks = examine(loaded, slack)
    assert not checks["slack token"][0]
    assert TOKEN not in str(checks)
    monkeypatch.delenv("GOODWILL_SLACK_TOKEN")
    monkeypatch.delenv("GOODWILL_SLACK_APP_TOKEN")
    checks = examine(loaded, slack)
    assert "GOODWILL_SLACK_TOKEN is not set" in checks["slack token"][1]
    assert "GOODWILL_SLACK_APP_TOKEN is not set" in checks["socket mode"][1]
