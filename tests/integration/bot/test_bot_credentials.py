"""Whom the bot talks to: tokens that are missing, refused or kept in .env, and signatures of requests by HTTP."""

from __future__ import annotations

import hashlib
import hmac
import time
from pathlib import Path

import pytest
from slack_bolt import BoltRequest

from monitor.bot.app import Bot
from monitor.bot.handlers import Handlers
from monitor.bot.heavy import HeavyWork
from monitor.bot.runner import Runner
from monitor.errors import ConfigurationError
from monitor.settings import Loaded
from monitor.store.database import Database
from monitor.workflow.alert_slack import read_bot_token
from tests.integration.bot.conftest import loaded_for
from tests.integration.bot.slack_world import TOKEN, SlackServer


def test_a_refused_app_token_says_what_is_needed(
    company: Database, loaded: Loaded, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GOODWILL_SLACK_APP_TOKEN", "xapp-old")
    with pytest.raises(ConfigurationError, match="connections:write"):
        Runner(company, loaded).start()


def test_without_an_app_token_it_says_how_to_make_one(
    company: Database, loaded: Loaded, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GOODWILL_SLACK_APP_TOKEN")
    with pytest.raises(ConfigurationError, match="connections:write"):
        Runner(company, loaded)


def test_tokens_in_dotenv_beside_the_settings_are_found_from_another_folder(
    company: Database, slack: SlackServer, dotenv_home: Path
) -> None:
    runner = Runner(company, loaded_for(dotenv_home, slack.url))
    try:
        assert runner.bot._identity().bot_token == TOKEN
    finally:
        runner.stop()


@pytest.mark.parametrize(
    ("age", "secret", "status"), [(0, "s3cret", 200), (0, "other", 401), (600, "s3cret", 401)]
)
def test_requests_by_http_are_verified_by_their_signature(
    company: Database, loaded: Loaded, slack: SlackServer, age: int, secret: str, status: int
) -> None:
    bot = Bot(
        Handlers(company, loaded, HeavyWork(loaded)),
        loaded.settings.slack,
        read_bot_token,
        signing_secret="s3cret",
    )
    moment = str(int(time.time()) - age)
    body = "command=%2Fgoodwill&text=help&user_id=U7&channel_id=C1&team_id=T1"
    signature = "v0=" + hmac.new(secret.encode(), f"v0:{moment}:{body}".encode(), hashlib.sha256).hexdigest()
    headers = {
        "content-type": ["application/x-www-form-urlencoded"],
        "x-slack-signature": [signature],
        "x-slack-request-timestamp": [moment],
    }
    assert bot.app.dispatch(BoltRequest(body=body, headers=headers)).status == status
    bot.close()
