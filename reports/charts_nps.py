"""Pictures of NPS and deal notes, by four weeks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from monitor.domain.nps import NpsDip
from monitor.domain.weekly import DealNoteCount, NpsPeriod
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
    rows = _nps_rows(report.nps_periods)
    known = [row for row in rows if row["score"] is not None]
    if len(known) < 2:
        return None
    first, last = report.nps_periods[0].start, report.nps_periods[-1].end
    dips = report.analysis.nps.dips if report.analysis.nps else ()
    layers = background_layers(report, first, last)
    if dips:
        layers.append(_dip_layer(dips))
    layers += _nps_layers(rows)
    title = "NPS by four weeks"
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
            "intervals. Shaded columns: campaigns; dashed lines: outages and releases; red columns: dips beyond noise."
        ),
        base_spec(layers),
        _nps_table(title, rows),
    )


def _nps_rows(periods: Sequence[NpsPeriod]) -> list[Spec]:
    return [
        {
            "day": (p.start + timedelta(days=14)).isoformat(),
            "window": days_text(p.start, p.end),
            "score": round(p.score.score, 1) if p.score.score is not None else None,
            "low": round(p.score.low, 1) if p.score.low is not None else None,
            "high": round(p.score.high, 1) if p.score.high is not None else None,
            "n": p.score.n,
        }
        for p in periods
    ]


def _dip_layer(dips: Sequence[NpsDip]) -> Spec:
    """Dips as red columns."""
    values = [
        {
            "day": d.start.isoformat(),
            "end": (d.end + timedelta(days=1)).isoformat(),
            "what": f"dip of {d.depth:.0f} points ({d.low:.0f} to {d.high:.0f})",
        }
        for d in dips
    ]
    return {
        "data": {"values": values},
        "mark": {"type": "rect", "color": VERDICT_COLOURS["likely"], "opacity": 0.2},
        "encoding": {
            "x": time_axis(),
            "x2": {"field": "end"},
            "tooltip": field("what", "nominal", title="dip"),
        },
    }


def _nps_layers(rows: list[Spec]) -> list[Spec]:
    tooltip = [field("window", "nominal"), *(field(n, "quantitative") for n in ("score", "low", "high", "n"))]
    low = field("low", "quantitative", title=None)
    score = field("score", "quantitative", title=None, axis={"tickCount": 6}, scale={"zero": True})
    return _dot_layers(rows, SERIES["nps"], low, score, tooltip)


def _dot_layers(rows: list[Spec], colour: str, low: Spec, value: Spec, tooltip: list[Spec]) -> list[Spec]:
    """A dot for each four weeks on its interval (from `low` to the field "high"), joined by a pale line."""
    data = {"values": rows}
    return [
        {
            "data": data,
            "mark": {"type": "rule", "color": colour, "strokeWidth": 2},
            "encoding": {"x": time_axis(), "y": low, "y2": {"field": "high"}, "tooltip": tooltip},
        },
        {
            "data": data,
            "mark": {"type": "line", "color": colour, "opacity": 0.5},
            "encoding": {"x": time_axis(), "y": value},
        },
        {
            "data": data,
            "mark": {"type": "point", "filled": True, "size": 90, "color": colour, "opacity": 1},
            "encoding": {"x": time_axis(), "y": value, "tooltip": tooltip},
        },
    ]


def _nps_table(title: str, rows: list[Spec]) -> Table:
    return Table(
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


def chart_deal_notes(report: WeeklyReport) -> Chart | None:
    """Share of negative deal notes by four weeks."""
    rows = _deal_note_rows(report.deal_notes)
    if len(rows) < 2:
        return None
    title = "Negative deal notes, share by four weeks"
    return Chart(
        "deal-notes",
        "deal_notes",
        title,
        f"{title} with 95 % intervals: latest {percent(rows[-1]['share'])} of {counted(rows[-1]['n'], 'note')}.",
        "Dots: share of four weeks; vertical lines: 95 % intervals.",
        base_spec(_deal_note_layers(rows), height=180),
        _deal_note_table(title, rows),
    )


def _deal_note_rows(notes: Sequence[DealNoteCount]) -> list[Spec]:
    """Four weeks in a row each, counted back from the newest week, oldest first."""
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
    return rows[::-1]


def _deal_note_layers(rows: list[Spec]) -> list[Spec]:
    axis = {"format": "%", "tickCount": 5}
    tooltip = [
        field("window", "nominal"),
        field("share", "quantitative", format=".0%"),
        field("n", "quantitative"),
        field("complaints", "quantitative", title="marketing complaints"),
    ]
    low = field("low", "quantitative", title=None, axis=axis)
    share = field("share", "quantitative", title=None, axis=axis)
    return _dot_layers(rows, SERIES["notes"], low, share, tooltip)


def _deal_note_table(title: str, rows: list[Spec]) -> Table:
    return Table(
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
