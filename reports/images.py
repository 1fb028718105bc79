"""Every picture of a report as PNG and SVG, without a browser."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from textwrap import wrap
from typing import Any

from reports.charts import WIDTH, Chart
from reports.palette import INK, MUTED, PAPER, RULE

_SCALE = 2.0
_CONFIG: dict[str, Any] = {
    "background": PAPER,
    "font": "DejaVu Sans, Verdana, sans-serif",
    "padding": 18,
    "view": {"stroke": "transparent"},
    "axis": {
        "labelColor": MUTED,
        "titleColor": MUTED,
        "gridColor": RULE,
        "domainColor": RULE,
        "tickColor": RULE,
        "titleFontWeight": "normal",
    },
    "legend": {"labelColor": INK},
    "title": {
        "color": INK,
        "subtitleColor": MUTED,
        "anchor": "start",
        "fontSize": 17,
        "subtitleFontSize": 11,
        "offset": 12,
    },
}


def print_spec(chart: Chart, note: str = "") -> dict[str, Any]:
    """The specification of a picture that stands alone: fixed width, light colours, title and alt text."""
    spec = deepcopy(chart.spec)
    spec.update(width=WIDTH, autosize={"type": "pad", "contains": "padding"}, description=chart.alt)
    spec["title"] = {"text": chart.title, "subtitle": [*wrap(chart.caption, 118), *([note] if note else [])]}
    spec["config"] = {**_CONFIG, **spec.get("config", {})}
    return spec


def chart_images(charts: tuple[Chart, ...], note: str = "") -> Iterator[tuple[str, bytes]]:
    """File name and content of each picture, PNG (twice the size) and SVG.

    Args:
        charts: from `reports.charts.all_charts`.
        note: a last line of each subtitle ("Synthetic data").
    """
    import vl_convert

    for chart in charts:
        spec = print_spec(chart, note)
        yield f"{chart.key}.png", bytes(vl_convert.vegalite_to_png(spec, scale=_SCALE))
        yield f"{chart.key}.svg", str(vl_convert.vegalite_to_svg(spec)).encode("utf-8")
