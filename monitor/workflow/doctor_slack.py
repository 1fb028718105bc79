"""`goodwill doctor slack`: everything the alerts and the bot need of Slack, one line each."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from connectors.base import CheckResult
from monitor.errors import ConfigurationError, GoodwillError, RateLimitedError
from monitor.settings import Loaded, read_secrets
from monitor.workflow.alert_slack import open_slack
from reports.slack_delivery import SlackDelivery, Workspace

NEEDED_SCOPES = {
    "chat:write": "post alerts",
    "files:write": "charts and word clouds",
    "channels:history": "find a message again after a lost answer",
    "channels:read": "check the channel",
    "commands": "/goodwill",
}
LARGEST_CLOCK_ERROR_SECONDS = 60
_TIER_CALLS = 3


def examine_slack(loaded: Loaded, *, now: datetime) -> list[CheckResult]:
    """Run every check; none of them raises, and nothing is posted.

    Args:
        loaded: the settings.
        now: the run's moment, aware UTC, compared with Slack's clock.
    """
    try:
        slack = open_slack(loaded)
        workspace = slack.identify()
    except GoodwillError as error:
        return [CheckResult("slack token", ok=False, message=str(error)), _socket(None, loaded)]
    name = workspace.team_name or workspace.team
    checks = [
        CheckResult(
            "slack token", ok=True, message=f"the bot is {workspace.user} in {name} ({workspace.team})"
        )
    ]
    checks += [_scopes(workspace), _clock(workspace, now), *_channels(slack, loaded)]
    return [*checks, _tier(slack, loaded), _socket(slack, loaded)]


def _scopes(workspace: Workspace) -> CheckResult:
    if not workspace.scopes:
        return CheckResult("slack scopes", ok=True, message="Slack did not list the token's scopes")
    missing = [f"{scope} ({why})" for scope, why in NEEDED_SCOPES.items() if scope not in workspace.scopes]
    if missing:
        message = (
            f"missing {', '.join(missing)}: add them (manifest.yml lists all) and install the app again."
        )
        return CheckResult("slack scopes", ok=False, message=message)
    more = sorted(
        scope for scope in workspace.scopes - NEEDED_SCOPES.keys() if not scope.startswith("groups:")
    )
    beyond = f"; not needed here: {', '.join(more)}" if more else ""
    return CheckResult("slack scopes", ok=True, message=f"all needed scopes are granted{beyond}")


def _clock(workspace: Workspace, now: datetime) -> CheckResult:
    if not workspace.slack_time:
        return CheckResult("clock", ok=True, message="Slack did not tell the time")
    difference = now.timestamp() - workspace.slack_time
    if abs(difference) <= LARGEST_CLOCK_ERROR_SECONDS:
        return CheckResult("clock", ok=True, message=f"within {abs(difference):.0f} s of Slack's")
    side = "ahead of" if difference > 0 else "behind"
    message = f"{abs(difference):.0f} s {side} Slack's: set this machine's clock (NTP), snoozes and days depend on it."
    return CheckResult("clock", ok=False, message=message)


def _channels(slack: SlackDelivery, loaded: Loaded) -> Iterator[CheckResult]:
    settings = loaded.settings.slack
    if not settings.channel:
        yield CheckResult(
            "slack.channel", ok=False, message="empty: put the id of the alerts' channel into [slack]."
        )
    chosen = {"slack.channel": settings.channel, "slack.digest_channel": settings.digest_channel}
    for name, channel in chosen.items():
        if not channel:
            continue
        try:
            info = slack.channel_info(channel)
        except GoodwillError as error:
            yield CheckResult(name, ok=False, message=str(error))
            continue
        shown = f"#{info.get('name', channel)} ({channel})"
        if info.get("is_archived"):
            yield CheckResult(name, ok=False, message=f"{shown} is archived: choose another channel.")
        elif not info.get("is_member", False):
            yield CheckResult(
                name, ok=False, message=f"the bot is not in {shown}: write /invite @Goodwill there."
            )
        else:
            yield CheckResult(name, ok=True, message=f"{shown} can be posted to")


def _tier(slack: SlackDelivery, loaded: Loaded) -> CheckResult:
    """A few look-ups in a row: apps that are sold to others are held to one a minute."""
    channel = loaded.settings.slack.channel
    if not channel:
        return CheckResult("slack limits", ok=True, message="not measured without a channel")
    for _ in range(_TIER_CALLS):
        try:
            slack.probe(channel)
        except RateLimitedError:
            message = (
                "held to about one read a minute: make the app internal to your workspace (manifest.yml)."
            )
            return CheckResult("slack limits", ok=False, message=message)
        except GoodwillError as error:
            return CheckResult("slack limits", ok=False, message=str(error))
    return CheckResult("slack limits", ok=True, message=f"{_TIER_CALLS} reads in a row are answered")


def _socket(slack: SlackDelivery | None, loaded: Loaded) -> CheckResult:
    try:
        token = read_secrets(loaded.folder).get("slack_app_token")
    except ConfigurationError as error:
        return CheckResult("socket mode", ok=False, message=str(error))
    if token is None:
        message = (
            "GOODWILL_SLACK_APP_TOKEN is not set: `goodwill alert` works without it, `goodwill bot` does not."
        )
        return CheckResult("socket mode", ok=False, message=message)
    if slack is None:
        return CheckResult("socket mode", ok=False, message="not tried before the bot token works")
    try:
        slack.open_socket(token.get_secret_value())
    except GoodwillError as error:
        return CheckResult("socket mode", ok=False, message=str(error))
    return CheckResult("socket mode", ok=True, message="Slack gives the bot a socket")
