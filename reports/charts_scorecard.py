"""The boundary scorecard as a picture."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from monitor.domain.findings import FlagLevel, RedFlag
from reports.charts import Chart, Spec, base_spec, field
from reports.palette import BAND, VERDICT_COLOURS
from reports.weekly import Table, WeeklyReport
from reports.wording import (
    LEVEL_WORDS,
    counted,
    in_unit,
    range_in_unit,
    whole,
)

_NUMBER = re.compile(r"([\d.]+)\s*(%)?")
_POSITION_SCALE: Spec = {"domain": [-3.25, 3.25], "nice": False}
_POSITION_AXIS: Spec = {
    "values": [-3, -2, -1, 0, 1, 2, 3],
    "labelExpr": (
        "datum.value === -1 ? 'low end of usual' : datum.value === "
        "0 ? 'usual' : datum.value === 1 ? 'high end of usual' : ''"
    ),
    "grid": False,
    "title": None,
}


def flag_position(flag: RedFlag) -> float | None:
    """Where a flag's value lies on its own scale: 0 the usual value, -1 and 1 the ends of the usual range."""
    if flag.value is None or flag.own_baseline is None or flag.own_low is None or flag.own_high is None:
        return None
    side = (
        flag.own_high - flag.own_baseline
        if flag.value >= flag.own_baseline
        else flag.own_baseline - flag.own_low
    )
    if side <= 0:
        return 0.0 if flag.value == flag.own_baseline else None
    return max(-3.0, min(3.0, (flag.value - flag.own_baseline) / side))


def flag_colour(level: FlagLevel) -> str:
    """The colour of a flag's level."""
    colours = {FlagLevel.CRITICAL: "likely", FlagLevel.CAUTION: "possible", FlagLevel.OK: "no sign"}
    return VERDICT_COLOURS[colours.get(level, "cannot tell")]


def flag_words(flags: Iterable[RedFlag]) -> str:
    """Flags that are up, in words, for alt texts."""
    up = [
        f"{f.metric} ({LEVEL_WORDS[f.level]})"
        for f in flags
        if f.level in {FlagLevel.CAUTION, FlagLevel.CRITICAL}
    ]
    return ", ".join(up) or "none"


def chart_scorecard(report: WeeklyReport) -> Chart | None:
    """Each flag on the scale of its own usual range, with the benchmark's mark."""
    flags = [f for f in report.analysis.red_flags if flag_position(f) is not None]
    if not flags:
        return None
    rows = [_flag_row(flag) for flag in flags]
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
        (
            "Grey bar: usual range of our own history; dot: now; upright "
            "mark: the general benchmark, where it lies within the picture."
        ),
        base_spec(_flag_layers(rows), height=30 * len(rows) + 10),
        table,
    )


def _flag_layers(rows: list[Spec]) -> list[Spec]:
    """The usual range as a bar, the benchmark as an upright mark, the value of now as a dot."""
    y = field(
        "label",
        "nominal",
        sort=[row["label"] for row in rows],
        title=None,
        axis={"labelLimit": 300, "ticks": False, "domain": False},
    )
    tooltip = [field(n, "nominal") for n in ("label", "flag", "now", "usual", "benchmark", "n")]
    data = {"values": rows}
    return [
        {
            "data": data,
            "mark": {"type": "bar", "color": BAND, "opacity": 0.28, "height": 12, "cornerRadius": 3},
            "encoding": {
                "x": field("from", "quantitative", scale=_POSITION_SCALE, axis=_POSITION_AXIS, title=None),
                "x2": {"field": "to"},
                "y": y,
                "tooltip": tooltip,
            },
        },
        {
            "data": {"values": [r for r in rows if r["mark"] is not None]},
            "mark": {"type": "tick", "thickness": 3, "size": 18, "color": BAND},
            "encoding": {
                "x": field("mark", "quantitative", scale=_POSITION_SCALE),
                "y": y,
                "tooltip": tooltip,
            },
        },
        {
            "data": data,
            "mark": {"type": "point", "filled": True, "size": 120, "opacity": 1},
            "encoding": {
                "x": field("position", "quantitative", scale=_POSITION_SCALE, title=None),
                "y": y,
                "tooltip": tooltip,
                "color": field("colour", "nominal", scale=None, legend=None),
            },
        },
    ]


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
