"""The boundary scorecard as a picture: each metric's own history as a small line, with the benchmark's mark."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from monitor.domain.findings import FlagLevel, FlagWindow, RedFlag
from reports.charts import BROKEN, PLACE, TELEPHONE, Chart, Spec, base_spec, field
from reports.palette import BAND, SERIES, VERDICT_COLOURS
from reports.weekly import Table, WeeklyReport
from reports.wording import LEVEL_WORDS, counted, days_text, in_unit, range_in_unit, whole

_ROW_HEIGHT, _LINE_HEIGHT = 42, 14
_TOP, _DEEP = 0.16, 0.68  # a line fills the middle of its row
_NEAR = 1.5  # a benchmark further away than this many times the line's own height is not drawn to scale
_COLOURS = {FlagLevel.CRITICAL: "likely", FlagLevel.CAUTION: "possible", FlagLevel.OK: "no sign"}
_LINE = {
    "type": "line",
    "color": SERIES["negative"],
    "strokeWidth": 1.8,
    "point": {"size": 16, "filled": True, "color": SERIES["negative"]},
}
_LEFT, _RIGHT = -0.45, 0.45


@dataclass(frozen=True, slots=True)
class _Row:
    """One metric's place in the picture and the scale of its line.

    Attributes:
        place: 0 at the top; floor: the value at the foot of the line; height: from foot to top, in its unit.
    """

    flag: RedFlag
    place: int
    floor: float
    height: float

    def y(self, value: float) -> float:
        """Where a value lies, in rows from the top."""
        return round(self.place + _TOP + _DEEP * (1 - (value - self.floor) / self.height), 4)


def chart_scorecard(report: WeeklyReport) -> Chart | None:
    """Each metric's windows, its usual range, its benchmark and its value of now."""
    flags = [flag for flag in report.analysis.red_flags if _known(flag)]
    if not flags:
        return None
    rows = [_row(flag, place) for place, flag in enumerate(flags)]
    title = "Boundary scorecard: each metric against its own history"
    windows = max(len(flag.history) for flag in flags)
    return Chart(
        "scorecard",
        "scorecard",
        title,
        f"{title}, {counted(len(rows), 'metric')}. Up: {_flags_in_words(flags)}.",
        "Each line has its own scale; a small dot is a window of four weeks (one week for shares of posts), the large dot "
        "is now. Grey band: the usual range. Dashed: the general benchmark; a triangle where it lies beyond the picture. "
        "A line breaks where a window holds too little.",
        base_spec(
            _layers(rows, max(windows - 1, 1)),
            height=_ROW_HEIGHT * len(rows),
            resolve={"axis": {"y": "independent"}},
            **BROKEN,
        ),
        _table(flags, title),
    )


def _known(flag: RedFlag) -> bool:
    return flag.value is not None or any(window.value is not None for window in flag.history)


def _flags_in_words(flags: Iterable[RedFlag]) -> str:
    """Flags that are up, in words, for alt texts."""
    up = [flag for flag in flags if flag.level in {FlagLevel.CAUTION, FlagLevel.CRITICAL}]
    return (
        "; ".join(f"{f.metric} ({LEVEL_WORDS[f.level]}, {_now(f)}, usual {_usual(f)})" for f in up) or "none"
    )


def _row(flag: RedFlag, place: int) -> _Row:
    """Scale of a line: its values and usual range, and the benchmark where that does not flatten the line."""
    own = [window.value for window in flag.history if window.value is not None]
    own += [value for value in (flag.value, flag.own_low, flag.own_high) if value is not None]
    low, high = min(own), max(own)
    height = high - low or abs(high) or 1.0
    for limit in _limits(flag):
        if low - _NEAR * height <= limit <= high + _NEAR * height:
            own.append(limit)
    low, high = min(own), max(own)
    if low == high:  # a line without any change lies in the middle
        return _Row(flag, place, low - height / 2, height)
    return _Row(flag, place, low, high - low)


