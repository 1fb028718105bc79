"""What to tell people about a Slack app's rights."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from connectors.base import CheckResult
from connectors.json_values import as_text

NEEDED_SCOPES = ("channels:history", "channels:read", "users:read")


def channel_advice(code: str, data: Mapping[str, Any]) -> str:
    """What was expected and what to do when Slack refuses a channel with `code`."""
    if code == "missing_scope":
        needed = re.sub(r"[^a-z:,_.]", "", as_text(data.get("needed"))) or "another scope"
        return f"expected the scope {needed}. Add it to the app and install the app again."
    return "expected a channel the app can read. Invite the app to it (/invite) or take it out of `channels`."


def scope_result(granted: str) -> CheckResult:
    """The scopes Slack lists for the token against those that are needed."""
    scopes = {scope.strip() for scope in granted.split(",") if scope.strip()}
    missing = [scope for scope in NEEDED_SCOPES if scope not in scopes]
    if not scopes:
        return CheckResult("scopes", ok=True, message="Slack did not list the token's scopes")
    if missing:
        message = f"missing {', '.join(missing)}: add them to the app and install it again"
        return CheckResult("scopes", ok=False, message=message)
    private = "" if "groups:history" in scopes else "; private channels need groups:history and groups:read"
    return CheckResult("scopes", ok=True, message=f"all needed scopes are granted{private}")
