"""`check` (and so `goodwill doctor`) refuses every column that an option names and the file lacks."""

from __future__ import annotations

from pathlib import Path

import pytest

from connectors.registry import build_connector
from monitor.errors import InputError
from tests.unit.connectors.file_sources import NOW


@pytest.mark.parametrize(
    ("kind", "content", "options", "key"),
    [
        ("metrics", "date,Win rate\n2026-10-05,0.3\n", {"values": {"win_rate": "Nope"}}, "values"),
        ("nps", "date,score\n2026-10-05,9\n", {"segments": {"customer_type": "Nope"}}, "segments"),
        ("nps", "date,score\n2026-10-05,9\n", {"columns": {"comment": "Nope"}}, "columns"),
    ],
)
def test_a_missing_column_is_found_before_the_run_and_its_key_is_named(
    kind: str, content: str, options: dict[str, object], key: str, tmp_path: Path
) -> None:
    """The same words from `check` as from reading."""
    (tmp_path / "file.csv").write_text(content)
    connector = build_connector(kind, "s", {"path": "file.csv", **options}, base_folder=tmp_path, secrets={})
    (check,) = connector.check()
    assert not check.ok
    assert f"has no column 'Nope', which `{key}` names for" in check.message
    assert check.message.endswith(f"Correct `{key}`.")
    with pytest.raises(InputError, match=f"Correct `{key}`"):
        list(connector.fetch({}, NOW))
