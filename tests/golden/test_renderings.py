"""Exact renderings of sample reports.

`UPDATE_GOLDEN=1 pytest tests/golden` writes the files anew; the difference is then to be read in the commit.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from reports.html import render_html
from reports.json_document import render_json
from reports.markdown import render_markdown
from reports.slack import digest_blocks
from reports.terminal import render_terminal
from reports.weekly import WeeklyReport
from tests.golden import samples

FOLDER = Path(__file__).parent / "files"


def html_without_bundle(report: WeeklyReport) -> str:
    """The page without the drawing library, which comes from a dependency, and without digests."""
    text = render_html(report)
    text = re.sub(r"sha256-[A-Za-z0-9+/=]+", "sha256-DIGEST", text)
    text = re.sub(r"<style>.*?</style>", "<style>STYLE</style>", text, flags=re.DOTALL)
    text = re.sub(r"<script>.*?</script>", "<script>SCRIPT</script>", text, flags=re.DOTALL)
    return re.sub(r"<svg.*?</svg>", "<svg>CLOUD</svg>", text, flags=re.DOTALL)


RENDERINGS: dict[str, Callable[[], str]] = {
    "busy-80.txt": lambda: render_terminal(samples.busy_report(), width=80),
    "busy-120.txt": lambda: render_terminal(samples.busy_report(), width=120),
    "busy.md": lambda: render_markdown(samples.busy_report()),
    "busy.json": lambda: render_json(samples.busy_report()),
    "busy.html": lambda: html_without_bundle(samples.busy_report()),
    "busy-slack.json": lambda: (
        json.dumps(digest_blocks(samples.busy_report()), indent=1, ensure_ascii=False) + "\n"
    ),
    "empty.txt": lambda: render_terminal(samples.empty_report()),
    "first.txt": lambda: render_terminal(samples.first_report()),
    "single.txt": lambda: render_terminal(samples.single_report()),
    "crowded.txt": lambda: render_terminal(samples.crowded_report()),
    "empty.md": lambda: render_markdown(samples.empty_report()),
    "empty.html": lambda: html_without_bundle(samples.empty_report()),
}


@pytest.mark.parametrize("name", sorted(RENDERINGS))
def test_rendering_is_exactly_the_golden_file(name: str) -> None:
    """Whoever changes a rendering sees the change in the golden file's difference."""
    text = RENDERINGS[name]()
    path = FOLDER / name
    if os.environ.get("UPDATE_GOLDEN"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    assert text == path.read_text(encoding="utf-8")
