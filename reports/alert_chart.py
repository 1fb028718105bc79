"""The small picture of an alert: eight weeks of a daily count, its expected range, and the campaigns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

WIDTH, HEIGHT = 640, 220
_BAR, _HOT, _BAND, _RULE, _INK = "#9aa7b5", "#d1495b", "#dfe6ee", "#2a6f97", "#1d2733"


@dataclass(frozen=True, slots=True)
class ChartDay:
    """One day: its count and the 95 % range that its past leads to expect."""

    day: date
    value: float
    low: float
    high: float
    hot: bool


@dataclass(frozen=True, slots=True)
class AlertChart:
    """What the picture shows.

    Attributes:
        title: what is counted.
        days: consecutive collected days, oldest first.
        campaigns: (first day, name) of campaigns within the days.
    """

    title: str
    days: tuple[ChartDay, ...]
    campaigns: tuple[tuple[date, str], ...] = ()

    def in_words(self) -> str:
        """The picture for those who cannot see it."""
        if not self.days:
            return f"{self.title}: no days to show"
        peak = max(self.days, key=lambda day: day.value)
        return (
            f"{self.title}, {self.days[0].day.isoformat()} to {self.days[-1].day.isoformat()}: at most {peak.value:g} "
            f"on {peak.day.isoformat()}, where up to {peak.high:g} would be usual"
        )


def chart_png(chart: AlertChart) -> bytes:
    """Draw it, twice the size for sharp screens."""
    import vl_convert

    png: bytes = vl_convert.vegalite_to_png(_specification(chart), scale=2)
    return png


def _specification(chart: AlertChart) -> dict[str, Any]:
    rows = [
        {"day": d.day.isoformat(), "value": d.value, "low": d.low, "high": d.high, "hot": d.hot}
        for d in chart.days
    ]
    time = {"field": "day", "type": "temporal", "timeUnit": "utcyearmonthdate", "title": None}
    top = max([1.0, *(max(d.value, d.high) for d in chart.days)]) * 1.3  # room for the campaigns' names
    count = {"type": "quantitative", "title": None, "axis": {"tickMinStep": 1}, "scale": {"domain": [0, top]}}
    layers: list[dict[str, Any]] = [
        {
            "mark": {"type": "area", "color": _BAND, "interpolate": "step"},
            "encoding": {
                "x": time,
                "y": {"field": "low", **count},
                "y2": {"field": "high"},
            },
        },
        {
            "mark": {"type": "bar", "width": {"band": 0.7}},
            "encoding": {
                "x": time,
                "y": {"field": "value", **count},
                "color": {"condition": {"test": "datum.hot", "value": _HOT}, "value": _BAR},
            },
        },
    ]
    if chart.campaigns and chart.days:
        layers += _campaign_layers(chart.campaigns, chart.days)
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "width": WIDTH,
        "height": HEIGHT,
        "background": "white",
        "padding": 12,
        "title": {
            "text": chart.title,
            "subtitle": "bars: posts a day (red: the incident) · band: 95 % of usual days · lines: campaigns begin",
            "anchor": "start",
            "fontSize": 15,
            "subtitleFontSize": 11,
            "color": _INK,
            "subtitleColor": "#5b6773",
            "offset": 10,
        },
        "data": {"values": rows},
        "layer": layers,
        "config": {
            "view": {"stroke": None},
            "font": "DejaVu Sans",
            "axis": {"labelColor": "#5b6773", "gridColor": "#eef1f4", "domain": False, "ticks": False},
            "axisX": {"grid": False, "format": "%-d %b", "tickCount": 8, "labelFlush": False},
        },
    }


def _campaign_layers(campaigns: Sequence[tuple[date, str]], days: Sequence[ChartDay]) -> list[dict[str, Any]]:
    """A line where each campaign begins, with its name on the side that has room, in three rows."""
    middle = days[len(days) // 2].day
    layers: list[dict[str, Any]] = []
    for index, (day, name) in enumerate(campaigns):
        x = {"field": "begin", "type": "temporal", "timeUnit": "utcyearmonthdate"}
        data = {"values": [{"begin": day.isoformat(), "name": name[:27] + ("…" if len(name) > 27 else "")}]}
        side = {"align": "right", "dx": -4} if day > middle else {"align": "left", "dx": 4}
        layers.append(
            {
                "data": data,
                "mark": {"type": "rule", "color": _RULE, "strokeDash": [4, 3]},
                "encoding": {"x": x},
            }
        )
        layers.append(
            {
                "data": data,
                "mark": {"type": "text", "fontSize": 10, "color": _RULE, **side},
                "encoding": {"x": x, "y": {"value": 6 + 12 * (index % 3)}, "text": {"field": "name"}},
            }
        )
    return layers
