"""The page in a real browser, where one is installed: it draws every picture, breaks no policy, shuts nobody out."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from reports.html import render_html
from reports.weekly import WeeklyReport
from tests.golden import samples
from tests.unit.reports import browser

pytestmark = pytest.mark.skipif(
    browser.BROWSER is None,
    reason="no Chromium is installed (chromium, chromium-browser or google-chrome in PATH)",
)
needs_axe = pytest.mark.skipif(
    browser.axe_path() is None, reason="axe-core is not installed: pip install --group dev"
)
SCHEMES = {browser.LIGHT: "light", browser.DARK: "dark"}


@pytest.mark.parametrize("scheme", SCHEMES)
def test_every_picture_is_drawn_from_a_file(tmp_path: Path, scheme: str) -> None:
    """Light and dark, from file://, with the strict policy on and nothing on the console."""
    page = tmp_path / "report.html"
    page.write_text(render_html(samples.busy_report()), encoding="utf-8")
    result = browser.dump(page, tmp_path, scheme)
    assert not re.search(r"CONSOLE.*(?:Refused|violat|Error|WARN)", result.stderr)
    assert re.search(rf'<html[^>]*data-drawn="{SCHEMES[scheme]}"', result.stdout)
    places = re.findall(r'<div class="chart[^>]*>(?=.{0,400}<svg)', result.stdout, re.DOTALL)
    assert all('role="img"' in place and 'aria-label="' in place for place in places)
    drawn = [name for place in places for name in re.findall(r'id="chart-([\w-]+)"', place)]
    assert drawn == [
        "negative",
        "complaints",
        "tags",
        "campaigns",
        "pressure",
        "nps",
        "deal-notes",
        "scorecard",
    ]


@pytest.mark.parametrize("width", [320, 360, 412, 768, 1200])
def test_no_text_of_a_picture_is_cut_off_on_any_screen(tmp_path: Path, width: int) -> None:
    """From the smallest telephone to a desk: legends, titles and campaigns' names stay inside their pictures."""
    assert browser.clipped_texts(render_html(samples.busy_report()), tmp_path, width) == []


def test_a_text_that_is_cut_off_would_be_found(tmp_path: Path) -> None:
    page = render_html(samples.busy_report()).replace('"columns":{"expr"', '"columns":9,"no":{"expr"')
    assert browser.clipped_texts(page, tmp_path, 360)


@pytest.mark.parametrize(("weeks", "width"), [(9, 320), (9, 400), (26, 400), (9, 1200)])
def test_no_texts_of_a_picture_lie_on_each_other(tmp_path: Path, weeks: int, width: int) -> None:
    """Also where the first bar has a label and stands close to the other axis' 0."""
    page = render_html(samples.busy_report(weeks))
    assert browser.overlapping_texts(page, tmp_path, width) == []


def test_texts_that_lie_on_each_other_would_be_found(tmp_path: Path) -> None:
    page = render_html(samples.busy_report(9)).replace('"labelPadding":', '"no":')
    assert browser.overlapping_texts(page, tmp_path, 400)


@needs_axe
@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("make", [samples.busy_report, samples.empty_report])
def test_axe_finds_nothing_serious(tmp_path: Path, scheme: str, make: Callable[[], WeeklyReport]) -> None:
    """No serious or critical violation of axe-core's rules, light and dark, with every table open."""
    found = browser.audit(render_html(make()), tmp_path, scheme)
    assert found["passes"] >= 20
    assert [v for v in found["violations"] if v["impact"] in {"serious", "critical"}] == []


@needs_axe
def test_axe_would_find_a_faint_answer(tmp_path: Path) -> None:
    """The audit above can fail: text in the colour of the paper is found."""
    page = render_html(samples.empty_report()).replace(
        "</style>", ".answer { color: #eee; background: #fff }</style>"
    )
    found = browser.audit(page, tmp_path, browser.LIGHT)
    assert "color-contrast" in {v["id"] for v in found["violations"]}
