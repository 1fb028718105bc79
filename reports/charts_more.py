"""More pictures: campaign effects, contact pressure, NPS, deal notes, the scorecard."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from monitor.domain.effects import EffectEstimate
from monitor.domain.findings import FlagLevel, RedFlag
from reports.charts import (
    Chart,
    Spec,
    background_layers,
    base_spec,
    field,
    flag_colour,
    flag_position,
    flag_words,
    time_axis,
)
from reports.palette import BAND, SERIES, VERDICT_COLOURS
from reports.shares import share_of
from reports.weekly import Table, WeeklyReport
from reports.wording import (
    LEVEL_WORDS,
    counted,
    days_text,
    in_unit,
    percent,
    range_in_unit,
    share_with_range,
    whole,
)

_MOST_CAMPAIGNS = 18
_LOWEST_RATIO, _HIGHEST_RATIO = 0.2, 8.0
_VERDICTS = ("likely", "possible", "no sign", "cannot tell")
_SHAPES = {"likely": "diamond", "possible": "triangle-up", "no sign": "circle", "cannot tell": "cross"}
_NUMBER = re.compile(r"([\d.]+)\s*(%)?")


def chart_campaigns(report: WeeklyReport) -> Chart | None:
    """Forest plot: rate after each campaign against the expected rate."""
    correlation = report.analysis.correlation
    campaigns = {c.external_id: c for c in report.campaigns}
    judged = [e for e in correlation.campaigns if e.rate_ratio is not None] if correlation else []
    judged.sort(
        key=lambda e: (
            -(campaigns[e.campaign_id].start.toordinal() if e.campaign_id in campaigns else 0),
            e.campaign_id,
        )
    )
    first = [e for e in judged if e.verdict in {"likely", "possible"}]
    kept = {e.campaign_id for e in (first + judged)[:_MOST_CAMPAIGNS]}
    shown = [e for e in judged if e.campaign_id in kept]
    if not shown:
        return None
    rows = [_effect_row(report, estimate, index) for index, estimate in enumerate(shown)]
    scale = {"type": "log", "domain": [_LOWEST_RATIO, _HIGHEST_RATIO], "clamp": True, "nice": False}
    axis = {"values": [0.25, 0.5, 1, 2, 4, 8], "format": "~g", "grid": True}
    x = field(
        "ratio",
        "quantitative",
        scale=scale,
        axis=axis,
        title="rate of complaints after the campaign, against the expected rate (log scale)",
    )
    y = field(
        "label",
        "nominal",
        sort=[row["label"] for row in rows],
        title=None,
        axis={"labelLimit": 300, "ticks": False, "domain": False},
    )
    colour = field(
        "verdict",
        "nominal",
        scale={"domain": list(_VERDICTS), "range": [VERDICT_COLOURS[v] for v in _VERDICTS]},
        legend={"orient": "top", "title": None},
    )
    shape = field(
        "verdict",
        "nominal",
        scale={"domain": list(_VERDICTS), "range": [_SHAPES[v] for v in _VERDICTS]},
        legend={"orient": "top", "title": None},
    )
    tooltip = [field(n, "nominal") for n in ("label", "verdict", "rate", "days", "q", "n")]
    layers: list[Spec] = [
        {
            "data": {"values": [{"one": 1}]},
            "mark": {"type": "rule", "strokeDash": [3, 3], "color": BAND, "strokeWidth": 1.5},
            "encoding": {"x": field("one", "quantitative", scale=scale)},
        },
        {
            "data": {"values": rows},
            "mark": {"type": "rule", "strokeWidth": 2.4},
            "encoding": {
                "x": field("low", "quantitative", scale=scale, axis=axis, title=x["title"]),
                "x2": {"field": "high"},
                "y": y,
                "color": colour,
                "tooltip": tooltip,
            },
        },
        {
            "data": {"values": rows},
            "mark": {"type": "point", "filled": True, "size": 110, "opacity": 1},
            "encoding": {"x": x, "y": y, "color": colour, "shape": shape, "tooltip": tooltip},
        },
    ]
    title = "Campaigns and the complaints that followed"
    found = [row for row in rows if row["verdict"] in {"likely", "possible"}]
    raised = ", ".join("{label} ({verdict}, {rate})".format(**row) for row in found[:6])
    alt = f"{title}: rate ratios with 95 % intervals of {counted(len(rows), 'campaign')}, newest on top. " + (
        f"Raised after {raised}." if found else "None stands out."
    )
    table = Table(
        title,
        ("campaign", "verdict", "rate (95 % interval)", "days after", "q", "n"),
        tuple((r["label"], r["verdict"], r["rate"], r["days"], r["q"], r["n"]) for r in rows),
        (False, False, True, True, True, True),
    )
    return Chart(
        "campaigns",
        "campaigns",
        title,
        alt,
        "A line that stays right of 1 × means more complaints than expected. Lines that leave the picture are cut at its edge.",
        base_spec(layers, height=26 * len(rows) + 10),
        table,
    )


def _effect_row(report: WeeklyReport, estimate: EffectEstimate, order: int) -> dict[str, Any]:
    name = next((c.name for c in report.campaigns if c.external_id == estimate.campaign_id), "")
    label = f"{estimate.campaign_id} {name}".strip() if name != estimate.campaign_id else estimate.campaign_id
    ratio, low, high = (
        estimate.rate_ratio or 1.0,
        estimate.low or _LOWEST_RATIO,
        estimate.high or _HIGHEST_RATIO,
    )

    def inside(value: float) -> float:
        return round(min(max(value, _LOWEST_RATIO), _HIGHEST_RATIO), 4)

    return {
        "label": label[:46],
        "order": order,
        "verdict": estimate.verdict,
        "ratio": inside(ratio),
        "low": inside(low),
        "high": inside(high),
        "rate": f"{ratio:.1f} × ({low:.1f}-{high:.1f})",
        "days": "-" if estimate.lag_days is None else f"{estimate.lag_days}-{estimate.last_day}",
        "q": "-" if estimate.q_value is None else f"{100 * estimate.q_value:.2g} %",
        "n": whole(estimate.n),
    }


def chart_pressure(report: WeeklyReport) -> Chart | None:
    """Complaints against touches per customer and week."""
    result = next((r for r in report.analysis.pressure if len(r.curve) > 1), None)
    if result is None:
        return None
    rows = [
        {
            "touches": round(p.touches, 3),
            "ratio": round(p.rate_ratio, 3),
            "low": round(p.low, 3),
            "high": round(p.high, 3),
            "weeks": p.weeks,
        }
        for p in result.curve
    ]
    x = field(
        "touches",
        "quantitative",
        title="touches per customer and week",
        scale={"zero": False, "nice": False},
        axis={"grid": False},
    )
    y = field(
        "ratio", "quantitative", title=f"{result.outcome} against the lowest pressure", axis={"tickCount": 5}
    )
    tooltip = [field(n, "quantitative") for n in ("touches", "ratio", "low", "high", "weeks")]
    layers: list[Spec] = [
        {
            "data": {"values": rows},
            "mark": {"type": "area", "color": SERIES["pressure"], "opacity": 0.18},
            "encoding": {
                "x": x,
                "y": field("low", "quantitative", title=y["title"]),
                "y2": {"field": "high"},
            },
        },
        {
            "data": {"values": rows},
            "mark": {"type": "line", "color": SERIES["pressure"], "strokeWidth": 2.2, "point": True},
            "encoding": {"x": x, "y": y, "tooltip": tooltip},
        },
    ]
    if result.line is not None:
        line = {"touches": round(result.line, 3), "what": f"the line: {result.line:.1f}"}
        layers.append(
            {
                "data": {"values": [line]},
                "mark": {
                    "type": "rule",
                    "color": VERDICT_COLOURS["likely"],
                    "strokeDash": [5, 4],
                    "strokeWidth": 2,
                },
                "encoding": {"x": x, "tooltip": field("what", "nominal", title="level")},
            }
        )
    title = "Contact pressure and complaints"
    said = (
        f"the line is at {result.line:.1f} touches"
        if result.line is not None
        else "no level stands out as the line"
    )
    table = Table(
        title,
        ("touches", "rate", "low", "high", "weeks at or above"),
        tuple(
            (
                f"{r['touches']:.2f}",
                f"{r['ratio']:.2f} ×",
                f"{r['low']:.2f}",
                f"{r['high']:.2f}",
                whole(r["weeks"]),
            )
            for r in rows
        ),
        (True,) * 5,
    )
    alt = f"{title}: rate of {result.outcome} by touches per customer and week with its 95 % band; {said}. n = {whole(result.n)} over {result.weeks} weeks."
    return Chart(
        "pressure",
        "campaigns",
        title,
        alt,
        "Band: 95 % interval. Dashed line: the pressure from which the rise is credible, where there is one.",
        base_spec(layers, height=210),
        table,
    )


def chart_nps(report: WeeklyReport) -> Chart | None:
    """NPS by four weeks with intervals and dips."""
    rows = [
        {
            "day": (p.start + timedelta(days=14)).isoformat(),
            "window": days_text(p.start, p.end),
            "score": round(p.score.score, 1) if p.score.score is not None else None,
            "low": round(p.score.low, 1) if p.score.low is not None else None,
            "high": round(p.score.high, 1) if p.score.high is not None else None,
            "n": p.score.n,
        }
        for p in report.nps_periods
    ]
    if sum(row["score"] is not None for row in rows) < 2:
        return None
    first, last = report.nps_periods[0].start, report.nps_periods[-1].end
    dips = report.analysis.nps.dips if report.analysis.nps else ()
    layers = background_layers(report, first, last)
    if dips:
        values = [
            {
                "day": d.start.isoformat(),
                "end": (d.end + timedelta(days=1)).isoformat(),
                "what": f"dip of {d.depth:.0f} points ({d.low:.0f} to {d.high:.0f})",
            }
            for d in dips
        ]
        layers.append(
            {
                "data": {"values": values},
                "mark": {"type": "rect", "color": VERDICT_COLOURS["likely"], "opacity": 0.2},
                "encoding": {
                    "x": time_axis(),
                    "x2": {"field": "end"},
                    "tooltip": field("what", "nominal", title="dip"),
                },
            }
        )
    tooltip = [field("window", "nominal"), *(field(n, "quantitative") for n in ("score", "low", "high", "n"))]
    y = field("score", "quantitative", title=None, axis={"tickCount": 6}, scale={"zero": True})
    data = {"values": rows}
    layers += [
        {
            "data": data,
            "mark": {"type": "rule", "color": SERIES["nps"], "strokeWidth": 2},
            "encoding": {
                "x": time_axis(),
                "y": field("low", "quantitative", title=None),
                "y2": {"field": "high"},
                "tooltip": tooltip,
            },
        },
        {
            "data": data,
            "mark": {"type": "line", "color": SERIES["nps"], "opacity": 0.5},
            "encoding": {"x": time_axis(), "y": y},
        },
        {
            "data": data,
            "mark": {"type": "point", "filled": True, "size": 90, "color": SERIES["nps"], "opacity": 1},
            "encoding": {"x": time_axis(), "y": y, "tooltip": tooltip},
        },
    ]
    title = "NPS by four weeks"
    table = Table(
        title,
        ("four weeks", "NPS (95 % interval)", "answers"),
        tuple(
            (
                r["window"],
                "too few answers"
                if r["score"] is None
                else f"{r['score']:+.0f} ({r['low']:+.0f} to {r['high']:+.0f})",
                whole(r["n"]),
            )
            for r in rows[::-1]
        ),
        (False, True, True),
    )
    known = [r for r in rows if r["score"] is not None]
    alt = f"{title} with 95 % intervals: latest {known[-1]['score']:+.0f}, lowest {min(r['score'] for r in known):+.0f}, highest {max(r['score'] for r in known):+.0f}; {counted(len(dips), 'dip')} marked."
    return Chart(
        "nps",
        "nps",
        title,
        alt,
        "Dots: score of four weeks in points; vertical lines: 95 % intervals. Shaded columns: campaigns; red columns: dips beyond noise.",
        base_spec(layers),
        table,
    )


def chart_deal_notes(report: WeeklyReport) -> Chart | None:
    """Share of negative deal notes by four weeks."""
    notes = report.deal_notes
    rows = []
    for end in range(len(notes), 3, -4):
        part = notes[end - 4 : end]
        share = share_of(sum(w.negative for w in part), sum(w.total for w in part))
        if share:
            rows.append(
                {
                    "day": (part[0].week.start + timedelta(days=14)).isoformat(),
                    "window": days_text(part[0].week.start, part[-1].week.end),
                    "share": round(share.value, 5),
                    "low": round(share.low, 5),
                    "high": round(share.high, 5),
                    "n": share.n,
                    "complaints": sum(w.complaints for w in part),
                }
            )
    rows.reverse()
    if len(rows) < 2:
        return None
    axis = {"format": "%", "tickCount": 5}
    y = field("share", "quantitative", title=None, axis=axis)
    tooltip = [
        field("window", "nominal"),
        field("share", "quantitative", format=".0%"),
        field("n", "quantitative"),
        field("complaints", "quantitative", title="marketing complaints"),
    ]
    data = {"values": rows}
    layers: list[Spec] = [
        {
            "data": data,
            "mark": {"type": "rule", "color": SERIES["notes"], "strokeWidth": 2},
            "encoding": {
                "x": time_axis(),
                "y": field("low", "quantitative", title=None, axis=axis),
                "y2": {"field": "high"},
                "tooltip": tooltip,
            },
        },
        {
            "data": data,
            "mark": {"type": "line", "color": SERIES["notes"], "opacity": 0.5},
            "encoding": {"x": time_axis(), "y": y},
        },
        {
            "data": data,
            "mark": {"type": "point", "filled": True, "size": 90, "color": SERIES["notes"], "opacity": 1},
            "encoding": {"x": time_axis(), "y": y, "tooltip": tooltip},
        },
    ]
    title = "Negative deal notes, share by four weeks"
    table = Table(
        title,
        ("four weeks", "share (95 % interval)", "notes", "marketing complaints"),
        tuple(
            (
                r["window"],
                share_with_range(r["share"], r["low"], r["high"]),
                whole(r["n"]),
                whole(r["complaints"]),
            )
            for r in rows[::-1]
        ),
        (False, True, True, True),
    )
    return Chart(
        "deal-notes",
        "deal_notes",
        title,
        f"{title} with 95 % intervals: latest {percent(rows[-1]['share'])} of {counted(rows[-1]['n'], 'note')}.",
        "Dots: share of four weeks; vertical lines: 95 % intervals.",
        base_spec(layers, height=180),
        table,
    )


def chart_scorecard(report: WeeklyReport) -> Chart | None:
    """Each flag on the scale of its own usual range, with the benchmark's mark."""
    flags = [f for f in report.analysis.red_flags if flag_position(f) is not None]
    if not flags:
        return None
    rows = [_flag_row(flag) for flag in flags]
    labels = [row["label"] for row in rows]
    scale = {"domain": [-3, 3], "nice": False}
    axis = {
        "values": [-3, -2, -1, 0, 1, 2, 3],
        "labelExpr": "datum.value === -1 ? 'low end of usual' : datum.value === 0 ? 'usual' : datum.value === 1 ? 'high end of usual' : ''",
        "grid": False,
        "title": None,
    }
    y = field(
        "label", "nominal", sort=labels, title=None, axis={"labelLimit": 300, "ticks": False, "domain": False}
    )
    tooltip = [field(n, "nominal") for n in ("label", "flag", "now", "usual", "benchmark", "n")]
    data = {"values": rows}
    layers: list[Spec] = [
        {
            "data": data,
            "mark": {"type": "bar", "color": BAND, "opacity": 0.28, "height": 12, "cornerRadius": 3},
            "encoding": {
                "x": field("from", "quantitative", scale=scale, axis=axis, title=None),
                "x2": {"field": "to"},
                "y": y,
                "tooltip": tooltip,
            },
        },
        {
            "data": {"values": [r for r in rows if r["mark"] is not None]},
            "mark": {"type": "tick", "thickness": 3, "size": 18, "color": BAND},
            "encoding": {"x": field("mark", "quantitative", scale=scale), "y": y, "tooltip": tooltip},
        },
        {
            "data": data,
            "mark": {"type": "point", "filled": True, "size": 120, "opacity": 1},
            "encoding": {
                "x": field("position", "quantitative", scale=scale, title=None),
                "y": y,
                "tooltip": tooltip,
                "color": field("colour", "nominal", scale=None, legend=None),
            },
        },
    ]
    title = "Boundary scorecard on the scale of our own history"
    table = Table(
        title,
        ("metric", "flag", "now", "usual", "benchmark flag", "n"),
        tuple((r["label"], r["flag"], r["now"], r["usual"], r["benchmark"], r["n"]) for r in rows),
        (False, False, True, True, True, True),
    )
    return Chart(
        "scorecard",
        "scorecard",
        title,
        f"{title}: {counted(len(rows), 'metric')}; up: {flag_words(flags)}.",
        "Grey bar: usual range of our own history; dot: now; upright mark: the general benchmark, where it lies within the picture.",
        base_spec(layers, height=30 * len(rows) + 10),
        table,
    )


