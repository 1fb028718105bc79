"""What a skipped row says of its cells."""

from __future__ import annotations

from pathlib import Path

import pytest

from connectors.registry import build_connector
from tests.unit.connectors.file_sources import NOW


@pytest.mark.parametrize(
    ("cell", "told"),
    [("", "start is empty"), ("  ", "start is empty"), ("soon", "start is a text of 4 characters")],
)
def test_an_empty_cell_is_called_empty(cell: str, told: str, tmp_path: Path) -> None:
    """Not a text of 0 characters; what stands there is not shown, since it may be personal."""
    (tmp_path / "file.csv").write_text(f"name,start\na,2026-10-01\nb,{cell}\nc,2026-10-03\n")
    connector = build_connector("campaigns", "s", {"path": "file.csv"}, base_folder=tmp_path, secrets={})
    (batch,) = connector.fetch({}, NOW)
    assert [item.detail for item in batch.skipped] == [told]
