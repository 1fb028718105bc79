"""Write a file, read it through its connector, and look at what came."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from connectors.registry import build_connector

NOW = datetime(2026, 11, 16, 8, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Seen:
    """What one reading gave."""

    records: list[Any]
    skipped: Counter[str]
    places: dict[str, str]
    check: str

    @property
    def only(self) -> Any:
        (record,) = self.records
        return record


def see(
    folder: Path,
    kind: str,
    content: str | bytes,
    name: str = "file.csv",
    encoding: str = "utf-8",
    **options: object,
) -> Seen:
    """Read a file once."""
    path = folder / name
    path.write_bytes(content.encode(encoding) if isinstance(content, str) else content)
    connector = build_connector(kind, "s", {"path": name, **options}, base_folder=folder, secrets={})
    (check,) = connector.check()
    batches = list(connector.fetch({}, NOW))
    skipped = [item for batch in batches for item in batch.skipped]
    return Seen(
        [record for batch in batches for record in batch.records],
        Counter(item.reason for item in skipped),
        {item.reason: item.external_id for item in skipped},
        check.message,
    )
