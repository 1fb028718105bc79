"""The documentation cannot drift from the code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from monitor.settings import Settings
from tests.docs.generate_cli_reference import PAGE, reference

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


def test_the_command_reference_is_what_the_commands_say() -> None:
    assert PAGE.read_text("utf-8") == reference(), "run `make docs`"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_to_a_file_of_ours_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\((?!https?://|#|mailto:)([^)#\s]+)", page.read_text("utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_command_named_in_the_documentation_exists(page: Path) -> None:
    named = set(re.findall(r"(?:^|[`$(] ?)goodwill ((?:[a-z]+ ?){1,2})", page.read_text("utf-8"), re.MULTILINE))
    known = set(re.findall(r"^## goodwill (.+)$", reference(), re.MULTILINE))
    firsts = {name.split()[0] for name in known}
    groups = {name.split()[0] for name in known if " " in name}
    unknown = {
        words.strip()
        for words in named
        if words.split()[0] not in firsts
        or (words.split()[0] in groups and len(words.split()) == 2 and words.strip() not in known)
    }
    assert unknown == set()


def test_every_section_of_the_settings_is_in_the_template() -> None:
    from monitor.cli.init import TEMPLATE

    for section in Settings.model_fields:
        assert f"[{section}]" in TEMPLATE
