"""Slack's words for "no", sorted by what can be done about them."""

from __future__ import annotations

import re

from monitor.errors import (
    ChannelUnavailableError,
    ConfigurationError,
    GoodwillError,
    InputError,
    MessageGoneError,
)

_AUTH = frozenset(
    [
        "invalid_auth",
        "not_authed",
        "account_inactive",
        "token_revoked",
        "token_expired",
        "not_allowed_token_type",
        "no_permission",
        "org_login_required",
        "ekm_access_denied",
        "team_access_not_granted",
    ]
)
_CHANNEL = frozenset(
    [
        "channel_not_found",
        "is_archived",
        "not_in_channel",
        "restricted_action",
        "restricted_action_read_only_channel",
        "restricted_action_thread_only_channel",
        "channel_type_not_supported",
        "is_inactive",
    ]
)
_GONE = frozenset(["message_not_found", "thread_not_found", "cant_update_message", "edit_window_closed"])
_TOO_MUCH = frozenset(["msg_too_long", "invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long"])


def refusal(method: str, code: str, needed_scopes: str) -> GoodwillError:
    """The error for a code of Slack's that says it surely did not do what was asked.

    Args:
        method: what was asked.
        code: Slack's word for the reason.
        needed_scopes: what Slack says is missing, where it does.
    """
    if code == "missing_scope":
        needed = re.sub(r"[^a-z:,_.]", "", needed_scopes) or "another scope"
        return ConfigurationError(
            f"Slack refused {method}: the app lacks {needed}. Add the scope (manifest.yml lists all), install again."
        )
    if code in _AUTH:
        return ConfigurationError(
            f"Slack refused the bot token ({code}): put a valid one into GOODWILL_SLACK_TOKEN or its file; "
            "nothing is lost, the next run sends what waits."
        )
    if code in _CHANNEL:
        return ChannelUnavailableError(
            f"Slack refused {method} ({code}): invite the app to the channel (/invite) or set another slack.channel; "
            "nothing is lost, the next run sends what waits."
        )
    if code in _GONE:
        return MessageGoneError(
            f"Slack refused {method} ({code}): the message was deleted and is left alone."
        )
    if code in _TOO_MUCH:
        return InputError(f"Slack found the message unfit ({code}): a shorter form is sent.")
    return InputError(f"Slack refused {method} ({code}): please report this with the code.")
