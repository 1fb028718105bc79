"""Slack's end of a socket-mode connection: frames of the WebSocket protocol, and acknowledgements waited for."""

from __future__ import annotations

import json
import socket
import struct
import threading
from collections.abc import Iterator
from typing import Any


class Socket:
    """One connection; what the bot sent is kept in `received`."""

    def __init__(self, raw: socket.socket) -> None:
        self.raw = raw
        self.received: list[dict[str, Any]] = []
        self.arrived = threading.Condition()
        self.open = True

    def send(self, payload: dict[str, Any]) -> None:
        data = json.dumps(payload).encode()
        head = (
            struct.pack("!BB", 0x81, len(data))
            if len(data) < 126
            else struct.pack("!BBH", 0x81, 126, len(data))
        )
        self.raw.sendall(head + data)

    def close(self) -> None:
        """Break the connection without a word."""
        self.open = False
        self.raw.shutdown(socket.SHUT_RDWR)

    def frames(self, reader: Any) -> Iterator[tuple[int, bytes]]:
        while True:
            head = reader.read(2)
            if len(head) < 2:
                return
            opcode, length = head[0] & 0x0F, head[1] & 0x7F
            if length == 126:
                length = struct.unpack("!H", reader.read(2))[0]
            mask = reader.read(4) if head[1] & 0x80 else b"\0\0\0\0"
            data = reader.read(length)
            yield opcode, bytes(b ^ mask[i % 4] for i, b in enumerate(data))

    def run(self, reader: Any) -> None:
        for opcode, data in self.frames(reader):
            if opcode == 0x9:
                self.raw.sendall(struct.pack("!BB", 0x8A, len(data)) + data)
            elif opcode == 0x8:
                return
            elif opcode == 0x1:
                with self.arrived:
                    self.received.append(json.loads(data))
                    self.arrived.notify_all()

    def wait_for_ack(self, envelope: str, seconds: float = 30.0) -> dict[str, Any]:
        def found() -> list[dict[str, Any]]:
            return [r for r in self.received if r.get("envelope_id") == envelope]

        with self.arrived:
            assert self.arrived.wait_for(lambda: bool(found()), seconds), f"no acknowledgement of {envelope}"
            return found()[0]
