"""The weekly report: read, compute, answer, render."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import datetime

from monitor import __version__
from monitor.domain.series import DailySeries
from monitor.domain.weekly import WeeklyFacts
from monitor.domain.weeks import IsoWeek
from monitor.errors import UsageError
from monitor.settings import Loaded
from monitor.store.database import Database
from monitor.workflow.analysis import analyse
from monitor.workflow.model_facts import corrected_complaints, read_model_facts
from monitor.workflow.redaction import build_redactor
from monitor.workflow.weekly_facts import collect_facts
from monitor.workflow.weekly_words import compare_words
from reports.build import ReportOptions, build_report
from reports.weekly import WeeklyReport

SEED = 0


def weekly_report(
    database: Database, loaded: Loaded, week: IsoWeek, *, now: datetime, verbatim: bool = False
) -> WeeklyReport:
    """Compute the report of one week from what the database holds; nothing later than its Sunday is read.

    Args:
        database: scored and labelled.
        loaded: the settings.
        week: the week to report.
        now: the run's moment, aware UTC.
        verbatim: keep personal data in quotes; only for a local terminal.
    """
    settings = loaded.settings.report
    facts = collect_facts(database, settings, week, read_model_facts())
    facts = replace(facts, corrected_complaints=corrected_complaints(facts.model.model_id, facts.languages))
    analysis = analyse(database, settings, week.end, customers=loaded.settings.company.customers, seed=SEED)
    facts = with_unread_days(facts, analysis.daily)
    redactor = build_redactor(database, loaded)
    words = compare_words(database, loaded, week, redactor)
    options = ReportOptions(
        company=loaded.settings.company.name,
        time_zone=settings.time_zone,
        version=__version__,
        synthetic=is_synthetic(loaded),
        verbatim=verbatim,
    )
    return build_report(facts, analysis, words, redactor, options, now=now)


def with_unread_days(facts: WeeklyFacts, daily: DailySeries | None) -> WeeklyFacts:
    """The facts; days that the statistics leave out as not collected count as missed days of their week."""
    if daily is None:
        return facts
    unread = Counter(
        IsoWeek.of(day) for day, read in zip(daily.dates, daily.collected, strict=True) if not read
    )
    weeks = (replace(week, missed_days=max(week.missed_days, unread[week.week])) for week in facts.weeks)
    return replace(facts, weeks=tuple(weeks))


def is_synthetic(loaded: Loaded) -> bool:
    """Whether the data are the demo's: its truth file lies beside goodwill.toml."""
    return (loaded.folder / "truth.json").is_file()


def render_week(report: WeeklyReport, output_format: str, *, to_terminal: bool) -> str:
    """One rendering of a report.

    Args:
        report: the report.
        output_format: terminal, markdown, json or html.
        to_terminal: use the present terminal's width and colours (NO_COLOR and pipes are respected);
            otherwise 100 columns without colour.

    Raises:
        UsageError: another format.
    """
    if output_format == "terminal":
        from reports.terminal import render_terminal

        return render_terminal(report, to_terminal=to_terminal)
    if output_format == "markdown":
        from reports.markdown import render_markdown

        return render_markdown(report)
    if output_format == "json":
        from reports.json_document import render_json

        return render_json(report)
    if output_format == "html":
        from reports.html import render_html

        return render_html(report)
    raise UsageError(f"the format {output_format!r} is unknown: expected terminal, markdown, json or html.")
