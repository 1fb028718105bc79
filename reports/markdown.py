"""The report as Markdown that a wiki or a pull request can show."""

from __future__ import annotations

import re

from reports.figures import basis_text, value_text
from reports.weekly import Level, Quote, Section, Table, WeeklyReport, model_text
from reports.wording import day_text, days_text

_MARKS = {Level.CROSSED: "🔴", Level.WATCH: "🟡", Level.QUIET: "🟢", Level.UNKNOWN: "⚪"}
_SPECIAL = str.maketrans({c: f"\\{c}" for c in "\\`*_{}[]<>|~^$&@"})
_COLON = re.compile(r":(?=\S)")
_TABLE_ROWS = 60


def escaped(text: str) -> str:
    """A text without any meaning to Markdown or HTML, on one line."""
    # a colon followed by a letter could make a link or an emoji of what follows
    text = _COLON.sub(r"\\:", text.translate(_SPECIAL))
    if text[:1] in {"-", "=", "+", "#"}:
        return f"\\{text}"  # would start a list or a heading
    head = text.split(" ", 1)[0]
    return text.replace(head, head.replace(".", "\\.").replace(")", "\\)"), 1) if text[:1].isdigit() else text


def render_markdown(report: WeeklyReport) -> str:
    """The report as Markdown, ending with a line break."""
    title = f"Goodwill report {report.week}"
    if report.company:
        title = f"{escaped(report.company)}: {title}"
    lines = [f"# {title}", ""]
    if report.synthetic:
        lines += ["> Synthetic data, made up for demonstration.", ""]
    lines += [f"**{_MARKS[report.level]} {escaped(report.headline)}**", ""]
    lines += [f"- {escaped(finding)}" for finding in report.findings]
    lines += [""] if report.findings else []
    lines += [f"{days_text(report.week.start, report.week.end)}, {report.time_zone}", ""]
    for section in report.sections:
        lines += _section(section)
    moment = report.generated_at.strftime("%Y-%m-%d %H:%M UTC")
    lines += ["---", ""]
    lines.append(
        f"Made {moment} by Goodwill {report.version}, {escaped(model_text(report))}; quotes are redacted."
    )
    return "\n".join(lines) + "\n"


def _section(section: Section) -> list[str]:
    lines = [f"## {section.number}. {section.question}", ""]
    lines += [
        f"{_MARKS[section.level]} {_level(section)}{escaped(section.answer)}",
        "",
    ]
    if section.figures:
        lines += ["| number | value (95 % interval) | basis |", "| --- | ---: | --- |"]
        lines += [
            f"| {escaped(f.label)} | {escaped(value_text(f))} | {escaped(basis_text(f))} |"
            for f in section.figures
        ]
        lines.append("")
    for detail in section.details:
        lines += [escaped(detail), ""]
    for table in section.tables:
        lines += _table(table)
    for quote in section.quotes:
        lines += _quote(quote)
    for step in section.next_steps:
        lines.append(f"- [ ] {escaped(step)}")
    lines += [""] if section.next_steps else []
    for caveat in section.caveats:
        lines += [f"*{escaped(caveat)}*", ""]
    return lines


def _level(section: Section) -> str:
    return f"**{section.level_sentence.strip()}** " if section.level_sentence else ""


def _table(table: Table) -> list[str]:
    if not table.rows:
        return []
    rule = " | ".join("---:" if numeric else "---" for numeric in table.numeric)
    lines = [
        f"{escaped(table.caption)}",
        "",
        f"| {' | '.join(escaped(h) for h in table.header)} |",
        f"| {rule} |",
    ]
    lines += [f"| {' | '.join(escaped(cell) for cell in row)} |" for row in table.rows[:_TABLE_ROWS]]
    if len(table.rows) > _TABLE_ROWS:
        lines += ["", f"… and {len(table.rows) - _TABLE_ROWS} more rows."]
    return [*lines, ""]


def _quote(quote: Quote) -> list[str]:
    marks = f" · {escaped(', '.join(quote.marks))}" if quote.marks else ""
    more = f" · and {quote.duplicates} alike" if quote.duplicates else ""
    link = f" · [original](<{quote.link}>)" if quote.link else ""
    return [
        f"> {escaped(quote.text)}",
        ">",
        f"> {day_text(quote.day)} · {escaped(quote.where)}{marks}{more}{link}",
        "",
    ]
