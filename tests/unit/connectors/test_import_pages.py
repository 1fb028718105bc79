"""The how-to pages about files say what the code does, and their examples work."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from connectors.options import describe_options
from connectors.registry import build_connector, known_kinds
from connectors.table_source import TableOptions
from tests.unit.connectors.file_sources import NOW

_FOLDER = Path(__file__).parents[3] / "docs" / "how-to"
_SHARED = describe_options(TableOptions)
_PAGES = {
    "import-deal-notes.md": ("deal_notes",),
    "import-nps.md": ("nps",),
    "import-campaigns.md": ("campaigns", "campaign_results", "incidents", "metrics", "calendar"),
    "import-posts.md": ("posts",),
}
_SETTINGS_KEYS = {"name", "kind", "about_us", "enabled", "retention_days"}


def rows_of(page: str) -> list[tuple[str, str]]:
    text = (_FOLDER / page).read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| ([^|]+?) \| ", text, re.MULTILINE)
    profiles = {"qualtrics", "surveymonkey", "typeform", "delighted", "generic"}
    return [row for row in rows if row[0] not in profiles]


@pytest.mark.parametrize("page", ["import-files.md", *_PAGES])
def test_every_option_stands_in_a_table_with_its_default(page: str) -> None:
    """No key is missing, none is invented, and defaults are true."""
    shared = {info.name for info in _SHARED}
    infos = [
        info
        for kind in _PAGES.get(page, ())
        for info in known_kinds()[kind].options
        if kind == "calendar" or info.name not in shared
    ]
    expected = list(_SHARED) if page == "import-files.md" else infos
    assert sorted(name for name, _ in rows_of(page)) == sorted(info.name for info in expected)
    shown = set(rows_of(page))
    assert {
        (info.name, str(info.default)) for info in expected if isinstance(info.default, int | float)
    } <= shown
    assert {(info.name, "required") for info in expected if info.required} <= shown
    assert {
        (info.name, str(info.default)) for info in expected if info.default and isinstance(info.default, str)
    } <= shown


@pytest.mark.parametrize("page", ["import-files.md", *_PAGES])
def test_every_example_reads_its_example_file(page: str, tmp_path: Path) -> None:
    """A person can paste both: each source reads its file and nothing is left out."""
    text = (_FOLDER / page).read_text(encoding="utf-8")
    for name, content in re.findall(r"^```(?:csv|toml) (\S+)\n(.*?)```", text, re.MULTILINE | re.DOTALL):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(content, encoding="utf-8")
    examples = re.findall(r"^```toml\n(.*?)```", text, re.MULTILINE | re.DOTALL)
    assert examples
    for example in examples:
        (table,) = tomllib.loads(example)["sources"]
        options = {key: value for key, value in table.items() if key not in _SETTINGS_KEYS}
        connector = build_connector(table["kind"], table["name"], options, base_folder=tmp_path, secrets={})
        batches = list(connector.fetch({}, NOW))
        assert sum(len(batch.records) for batch in batches) >= 1
        assert [item for batch in batches for item in batch.skipped] == []


def test_the_calendar_as_toml_equals_its_table(tmp_path: Path) -> None:
    """Both forms on the page describe the same campaign."""
    text = (_FOLDER / "import-campaigns.md").read_text(encoding="utf-8")
    files = dict(re.findall(r"^```(?:csv|toml) (campaigns\S+)\n(.*?)```", text, re.MULTILINE | re.DOTALL))
    starts = set()
    for name, content in files.items():
        (tmp_path / name).write_text(content, encoding="utf-8")
        connector = build_connector("campaigns", "s", {"path": name}, base_folder=tmp_path, secrets={})
        first = next(iter(connector.fetch({}, NOW))).records[0]
        starts.add((first.external_id, first.name, first.start, first.end, first.sends))
    assert len(files) == 2
    assert len(starts) == 1
