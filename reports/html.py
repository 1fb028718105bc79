"""The report as one self-contained HTML file: no network, strict content security policy, light, dark and print."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from reports.bundle import vega_bundle
from reports.charts import Chart, all_charts
from reports.cloud_plans import week_plan
from reports.figures import basis_text
from reports.weekly import Figure, Level, Table, WeeklyReport, model_text
from reports.wording import day_text, days_text, in_unit, range_in_unit, share_with_range

_TEMPLATES = Path(__file__).parent / "templates"
_SLUGS = {Level.CROSSED: "crossed", Level.WATCH: "watch", Level.QUIET: "quiet", Level.UNKNOWN: "unknown"}
_MOST_ROWS = 300
_RANGE = re.compile(r"(?<=\d)-(?=\d)")  # no line breaks within "13-23 %"


def render_html(report: WeeklyReport) -> str:
    """The report as one HTML file; equal reports give equal bytes.

    Every text goes through the template's escaping; scripts and styles run only if their digest is in the
    policy, so nothing that a post says can run.
    """
    from markupsafe import Markup, escape

    charts = all_charts(report)
    css, js = _asset("report.css"), _asset("report.js")
    bundle = vega_bundle() if charts else ""
    scripts = [bundle, js] if charts else []
    title = f"Goodwill report {report.week}"
    if report.company:
        title = f"{report.company}: {title}"
    # Scripts, styles and the drawn cloud are our own text; everything else is escaped.
    html: str = _template().render(
        report=report,
        title=title,
        window=days_text(report.week.start, report.week.end),
        moment=report.generated_at.strftime("%Y-%m-%d %H:%M UTC"),
        policy=Markup(escape(_policy(css, scripts))),  # noqa: S704 - escaped; its digests stay as they are
        css=Markup(css),  # noqa: S704 - our own file
        js=Markup(js),  # noqa: S704 - our own file
        bundle=Markup(bundle),  # noqa: S704 - made by vl-convert, checked for "</script"
        charts=charts,
        chart_json=Markup(_chart_json(charts)),  # noqa: S704 - escaped for a script element below
        cloud=Markup(_cloud(report)),  # noqa: S704 - svg_text escapes every word
        table=_table,
        slug=_SLUGS.__getitem__,
        number=_number,
        interval=_interval,
        basis=basis_text,
        day=day_text,
        model=model_text(report),
    )
    return html


def _asset(name: str) -> str:
    return (_TEMPLATES / name).read_text(encoding="utf-8").rstrip("\n")


def _glued(value: Any) -> Any:
    """Keep numbers and their units on one line."""
    if type(value) is not str:  # numbers, and markup of our own
        return value
    if value.startswith("https://"):
        return value
    value = value.replace(" %", "\u00a0%").replace(" ×", "\u00a0×").replace("n = ", "n\u00a0=\u00a0")
    return _RANGE.sub("-\u2060", value)


def _commands(text: str) -> Any:
    """A text of ours with `commands` in their own type."""
    from markupsafe import Markup, escape

    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text))))  # noqa: S704 - escaped first


@lru_cache(maxsize=1)
def _template() -> Any:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        finalize=_glued,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["commands"] = _commands
    return environment.get_template("report.html.j2")


def _policy(css: str, scripts: Sequence[str]) -> str:
    """Only these styles and scripts; no connection, no frame, no form, no plug-in."""
    allowed = " ".join(_digest(script) for script in scripts) or "'none'"
    return (
        f"default-src 'none'; script-src {allowed}; style-src {_digest(css)}; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode('utf-8')).digest()).decode('ascii')}'"


def _chart_json(charts: Sequence[Chart]) -> str:
    """Specifications as JSON that cannot end its script element."""
    plain = [{"key": chart.key, "alt": chart.alt, "spec": chart.spec} for chart in charts]
    text = json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    for character, escape in (
        ("<", "\\u003c"),
        (">", "\\u003e"),
        ("&", "\\u0026"),
        ("\u2028", "\\u2028"),
        ("\u2029", "\\u2029"),
    ):
        text = text.replace(character, escape)
    return text


def _cloud(report: WeeklyReport) -> str:
    plan = week_plan(report.week, report.words)
    if isinstance(plan, str):
        return ""
    from reports.wordcloud import WIDE, lay_out, svg_text

    return svg_text(lay_out(plan, WIDE))


def _table(table: Table) -> Any:
    from markupsafe import Markup, escape

    def cells(row: Sequence[str], tag: str) -> str:
        parts = []
        for index, (cell, numeric) in enumerate(zip(row, table.numeric, strict=True)):
            name, scope = (
                (tag, ' scope="col"')
                if tag == "th"
                else (("th", ' scope="row"') if index == 0 else ("td", ""))
            )
            parts.append(f"<{name}{scope}{' class=n' if numeric else ''}>{escape(_glued(cell))}</{name}>")
        return "".join(parts)

    head = f"<thead><tr>{cells(table.header, 'th')}</tr></thead>"
    body = "".join(f"<tr>{cells(row, 'td')}</tr>" for row in table.rows[:_MOST_ROWS])
    caption = f"<caption>{escape(table.caption)}</caption>"
    label = escape(table.caption)
    # A region that scrolls sideways must be reachable by keyboard.
    region = f'<div class="scroll" tabindex="0" role="region" aria-label="{label}">'
    return Markup(f"{region}<table>{caption}{head}<tbody>{body}</tbody></table></div>")  # noqa: S704 - every cell is escaped above


def _number(figure: Figure) -> str:
    if figure.value is None:
        return "not known"
    if figure.unit == "share" and figure.low is not None and figure.high is not None:
        return share_with_range(figure.value, figure.low, figure.high).partition(" (")[0]
    return in_unit(figure.value, figure.unit)


def _interval(figure: Figure) -> str:
    if figure.value is None or figure.low is None or figure.high is None:
        return ""
    if figure.unit == "share":
        return share_with_range(figure.value, figure.low, figure.high).partition(" (")[2].rstrip(")")
    return range_in_unit(figure.low, figure.high, figure.unit)
