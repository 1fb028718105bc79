"""The how-to pages of Slack and Reddit say what the code does."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from connectors.registry import build_connector, known_kinds

_FOLDER = Path(__file__).parents[3] / "docs" / "how-to"
_PAGES = {"connect-slack.md": ("slack", "slack_export"), "connect-reddit.md": ("reddit", "reddit_jsonl")}
_SETTINGS_KEYS = {"name", "kind", "about_us", "enabled", "retention_days"}
_SECRETS = {"slack_token": "x", "reddit_client_id": "x", "reddit_client_secret": "x"}


@pytest.mark.parametrize("page", _PAGES)
def test_every_option_stands_in_its_table_with_its_default(page: str) -> None:
    """No key is missing, none is invented, and defaults are true."""
    text = (_FOLDER / page).read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| ([^|]+) \|", text, re.MULTILINE)
    infos = [info for kind in _PAGES[page] for info in known_kinds()[kind].options]
    assert sorted(name for name, _ in rows) == sorted(info.name for info in infos)
    defaults = {(info.name, str(info.default)) for info in infos if isinstance(info.default, int)}
    assert defaults <= {(name, shown.strip()) for name, shown in rows}
    assert all(
        ("required" in shown) == any(i.required for i in infos if i.name == name) for name, shown in rows
    )


@pytest.mark.parametrize("page", _PAGES)
def test_every_example_builds(page: str) -> None:
    """A person can paste each [[sources]] table."""
    text = (_FOLDER / page).read_text(encoding="utf-8")
    examples = re.findall(r"^ *```toml\n(.*?)```", text, re.MULTILINE | re.DOTALL)
    assert len(examples) == 2
    for example in examples:
        (table,) = tomllib.loads(example)["sources"]
        options = {key: value for key, value in table.items() if key not in _SETTINGS_KEYS}
        connector = build_connector(
            table["kind"], table["name"], options, base_folder=Path(), secrets=_SECRETS
        )
        assert connector.name == table["name"]
