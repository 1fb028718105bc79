"""A small Slack: pages newest first, threads oldest first with the parent repeated, faults on demand."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.integration.local_server import LocalServer, Request, Response, json_response

TOKEN = "xoxb-2222-secret-token"
SCOPES = "channels:history,channels:read,users:read"
Message = dict[str, Any]


@dataclass
class Channel:
    """A channel with its messages by ts; replies carry another thread_ts."""

    identifier: str
    name: str
    messages: dict[str, Message] = field(default_factory=dict)
    error: str = ""
    created: int = 1_600_000_000

    def post(self, ts: str, text: str, *, user: str = "U1", thread: str = "", **more: Any) -> Message:
        """Write a message or, with `thread`, a reply."""
        message: Message = {"type": "message", "ts": ts, "user": user, "text": text, **more}
        if thread:
            message["thread_ts"] = thread
        self.messages[ts] = message
        self._count_replies(thread)
        return message

    def delete(self, ts: str) -> None:
        """Remove a message without a trace."""
        thread = self.messages.pop(ts).get("thread_ts", "")
        self._count_replies(thread)

    def _count_replies(self, thread: str) -> None:
        if thread in self.messages:
            replies = sorted(
                ts for ts, m in self.messages.items() if m.get("thread_ts") == thread and ts != thread
            )
            self.messages[thread].update(
                {
                    "thread_ts": thread,
                    "reply_count": len(replies),
                    "latest_reply": replies[-1] if replies else "",
                }
            )

    def history(self) -> list[tuple[str, Message]]:
        """What conversations.history knows, with its true ts: no replies, unless broadcast."""
        return [
            (ts, message)
            for ts, message in sorted(self.messages.items(), reverse=True)
            if message.get("thread_ts", ts) == ts or message.get("subtype") == "thread_broadcast"
        ]


class SlackServer(LocalServer):
    """Answers the Web API methods the connector uses."""

    def __init__(self) -> None:
        super().__init__()
        self.channels: dict[str, Channel] = {}
        self.users: list[dict[str, Any]] = [
            {"id": "U1", "name": "ann", "profile": {"display_name": "Ann"}},
            {"id": "U2", "name": "bob", "profile": {"display_name": ""}, "real_name": "Bob"},
            {"id": "UBOT", "name": "helper", "is_bot": True, "profile": {}},
        ]
        self.scopes = SCOPES
        self.largest_page = 1000
        self.is_limited = False

    def add_channel(self, identifier: str, name: str) -> Channel:
        self.channels[identifier] = Channel(identifier, name)
        return self.channels[identifier]

    def refuse(self, method: str, error: str, **more: Any) -> None:
        """Answer every call of `method` with an error of Slack's."""
        self.always(f"/{method}", json_response({"ok": False, "error": error, **more}))

    def answer(self, request: Request) -> Response:
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return json_response({"ok": False, "error": "invalid_auth"})
        method = request.path.strip("/").replace(".", "_")
        value = getattr(self, f"_{method}")(request.parameters)
        return json_response({"ok": "error" not in value, **value}, headers={"X-OAuth-Scopes": self.scopes})

    def _auth_test(self, parameters: dict[str, str]) -> dict[str, Any]:
        return {"url": "https://acme.slack.com/", "team": "Acme", "user_id": "UOWN", "bot_id": "BOWN"}

    def _users_list(self, parameters: dict[str, str]) -> dict[str, Any]:
        return self._page(self.users, parameters, "members")

    def _conversations_list(self, parameters: dict[str, str]) -> dict[str, Any]:
        listed = [{"id": c.identifier, "name": c.name, "created": c.created} for c in self.channels.values()]
        return self._page(listed, parameters, "channels")

    _users_conversations = _conversations_list

    def _conversations_history(self, parameters: dict[str, str]) -> dict[str, Any]:
        channel = self.channels.get(parameters["channel"])
        if channel is None or channel.error:
            return {"error": channel.error if channel else "channel_not_found"}
        low, high = parameters.get("oldest", "0"), parameters.get("latest", "9999999999")
        inclusive = parameters.get("inclusive") == "1"
        found = [
            message
            for ts, message in channel.history()
            if float(low) < float(ts) < float(high) or (inclusive and ts in {low, high})
        ]
        return {**self._page(found, parameters, "messages"), "is_limited": self.is_limited}

    def _conversations_replies(self, parameters: dict[str, str]) -> dict[str, Any]:
        messages, thread = self.channels[parameters["channel"]].messages, parameters["ts"]
        if thread not in messages:
            return {"error": "thread_not_found"}
        replies = [m for ts, m in sorted(messages.items()) if m.get("thread_ts") == thread and ts != thread]
        page = self._page(replies, parameters, "messages")
        return {**page, "messages": [messages[thread], *page["messages"]]}

    def _page(self, items: list[Any], parameters: dict[str, str], key: str) -> dict[str, Any]:
        start = int(parameters.get("cursor", "0"))
        end = start + min(int(parameters.get("limit", "100")), self.largest_page)
        more = end < len(items)
        page: dict[str, Any] = {key: items[start:end], "has_more": more}
        return {**page, "response_metadata": {"next_cursor": str(end)}} if more else page
