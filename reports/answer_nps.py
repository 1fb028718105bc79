"""Answer 4: did NPS dip, is the dip bigger than noise, does it follow campaigns?"""

from __future__ import annotations

from datetime import timedelta

from monitor.domain.nps import NpsDip, NpsScore, SegmentScore
from reports.context import ReportContext
from reports.weekly import Figure, Level, Section, Table
from reports.wording import counted, day_text, days_text, joined, whole

QUESTION = "Did NPS dip, is the dip bigger than noise, and does it follow campaigns?"
RECENT_DAYS = 42
_TELLING_DIP = 30.0
_ATTRIBUTES = {
    "product_line": "product line",
    "customer_type": "customer type",
    "csm_coverage": "CSM coverage",
}


def score_text(score: NpsScore) -> str:
    """A score with its interval, such as "+31 (+22 to +40)", or why there is none."""
    if score.score is None or score.low is None or score.high is None:
        return f"not given: {score.reason or 'too few answers'}"
    return f"{score.score:+.0f} ({score.low:+.0f} to {score.high:+.0f})"


def _figure(label: str, score: NpsScore, window: str) -> Figure:
    note = (
        score.reason
        or f"{whole(score.promoters)} promoters, {whole(score.passives)} passives, {whole(score.detractors)} detractors"
    )
    if score.response_rate is not None:
        note += f"; {100 * score.response_rate:.0f} % of those asked answered"
    return Figure(label, score.score, "points", score.low, score.high, score.n, "answers", window, note=note)


def answer_nps(context: ReportContext) -> Section:
    """4: score, dips and what they follow."""
    report = context.analysis.nps
    if report is None:
        return Section(
            4,
            "nps",
            QUESTION,
            "Cannot tell: no NPS answers were read.",
            Level.UNKNOWN,
            next_steps=("Import an export of your NPS survey (CSV).",),
        )
    as_of = context.analysis.as_of
    recent = [dip for dip in report.dips if dip.end >= as_of - timedelta(days=RECENT_DAYS)]
    figures = [_figure("NPS, whole history", report.overall, f"until {day_text(as_of)}")]
    if context.facts.nps_periods:
        last = context.facts.nps_periods[-1]
        figures.insert(0, _figure("NPS, last four weeks", last.score, days_text(last.start, last.end)))
    answer, level = _answer(context, recent)
    details = [_dip_sentence(context, dip) for dip in report.dips if dip not in recent]
    if details:
        details = [
            f"Earlier: {details[-1]}",
            *(["There were more dips before that; see the picture."] if len(details) > 1 else []),
        ]
    return Section(
        4,
        "nps",
        QUESTION,
        answer,
        level,
        tuple(figures),
        tuple(details),
        _segment_tables(context.analysis.nps_segments),
        (),
        _caveats(report.smallest_detectable),
        ("Read the comments of the detractors in that stretch first.",) if recent else (),
    )


def _answer(context: ReportContext, recent: list[NpsDip]) -> tuple[str, Level]:
    report = context.analysis.nps
    if report is None or report.overall.score is None:
        reason = report.overall.reason if report else ""
        return f"Cannot tell: {reason or 'too few answers'}.", Level.UNKNOWN
    if recent:
        return f"Yes: {_dip_sentence(context, recent[-1])}", Level.CROSSED
    n = counted(report.overall.n, "answer")
    if report.smallest_detectable is None:
        reason = f" ({report.reason.rstrip('.')})" if report.reason else ""
        return f"Cannot tell: {n} are too few to tell a dip from noise{reason}.", Level.UNKNOWN
    smallest = report.smallest_detectable
    if smallest > _TELLING_DIP:
        return (
            (
                f"Cannot tell: no dip stands out in the last six weeks, but with {n} in all a dip of less than "
                f"{smallest:.0f} points could be missed. NPS of the whole history is {score_text(report.overall)}."
            ),
            Level.UNKNOWN,
        )
    return (
        (
            f"No dip beyond noise in the last six weeks; NPS of the whole history is {score_text(report.overall)} "
            f"from {n}. A dip of {smallest:.0f} points or more would probably have been seen."
        ),
        Level.QUIET,
    )


def _dip_sentence(context: ReportContext, dip: NpsDip) -> str:
    said = (
        f"from {days_text(dip.start, dip.end)} NPS lay {dip.depth:.0f} points ({dip.low:.0f} to {dip.high:.0f}) below its "
        f"own history (n = {whole(dip.n)} answers, p {100 * dip.p_value:.2g} %)"
    )
    linked = [link for link in dip.campaigns if link.verdict in {"likely", "possible"}]
    if not linked:
        return f"{said}; it follows no campaign that could be told apart from chance."
    names = joined([f"{context.campaign_name(link.campaign_id)} ({link.verdict})" for link in linked[:3]])
    return f"{said}; in time it follows {names}."


def _segment_tables(segments: tuple[SegmentScore, ...]) -> tuple[Table, ...]:
    tables = []
    for attribute in dict.fromkeys(segment.attribute for segment in segments):
        rows = tuple(
            (
                segment.value,
                score_text(segment.own),
                f"{segment.pooled:+.0f} ({segment.pooled_low:+.0f} to {segment.pooled_high:+.0f})",
                whole(segment.own.n),
            )
            for segment in segments
            if segment.attribute == attribute
        )
        name = _ATTRIBUTES.get(attribute, attribute.replace("_", " "))
        tables.append(
            Table(
                f"NPS by {name}, whole history",
                (name, "own score (95 % interval)", "steadied by the others", "answers"),
                rows,
                (False, True, True, True),
            )
        )
    return tuple(tables)


def _caveats(smallest: float | None) -> tuple[str, ...]:
    caveats = [
        "NPS is the share of 9-10 answers minus the share of 0-6 answers, in points from -100 to +100.",
        "p is how often so deep a dip would be found by chance alone.",
        (
            "A small segment's own score swings by chance; the steadied score leans on the other segments as far as its "
            "number of answers demands."
        ),
    ]
    if smallest is not None:
        caveats.append(f"Dips of less than about {smallest:.0f} points may be missed here.")
    return tuple(caveats)
