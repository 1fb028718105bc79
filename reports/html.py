"""The report as one self-contained file (pictures follow)."""

from __future__ import annotations

from html import escape

from reports.markdown import render_markdown
from reports.weekly import WeeklyReport


def render_html(report: WeeklyReport) -> str:
    """The report as one HTML file."""
    return f"<!doctype html><meta charset=utf-8><pre>{escape(render_markdown(report))}</pre>\n"
