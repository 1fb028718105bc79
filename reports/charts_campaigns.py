"""Pictures of campaigns: the forest plot of their effects, and contact pressure."""

from __future__ import annotations

from typing import Any

from monitor.domain.effects import EffectEstimate
from monitor.domain.findings import PressureResult
from reports.charts import PLACE, Chart, Spec, base_spec, field, narrower
from reports.clean import safe_text, shortened
from reports.palette import BAND, SERIES, VERDICT_COLOURS
from reports.weekly import Table, WeeklyReport
from reports.wording import (
    counted,
    whole,
)

_MOST_CAMPAIGNS = 18
_LOWEST_RATIO, _HIGHEST_RATIO = 0.2, 8.0
_VERDICTS = ("likely", "possible", "no sign", "cannot tell")
_SHAPES = {"likely": "diamond", "possible": "triangle-up", "no sign": "circle", "cannot tell": "cross"}
_RATIO_SCALE: Spec = {"type": "log", "domain": [_LOWEST_RATIO, _HIGHEST_RATIO], "clamp": True, "nice": False}
_RATIO_AXIS: Spec = {
    "values": [0.25, 0.5, 1, 2, 4, 8],
    "format": "~g",
    "grid": True,
    "labelOverlap": "greedy",
    "labelSeparation": 4,
    "titleAnchor": "end",  # the room is on the left, under the campaigns' names
}
_RATIO_TITLE = "complaints against expected (log)"


def chart_campaigns(report: WeeklyReport) -> Chart | None:
    """Forest plot: rate after each campaign against the expected rate."""
    judged = _judged_effects(report)
    shown = _shown_effects(judged)
    if not shown:
        return None
    rows = [_effect_row(report, estimate, index) for index, estimate in enumerate(shown)]
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
        (
            "A line that stays right of 1 × means more complaints than "
            "expected. Lines that leave the picture are cut at its edge."
            f"{_cut_in_words(len(shown), len(judged))}"
        ),
        base_spec([_expected_rate_layer(), *_effect_layers(rows)], height=26 * len(rows) + 10),
        table,
    )


def _judged_effects(report: WeeklyReport) -> list[EffectEstimate]:
    """The campaigns with a rate, newest first."""
    correlation = report.analysis.correlation
    campaigns = {c.external_id: c for c in report.campaigns}
    judged = [e for e in correlation.campaigns if e.rate_ratio is not None] if correlation else []
    judged.sort(
        key=lambda e: (
            -(campaigns[e.campaign_id].start.toordinal() if e.campaign_id in campaigns else 0),
            e.campaign_id,
        )
    )
    return judged


def _shown_effects(judged: list[EffectEstimate]) -> list[EffectEstimate]:
    """Those that the picture has room for: with a sign of harm first, then the newest."""
    raised = {"likely", "possible"}
    first = sorted(judged, key=lambda e: e.verdict not in raised)  # stable: newest first within each
    kept = {e.campaign_id for e in first[:_MOST_CAMPAIGNS]}
    return [e for e in judged if e.campaign_id in kept]


def _cut_in_words(shown: int, judged: int) -> str:
    """How many campaigns the picture leaves out; "" where none."""
    if shown == judged:
        return ""
    return (
        f" Shown are {shown} of {judged} judged campaigns: those with a sign of harm first, then the newest; the table "
        "of every campaign holds the others."
    )


def _expected_rate_layer() -> Spec:
    """The dashed line at the expected rate."""
    return {
        "data": {"values": [{"one": 1}]},
        "mark": {"type": "rule", "strokeDash": [3, 3], "color": BAND, "strokeWidth": 1.5},
        "encoding": {"x": field("one", "quantitative", scale=_RATIO_SCALE)},
    }


def _effect_layers(rows: list[Spec]) -> list[Spec]:
    """Each campaign's interval as a line and its ratio as a point."""
    y = field(
        "label",
        "nominal",
        sort=[row["label"] for row in rows],
        title=None,
        axis={
            "labelLimit": narrower(f"0.38 * {PLACE}", 300),
            "ticks": False,
            "domain": False,
        },
    )
    colour = _verdict_channel([VERDICT_COLOURS[v] for v in _VERDICTS])
    shape = _verdict_channel([_SHAPES[v] for v in _VERDICTS])
    tooltip = [field(n, "nominal") for n in ("label", "verdict", "rate", "days", "q", "n")]
    return [
        {
            "data": {"values": rows},
            "mark": {"type": "rule", "strokeWidth": 2.4},
            "encoding": {
                "x": _ratio_channel("low"),
                "x2": {"field": "high"},
                "y": y,
                "color": colour,
                "tooltip": tooltip,
            },
        },
        {
            "data": {"values": rows},
            "mark": {"type": "point", "filled": True, "size": 110, "opacity": 1},
            "encoding": {
                "x": _ratio_channel("ratio"),
                "y": y,
                "color": colour,
                "shape": shape,
                "tooltip": tooltip,
            },
        },
    ]


