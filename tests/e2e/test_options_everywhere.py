"""`--quiet`, `--verbose`, `--config` and `--database` mean the same before and after a command."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.generate_cli_reference import reference
from tests.e2e.conftest import Goodwill

COMMANDS = [
    line.removeprefix("## goodwill ") for line in reference().splitlines() if line.startswith("## goodwill ")
]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_knows_them(goodwill: Goodwill, command: str) -> None:
    shown = goodwill(*command.split(), "--help")
    assert shown.code == 0
    assert all(f"{name} " in shown.out for name in ("--config", "--database", "--quiet", "--verbose"))


@pytest.mark.parametrize(
    "arguments",
    [
        ("--quiet", "config", "show"),
        ("config", "--quiet", "show"),
        ("config", "show", "--quiet"),
        ("config", "show", "-q"),
    ],
)
def test_quiet_is_heard_wherever_it_stands(
    goodwill: Goodwill, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    monkeypatch.setenv("GOODWILL_REPROT__X", "1")
    assert "GOODWILL_REPROT__X" in goodwill("config", "show").err
    assert goodwill(*arguments).err == ""


def test_a_settings_file_and_a_database_named_after_the_command_are_used(
    goodwill: Goodwill, empty_folder: Path
) -> None:
    (empty_folder / "ours.toml").write_text('[company]\nname = "Northbeam"\n')
    shown = goodwill("config", "show", "--config", "ours.toml", "--database", "kept.db").out
    assert "'Northbeam'" in shown
    assert "kept.db" in shown
    assert goodwill("db", "info", "--database", "kept.db", "--json").json["database"].endswith("kept.db")


def test_the_later_one_wins_and_a_wrong_one_is_told(goodwill: Goodwill, empty_folder: Path) -> None:
    shown = goodwill("--database", "first.db", "config", "show", "--database", "second.db").out
    assert "second.db" in shown
    assert "first.db" not in shown
    wrong = goodwill("doctor", "--offline", "--config", "missing.toml")
    assert (wrong.code, "missing.toml does not exist" in wrong.err) == (3, True)
    assert goodwill("run", "--loud").code == 2
