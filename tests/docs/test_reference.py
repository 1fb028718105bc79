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
    named = set(
        re.findall(r"(?:^|[`$(] ?)goodwill ((?:[a-z]+ ?){1,2})", page.read_text("utf-8"), re.MULTILINE)
    )
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


OUTSIDE_JSON = {
    "init": "writes a file",
    "demo": "its result is a report",
    "report weekly": "has --format json",
    "export": "has --format jsonl",
    "classify": "prints JSON lines always",
    "train": "writes a model",
    "bot": "runs until it is stopped",
    "db upgrade": "changes and prints nothing",
}


def test_every_command_says_what_it_does_and_can_answer_in_json() -> None:
    parts = re.split(r"^## goodwill ", reference(), flags=re.MULTILINE)[1:]
    pages = {page.splitlines()[0]: page for page in parts}
    assert len(pages) > 15
    for name, page in pages.items():
        assert re.match(r"[A-Z].{15,}", page.splitlines()[2]), f"{name} has no help"
        assert ("`--json`" in page) != (name in OUTSIDE_JSON), name
        for row in re.findall(r"^\| (`--.*?`) \| (.*?) \|$", page, re.MULTILINE):
            assert row[1].strip(), f"{name} {row[0]} has no help"


def test_the_template_is_accepted_as_it_stands(tmp_path: Path) -> None:
    from monitor.cli.init import TEMPLATE
    from monitor.settings import load

    path = tmp_path / "goodwill.toml"
    path.write_text(TEMPLATE, encoding="utf-8")
    loaded = load(path).settings
    assert {key: value for key, value in loaded if key != "database"} == {
        key: value for key, value in Settings() if key != "database"
    }


def test_every_page_is_in_the_table_of_contents() -> None:
    contents = (ROOT / "docs" / "README.md").read_text("utf-8")
    for part in ("tutorial", "how-to", "concepts", "reference"):
        for page in (ROOT / "docs" / part).glob("*.md"):
            assert f"({part}/{page.name})" in contents, f"add {part}/{page.name} to docs/README.md"
