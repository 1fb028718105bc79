"""Collect from the database what a weekly report is made of."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta

from monitor.domain.campaigns import Campaign, KnownIncident
from monitor.domain.nps import NpsResponse
from monitor.domain.posts import CoverageGap
from monitor.domain.weekly import (
    CorrectionFacts,
    CoverageFacts,
    DealNoteCount,
    GapFact,
    ModelFacts,
    NpsPeriod,
    SourceCount,
    TagCount,
    WeekCount,
    WeeklyFacts,
)
from monitor.domain.weeks import IsoWeek
from monitor.settings import ReportSettings
from monitor.store import counts as count_store
from monitor.store import queries
from monitor.store import sources as source_store
from monitor.store.database import Database
from monitor.store.records import read_records

EARLIER_WEEKS = 8
_NPS_DAYS = 28
_COUNTED = ("total", "negative", "neutral", "positive", "complaints", "unsure", "unmeasured")


def collect_facts(
    database: Database,
    settings: ReportSettings,
    week: IsoWeek,
    model_facts: dict[str, ModelFacts] | None = None,
) -> WeeklyFacts:
    """Read everything a report of one week needs, and nothing later than its Sunday.

    Args:
        database: scored and labelled.
        settings: history length and time zone.
        week: the reported week.
        model_facts: what is known of models, by model id.
    """
    since, earlier = week.shifted(1 - settings.history_weeks).start, week.shifted(-EARLIER_WEEKS).start
    with database.reading() as connection:
        # The shortest history is the reported week and seven before it; sources are compared with eight before.
        longer = count_store.daily_counts(connection, min(since, earlier), week.end, by_source=True)
        by_source = [count for count in longer if count.day >= since]
        by_tag = count_store.daily_counts(connection, since, week.end, by_tag=True)
        gaps = _gaps(connection, since, week, settings)
        first = min((count.day for count in by_source), default=week.start)
        weeks = _weeks(IsoWeek.of(max(first, since)), week)
        model_id = queries.active_model(connection, week.start, week.end) or queries.active_model(
            connection, earlier, week.end
        )
        known = (model_facts or {}).get(model_id, ModelFacts(model_id or "none"))
        others = count_store.daily_counts(connection, week.start, week.end, about_us=False)
        total, in_week = queries.correction_counts(connection, week.start, week.end)
        return WeeklyFacts(
            week=week,
            weeks=_week_counts(weeks, by_source, gaps, settings),
            tags=_tag_counts(by_tag),
            contact_channels=tuple(queries.contact_channels(connection, week.start, week.end)),
            sources=_source_counts(connection, longer, week, earlier),
            campaigns=tuple(c for c in read_records(connection, Campaign, until=week.end) if c.end >= since),
            incidents=tuple(
                i for i in read_records(connection, KnownIncident, until=week.end) if i.end >= since
            ),
            complaint_quotes=tuple(queries.read_quotes(connection, week.start, week.end, complaints=True)),
            negative_quotes=tuple(queries.read_quotes(connection, week.start, week.end, complaints=False)),
            note_quotes=tuple(
                queries.read_quotes(connection, week.shifted(-3).start, week.end, notes=True, limit=20)
            ),
            deal_notes=_note_counts(connection, by_source, weeks, week),
            nps_periods=_nps_periods(connection, week, settings),
            writers=queries.writer_counts(connection, week.start, week.end, earlier),
            coverage=_coverage(connection, gaps, week, settings),
            model=known,
            corrections=CorrectionFacts(total, in_week),
            languages=tuple(queries.languages(connection, week.start, week.end)),
            others=sum(count.total for count in others),
        )


def _weeks(first: IsoWeek, last: IsoWeek) -> list[IsoWeek]:
    weeks = [min(first, last)]
    while weeks[-1] < last:
        weeks.append(weeks[-1].shifted(1))
    return weeks


def _start_of(day: date, settings: ReportSettings) -> datetime:
    return datetime.combine(day, time(), tzinfo=settings.zone).astimezone(UTC)


def _gaps(
    connection: queries.ReadConnection, since: date, week: IsoWeek, settings: ReportSettings
) -> list[CoverageGap]:
    until = _start_of(week.end + timedelta(days=1), settings) - timedelta(microseconds=1)
    return source_store.read_gaps(connection, _start_of(since, settings), until)


def _days_of(gap: CoverageGap, settings: ReportSettings) -> tuple[date, date]:
    return gap.start.astimezone(settings.zone).date(), gap.end.astimezone(settings.zone).date()


def _week_counts(
    weeks: Sequence[IsoWeek],
    counts: Sequence[count_store.DayCount],
    gaps: Sequence[CoverageGap],
    settings: ReportSettings,
) -> tuple[WeekCount, ...]:
    sums: dict[IsoWeek, Counter[str]] = defaultdict(Counter)
    for count in counts:
        sums[IsoWeek.of(count.day)].update({name: getattr(count, name) for name in _COUNTED})
    missed = {
        day
        for gap in gaps
        if not gap.channel
        for first, last in [_days_of(gap, settings)]
        for day in (first + timedelta(days=i) for i in range((last - first).days + 1))
    }
    lost = Counter(IsoWeek.of(day) for day in missed)
    return tuple(
        WeekCount(week, **{name: sums[week][name] for name in _COUNTED}, missed_days=lost[week])
        for week in weeks
    )


def _tag_counts(counts: Sequence[count_store.DayCount]) -> tuple[TagCount, ...]:
    sums: Counter[tuple[IsoWeek, str]] = Counter()
    for count in counts:
        sums[IsoWeek.of(count.day), count.tag] += count.complaints
    return tuple(TagCount(week, tag, n) for (week, tag), n in sorted(sums.items()))


def _source_counts(
    connection: queries.ReadConnection, counts: Sequence[count_store.DayCount], week: IsoWeek, earlier: date
) -> tuple[SourceCount, ...]:
    now: dict[str, Counter[str]] = defaultdict(Counter)
    before: dict[str, Counter[str]] = defaultdict(Counter)
    for count in counts:
        if count.day >= earlier:
            group = now if count.day >= week.start else before
            group[count.source].update(
                {name: getattr(count, name) for name in ("total", "negative", "complaints")}
            )
    stored = {source.name: source for source in source_store.read_sources(connection)}
    result = []
    for name in sorted({*stored, *now, *before}):
        source = stored.get(name)
        result.append(
            SourceCount(
                source=name,
                kind=source.kind if source else "",
                policy=source.identity_policy.value if source else "first_party",
                total=now[name]["total"],
                negative=now[name]["negative"],
                complaints=now[name]["complaints"],
                earlier_total=before[name]["total"],
                earlier_negative=before[name]["negative"],
                earlier_complaints=before[name]["complaints"],
                last_success_at=source.last_success_at if source else None,
            )
        )
    return tuple(result)


def _note_counts(
    connection: queries.ReadConnection,
    counts: Sequence[count_store.DayCount],
    weeks: Sequence[IsoWeek],
    week: IsoWeek,
) -> tuple[DealNoteCount, ...]:
    """Deal notes by week: sums from the daily counts, voices and in-app messages of the last four weeks only."""
    sources = set(queries.note_sources(connection, sorted({count.source for count in counts})))
    if not sources:
        return ()
    sums: dict[IsoWeek, Counter[str]] = defaultdict(Counter)
    for count in counts:
        if count.source in sources:
            parts = {name: getattr(count, name) for name in ("total", "negative", "complaints")}
            sums[IsoWeek.of(count.day)].update(parts)
    voices = ("in_app", "customer_voice", "rep_voice")
    for day, detail in queries.note_counts(connection, week.shifted(-3).start, week.end):
        sums[IsoWeek.of(day)].update({name: detail[name] for name in voices})
    names = ("total", "negative", "complaints", *voices)
    return tuple(DealNoteCount(one, **{name: sums[one][name] for name in names}) for one in weeks)


def _nps_periods(
    connection: queries.ReadConnection, week: IsoWeek, settings: ReportSettings
) -> tuple[NpsPeriod, ...]:
    """Scores of stretches of four weeks, counted back from the reported Sunday.

    The stretch in which the history begins is read from its own first day: half of it would pass for all of it.
    """
    from monitor.correlate.nps import nps_score

    stretches = -(-7 * settings.history_weeks // _NPS_DAYS)
    since = week.end - timedelta(days=_NPS_DAYS * stretches - 1)
    until = _start_of(week.end + timedelta(days=1), settings) - timedelta(microseconds=1)
    answers = read_records(connection, NpsResponse, since=_start_of(since, settings), until=until)
    scores: dict[int, list[int]] = defaultdict(list)
    for answer in answers:
        day = answer.answered_at.astimezone(settings.zone).date()
        scores[(week.end - day).days // _NPS_DAYS].append(answer.score)
    if not scores:
        return ()
    periods = []
    for index in range(max(scores), -1, -1):
        end = week.end - timedelta(days=_NPS_DAYS * index)
        periods.append(NpsPeriod(end - timedelta(days=_NPS_DAYS - 1), end, nps_score(scores[index])))
    return tuple(periods)


def _coverage(
    connection: queries.ReadConnection, gaps: Sequence[CoverageGap], week: IsoWeek, settings: ReportSettings
) -> CoverageFacts:
    names = queries.channel_names(connection, [(gap.source, gap.channel) for gap in gaps if gap.channel])
    facts = []
    for gap in gaps:
        first, last = _days_of(gap, settings)
        facts.append(
            GapFact(gap.source, names.get((gap.source, gap.channel), gap.channel), first, last, gap.reason)
        )
    touching = tuple(fact for fact in facts if fact.last_day >= week.start)
    runs = source_store.last_runs(connection)
    deleted, truncated, unscored = queries.week_flaws(connection, week.start, week.end)
    return CoverageFacts(
        gaps=touching,
        older_gaps=len(facts) - len(touching),
        skipped=tuple((run.source, reason, n) for run in runs for reason, n in sorted(run.skipped.items())),
        problems=tuple(f"{run.source}: {line}" for run in runs for line in run.problems),
        deleted=deleted,
        truncated=truncated,
        unscored=unscored,
    )