def _ratio_channel(name: str) -> Spec:
    """A rate ratio on the shared logarithmic scale."""
    return field(name, "quantitative", scale=_RATIO_SCALE, axis=_RATIO_AXIS, title=_RATIO_TITLE)


def _verdict_channel(look: list[str]) -> Spec:
    """The verdict, told by a colour or a shape for each of the four."""
    scale = {"domain": list(_VERDICTS), "range": look}
    legend = {"orient": "top", "title": None, "columns": narrower("1", 2)}
    return field("verdict", "nominal", scale=scale, legend=legend)


def _effect_row(report: WeeklyReport, estimate: EffectEstimate, order: int) -> dict[str, Any]:
    name = next((c.name for c in report.campaigns if c.external_id == estimate.campaign_id), "")
    full = f"{estimate.campaign_id} {name}" if name != estimate.campaign_id else estimate.campaign_id
    label = shortened(safe_text(full), 60)
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
    rows = _pressure_rows(result)
    layers = _pressure_curve_layers(rows)
    if result.line is not None:
        layers.append(_pressure_line_layer(result.line))
    title = f"Contact pressure and {result.outcome}"
    said = (
        f"the line is at {result.line:.1f} touches"
        if result.line is not None
        else "no level stands out as the line"
    )
    alt = (
        f"{title}: rate of {result.outcome} by touches per customer and week with "
        f"its 95 % band; {said}. n = {whole(result.n)} over {result.weeks} weeks."
    )
    return Chart(
        "pressure",
        "campaigns",
        title,
        alt,
        "Band: 95 % interval. Dashed line: the pressure from which the rise is credible, where there is one.",
        base_spec(layers, height=210),
        _pressure_table(title, rows),
    )


def _pressure_rows(result: PressureResult) -> list[Spec]:
    return [
        {
            "touches": round(p.touches, 3),
            "ratio": round(p.rate_ratio, 3),
            "low": round(p.low, 3),
            "high": round(p.high, 3),
            "weeks": p.weeks,
        }
        for p in result.curve
    ]


def _touches_channel() -> Spec:
    return field(
        "touches",
        "quantitative",
        title="touches per customer and week",
        scale={"zero": False, "nice": False},
        axis={"grid": False, "titleAnchor": "end"},
    )


def _pressure_curve_layers(rows: list[Spec]) -> list[Spec]:
    """The fitted curve on its 95 % band."""
    title = "rate against the lowest pressure"
    return [
        {
            "data": {"values": rows},
            "mark": {"type": "area", "color": SERIES["pressure"], "opacity": 0.18},
            "encoding": {
                "x": _touches_channel(),
                "y": field("low", "quantitative", title=title),
                "y2": {"field": "high"},
            },
        },
        {
            "data": {"values": rows},
            "mark": {
                "type": "line",
                "color": SERIES["pressure"],
                "strokeWidth": 2.2,
                "point": {"color": SERIES["pressure"], "filled": True},
            },
            "encoding": {
                "x": _touches_channel(),
                "y": field("ratio", "quantitative", title=title, axis={"tickCount": 5}),
                "tooltip": [field(n, "quantitative") for n in ("touches", "ratio", "low", "high", "weeks")],
            },
        },
    ]


def _pressure_line_layer(line: float) -> Spec:
    """The pressure from which the rise is credible, as an upright dashed line."""
    value = {"touches": round(line, 3), "what": f"the line: {line:.1f}"}
    return {
        "data": {"values": [value]},
        "mark": {
            "type": "rule",
            "color": VERDICT_COLOURS["likely"],
            "strokeDash": [5, 4],
            "strokeWidth": 2,
        },
        "encoding": {"x": _touches_channel(), "tooltip": field("what", "nominal", title="level")},
    }


def _pressure_table(title: str, rows: list[Spec]) -> Table:
    return Table(
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
