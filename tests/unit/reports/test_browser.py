"""The page in a real browser, where one is installed: it draws every picture and breaks no policy."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from reports.html import render_html
from tests.golden import samples

_BROWSER = next(
    (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None
)
_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--virtual-time-budget=15000",
    "--enable-logging=stderr",
    "--dump-dom",
)


@pytest.mark.skipif(_BROWSER is None, reason="no Chromium is installed")
@pytest.mark.parametrize("scheme", ["0", "1"])
def test_every_picture_is_drawn_from_a_file(tmp_path: Path, scheme: str) -> None:
    """Light and dark, from file://, with the strict policy on and nothing on the console."""
    page = tmp_path / "report.html"
    page.write_text(render_html(samples.busy_report()), encoding="utf-8")
    flags = [
        *_FLAGS,
        f"--user-data-dir={tmp_path / 'profile'}",
        f"--blink-settings=preferredColorScheme={scheme}",
    ]
    result = subprocess.run(
        [str(_BROWSER), *flags, page.as_uri()], capture_output=True, text=True, timeout=120, check=False
    )
    assert not re.search(r"CONSOLE.*(?:Refused|violat|Error|WARN)", result.stderr)
    assert re.search(r'<html[^>]*data-drawn="(?:light|dark)"', result.stdout)
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
