"""A Slack that can be written to: messages with metadata, files, modals, and a socket that sends events.

`SlackWorld` is the workspace itself, callable without any network; `SlackServer` puts it behind HTTP and a
WebSocket on the loopback interface. Faults stand before or behind the moment at which Slack takes a message.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import re
import threading
from collections import deque
from dataclasses import dataclass, field
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

from tests.integration.bot.slack_socket import Socket

TOKEN, APP_TOKEN = "xoxb-1111-secret-token", "xapp-1-A1-secret-token"
SCOPES = "chat:write,channels:history,channels:read,commands,files:write"
Message = dict[str, Any]
_SWITCHED = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
_MAGIC = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


class LostRequestError(Exception):
    """The request never arrived."""


class LostAnswerError(Exception):
    """The request was processed, its answer is lost."""


@dataclass
class Fault:
    """What happens to one call: `kind` is lost, unanswered, error, status or html."""

    kind: str
    code: str = ""
    status: int = 500
    after: bool = False
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Answer:
    body: dict[str, Any] | str
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


class SlackWorld:
    """One workspace."""

    def __init__(self) -> None:
        self.tokens = {TOKEN, APP_TOKEN}
        self.scopes = SCOPES
        self.team = "T1"
        self.channels: dict[str, list[Message]] = {"C1": []}
        self.archived: set[str] = set()
        self.files: dict[str, dict[str, Any]] = {}
        self.views: list[dict[str, Any]] = []
        self.homes: dict[str, dict[str, Any]] = {}
        self.ephemeral: list[dict[str, Any]] = []
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.faults: dict[str, deque[Fault]] = {}
        self.now = 1_790_000_000.0
        self.base = "http://127.0.0.1"
        self.file_ready = True
        self.lock = threading.RLock()
        self._numbers = iter(range(1, 10_000_000))

    def fail(self, method: str, *faults: Fault) -> None:
        self.faults.setdefault(method, deque()).extend(faults)

    def count(self, method: str) -> int:
        return sum(name == method for name, _ in self.calls)

    def roots(self, channel: str = "C1") -> list[Message]:
        return [m for m in self.channels[channel] if m.get("thread_ts", m["ts"]) == m["ts"]]

    def thread(self, ts: str, channel: str = "C1") -> list[Message]:
        return [m for m in self.channels[channel] if m.get("thread_ts") == ts and m["ts"] != ts]

    def call(self, method: str, token: str, values: dict[str, Any]) -> Answer:
        """Answer one call of the Web API."""
        with self.lock:
            self.calls.append((method, values))
            waiting = self.faults.get(method)
            fault = waiting.popleft() if waiting else None
            if fault is not None and not fault.after:
                return self._failed(fault)
            if token not in self.tokens:
                result: dict[str, Any] = {"ok": False, "error": "invalid_auth"}
            else:
                handler = getattr(self, "_" + snake_case(method), None)
                result = handler(values) if handler else {"error": "unknown_method"}
                result = {"ok": "error" not in result, **result}
            if fault is not None:
                return self._failed(fault)
        return Answer(
            result, headers={"x-oauth-scopes": self.scopes, "Date": formatdate(self.now, usegmt=True)}
        )

    def _failed(self, fault: Fault) -> Answer:
        if fault.kind == "lost":
            raise LostRequestError
        if fault.kind == "unanswered":
            raise LostAnswerError
        if fault.kind == "error":
            return Answer(
                {
                    "ok": False,
                    "error": fault.code,
                    **({"needed": "chat:write"} if "scope" in fault.code else {}),
                }
            )
        if fault.kind == "html":
            return Answer("<html>gateway</html>", fault.status)
        return Answer({"ok": False, "error": fault.code or "internal_error"}, fault.status, fault.headers)

    def next_ts(self) -> str:
        self.now += 1
        return f"{self.now:.0f}.{next(self._numbers):06d}"

    def _auth_test(self, values: dict[str, Any]) -> dict[str, Any]:
        return {
            "team_id": self.team,
            "team": "Acme",
            "user_id": "UBOT",
            "user": "goodwill",
            "bot_id": "B1",
            "url": "https://acme.slack.com/",
        }

    def _channel_error(self, channel: str) -> str:
        if channel not in self.channels:
            return "channel_not_found"
        return "is_archived" if channel in self.archived else ""

    def blocks_error(self, blocks: list[dict[str, Any]]) -> str:
        """What Slack would say against blocks, "" when nothing."""
        if len(blocks) > 50:
            return "invalid_blocks"
        for block in blocks:
            text = (block.get("text") or {}).get("text", "")
            if len(text) > (150 if block["type"] == "header" else 3000) or (
                block["type"] == "section" and not text
            ):
                return "invalid_blocks"
            if block["type"] == "image" and (
                block["slack_file"]["id"] not in self.files or not self.file_ready
            ):
                return "invalid_blocks"
        return "msg_too_long" if len(json.dumps(blocks)) > 40_000 else ""

    def _chat_post_message(self, values: dict[str, Any]) -> dict[str, Any]:
        blocks = values.get("blocks") or []
        error = self._channel_error(values["channel"]) or self.blocks_error(blocks)
        if error:
            return {"error": error}
        message = {"ts": self.next_ts(), "user": "UBOT", "text": values["text"], "blocks": blocks}
        message.update({k: values[k] for k in ("metadata", "thread_ts") if values.get(k)})
        self.channels[values["channel"]].append(message)
        return {"ts": message["ts"], "channel": values["channel"]}

    def _chat_update(self, values: dict[str, Any]) -> dict[str, Any]:
        error = self._channel_error(values["channel"]) or self.blocks_error(values.get("blocks") or [])
        if error:
            return {"error": error}
        found = [m for m in self.channels[values["channel"]] if m["ts"] == values["ts"]]
        if not found:
            return {"error": "message_not_found"}
        found[0].update(text=values["text"], blocks=values.get("blocks") or [], edited=True)
        return {"ts": values["ts"]}

    def _chat_post_ephemeral(self, values: dict[str, Any]) -> dict[str, Any]:
        self.ephemeral.append(values)
        return {"message_ts": self.next_ts()}

    def _conversations_history(self, values: dict[str, Any]) -> dict[str, Any]:
        error = self._channel_error(values["channel"])
        if error == "channel_not_found":
            return {"error": error}
        oldest = float(values.get("oldest", 0))
        found = [m for m in reversed(self.roots(values["channel"])) if float(m["ts"]) >= oldest]
        return self._page(found, values)

    def _conversations_replies(self, values: dict[str, Any]) -> dict[str, Any]:
        channel = self.channels.get(values["channel"], [])
        root = [m for m in channel if m["ts"] == values["ts"]]
        if not root:
            return {"error": "thread_not_found"}
        return self._page([*root, *self.thread(values["ts"], values["channel"])], values)

    def _page(self, items: list[Message], values: dict[str, Any]) -> dict[str, Any]:
        start = int(values.get("cursor") or 0)
        end = start + min(int(values.get("limit", 100)), 200)
        page: dict[str, Any] = {"messages": items[start:end], "has_more": end < len(items)}
        return {**page, "response_metadata": {"next_cursor": str(end)}} if end < len(items) else page

    def _conversations_info(self, values: dict[str, Any]) -> dict[str, Any]:
        error = self._channel_error(values["channel"])
        if error == "channel_not_found":
            return {"error": error}
        return {
            "channel": {
                "id": values["channel"],
                "name": "alerts",
                "is_member": True,
                "is_archived": bool(error),
            }
        }

    def _files_get_upload_url_external(self, values: dict[str, Any]) -> dict[str, Any]:
        identifier = f"F{next(self._numbers):08d}"
        self.files[identifier] = {"id": identifier, "name": values["filename"], "content": b""}
        return {"upload_url": f"{self.base}/upload/{identifier}", "file_id": identifier}

    def _files_complete_upload_external(self, values: dict[str, Any]) -> dict[str, Any]:
        listed = values["files"]
        entries = json.loads(listed) if isinstance(listed, str) else listed
        files = [{"id": e["id"], "name": self.files[e["id"]]["name"]} for e in entries]
        channel = values.get("channel_id") or values.get("channels")
        if channel:
            message: Message = {"ts": self.next_ts(), "user": "UBOT", "text": "", "files": files}
            if values.get("thread_ts"):
                message["thread_ts"] = values["thread_ts"]
            self.channels[channel].append(message)
        return {"files": files}

    def _views_open(self, values: dict[str, Any]) -> dict[str, Any]:
        self.views.append(values)
        return {"view": {"id": "V1"}}

    def _views_publish(self, values: dict[str, Any]) -> dict[str, Any]:
        self.homes[values["user_id"]] = values["view"]
        return {"view": {"id": "V2"}}

    def _apps_connections_open(self, values: dict[str, Any]) -> dict[str, Any]:
        return {"url": f"ws://{self.base.removeprefix('http://')}/link?ticket=1"}


def snake_case(method: str) -> str:
    """The name of the function that answers a method of the Web API."""
    words = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", method.replace(".", "_"))
    return "_".join(word.lower() for word in words)


def parse_body(body: bytes, content_type: str) -> dict[str, Any]:
    """The values of a call, whichever way the client sends them."""
    if "json" in content_type:
        parsed = json.loads(body or b"{}")
        return dict(parsed)
    return dict(parse_qsl(body.decode()))


class SlackServer:
    """The world behind HTTP and a WebSocket."""

    def __init__(self, world: SlackWorld | None = None) -> None:
        self.world = world or SlackWorld()
        self.sockets: list[Socket] = []
        self.connected = threading.Condition()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self.world.base = self.url
        self.responses: list[dict[str, Any]] = []
        self.refused: list[dict[str, Any]] = []
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def wait_for_socket(self, count: int = 1, seconds: float = 60.0) -> Socket:
        with self.connected:
            assert self.connected.wait_for(lambda: len(self.sockets) >= count, seconds), "nobody connected"
            return self.sockets[count - 1]

    def open_socket(self, seconds: float = 60.0) -> Socket:
        """The connection of the moment: a busy machine may have lost the one before."""
        with self.connected:
            is_open = self.connected.wait_for(lambda: self.sockets and self.sockets[-1].open, seconds)
            assert is_open, "nobody is connected"
            return self.sockets[-1]

    def _handler(self) -> type[BaseHTTPRequestHandler]:  # noqa: C901 - one class that has to see the server
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                if self.path.startswith("/link"):
                    self._upgrade()
                else:
                    self._serve(b"")

            def do_POST(self) -> None:
                self._serve(self.rfile.read(int(self.headers.get("Content-Length") or 0)))

            def _serve(self, body: bytes) -> None:
                parts = urlsplit(self.path)
                self.close_connection = True
                if parts.path.startswith("/upload/"):
                    server.world.files[parts.path.rsplit("/", 1)[1]]["content"] = body
                    self._write(200, {}, b"OK")
                    return
                if parts.path.startswith("/respond"):
                    self._respond(json.loads(body))
                    return
                values = {
                    **dict(parse_qsl(parts.query)),
                    **parse_body(body, self.headers.get("Content-Type", "")),
                }
                token = self.headers.get("Authorization", "").removeprefix("Bearer ")
                try:
                    answer = server.world.call(parts.path.rsplit("/", 1)[1], token, values)
                except (LostRequestError, LostAnswerError):
                    self.connection.close()
                    return
                content = answer.body if isinstance(answer.body, str) else json.dumps(answer.body)
                self._write(
                    answer.status, {"Content-Type": "application/json", **answer.headers}, content.encode()
                )

            def _respond(self, values: dict[str, Any]) -> None:
                """An answer to a command: judged as a message is."""
                problem = server.world.blocks_error(values.get("blocks") or [])
                (server.refused if problem else server.responses).append(values)
                self._write(400 if problem else 200, {}, (problem or "ok").encode())

            def _write(self, status: int, headers: dict[str, str], content: bytes) -> None:
                self.send_response_only(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.send_header("Connection", "close")
                self.end_headers()
                self.wfile.write(content)

            def _upgrade(self) -> None:
                key = self.headers["Sec-WebSocket-Key"]
                accept = base64.b64encode(hashlib.sha1((key + _MAGIC).encode()).digest()).decode()
                self.wfile.write((_SWITCHED + f"Sec-WebSocket-Accept: {accept}\r\n\r\n").encode())
                self.wfile.flush()
                connection = Socket(self.connection)
                connection.send({"type": "hello", "num_connections": 1})
                with server.connected:
                    server.sockets.append(connection)
                    server.connected.notify_all()
                # the other end may break off, or a test
                with contextlib.suppress(OSError, ValueError):
                    connection.run(self.rfile)
                connection.open = False
                self.close_connection = True

            def log_message(self, *args: object) -> None:
                """Say nothing."""

        return Handler