def _limits(flag: RedFlag) -> list[float]:
    return [limit for limit in (flag.caution_limit, flag.critical_limit) if limit is not None]


def _layers(rows: Sequence[_Row], before: int) -> list[Spec]:
    """From the back: rows with their names, usual ranges, benchmarks, lines, the values of now."""
    scale = {"domain": [0, len(rows)], "reverse": True, "nice": False, "zero": False}
    first = -before + _LEFT
    names = _row_axis([_name_lines(row.flag) for row in rows])
    values = {**_row_axis([_value_lines(row.flag) for row in rows]), "orient": "right"}

    def y(name: str, axis: Spec | None = None) -> Spec:
        return field(name, "quantitative", scale=scale, axis=axis, title=None)

    across = {"x": _across("from", before), "x2": {"field": "to"}}
    frames = [{"from": first, "to": _RIGHT, "top": r.place, "foot": r.place + 1} for r in rows]
    marks = [mark for row in rows for mark in _benchmark_marks(row, first)]
    points = [point for row in rows for point in _points(row)]
    now = [point for point in points if point["now"]]
    window = [field(name, "nominal") for name in ("metric", "window", "value", "n")]
    return [
        _layer(frames[1:], {"type": "rule", "color": BAND, "opacity": 0.3}, {**across, "y": y("top", names)}),
        _layer(
            _bands(rows, first),
            {"type": "rect", "color": BAND, "opacity": 0.25},
            {**across, "y": y("top"), "y2": {"field": "foot"}},
        ),
        _layer(
            [mark for mark in marks if not mark["beyond"]],
            {"type": "rule", "color": BAND, "strokeDash": [5, 3], "strokeWidth": 1.6},
            {**across, "y": y("y"), "tooltip": field("benchmark", "nominal")},
        ),
        _layer(
            [mark for mark in marks if mark["beyond"]],
            {"type": "point", "filled": True, "color": BAND, "size": 60, "opacity": 1},
            {
                "x": _across("from", before),
                "y": y("y"),
                "shape": field("beyond", "nominal", scale=None, legend=None),
                "tooltip": field("benchmark", "nominal"),
            },
        ),
        _layer(
            points,
            _LINE,
            {
                "x": _across("back", before),
                "y": y("y"),
                "detail": field("metric", "nominal"),
                "tooltip": window,
            },
        ),
        _layer(
            now,
            {"type": "point", "filled": True, "size": 110, "opacity": 1},
            {
                "x": _across("back", before),
                "y": y("y", values),
                "color": field("colour", "nominal", scale=None, legend=None),
                "tooltip": window,
            },
        ),
    ]


def _across(name: str, before: int) -> Spec:
    """The axis of windows: their number before the present one."""
    on_telephone = f"({PLACE} > 0 && {PLACE} <= {TELEPHONE})"
    axis = {
        "values": [-before, 0],
        "labelExpr": f"datum.value === 0 ? 'now' : {on_telephone} ? '{before} ago' : '{counted(before, 'window')} before'",
        "grid": False,
        "ticks": False,
        "domain": False,
        "title": None,
    }
    scale = {"domain": [-before + _LEFT, _RIGHT], "nice": False, "zero": False}
    return field(name, "quantitative", scale=scale, axis=axis, title=None)


def _bands(rows: Sequence[_Row], first: float) -> list[Spec]:
    """The usual ranges of those rows that have one."""
    return [
        {"from": first, "to": _RIGHT, "top": row.y(row.flag.own_high), "foot": row.y(row.flag.own_low)}
        for row in rows
        if row.flag.own_low is not None and row.flag.own_high is not None
    ]


def _layer(rows: Sequence[Spec], mark: Spec, encoding: Spec) -> Spec:
    return {"data": {"values": list(rows)}, "mark": mark, "encoding": encoding}


