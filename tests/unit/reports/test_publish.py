"""Everything that leaves the database: no personal data, nothing that runs, the same bytes twice."""

from __future__ import annotations

import base64
import csv
import hashlib
import html
import io
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitor.domain.weeks import IsoWeek
from monitor.settings import Loaded
from monitor.store.database import Database
from monitor.workflow.export import export_rows, render_rows
from monitor.workflow.publish import publish_week
from monitor.workflow.search import search_posts
from monitor.workflow.weekly import render_week, weekly_report
from reports.html import render_html
from reports.slack import digest_blocks
from tests.golden import samples
from tests.unit.reports import made_up_company

WEEK = IsoWeek(2026, 46)
NOW = datetime(2026, 11, 16, 8, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Database, Loaded]]:
    """A scored database full of canaries."""
    database, loaded = made_up_company.make(tmp_path_factory.mktemp("company"))
    with database:
        yield database, loaded


@pytest.fixture(scope="module")
def published(
    company: tuple[Database, Loaded], tmp_path_factory: pytest.TempPathFactory
) -> tuple[list[Path], str]:
    """The week's files and its terminal text."""
    database, loaded = company
    return publish_week(database, loaded, WEEK, tmp_path_factory.mktemp("out"), now=NOW)


def _leaks(text: str) -> list[str]:
    return [canary for canary in made_up_company.CANARIES if canary.lower() in text.lower()]


def test_no_artefact_holds_a_canary(
    company: tuple[Database, Loaded], published: tuple[list[Path], str]
) -> None:
    """Files, terminal text, Slack blocks, search results and exports hold no name, address, number or secret."""
    database, loaded = company
    files, terminal = published
    texts = {path.name: path.read_bytes().decode("utf-8", "replace") for path in files}
    texts["terminal"] = terminal
    texts["slack"] = json.dumps(
        digest_blocks(weekly_report(database, loaded, WEEK, now=NOW)), ensure_ascii=False
    )
    texts["search"] = str(search_posts(database, "e-mails renewals"))
    for what in ("daily", "posts", "corrections"):
        texts[what] = render_rows(*export_rows(database, what), "csv")
    assert len(files) > 15
    assert {name: _leaks(text) for name, text in texts.items() if _leaks(text)} == {}


def test_canaries_are_really_in_the_way(company: tuple[Database, Loaded]) -> None:
    """The verbatim report shows names, so the test above would see a leak."""
    database, loaded = company
    report = weekly_report(database, loaded, WEEK, now=NOW, verbatim=True)
    assert "Canaryname" in str(report.sections)
    with pytest.raises(ValueError, match="verbatim"):
        digest_blocks(report)


def test_only_an_allowed_customer_is_named(company: tuple[Database, Loaded]) -> None:
    """`[report] allowed_companies` shows the names it lists; every other canary stays hidden."""
    database, loaded = company
    report = loaded.settings.report.model_copy(update={"allowed_companies": ["Canarycorp Rockets"]})
    allowing = replace(loaded, settings=loaded.settings.model_copy(update={"report": report}))
    text = render_week(weekly_report(database, allowing, WEEK, now=NOW), "json", to_terminal=False)
    assert "we at Canarycorp Rockets get three banners" in text
    assert _leaks(text) == ["Canarycorp"]


def test_no_control_character_reaches_a_terminal(company: tuple[Database, Loaded]) -> None:
    """Not even from a verbatim report, nor from one in colour."""
    database, loaded = company
    text = render_week(
        weekly_report(database, loaded, WEEK, now=NOW, verbatim=True), "terminal", to_terminal=False
    )
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", text)
    assert max(len(line) for line in text.splitlines()) <= 100


def test_posts_cannot_run_in_the_page() -> None:
    """Markup from posts is text; only our three scripts exist, and the policy names their digests."""
    page = render_html(samples.busy_report())
    body = re.sub(r"<script>.*?</script>", "", page, flags=re.DOTALL)
    assert "&lt;script&gt;alert(" in page
    assert len(re.findall(r"<script", page)) == 3
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)
    assert policy
    assert "default-src &#39;none&#39;" in policy[1]
    assert "unsafe" not in policy[1]
    own = [
        re.search(r"<style>(.*?)</style>", page, re.DOTALL),
        *re.finditer(r"<script>(.*?)</script>", page, re.DOTALL),
    ]
    digests = [base64.b64encode(hashlib.sha256(part[1].encode()).digest()).decode() for part in own if part]
    assert [html.escape(digest) for digest in digests] == [
        d for d in digests if f"&#39;sha256-{d}&#39;" in policy[1]
    ]
    assert len(digests) == 3
    assert not re.search(r"<[^>]*\s(?:style=|on\w+=)", body)


def test_page_is_one_small_offline_file(published: tuple[list[Path], str]) -> None:
    """Nothing is loaded from anywhere, and it can be sent by mail."""
    page = published[0][0].read_text(encoding="utf-8")
    assert len(page.encode()) < 2_000_000
    outside = re.sub(r"<script.*?</script>|<svg.*?</svg>", "", page, flags=re.DOTALL)
    assert re.findall(r'(?:src|href)="(?!#|https://acme\.slack\.com/archives/)[^"]*"', outside) == []


def test_same_data_same_bytes(
    company: tuple[Database, Loaded], published: tuple[list[Path], str], tmp_path: Path
) -> None:
    """A second run over the same data writes the same files, and leaves nothing half-written."""
    database, loaded = company
    files, _ = publish_week(database, loaded, WEEK, tmp_path, now=NOW)
    assert [path.name for path in files] == [path.name for path in published[0]]
    assert all(a.read_bytes() == b.read_bytes() for a, b in zip(files, published[0], strict=True))
    assert not list(tmp_path.rglob("*.part"))


def test_json_is_whole_and_plain(published: tuple[list[Path], str]) -> None:
    """The JSON can be read by anything: no NaN, all nine answers."""
    document = json.loads(
        next(path for path in published[0] if path.suffix == ".json").read_text(encoding="utf-8")
    )
    assert document["schema_version"] == 1
    assert [section["number"] for section in document["sections"]] == list(range(1, 10))


def test_exports_run_no_formula(company: tuple[Database, Loaded]) -> None:
    """No cell of a text column begins like a formula."""
    text = render_rows(*export_rows(company[0], "posts"), "csv")
    cells = [row["text"] for row in csv.DictReader(io.StringIO(text))]
    assert len(cells) == 250
    assert not [cell for cell in cells if cell[:1] in {"=", "+", "-", "@"}]


def test_daily_export_is_what_correlate_reads(company: tuple[Database, Loaded]) -> None:
    """Exactly the documented columns."""
    names, rows = export_rows(company[0], "daily")
    assert tuple(names) == ("date", "total", "negative", "negative_marketing")
    assert all(total >= negative >= complaints for _, total, negative, complaints in rows)


def test_an_empty_database_still_makes_a_report(tmp_path: Path) -> None:
    """The first thing a new user may do."""
    (tmp_path / "goodwill.toml").write_text("", encoding="utf-8")
    database, loaded = made_up_company.make(tmp_path, weeks=0)
    with database:
        files, terminal = publish_week(database, loaded, WEEK, tmp_path / "out", now=NOW)
    assert "Nothing was read this week" in terminal
    assert [path.suffix for path in files] == [".html", ".md", ".json", ".png", ".svg"] or len(files) >= 3
