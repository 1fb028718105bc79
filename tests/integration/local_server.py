"""A web server on the loopback interface whose answers are a function of the request."""

from __future__ import annotations

import json
import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True)
class Request:
    """What a client asked: `parameters` joins query and form."""

    path: str
    parameters: Mapping[str, str]
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Response:
    """What it gets."""

    body: bytes
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


def json_response(value: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """An answer in JSON."""
    return Response(
        json.dumps(value).encode(), status, {"Content-Type": "application/json", **(headers or {})}
    )


class LocalServer:
    """Serves `answer`; `fail(path, ...)` puts answers before it, once each. All requests are kept."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self._faults: dict[str, deque[Response]] = {}
        self._always: dict[str, Response] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def answer(self, request: Request) -> Response:
        """The answer to a request without a planned fault."""
        raise NotImplementedError

    def fail(self, path: str, *responses: Response) -> None:
        """Answer the next requests of `path` with these."""
        self._faults.setdefault(path, deque()).extend(responses)

    def always(self, path: str, response: Response | None) -> None:
        """Answer every request of `path` with this; None ends it."""
        if response is None:
            self._always.pop(path, None)
        else:
            self._always[path] = response

    def count(self, path: str) -> int:
        """How often `path` was asked for."""
        return sum(request.path == path for request in self.requests)

    def _respond(self, request: Request) -> Response:
        self.requests.append(request)
        waiting = self._faults.get(request.path)
        if waiting:
            return waiting.popleft()
        return self._always.get(request.path) or self.answer(request)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._serve("")

            def do_POST(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                self._serve(self.rfile.read(length).decode())

            def _serve(self, body: str) -> None:
                parts = urlsplit(self.path)
                parameters = dict(parse_qsl(parts.query) + parse_qsl(body))
                response = server._respond(Request(parts.path, parameters, dict(self.headers.items())))
                self.send_response(response.status)
                for name, value in response.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(response.body)))
                self.end_headers()
                self.wfile.write(response.body)

            def log_message(self, *args: object) -> None:
                """Say nothing."""

        return Handler
