"""Slack exports for tests."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

CHANNELS = [{"id": "C1", "name": "general"}, {"id": "C2", "name": "random"}]
USERS = [
    {"id": "U1", "name": "ann", "profile": {"display_name": "Ann"}},
    {"id": "UBOT", "name": "helper", "is_bot": True},
]


def write_export(path: Path, days: dict[str, Any], **lists: Any) -> Path:
    """A ZIP with day files by name ("general/2026-11-01.json"); a value is JSON, or bytes as they are."""
    members = {
        f"{name}.json": value for name, value in {"channels": CHANNELS, "users": USERS, **lists}.items()
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, value in {**members, **days}.items():
            archive.writestr(name, value if isinstance(value, bytes) else json.dumps(value))
    return path


def message(ts: str, text: str, user: str = "U1", **more: Any) -> dict[str, Any]:
    """One message as exports hold it."""
    return {"type": "message", "ts": ts, "text": text, "user": user, **more}
