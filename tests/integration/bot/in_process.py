"""The real SDK against the world without a socket between them: a thousand sequences in seconds."""

from __future__ import annotations

import io
import json
from email.message import Message as Headers
from http.client import RemoteDisconnected
from types import SimpleNamespace
from typing import Any
from urllib.error import HTTPError

import pytest
from slack_sdk.http_retry import builtin_handlers, handler
from slack_sdk.web.base_client import BaseClient

from tests.integration.bot.slack_world import (
    LostAnswerError,
    LostRequestError,
    SlackWorld,
    parse_body,
)


class CrashError(BaseException):
    """The process dies here."""


def connect(monkeypatch: pytest.MonkeyPatch, world: SlackWorld) -> None:
    """Every SDK client of this test talks to `world`; the SDK's own waits take no time."""

    def perform(self: BaseClient, url: str, request: Any) -> dict[str, Any]:
        headers = {name.lower(): value for name, value in request.headers.items()}
        values = parse_body(request.data or b"", headers.get("content-type", ""))
        token = headers.get("authorization", "").removeprefix("Bearer ")
        try:
            answer = world.call(url.split("?", maxsplit=1)[0].rsplit("/", 1)[1], token, values)
        except (LostRequestError, LostAnswerError):
            raise RemoteDisconnected("broken off") from None
        body = answer.body if isinstance(answer.body, str) else json.dumps(answer.body)
        if answer.status != 200:
            told = Headers()
            for name, value in answer.headers.items():
                told[name] = value
            raise HTTPError(url, answer.status, "refused", told, io.BytesIO(body.encode()))
        return {"status": 200, "headers": answer.headers, "body": body}

    monkeypatch.setattr(BaseClient, "_perform_urllib_http_request_internal", perform)
    monkeypatch.setattr(BaseClient, "_upload_file", lambda *_, **__: SimpleNamespace(status=200, body="OK"))
    instant = SimpleNamespace(sleep=lambda _seconds: None, time=lambda: 0.0)
    monkeypatch.setattr(handler, "time", instant)
    monkeypatch.setattr(builtin_handlers, "time", instant)