def _flag_row(flag: RedFlag) -> dict[str, Any]:
    usual = "-"
    if flag.own_low is not None and flag.own_high is not None:
        usual = range_in_unit(flag.own_low, flag.own_high, flag.unit)
    return {
        "label": flag.metric,
        "flag": LEVEL_WORDS[flag.level],
        "now": "-" if flag.value is None else in_unit(flag.value, flag.unit),
        "usual": usual,
        "benchmark": flag.benchmark or "-",
        "n": whole(flag.n),
        "from": -1,
        "to": 1,
        "position": round(flag_position(flag) or 0.0, 3),
        "mark": _benchmark_position(flag),
        "colour": flag_colour(flag.level if flag.level is not FlagLevel.NO_DATA else FlagLevel.NO_DATA),
    }


def _benchmark_position(flag: RedFlag) -> float | None:
    found = _NUMBER.search(flag.benchmark)
    if not found or flag.own_baseline is None or flag.own_low is None or flag.own_high is None:
        return None
    value = float(found[1]) / (100 if found[2] else 1)
    side = (
        flag.own_high - flag.own_baseline if value >= flag.own_baseline else flag.own_baseline - flag.own_low
    )
    if side <= 0:
        return None
    position = (value - flag.own_baseline) / side
    return round(position, 3) if abs(position) <= 3 else None