def _row_axis(texts: Sequence[Sequence[str]]) -> Spec:
    """An axis that writes each row's lines of text beside its middle."""
    up = _LINE_HEIGHT / 2 / _ROW_HEIGHT  # the first line stands at the value
    return {
        "values": [round(place + 0.5 - up * (len(lines) - 1), 4) for place, lines in enumerate(texts)],
        "labelExpr": f"{json.dumps(list(texts), ensure_ascii=False)}[floor(datum.value)]",
        "labelLimit": 320,
        "labelLineHeight": _LINE_HEIGHT,
        "grid": False,
        "ticks": False,
        "domain": False,
    }


def _name_lines(flag: RedFlag) -> list[str]:
    benchmark = flag.benchmark.replace(" caution", "").replace(" critical", "")
    return [flag.metric, f"benchmark {benchmark}"] if benchmark else [flag.metric]


def _value_lines(flag: RedFlag) -> list[str]:
    return [_now(flag), LEVEL_WORDS[flag.level]] if flag.value is not None else ["no data", "now"]


def _benchmark_marks(row: _Row, first: float) -> list[Spec]:
    """The benchmark's lines; where none is near, one triangle on the side where the nearest lies."""
    said = {"from": first, "to": _RIGHT, "benchmark": f"general benchmark {row.flag.benchmark}"}
    limits = _limits(row.flag)
    near = [limit for limit in limits if row.floor <= limit <= row.floor + row.height]
    if near or not limits:
        return [{**said, "y": row.y(limit), "beyond": ""} for limit in near]
    above = limits[0] > row.floor
    edge = row.floor + row.height if above else row.floor
    side = "triangle-up" if above else "triangle-down"
    return [{**said, "from": first + 0.2, "y": row.y(edge), "beyond": side}]


def _points(row: _Row) -> list[Spec]:
    """The windows of one metric; without a stored history only the value of now."""
    flag = row.flag
    windows = flag.history
    points = [_point(row, window, 1 + index - len(windows)) for index, window in enumerate(windows)]
    if not points and flag.value is not None:
        points = [
            {**_common(row), "back": 0, "y": row.y(flag.value), "window": flag.window, "value": _now(flag)}
        ]
    for point in points:
        point["now"] = point["back"] == 0
    return points


def _common(row: _Row) -> Spec:
    flag = row.flag
    colour = VERDICT_COLOURS[_COLOURS.get(flag.level, "cannot tell")]
    return {"metric": flag.metric, "colour": colour, "n": whole(flag.n)}


def _point(row: _Row, window: FlagWindow, back: int) -> dict[str, Any]:
    first = window.last_day - timedelta(days=max(row.flag.window_days, 1) - 1)
    return {
        **_common(row),
        "back": back,
        "y": None if window.value is None else row.y(window.value),
        "window": days_text(first, window.last_day),
        "value": "too little to tell" if window.value is None else in_unit(window.value, row.flag.unit),
        "n": whole(window.n),
    }


def _now(flag: RedFlag) -> str:
    return "-" if flag.value is None else in_unit(flag.value, flag.unit)


def _usual(flag: RedFlag) -> str:
    if flag.own_low is None or flag.own_high is None:
        return "-"
    return range_in_unit(flag.own_low, flag.own_high, flag.unit)


def _table(flags: Sequence[RedFlag], title: str) -> Table:
    """The numbers behind the picture, the windows newest first."""
    rows = []
    for flag in flags:
        earlier = [
            "-" if window.value is None else in_unit(window.value, flag.unit)
            for window in flag.history[-2::-1]
        ]
        cells = (flag.metric, LEVEL_WORDS[flag.level], _now(flag), _usual(flag), flag.benchmark or "-")
        rows.append((*cells, whole(flag.n), " · ".join(earlier) or "-"))
    return Table(
        title,
        ("metric", "flag", "now", "usual", "benchmark flag", "n", "earlier windows, newest first"),
        tuple(rows),
        (False, False, True, True, True, True, False),
    )
