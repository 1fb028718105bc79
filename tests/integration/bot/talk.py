"""What Slack's clients send to a bot, and waiting for what it does about it."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from typing import Any

from tests.integration.bot.slack_socket import Socket
from tests.integration.bot.slack_world import SlackServer


def until(condition: Callable[[], object], seconds: float = 30.0) -> Any:
    """Wait for something that happens after the acknowledgement."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if value := condition():
            return value
        time.sleep(0.02)
    raise AssertionError("it did not happen in time")


def send(line: Socket, kind: str, payload: dict[str, Any], *, envelope: str = "", retry: int = 0) -> str:
    envelope = envelope or uuid.uuid4().hex
    more = {"retry_attempt": retry, "retry_reason": "timeout"} if retry else {}
    line.send(
        {"type": kind, "envelope_id": envelope, "payload": payload, "accepts_response_payload": True, **more}
    )
    return envelope


def interaction(server: SlackServer, action: str, value: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "type": "block_actions",
        "team": {"id": "T1"},
        "user": {"id": "U7", "team_id": "T1"},
        "channel": {"id": "C1"},
        "trigger_id": uuid.uuid4().hex,
        "response_url": f"{server.url}/respond/1",
        "message": {"ts": server.world.roots()[0]["ts"] if server.world.roots() else "1.1"},
        "actions": [{"action_id": action, "block_id": "b", "action_ts": "1.1", **value}],
        **more,
    }


def command(server: SlackServer, words: str, **more: Any) -> dict[str, Any]:
    values = {"command": "/goodwill", "text": words, "user_id": "U7", "channel_id": "C1", "team_id": "T1"}
    return {**values, "trigger_id": uuid.uuid4().hex, "response_url": f"{server.url}/respond/1", **more}


def submission(view: str, incident: int, values: dict[str, Any]) -> dict[str, Any]:
    stored = {
        "id": "V1",
        "type": "modal",
        "callback_id": view,
        "private_metadata": f"{incident}:C1",
        "state": {"values": values},
    }
    return {
        "type": "view_submission",
        "team": {"id": "T1"},
        "user": {"id": "U7", "team_id": "T1"},
        "trigger_id": uuid.uuid4().hex,
        "view": stored,
    }


def answers(server: SlackServer) -> str:
    return "\n".join(answer["text"] for answer in server.responses)
