"""The configured Slack workspace, and sending what waits to it."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from monitor.errors import ConfigurationError
from monitor.settings import Loaded, read_secrets
from monitor.store.database import Database
from monitor.workflow.alert_delivery import DeliveryOutcome, deliver
from monitor.workflow.alert_view import DigestDrawer, IncidentArtist
from reports.slack_delivery import SlackDelivery


def read_bot_token(folder: Path | None = None) -> str:
    """The bot's token, read anew each time so that it can be rotated while the bot runs.

    Args:
        folder: where `.env` is, usually that of the settings; None is the current folder.

    Raises:
        ConfigurationError: there is none.
    """
    secrets = read_secrets(folder)
    found = secrets.get("slack_bot_token") or secrets.get("slack_token")
    if found is None:
        raise ConfigurationError(
            "GOODWILL_SLACK_TOKEN is not set: put the app's bot token (it begins with xoxb-) into it, or the path of "
            "a file that holds it into GOODWILL_SLACK_TOKEN_FILE."
        )
    return found.get_secret_value()


def open_slack(loaded: Loaded) -> SlackDelivery:
    """The workspace that alerts go to.

    Raises:
        ConfigurationError: there is no token.
    """
    slack = loaded.settings.slack
    return SlackDelivery(
        partial(read_bot_token, loaded.folder), base_url=slack.base_url, timeout=slack.timeout_seconds
    )


def deliver_alerts(
    database: Database,
    loaded: Loaded,
    *,
    digest: DigestDrawer | None = None,
    draws_charts: bool = True,
) -> DeliveryOutcome:
    """Send everything that waits to the configured channel.

    Raises:
        ConfigurationError: there is no token.
    """
    artist = IncidentArtist(database, loaded, digest, draws_charts)
    settings = loaded.settings
    channel, options = settings.slack.channel, settings.alerts.options
    return deliver(database, open_slack(loaded), artist, channel=channel, options=options)
