"""Facts and statistics in, one frozen `WeeklyReport` out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from monitor.domain.analysis import Analysis
from monitor.domain.weekly import WeeklyFacts
from reports.answer_campaigns import answer_campaigns
from reports.answer_limits import answer_coverage, answer_scorecard, answer_words
from reports.answer_nps import answer_nps
from reports.answer_people import answer_people
from reports.answer_posts import answer_complaints, answer_deal_notes, answer_negative
from reports.context import ReportContext
from reports.redact import Redactor
from reports.weekly import Level, Section, WeeklyReport, WordFacts
from reports.wording import capitalised, counted, spelled


@dataclass(frozen=True, slots=True)
class ReportOptions:
    """What the settings and the run say about a report.

    Attributes:
        company: our name; "" when not configured.
        version: of this software.
        synthetic: the data are made up (demo): every output says so.
        verbatim: keep personal data in; for a local terminal only.
    """

    company: str
    time_zone: str
    version: str
    synthetic: bool = False
    verbatim: bool = False


def build_report(
    facts: WeeklyFacts,
    analysis: Analysis,
    words: WordFacts,
    redactor: Redactor,
    options: ReportOptions,
    *,
    now: datetime,
) -> WeeklyReport:
    """Answer the nine questions.

    Args:
        facts: the week and the weeks before it, from the database.
        analysis: the statistics as of the week's Sunday.
        words: distinctive words and topics.
        redactor: takes personal data out of everything that comes from outside.
        options: names and switches.
        now: the run's moment, aware UTC.
    """
    context = ReportContext(facts, analysis, words, redactor, options.verbatim)
    # Names of segments come out of imported files: every output shows them as safely as posts.
    segments = tuple(
        replace(s, attribute=context.shown(s.attribute), value=context.shown(s.value))
        for s in analysis.nps_segments
    )
    context = replace(context, analysis=replace(analysis, nps_segments=segments))
    sections = (
        answer_negative(context),
        answer_complaints(context),
        answer_campaigns(context),
        answer_nps(context),
        answer_deal_notes(context),
        answer_people(context),
        answer_words(context),
        answer_scorecard(context),
        answer_coverage(context),
    )
    headline, level = _headline(sections, total=facts.weeks[-1].total, others=facts.others)
    return WeeklyReport(
        week=facts.week,
        as_of=facts.week.end,
        company=options.company,
        time_zone=options.time_zone,
        generated_at=now,
        version=options.version,
        model_id=facts.model.model_id,
        synthetic=options.synthetic,
        verbatim=options.verbatim,
        headline=headline,
        findings=_findings(sections),
        level=level,
        sections=sections,
        weeks=facts.weeks,
        tags=facts.tags,
        campaigns=tuple(
            replace(
                c, name=context.shown(c.name), audience=context.shown(c.audience), type=context.shown(c.type)
            )
            for c in facts.campaigns
        ),
        incidents=tuple(
            replace(i, name=context.shown(i.name), kind=context.shown(i.kind)) for i in facts.incidents
        ),
        deal_notes=facts.deal_notes,
        nps_periods=facts.nps_periods,
        analysis=context.analysis,
        words=words,
    )


def _headline(sections: tuple[Section, ...], *, total: int, others: int) -> tuple[str, Level]:
    crossed = [section for section in sections if section.level is Level.CROSSED]
    watch = [section for section in sections[:8] if section.level is Level.WATCH]
    if crossed:
        things = "One thing" if len(crossed) == 1 else f"{capitalised(spelled(len(crossed)))} things"
        return f"{things} crossed the line this week.", Level.CROSSED
    if not total and others:
        nobody = f"None of the week's {counted(others, 'post')} is about us, so nothing can be said about it."
        return f"{nobody} Are the names in `[company]` right?", Level.UNKNOWN
    if not total:
        return "Nothing was read this week, so nothing can be said about it.", Level.UNKNOWN
    if watch:
        things = "one thing is" if len(watch) == 1 else f"{spelled(len(watch))} things are"
        return f"Nothing crossed the line this week; {things} worth a look.", Level.WATCH
    if sections[0].level is Level.UNKNOWN and sections[1].level is Level.UNKNOWN:
        few = sections[0].answer.startswith("Too few")
        said = "Too little was read this week" if few else "It is too early"
        return f"{said} to say whether anything crossed the line.", Level.UNKNOWN
    return "Nothing crossed the line this week.", Level.QUIET


def _findings(sections: tuple[Section, ...]) -> tuple[str, ...]:
    """One sentence a thing that crossed the line or is worth a look, the worst first."""
    order = (Level.CROSSED, Level.WATCH)
    chosen = [section for level in order for section in sections if section.level is level]
    return tuple(_finding(section) for section in chosen)


def _finding(section: Section) -> str:
    """An answer as a statement; of the last question only what was not seen."""
    said = section.answer.removeprefix("Yes: ").removeprefix("Yes, ")
    if section.key == "coverage":
        said = said.split(". ")[0].rstrip(".") + "."
    return capitalised(said)
