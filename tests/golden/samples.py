"""Reports made from plain values: a busy week, an empty one, a first one, one with a single post."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np

from monitor.domain.analysis import Analysis
from monitor.domain.campaigns import Campaign, KnownIncident
from monitor.domain.effects import CorrelationReport, EffectEstimate
from monitor.domain.findings import (
    DetectionPoint,
    FlagLevel,
    FlagWindow,
    PressureLevel,
    PressureResult,
    RedFlag,
)
from monitor.domain.nps import DipLink, NpsDip, NpsReport, NpsScore, SegmentScore
from monitor.domain.series import DailySeries
from monitor.domain.weekly import (
    CorrectedComplaints,
    CorrectionFacts,
    CoverageFacts,
    DealNoteCount,
    GapFact,
    ModelFacts,
    NpsPeriod,
    SourceCount,
    StoredQuote,
    TagCount,
    WeekCount,
    WeeklyFacts,
    WriterCounts,
)
from monitor.domain.weeks import IsoWeek
from reports.build import ReportOptions, build_report
from reports.redact import KnownNames, Redactor
from reports.weekly import Quote, Topic, WeeklyReport, Word, WordFacts

WEEK = IsoWeek(2026, 46)
NOW = datetime(2026, 11, 16, 8, 0, tzinfo=UTC)
OPTIONS = ReportOptions("Northbeam", "Europe/Berlin", "0.1.0", synthetic=True)
HOSTILE = (
    "<script>alert('x')</script> **bold** [red]markup[/red] \x1b[31mred\x1b[0m \u202eevil\u202c "
    "z\u0300\u0301\u0302\u0303\u0304algo {{ 7*7 }} | pipe =HYPERLINK(1) " + "x" * 10_000
)


def redactor() -> Redactor:
    """Knows one person, one handle and one customer."""
    return Redactor(KnownNames.build(["Zelda Canary", "canary_user99"], ["Acme Rockets"], ["Northbeam"]))


def quote(post_id: int, text: str, *, complaint: bool = True, **more: object) -> StoredQuote:
    """A stored post of the week."""
    values: dict[str, object] = {
        "day": date(2026, 11, 10 + post_id % 5),
        "source": "slack",
        "kind": "message",
        "channel_name": "feedback",
        "url": None,
        "sentiment": "negative",
        "tags": ("too_many_messages",) if complaint else (),
        "contact_channel": "email" if complaint else "",
        "voice": "author",
        "language": "en",
        "unsure": False,
        "corrected": False,
        "score": 0.9,
    }
    return StoredQuote(post_id=post_id, text=text, complaint=complaint, **{**values, **more})  # type: ignore[arg-type]


def _weeks(n: int) -> tuple[WeekCount, ...]:
    counts = []
    for index in range(n):
        last = index == n - 1
        negative, complaints = (40, 22) if last else (14 + index % 3, 5 + index % 4)
        counts.append(
            WeekCount(
                WEEK.shifted(index - n + 1),
                total=200 + 5 * (index % 4),
                negative=negative,
                neutral=100,
                positive=100 + 5 * (index % 4) - negative,
                complaints=complaints,
                unsure=9,
                unmeasured=4,
                missed_days=2 if index == n - 5 else 0,
            )
        )
    return tuple(counts)


def busy_facts(number: int = 12) -> WeeklyFacts:
    """Twelve weeks, or as many as wanted; complaints double in the last one."""
    weeks = _weeks(number)
    tags = [TagCount(w.week, "too_many_messages", w.complaints - 2) for w in weeks]
    tags += [TagCount(w.week, "in_app_interruption", 2 if w.week != WEEK else 9) for w in weeks]
    return WeeklyFacts(
        week=WEEK,
        weeks=weeks,
        tags=tuple(tags),
        contact_channels=(("email", 12), ("in_app", 7), ("", 3)),
        sources=(
            SourceCount("community", "reddit_jsonl", "forbidden", 80, 18, 9, 640, 50, 20, None),
            SourceCount(
                "slack", "slack_export", "first_party", 135, 22, 13, 1000, 70, 30, NOW - timedelta(hours=2)
            ),
        ),
        campaigns=(
            Campaign(
                "calendar",
                "C07",
                "Autumn upsell",
                date(2026, 11, 2),
                date(2026, 11, 6),
                "email",
                "upsell",
                sends=4000,
            ),
            Campaign(
                "calendar",
                "C06",
                "October webinar",
                date(2026, 10, 1),
                date(2026, 10, 2),
                "in_app",
                "webinar",
            ),
        ),
        incidents=(
            KnownIncident("calendar", "i1", "outage", "Login outage", date(2026, 10, 14), date(2026, 10, 14)),
        ),
        complaint_quotes=(
            quote(
                1,
                "Third e-mail today from Northbeam, please stop. Zelda Canary, zelda@example.com",
                names=("Zelda Canary",),
            ),
            quote(2, HOSTILE, tags=("in_app_interruption",), contact_channel="in_app"),
            quote(3, "Third e-mail today from Northbeam, please stop. Zelda Canary, zelda@example.com"),
            quote(
                4,
                "Хватит писем от canary_user99!",
                source="community",
                kind="comment",
                channel_name="northbeam",
                language="ru",
                url="https://www.reddit.com/r/northbeam/comments/abc/?token=secret",
            ),
        ),
        negative_quotes=(quote(5, "The export lost our data again.", complaint=False),),
        note_quotes=(
            quote(
                6,
                "Acme Rockets say the banners annoy their team.",
                source="crm",
                kind="deal_note",
                channel_name="expansion",
                voice="rep",
            ),
        ),
        deal_notes=tuple(
            DealNoteCount(w.week, 10, 2 if w.week != WEEK else 5, 1, 0 if w.week != WEEK else 1, 4, 5)
            for w in weeks
        ),
        nps_periods=tuple(
            NpsPeriod(
                WEEK.end - timedelta(days=28 * i + 27),
                WEEK.end - timedelta(days=28 * i),
                NpsScore(30.0 - 4 * (2 - i), 12.0, 44.0, 80, 40, 24, 16),
            )
            for i in (2, 1, 0)
        ),
        writers=WriterCounts(14, 9, 6, 3, 1, 18),
        coverage=CoverageFacts(
            gaps=(
                GapFact(
                    "community", "northbeam", date(2026, 11, 12), date(2026, 11, 13), "listing cap reached"
                ),
            ),
            older_gaps=1,
            skipped=(("slack", "no text", 12),),
            problems=("community: subreddit is private",),
            deleted=3,
            truncated=1,
        ),
        model=ModelFacts(
            "goodwill-test-1", ("en", "ru"), (("accuracy on marketing complaints", 0.91, 0.88, 0.94, 400),)
        ),
        corrections=CorrectionFacts(12, 2),
        languages=(("en", 180, 19), ("ru", 35, 3)),
        corrected_complaints=CorrectedComplaints(0.112, 0.071, 0.166, 22, 215, ("en", "ru")),
    )


def busy_analysis() -> Analysis:
    """One likely campaign, one quiet one, a dip, a spike, three flags."""
    days = tuple(WEEK.end - timedelta(days=i) for i in range(6, -1, -1))
    daily = DailySeries(days, np.full(7, 30), np.full(7, 6), np.full(7, 3), np.ones(7, dtype=bool))
    likely = EffectEstimate(
        "C07",
        "negative_marketing",
        "likely",
        0.004,
        0.02,
        2.1,
        1.4,
        3.0,
        3,
        9,
        18.0,
        8.0,
        31.0,
        1.8,
        (),
        41,
        "p and q are small",
        "test",
        risk_days=14,
    )
    quiet = EffectEstimate(
        "C06",
        "negative_marketing",
        "no sign",
        0.6,
        0.6,
        1.0,
        0.6,
        1.7,
        2,
        8,
        0.2,
        -3.0,
        5.0,
        2.0,
        (),
        30,
        "",
        "test",
    )
    spike = DetectionPoint(
        datetime(2026, 11, 11, tzinfo=UTC), 9.0, 2.6, 0.0, 6.0, 0.8, alarm=True, in_incident=True
    )
    link = DipLink("C07", 0.03, 0.06, "possible", 14.0, 5.0, 23.0, 12.0, 88)
    dip = NpsDip(date(2026, 11, 5), date(2026, 11, 15), 14.0, 5.0, 23.0, 88, 0.01, (link,))
    score = NpsScore(24.0, 18.0, 30.0, 640, 300, 200, 140, 0.31)
    return Analysis(
        as_of=WEEK.end,
        daily=daily,
        correlation=CorrelationReport("negative_marketing", (likely, quiet)),
        nps=NpsReport(score, (dip,), (link,), 12.0),
        nps_segments=(SegmentScore("customer_type", "enterprise", score, 23.0, 17.0, 29.0, 0.8),),
        complaint_spikes=(spike,),
        red_flags=_flags(),
        pressure=(
            PressureResult(
                "marketing complaints",
                "line found",
                2.4,
                (
                    PressureLevel(1.0, 1.0, 0.8, 1.2, 40),
                    PressureLevel(2.4, 1.5, 1.1, 2.1, 12),
                    PressureLevel(3.0, 2.0, 1.3, 3.2, 5),
                ),
                1.4,
                1.1,
                1.8,
                0.01,
                210,
                52,
                "",
            ),
        ),
    )


def _flags() -> tuple[RedFlag, ...]:
    def flag(
        metric: str, level: FlagLevel, value: float | None, unit: str = "share", benchmark: str = "",
        limit: float | None = None, history: tuple[float | None, ...] = (),
    ) -> RedFlag:  # fmt: skip
        known = value is not None
        windows = tuple(
            FlagWindow(WEEK.end - timedelta(days=28 * back), one, one, one, 0 if one is None else 9000)
            for back, one in zip(range(len(history) - 1, -1, -1), history, strict=True)
        )
        return RedFlag(
            "e-mail", metric, level, value, 0.001 if known else None, 0.004 if known else None, 9000 if known else 0, unit,
            0.001 if known else None, 0.0005 if known else None, 0.0015 if known else None, level, benchmark,
            FlagLevel.CRITICAL if known and benchmark else FlagLevel.NO_DATA, "2026-11-09 to 2026-11-15",
            "twice the usual rate" if known else "no data for this metric in the window", ("Frequency or topic?",) if known else (),  # noqa: E501
            windows, 28, limit,
        )  # fmt: skip

    rising = (0.0009, 0.0011, 0.001, 0.0008, None, 0.0012, 0.001, 0.0011, 0.0013, 0.002)
    return (
        flag("unsubscribe rate", FlagLevel.CRITICAL, 0.002, benchmark="> 0.1 %", limit=0.001, history=rising),
        flag(
            "complaint rate",
            FlagLevel.OK,
            0.0009,
            benchmark="> 1 %",
            limit=0.01,
            history=(*rising[:4], 0.0009),
        ),
        flag("bounce rate", FlagLevel.NO_DATA, None, benchmark="> 3 %", limit=0.03),
    )


def busy_words() -> WordFacts:
    """Twelve words and one rising topic."""
    terms = (
        "pop-up",
        "unsubscribe",
        "not relevant",
        "third e-mail",
        "banner",
        "webinar",
        "stop",
        "спам",
        "offer",
        "sales call",
        "=cmd",
        "reminder",
    )
    words = tuple(
        Word(
            term,
            3.5 - 0.2 * i,
            1.5 - 0.1 * i,
            12 - i,
            i,
            (12 - i) / 48,
            i / 300,
            "in_app_interruption" if i % 2 else "",
            0.8,
            date(2026, 10, 1),
            2,
        )
        for i, term in enumerate(terms)
    )
    found = Quote("A pop-up covered my work again.", "slack", date(2026, 11, 12), (), "", "en")
    topic = Topic(
        "1a2b3c4d", "pop-up, covered", 7, 3, 0.15, 0.01, date(2026, 11, 3), 2, rising=True, quotes=(found,)
    )
    return WordFacts(words, (topic,), 48, 300)


def busy_report(weeks: int = 12) -> WeeklyReport:
    """A week in which several things crossed the line, after others."""
    return build_report(busy_facts(weeks), busy_analysis(), busy_words(), redactor(), OPTIONS, now=NOW)


def bare(facts: WeeklyFacts) -> WeeklyReport:
    """A report of facts alone, without statistics and words."""
    analysis = Analysis(as_of=WEEK.end, daily=None, correlation=None, nps=None)
    words = WordFacts(
        reason="there is no text among the negative posts and marketing complaints, at least 12 are needed"
    )
    return build_report(facts, analysis, words, redactor(), OPTIONS, now=NOW)


def empty_report() -> WeeklyReport:
    """A week without a single post, in an empty database."""
    return bare(WeeklyFacts(week=WEEK, weeks=(WeekCount(WEEK),)))


def first_report() -> WeeklyReport:
    """The first week with posts."""
    week = WeekCount(WEEK, total=80, negative=9, neutral=51, positive=20, complaints=3)
    return bare(WeeklyFacts(week=WEEK, weeks=(week,), tags=(TagCount(WEEK, "privacy", 3),)))


def single_report() -> WeeklyReport:
    """A week with one post, after ordinary ones."""
    week = WeekCount(WEEK, total=1, negative=1, complaints=1)
    facts = WeeklyFacts(week=WEEK, weeks=(*_weeks(10)[:-1], week), complaint_quotes=(quote(1, "Stop it"),))
    return bare(facts)


def crowded_report() -> WeeklyReport:
    """A week of 100,000 posts."""
    week = WeekCount(WEEK, total=100_000, negative=9_000, neutral=71_000, positive=20_000, complaints=2_000)
    earlier = tuple(
        WeekCount(
            WEEK.shifted(i - 9),
            total=95_000 + 100 * i,
            negative=8_800 + 20 * i,
            neutral=70_000,
            positive=16_000,
            complaints=1_950 + 9 * i,
        )
        for i in range(9)
    )
    return bare(WeeklyFacts(week=WEEK, weeks=(*earlier, week)))
