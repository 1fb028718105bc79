"""The report as terminal text: readable at 80 and 120 columns, with and without colour."""

from __future__ import annotations

import io
import os
import shutil
import sys

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table as RichTable
from rich.text import Text

from monitor.domain.findings import FlagLevel
from reports.clean import shortened
from reports.figures import basis_text, value_text
from reports.shares import told_weeks
from reports.sparkline import sparkline
from reports.weekly import Figure, Level, Quote, Section, Table, WeeklyReport, model_text
from reports.wording import day_text, days_text, in_unit, percent

PLAIN_WIDTH = 100
_NARROWEST, _WIDEST = 60, 140
_STYLES = {Level.CROSSED: "bold red", Level.WATCH: "yellow", Level.QUIET: "green", Level.UNKNOWN: "dim"}
_TABLE_ROWS = 8
_UP = {FlagLevel.CRITICAL, FlagLevel.CAUTION}
_QUOTE_LENGTH = 260
_GLUE = "\ue000"  # stands for a blank at which no line may break; quotes cannot hold it
_CAMPAIGN_COLUMNS = (0, 1, 3, 4, 5, 6)
_SCORECARD_COLUMNS = (1, 2, 3, 4, 6)


def render_terminal(report: WeeklyReport, *, to_terminal: bool = False, width: int | None = None) -> str:
    """The report as text.

    Args:
        report: the report.
        to_terminal: take width and colours from the present terminal; NO_COLOR and pipes are respected.
        width: columns, when `to_terminal` does not decide.
    """
    colour = to_terminal and sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    if to_terminal and sys.stdout.isatty():
        width = shutil.get_terminal_size((PLAIN_WIDTH, 24)).columns
    columns = min(max(width or PLAIN_WIDTH, _NARROWEST), _WIDEST)
    buffer = io.StringIO()
    console = Console(
        file=buffer,
        width=columns,
        force_terminal=colour,
        no_color=not colour,
        color_system="standard" if colour else None,
        legacy_windows=False,
        markup=False,
        emoji=False,
        highlight=False,
    )
    console.print(_top(report))
    for section in report.sections:
        console.print(_section(report, section, columns))
    console.print(Text(_footer(report), style="dim"))
    text = buffer.getvalue().replace(_GLUE, " ")
    return "\n".join(line.rstrip() for line in text.split("\n")).rstrip("\n") + "\n"


def _glued(text: str) -> str:
    """Keep numbers and their units on one line."""
    return text.replace(" %", f"{_GLUE}%").replace(" ×", f"{_GLUE}×").replace("n = ", f"n{_GLUE}={_GLUE}")


def _top(report: WeeklyReport) -> RenderableType:
    lines: list[RenderableType] = [Text(report.headline, style=_STYLES[report.level])]
    lines += [_hanging("•", Text(_glued(finding))) for finding in report.findings]
    title = f"Goodwill {report.week}"
    if report.company:
        title = f"{report.company}: {title}"
    if report.synthetic:
        title += " · synthetic data"
    subtitle = f"{days_text(report.week.start, report.week.end)}, {report.time_zone}"
    return Panel(
        Group(*lines),
        title=Text(title),
        subtitle=Text(subtitle),
        border_style=_STYLES[report.level],
        padding=(1, 2),
    )


def _hanging(mark: str, text: Text) -> RenderableType:
    """A mark with its text beside it: further lines stand below the text, not below the mark."""
    grid = RichTable.grid(padding=(0, 1, 0, 0))
    grid.add_column(width=1)
    grid.add_column()
    grid.add_row(Text(mark, style="dim"), text)
    return grid


def _section(report: WeeklyReport, section: Section, columns: int) -> RenderableType:
    parts: list[RenderableType] = [
        Text(""),
        Text(f"{section.number}. {section.question}", style="bold"),
        Padding(
            Text.assemble((section.level_sentence, _STYLES[section.level]), _glued(section.answer)),
            (0, 0, 0, 3),
        ),
    ]
    inner: list[RenderableType] = []
    line = _sparkline(report, section.key)
    if line is not None:
        inner.append(line)
    if section.key == "scorecard":
        inner += _histories(report)  # the table below holds the figures
    else:
        inner += [_figure(figure) for figure in section.figures[:6]]
    inner += [Text(_glued(detail)) for detail in section.details]
    inner += [_table(section.key, table, columns) for table in section.tables[:2]]
    inner += [_quote(quote) for quote in section.quotes]
    inner += [_hanging("→", Text(step)) for step in section.next_steps]
    inner += [Text(_glued(caveat), style="dim italic") for caveat in section.caveats]
    parts.append(Padding(Group(*inner), (0, 0, 0, 3)))
    return Group(*parts)


