"""Write one week's report in every form; a killed run leaves no half-written file."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from monitor.domain.weeks import IsoWeek
from monitor.settings import Loaded
from monitor.store.database import Database
from monitor.workflow.cloud import draw_clouds
from monitor.workflow.files import write_atomically
from monitor.workflow.weekly import render_week, weekly_report
from reports.charts import all_charts
from reports.images import chart_images
from reports.weekly import WeeklyReport

_FORMATS = (("html", "html"), ("markdown", "md"), ("json", "json"))


def _write_charts(report: WeeklyReport, folder: Path) -> list[Path]:
    """PNG and SVG of every picture, in a folder of their own."""
    files = []
    note = "Synthetic data." if report.synthetic else ""
    for name, content in chart_images(all_charts(report), note):
        path = folder / f"charts-{report.week}" / name
        write_atomically(path, content)
        files.append(path)
    return files


def publish_week(
    database: Database, loaded: Loaded, week: IsoWeek, folder: Path, *, now: datetime
) -> tuple[list[Path], str]:
    """Write weekly-<week>.html, .md, .json, the word clouds and every picture as PNG and SVG.

    Args:
        database: scored and labelled.
        loaded: the settings.
        week: the week to report.
        folder: made if it is not there; equal data give equal bytes.
        now: the run's moment, aware UTC.

    Returns:
        the files, the one to open first first, and the report as terminal text.

    Raises:
        UsageError: a file cannot be written.
    """
    report = weekly_report(database, loaded, week, now=now)
    files = []
    for output_format, ending in _FORMATS:
        path = folder / f"weekly-{week}.{ending}"
        write_atomically(path, render_week(report, output_format, to_terminal=False).encode("utf-8"))
        files.append(path)
    clouds = draw_clouds(database, loaded, week, folder, report=report)
    charts = _write_charts(report, folder)
    return [*files, *clouds.files, *charts], render_week(report, "terminal", to_terminal=True)
