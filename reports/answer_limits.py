"""Answers 7 to 9: what is new, the boundary scorecard, and what was not seen."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from monitor.domain.findings import FlagLevel, RedFlag
from monitor.domain.posts import ROW_KEPT, kept_reason
from monitor.domain.weekly import WeekCount
from reports.context import ReportContext
from reports.shares import share_of
from reports.weekly import Figure, Level, Section, Table, Word
from reports.wording import (
    LEVEL_WORDS,
    counted,
    day_text,
    days_text,
    in_unit,
    joined,
    language_word,
    percent,
    range_in_unit,
    share_with_range,
    spelled,
    tag_word,
    was_or_were,
    whole,
)

_MINIMUM_MEASURED = 0.05
TWO_RANGES = (
    "The usual range of questions 1, 2 and 5 is another one than own history here: it comes from up to eight windows, "
    "not up to 13, and is wider where posts are few. A share may lie within that one and beyond this one."
)
"""On a scorecard with a metric that one of these answers judges, too."""
_JUDGED_TWICE = {
    "marketing complaints",
    "negative posts and complaints",
    "negative notes of expansion deals",
}


def answer_words(context: ReportContext) -> Section:
    """7: what do they mention, and what is new?"""
    facts = context.words
    question = "What do they mention, and what is new?"
    if not facts.words:
        return Section(
            7, "words", question, f"Cannot tell: {facts.reason or 'too few posts to compare'}.", Level.UNKNOWN
        )
    top = [word for word in facts.words if word.log_odds > 0]
    names = joined([f"“{word.term}”" for word in top[:4]])
    answer = f"Said more often than in the weeks before, in {facts.group} of {facts.when}: {names}."
    if not facts.telling:
        answer = f"Nothing new stands out among {facts.group} of {facts.when}; weak hints are {names}."
    rising = [topic for topic in facts.topics if topic.rising]
    details = [
        f"Rising: {topic.name} ({counted(topic.posts, 'post')} {facts.when}, {percent(topic.share)} of them; "
        f"{percent(topic.earlier_share)} in the weeks before; first seen {day_text(topic.first_seen)}; topic {topic.id})."
        for topic in rising[:3]
    ]
    return Section(
        7,
        "words",
        question,
        answer,
        Level.WATCH if rising else Level.QUIET,
        (),
        tuple(details),
        (_word_table(context, top),),
        tuple(quote for topic in rising[:2] for quote in topic.quotes[:2]),
        (
            (
                f"{whole(facts.posts)} {facts.group} of {facts.when} against "
                f"{whole(facts.earlier_posts)} of the eight weeks before. "
                "Words are chosen by how surely they differ (shrunken log-odds), not by how often they occur."
            ),
        ),
    )


def _word_table(context: ReportContext, words: list[Word]) -> Table:
    rows = tuple(
        (
            word.term,
            whole(word.posts),
            percent(word.rate),
            percent(word.earlier_rate),
            f"{word.score:.1f}",
            tag_word(word.tag) if word.tag else "-",
        )
        for word in words[:12]
    )
    return Table(
        f"Words that set {context.words.when} apart",
        ("word", "posts", "share now", "share before", "sureness (z)", "mostly about"),
        rows,
        (False, True, True, True, True, False),
    )


def answer_scorecard(context: ReportContext) -> Section:
    """8: which red flags are up, against our own history first, general benchmarks second?"""
    flags = context.analysis.red_flags
    question = "Which red flags are up?"
    known = [flag for flag in flags if flag.level is not FlagLevel.NO_DATA]
    if not known:
        return Section(
            8,
            "scorecard",
            question,
            "Cannot tell: no campaign results, metrics or deals with enough history were read.",
            Level.UNKNOWN,
            tables=(_flag_table(flags),) if flags else (),
            next_steps=("Import campaign results and metrics, so that flags can be judged.",),
        )
    critical = [flag for flag in known if flag.level is FlagLevel.CRITICAL]
    caution = [flag for flag in known if flag.level is FlagLevel.CAUTION]
    up = [*critical, *caution]
    unjudged = [flag for flag in flags if flag.level is FlagLevel.NO_DATA]
    if up:
        answer = (
            f"{len(up)} of {counted(len(known), 'flag')} {'is' if len(up) == 1 else 'are'} up: {_named(up)}"
        )
        answer += "."
    else:
        answer = f"None of {counted(len(known), 'flag')} is up."
    if without := sum(flag.value is None for flag in unjudged):
        answer += f" {spelled(without).capitalize()} more {'has' if without == 1 else 'have'} no data."
    if short := sum(flag.value is not None for flag in unjudged):
        answer += f" {spelled(short).capitalize()} {'has' if short == 1 else 'have'} too short a history to be judged."
    questions = tuple(dict.fromkeys(q for flag in up for q in flag.questions))
    return Section(
        8,
        "scorecard",
        question,
        answer,
        Level.CROSSED if critical else Level.WATCH if caution else Level.QUIET,
        tuple(_flag_figure(flag) for flag in up),
        tuple(f"{flag.metric[:1].upper()}{flag.metric[1:]}: {flag.reason.rstrip('.')}." for flag in up),
        (_flag_table(flags),),
        (),
        _scorecard_caveats(known),
        questions[:6],
    )


def _scorecard_caveats(known: Sequence[RedFlag]) -> tuple[str, ...]:
    first = "Our own history decides first; a general benchmark comes second and may not fit our business."
    twice = any(flag.metric in _JUDGED_TWICE and flag.own_low is not None for flag in known)
    return (first, TWO_RANGES) if twice else (first,)


def _named(flags: Sequence[RedFlag]) -> str:
    """Up to four flags by name, the others as a number."""
    names = [flag.metric for flag in flags[:4]]
    return joined([*names, f"{spelled(len(flags) - 4)} more"] if len(flags) > 4 else names)


def _flag_figure(flag: RedFlag) -> Figure:
    usual, window, low = "", flag.window, flag.low
    if flag.unit != "points" and low is not None:
        low = max(low, 0.0)
    if flag.history:
        last = flag.history[-1].last_day
        window = days_text(last - timedelta(days=flag.window_days - 1), last)
    if flag.own_baseline is not None and flag.own_low is not None and flag.own_high is not None:
        usual = f"own history {_with_range(flag.own_baseline, flag.own_low, flag.own_high, flag.unit)}"
    note = f"benchmark flag {flag.benchmark}" if flag.benchmark else ""
    return Figure(flag.metric, flag.value, flag.unit, low, flag.high, flag.n, "", window, usual, note)


def _with_range(value: float | None, low: float | None, high: float | None, unit: str) -> str:
    if value is None:
        return "-"
    if low is None or high is None:
        return in_unit(value, unit)
    if unit == "share":
        return share_with_range(value, low, high)
    if unit != "points":
        low = max(low, 0.0)  # counts and times cannot be negative, symmetric intervals of few can
    return f"{in_unit(value, unit)} ({range_in_unit(low, high, unit)})"


def _flag_table(flags: tuple[RedFlag, ...]) -> Table:
    rows = []
    for flag in flags:
        value = _with_range(flag.value, flag.low, flag.high, flag.unit)
        own = _with_range(flag.own_baseline, flag.own_low, flag.own_high, flag.unit)
        rows.append(
            (
                flag.area,
                flag.metric,
                LEVEL_WORDS[flag.level],
                value,
                own,
                flag.benchmark or "-",
                whole(flag.n),
            )
        )
    return Table(
        "Boundary scorecard",
        ("area", "metric", "flag", "now (95 % interval)", "own history (usual range)", "benchmark flag", "n"),
        tuple(rows),
        (False, False, False, True, True, True, True),
    )


def answer_coverage(context: ReportContext) -> Section:
    """9: what did we not see, and how sure is the model?"""
    facts = context.facts
    week, coverage = facts.weeks[-1], facts.coverage
    silent = context.silent_days
    parts = (
        f"{counted(len(coverage.gaps), 'stretch', 'stretches')} not read" if coverage.gaps else "",
        f"{counted(len(silent), 'day')} without a post where posts are usual" if silent else "",
        f"{counted(coverage.unscored, 'post')} no model has read" if coverage.unscored else "",
        f"{counted(len(coverage.problems), 'problem')} in the last reading" if coverage.problems else "",
        f"about {percent(context.still_to_come)} of its posts still to come" if context.some_to_come else "",
    )
    missed = [part for part in parts if part]
    seen = f"This week had {joined(missed)}." if missed else "Nothing is known to be missing from this week."
    if not facts.sources and not week.total:
        seen = "No source has been read yet."
    sure, level = _model_sentence(context, week)
    details = [
        f"Not read: {context.shown(gap.source)}{f', {context.shown(gap.channel_name)}' if gap.channel_name else ''}, "
        f"{days_text(gap.first_day, gap.last_day)} ({context.shown(gap.reason, 100)})."
        for gap in coverage.gaps[:6]
    ]
    if silent:
        details.append(
            f"Nothing came on {days_text(silent[0], silent[-1])}: these days count as not read, not as quiet. Does a "
            "file end before them, or did `goodwill sync` not run?"
        )
    details += [f"Problem: {context.shown(line, 200)}" for line in coverage.problems[:6]]
    details += [_left_out(context, *skipped) for skipped in coverage.skipped[:8]]
    details += _counts_in_words(context)
    return Section(
        9,
        "coverage",
        "What did we not see, and how sure is the model?",
        f"{seen} {sure}",
        Level.WATCH if missed else level,
        _model_figures(context, week),
        tuple(details),
        _source_table(context),
        (),
        (
            (
                "Counts are what the model reads, not what a person would: "
                "its errors move counts up or down in the same way every "
                "week, so changes are surer than levels."
            ),
        )
        if week.total
        else (),
    )


def _model_sentence(context: ReportContext, week: WeekCount) -> tuple[str, Level]:
    model = context.facts.model
    if not week.total:
        return "There was nothing for the model to read.", Level.UNKNOWN
    if model.model_id in {"", "none"}:
        return "No model has read the posts.", Level.UNKNOWN
    if not model.measurements:
        return f"How often the model ({model.model_id}) is right was not measured.", Level.UNKNOWN
    first, *others = model.measurements
    complaints = [one for one in others if "complaint" in one[0] and "complaint" not in first[0]]
    said = "; ".join(_measured(*one) for one in (first, *complaints[:1]))
    return f"On texts labelled by hand the model reached {said}.", Level.QUIET


def _measured(what: str, value: float, low: float | None, high: float | None, n: int) -> str:
    """One measurement in words."""
    reached = share_with_range(value, low, high) if low is not None and high is not None else percent(value)
    return f"{reached} for {what} (n = {whole(n)})"


def _model_figures(context: ReportContext, week: WeekCount) -> tuple[Figure, ...]:
    figures = [
        Figure(what, value, "share", low, high, n, "texts labelled by hand", "measured before release")
        for what, value, low, high, n in context.facts.model.measurements
    ]
    for label, count in (
        ("posts the model is unsure about", week.unsure),
        ("posts in languages without measured quality", week.unmeasured),
    ):
        share = share_of(count, week.total)
        if share:
            figures.append(
                Figure(
                    label,
                    share.value,
                    "share",
                    share.low,
                    share.high,
                    share.n,
                    "posts about us",
                    context.window,
                )
            )
    return tuple(figures)


def _left_out(context: ReportContext, source: str, reason: str, n: int) -> str:
    """What was left out of a source: whole records, or a value of records that count."""
    told = f"{context.shown(source)}: {whole(n)} × {context.shown(kept_reason(reason), 80)}."
    return f"Kept without one value, from {told}" if reason.endswith(ROW_KEPT) else f"Left out from {told}"


def _counts_in_words(context: ReportContext) -> list[str]:
    facts, coverage = context.facts, context.facts.coverage
    lines = []
    if coverage.deleted:
        lines.append(
            f"{counted(coverage.deleted, 'post')} of this week {was_or_were(coverage.deleted)} deleted since "
            "(at the source, at a person's request, or because of their age); the counts stay."
        )
    if coverage.truncated:
        lines.append(
            f"{counted(coverage.truncated, 'post')} of this week {was_or_were(coverage.truncated)} too long and cut."
        )
    if coverage.older_gaps:
        lines.append(
            f"{counted(coverage.older_gaps, 'stretch', 'stretches')} of "
            f"the earlier history {was_or_were(coverage.older_gaps)} not read; trends are broken there."
        )
    if facts.languages:
        top = [f"{language_word(code)} {whole(n)}" for code, n, _ in facts.languages[:5]]
        lines.append(f"Languages of the posts: {', '.join(top)}.")
    if measured := facts.model.measured_languages:
        lines.append(
            f"Quality is measured in {joined([language_word(code) for code in measured])}; other languages work unmeasured."
        )
    if facts.corrections.total:
        lines.append(
            f"People corrected {counted(facts.corrections.total, 'post')} so far "
            f"({whole(facts.corrections.in_week)} of this week); corrections count before the model."
        )
    return lines


def _source_table(context: ReportContext) -> tuple[Table, ...]:
    rows = tuple(
        (
            context.shown(source.source),
            source.kind.replace("_", " "),
            "never"
            if source.last_success_at is None
            else source.last_success_at.strftime("%Y-%m-%d %H:%M UTC"),
            "not matched, by policy" if source.policy == "forbidden" else "may be matched",
            whole(source.total),
        )
        for source in context.facts.sources
    )
    if not rows:
        return ()
    return (
        Table(
            "Sources and when they were last read completely",
            ("source", "kind", "last complete reading", "authors", "posts this week"),
            rows,
            (False, False, False, False, True),
        ),
    )