def _figure(figure: Figure) -> RenderableType:
    value, basis = _glued(value_text(figure)), _glued(f"; {basis_text(figure)}")
    return _hanging("·", Text.assemble(f"{figure.label}: ", (value, "bold"), (basis, "dim")))


def _histories(report: WeeklyReport) -> list[RenderableType]:
    """The own history of each flag that is up, as a line of blocks."""
    up = [flag for flag in report.analysis.red_flags if flag.level in _UP and len(flag.history) > 1]
    if not up:
        return []
    grid = RichTable(
        title=Text("Own history of the flags that are up, newest last", style="dim"),
        title_justify="left",
        box=None,
        pad_edge=False,
        header_style="dim",
    )
    for name in ("metric", "windows", "lowest", "highest", "now"):
        grid.add_column(name, justify="left" if name in {"metric", "windows"} else "right")
    for flag in up[:_TABLE_ROWS]:
        values = [window.value for window in flag.history]
        known = [value for value in values if value is not None]
        shown = [in_unit(value, flag.unit) for value in (min(known), max(known))]
        now = "-" if flag.value is None else in_unit(flag.value, flag.unit)
        grid.add_row(*(Text(_glued(cell)) for cell in (flag.metric, sparkline(values), *shown, now)))
    return [grid]


def _sparkline(report: WeeklyReport, key: str) -> Text | None:
    names = {"negative": "negative", "complaints": "complaints"}
    if key not in names or len(report.weeks) < 2:
        return None
    shares = [
        getattr(week, names[key]) / week.total if told else None
        for week, told in zip(report.weeks, told_weeks(report.weeks), strict=True)
    ]
    shown = shares[-26:]
    known = [share for share in shown if share is not None]
    if not known:
        return None
    label = f"share by week, {len(shown)} weeks: "
    scale = f"  lowest {percent(min(known), max(known))}, highest {percent(max(known))}"
    return Text.assemble((label, "dim"), sparkline(shares), (scale, "dim"))


def _table(key: str, table: Table, columns: int) -> RenderableType:
    if not table.rows:
        return Text("")
    keep = range(len(table.header))
    if key == "scorecard" and columns < 110:
        keep = _SCORECARD_COLUMNS  # type: ignore[assignment]
    if key == "campaigns":
        keep = _CAMPAIGN_COLUMNS if columns < 110 else tuple(i for i in keep if i != 2)  # type: ignore[assignment]
    rows = [row for row in table.rows if key != "scorecard" or row[2] != "no data"]
    shown = RichTable(
        title=Text(table.caption, style="dim"),
        title_justify="left",
        box=None,
        pad_edge=False,
        header_style="dim",
    )
    for index in keep:
        shown.add_column(
            Text(table.header[index]), justify="right" if table.numeric[index] else "left", overflow="fold"
        )
    for row in rows[:_TABLE_ROWS]:
        shown.add_row(*(Text(_glued(row[index])) for index in keep))
    if len(rows) <= _TABLE_ROWS:
        return shown
    return Group(
        shown,
        Text(
            f"… and {len(rows) - _TABLE_ROWS} more {'row' if len(rows) == _TABLE_ROWS + 1 else 'rows'} in the HTML report.",
            style="dim",
        ),
    )


def _quote(quote: Quote) -> RenderableType:
    marks = f" · {', '.join(quote.marks)}" if quote.marks else ""
    more = f" · and {quote.duplicates} alike" if quote.duplicates else ""
    head = f"{day_text(quote.day)} · {quote.where}{marks}{more}"
    body = Group(
        Text(f"“{shortened(quote.text, _QUOTE_LENGTH)}”"),
        Text(f"{head}{f' · {quote.link}' if quote.link else ''}", style="dim"),
    )
    return Padding(body, (0, 0, 0, 2))


def _footer(report: WeeklyReport) -> str:
    moment = report.generated_at.strftime("%Y-%m-%d %H:%M UTC")
    source = " Synthetic data, made up for demonstration." if report.synthetic else ""
    private = "unredacted, for this terminal only" if report.verbatim else "names and addresses taken out"
    return f"\nMade {moment} by Goodwill {report.version}, {model_text(report)}; quotes: {private}.{source}"
