"""Pictures as Vega-Lite specifications: plain mappings, so that no drawing library is loaded to make them.

Every picture has its alt text, and its numbers as a table for readers who do not see it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from monitor.domain.weekly import WeekCount
from reports.clean import safe_text, shortened
from reports.palette import BAND, INCIDENT, SERIES, tag_colour
from reports.shares import share_of, told_weeks
from reports.weekly import Table, WeeklyReport
from reports.wording import (
    counted,
    percent,
    share_with_range,
    tag_word,
    whole,
)

Spec = dict[str, Any]
WIDTH = 760
_WEEKS_SHOWN = 52
BROKEN: dict[str, Any] = {"config": {"mark": {"invalid": "break-paths-show-path-domains"}}}


@dataclass(frozen=True, slots=True)
class Chart:
    """One picture.

    Attributes:
        key: stable name, part of file names and anchors; section: key of the answer it belongs to.
        title, alt: what it is and what it shows; spec: Vega-Lite; table: the same numbers.
        caption: how to read it.
    """

    key: str
    section: str
    title: str
    alt: str
    caption: str
    spec: Spec
    table: Table


def all_charts(report: WeeklyReport) -> tuple[Chart, ...]:
    """The pictures that the data allow, in the order of the questions."""
    from reports.charts_campaigns import chart_campaigns, chart_pressure
    from reports.charts_nps import chart_deal_notes, chart_nps
    from reports.charts_scorecard import chart_scorecard

    makers = (
        chart_negative,
        chart_complaints,
        chart_tags,
        chart_campaigns,
        chart_pressure,
        chart_nps,
        chart_deal_notes,
        chart_scorecard,
    )
    return tuple(chart for maker in makers if (chart := maker(report)) is not None)


def field(name: str, kind: str, **options: Any) -> Spec:
    """One encoding channel."""
    return {"field": name, "type": kind, **options}


def time_axis(title: str | None = None) -> Spec:
    """The axis of days."""
    return field(
        "day",
        "temporal",
        title=title,
        axis={
            "format": "%b %Y",
            "labelOverlap": True,
            "labelSeparation": 6,
            "tickCount": {"interval": "month", "step": 1},
            "grid": False,
        },
    )


PLACE = "place"
"""Parameter of every picture: the width of its place on a page in pixels, 0 where it stands alone."""
TELEPHONE = 430
"""Width in pixels of the widest place on a telephone."""


def narrower(telephone: str, elsewhere: float) -> Spec:
    """A Vega expression for telephones, and a number for wider places and pictures that stand alone."""
    return {"expr": f"{PLACE} > 0 && {PLACE} <= {TELEPHONE} ? ({telephone}) : {elsewhere}"}


def base_spec(layers: list[Spec], height: int = 220, **more: Any) -> Spec:
    """A layered picture as wide as its place."""
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "width": "container",
        "height": height,
        "autosize": {"type": "fit-x", "contains": "padding"},
        "params": [{"name": PLACE, "value": 0}],
        "layer": layers,
        **more,
    }


def background_layers(report: WeeklyReport, first: date, last: date) -> list[Spec]:
    """Campaigns as light columns and incidents as dashed lines, behind the data."""
    campaigns = [
        {
            "day": max(c.start, first).isoformat(),
            "end": (min(c.end, last) + timedelta(days=1)).isoformat(),
            "what": shortened(safe_text(f"campaign {c.external_id}: {c.name}"), 80),
        }
        for c in report.campaigns
        if c.end >= first and c.start <= last
    ]
    incidents = [
        {"day": i.start.isoformat(), "what": shortened(f"{i.kind}: {i.name}", 80)}
        for i in report.incidents
        if first <= i.start <= last
    ]
    layers: list[Spec] = []
    if campaigns:
        layers.append(
            {
                "data": {"values": campaigns},
                "mark": {"type": "rect", "color": BAND, "opacity": 0.16},
                "encoding": {
                    "x": time_axis(),
                    "x2": {"field": "end"},
                    "tooltip": field("what", "nominal", title="campaign"),
                },
            }
        )
    if incidents:
        layers.append(
            {
                "data": {"values": incidents},
                "mark": {"type": "rule", "strokeDash": [4, 4], "color": INCIDENT, "strokeWidth": 1.5},
                "encoding": {"x": time_axis(), "tooltip": field("what", "nominal", title="known event")},
            }
        )
    return layers


def shown_weeks(report: WeeklyReport) -> list[WeekCount]:
    """The weeks a picture shows, oldest first."""
    return list(report.weeks[-_WEEKS_SHOWN:])


def chart_negative(report: WeeklyReport) -> Chart | None:
    """Share of negative posts by week."""
    return _share_chart(
        report, "negative", "negative", "Negative posts about us, share by week", SERIES["negative"]
    )


def chart_complaints(report: WeeklyReport) -> Chart | None:
    """Share of marketing complaints by week."""
    title = "Marketing complaints, share of posts about us by week"
    return _share_chart(report, "complaints", "complaints", title, SERIES["complaints"])


def _share_chart(report: WeeklyReport, key: str, name: str, title: str, colour: str) -> Chart | None:
    weeks = shown_weeks(report)
    if not any(week.total for week in weeks) or len(weeks) < 2:
        return None
    rows: list[Spec] = []
    table_rows = []
    for week, enough in zip(weeks, told_weeks(weeks), strict=True):
        share = share_of(getattr(week, name), week.total)
        seen = share is not None and enough
        middle = week.week.start + timedelta(days=3)
        rows.append(
            {
                "day": middle.isoformat(),
                "week": str(week.week),
                "share": round(share.value, 5) if share and seen else None,
                "low": round(share.low, 5) if share and seen else None,
                "high": round(share.high, 5) if share and seen else None,
                "partial": round(share.value, 5) if share and not seen else None,
                "said": f"{whole(share.count)} of {whole(share.n)}" if share else "no posts",
            }
        )
        text = share_with_range(share.value, share.low, share.high) if share else "no posts"
        note = f"not read on {counted(week.missed_days, 'day')}" if week.missed_days else ""
        table_rows.append((str(week.week), whole(getattr(week, name)), whole(week.total), text, note))
    first, last = weeks[0].week.start, weeks[-1].week.end
    spec = base_spec([*background_layers(report, first, last), *_share_layers(rows, colour)], **BROKEN)
    known = [row["share"] for row in rows if row["share"] is not None]
    peak = max(known, default=0.0)
    now = rows[-1]["share"]
    alt = (
        f"{title}, {counted(len(weeks), 'week')}, with 95 % intervals. Highest {percent(peak)}; "
        f"this week {percent(now) if now is not None else 'too little was read'}."
    )
    return Chart(
        key,
        key,
        title,
        alt,
        "Line: share; band: 95 % interval; large dot: this week. Shaded columns: campaigns; dashed lines: outages and "
        "releases. The line is broken, and hollow dots stand alone, where a week was not fully read or holds too few posts.",
        spec,
        Table(
            title,
            ("week", name, "posts", "share (95 % interval)", "note"),
            tuple(table_rows[::-1]),
            (False, True, True, True, False),
        ),
    )


def _share_layers(rows: list[Spec], colour: str) -> list[Spec]:
    percent_axis = {"format": "%", "tickCount": 5}
    share = field("share", "quantitative", title=None, axis=percent_axis, scale={"zero": True})
    tooltip = [
        field("week", "nominal"),
        field("share", "quantitative", format=".1%"),
        field("low", "quantitative", format=".1%", title="low"),
        field("high", "quantitative", format=".1%", title="high"),
        field("said", "nominal", title="posts"),
    ]
    data = {"values": rows}
    layers: list[Spec] = [
        {
            "data": data,
            "mark": {"type": "area", "color": colour, "opacity": 0.18},
            "encoding": {
                "x": time_axis(),
                "y": field("low", "quantitative", title=None, axis=percent_axis),
                "y2": {"field": "high"},
            },
        },
        {
            "data": data,
            "mark": {
                "type": "line",
                "color": colour,
                "strokeWidth": 2.2,
                "point": {"size": 22, "color": colour, "filled": True},
            },
            "encoding": {"x": time_axis(), "y": share, "tooltip": tooltip},
        },
    ]
    partial = [row for row in rows if row["partial"] is not None]
    if partial:
        layers.append(
            {
                "data": {"values": partial},
                "mark": {"type": "point", "color": colour, "size": 46},
                "encoding": {
                    "x": time_axis(),
                    "y": field("partial", "quantitative", title=None),
                    "tooltip": [
                        field("week", "nominal"),
                        field("said", "nominal", title="posts, incomplete"),
                    ],
                },
            }
        )
    if rows[-1]["share"] is not None:
        layers.append(
            {
                "data": {"values": rows[-1:]},
                "mark": {"type": "point", "color": colour, "filled": True, "size": 130, "opacity": 1},
                "encoding": {"x": time_axis(), "y": share, "tooltip": tooltip},
            }
        )
    return layers


def chart_tags(report: WeeklyReport) -> Chart | None:
    """Complaints by tag and week."""
    weeks = [week.week for week in report.weeks[-26:]]
    counts = {(t.week, t.tag): t.complaints for t in report.tags if t.week in set(weeks)}
    tags = sorted(
        {tag for _, tag in counts}, key=lambda tag: (-sum(n for (_, t), n in counts.items() if t == tag), tag)
    )
    if not tags or len(weeks) < 2:
        return None
    rows = [
        {
            "week": str(week),
            "tag": tag_word(tag),
            "order": tags.index(tag),
            "complaints": counts[week, tag],
        }
        for week in weeks
        for tag in tags
        if counts.get((week, tag))
    ]
    layer = _tag_layer(rows, tags, [str(week) for week in weeks])
    table_rows = tuple((str(w), *(whole(counts.get((w, tag), 0)) for tag in tags)) for w in reversed(weeks))
    first, last = tag_word(tags[0]), counted(sum(counts.values()), "tag")
    return Chart(
        "tags",
        "complaints",
        "Complaint tags by week",
        f"Stacked bars of complaint tags over {counted(len(weeks), 'week')}, {last} in all; the most frequent is {first}.",
        "A complaint with two tags counts in both colours.",
        base_spec([layer], height=230),
        Table(
            "Complaint tags by week",
            ("week", *(tag_word(tag) for tag in tags)),
            table_rows,
            (False, *(True for _ in tags)),
        ),
    )


def _tag_layer(rows: list[Spec], tags: list[str], labels: list[str]) -> Spec:
    """Stacked bars, a colour for each tag."""
    colours = {"domain": [tag_word(tag) for tag in tags], "range": [tag_colour(tag) for tag in tags]}
    axis = {
        "values": labels[::-4][::-1],
        "labelAngle": 0,
        "labelOverlap": True,
        "labelPadding": 11,  # below the other axis' 0, which the first week's label would lie on
        "title": None,
        "ticks": False,
    }
    columns = narrower(f"{PLACE} < 350 ? 1 : 2", 3)
    legend = {"orient": "top", "title": None, "columns": columns, "symbolType": "square"}
    return {
        "data": {"values": rows},
        "mark": {"type": "bar"},
        "encoding": {
            "x": field("week", "ordinal", scale={"domain": labels, "paddingInner": 0.15}, axis=axis),
            "y": field(
                "complaints",
                "quantitative",
                title=None,
                axis={"tickMinStep": 1, "tickCount": 5},
                stack="zero",
            ),
            "color": field("tag", "nominal", scale=colours, legend=legend),
            "order": field("order", "quantitative"),
            "tooltip": [
                field("week", "nominal"),
                field("tag", "nominal"),
                field("complaints", "quantitative"),
            ],
        },
    }
