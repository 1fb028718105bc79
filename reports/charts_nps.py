"""Pictures of NPS and deal notes, by four weeks."""

from __future__ import annotations

from datetime import timedelta

from reports.charts import Chart, Spec, background_layers, base_spec, field, time_axis
from reports.palette import SERIES, VERDICT_COLOURS
from reports.shares import share_of
from reports.weekly import Table, WeeklyReport
from reports.wording import (
    counted,
    days_text,
    percent,
    share_with_range,
    whole,
)


def chart_nps(report: WeeklyReport) -> Chart | None:
    """NPS by four weeks with intervals and dips."""
    rows: list[Spec] = [
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
    alt = (
        f"{title} with 95 % intervals: latest {known[-1]['score']:+.0f}, lowest {min(r['score'] for r in known):+.0f}, "
        f"highest {max(r['score'] for r in known):+.0f}; {counted(len(dips), 'dip')} marked."
    )
    return Chart(
        "nps",
        "nps",
        title,
        alt,
        (
            "Dots: score of four weeks in points; vertical lines: 95 % "
            "intervals. Shaded columns: campaigns; red columns: dips beyond noise."
        ),
        base_spec(layers),
        table,
    )


def chart_deal_notes(report: WeeklyReport) -> Chart | None:
    """Share of negative deal notes by four weeks."""
    notes = report.deal_notes
    rows: list[Spec] = []
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
