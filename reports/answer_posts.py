"""Answers 1, 2 and 5: negative posts, marketing complaints, deal notes."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from monitor.domain.findings import FlagLevel
from monitor.domain.weekly import DealNoteCount, WeekCount
from reports.context import ReportContext
from reports.figures import quotes_from, share_figure
from reports.rises import spike_sentence, with_spike
from reports.shares import EARLIER_WEEKS, Share, UsualRange, share_of, usual_range
from reports.weekly import Figure, Level, Section, Table
from reports.wording import (
    CHANNEL_WORDS,
    counted,
    days_text,
    joined,
    language_word,
    percent,
    percent_range,
    share_with_range,
    spelled,
    tag_word,
    telling_decimals,
    whole,
)

INTERVALS = (
    "A range in brackets is a 95 % interval: shares this far from the true one are rare. "
    "The usual range is what the weeks before (up to eight) lead to expect of this week."
)
TAGS_OVERLAP = (
    "A complaint may carry several tags, so tags add up to more than the complaints. "
    "Complaints about the product or support are not counted here."
)
_NOTE_BLOCK = 4
_FEWEST_POSTS = 10


def judge(weeks: Sequence[WeekCount], name: str) -> tuple[Share | None, UsualRange | None]:
    """The last week's share of `name` (negative or complaints) and what the weeks before lead to expect."""
    week = weeks[-1]
    earlier = [w for w in weeks[:-1] if not w.missed_days][-EARLIER_WEEKS:]
    counts = [getattr(w, name) for w in earlier]
    return (
        share_of(getattr(week, name), week.total),
        usual_range(counts, [w.total for w in earlier], week.total),
    )


def _verdict(share: Share | None, usual: UsualRange | None, one: str, many: str) -> tuple[str, Level]:
    """The answer's first sentence about a share of the posts about us, and its level.

    Args:
        share, usual: of the week, and what the weeks before lead to expect.
        one, many: what is said of a single post, and of several.
    """
    if share is None:
        return "Cannot tell: not a single post about us was read this week.", Level.UNKNOWN
    if share.n == 1:
        return (
            f"Too few posts: the only post about us was {'' if share.count else 'not '}{one}.",
            Level.UNKNOWN,
        )
    place = usual.place(share.value) if usual else "within"
    decimals = telling_decimals(share.value, usual.low, usual.high) if usual and place != "within" else 0
    said = (
        f"{whole(share.count)} of {counted(share.n, 'post')} about us "
        f"{f'was {one}' if share.count == 1 else f'were {many}'}, "
        f"{share_with_range(share.value, share.low, share.high, decimals)}"
    )
    if share.n < _FEWEST_POSTS:
        return f"Too few posts: {said}.", Level.UNKNOWN
    if usual is None:
        return (
            f"Too early to say: {said}; there are fewer than four complete weeks to compare with.",
            Level.UNKNOWN,
        )
    expected = f"the usual range of {percent_range(usual.low, usual.high, decimals)}"
    if place == "above":
        return f"Yes: {said}, above {expected}.", Level.CROSSED
    if place == "below":
        return f"No, fewer than usual: {said}, below {expected}.", Level.QUIET
    return f"No: {said}, within {expected}.", Level.QUIET


def answer_negative(context: ReportContext) -> Section:
    """1: are negative posts about us rising, and how does the overall mood look?"""
    facts = context.facts
    week = facts.weeks[-1]
    share, usual = judge(facts.weeks, "negative")
    answer, level = _verdict(share, usual, "negative", "negative")
    spike = spike_sentence(context.analysis.negative_spikes, facts.week, "negative posts and complaints")
    answer, level = with_spike(answer, level, spike)
    figures = [share_figure("negative posts", share, "posts about us", context.window, usual=usual)]
    for label, count in (("neutral posts", week.neutral), ("positive posts", week.positive)):
        figures.append(share_figure(label, share_of(count, week.total), "posts about us", context.window))
    rows = []
    for source in facts.sources:
        own, before = (
            share_of(source.negative, source.total),
            share_of(source.earlier_negative, source.earlier_total),
        )
        if own is None and before is None:
            continue
        rows.append(
            (
                context.shown(source.source),
                whole(source.total),
                whole(source.negative),
                share_with_range(own.value, own.low, own.high) if own else "no posts",
                f"{percent(before.value)} of {whole(before.n)}" if before else "no posts",
            )
        )
    table = Table(
        f"Posts about us by source, {context.window}",
        ("source", "posts", "negative", "share (95 % interval)", "eight weeks before"),
        tuple(rows),
        (False, True, True, True, True),
    )
    return Section(
        1,
        "negative",
        "Are negative posts about us rising?",
        answer,
        level,
        tuple(figures) if week.total else (),
        tuple(s for s in (spike if level is Level.CROSSED else "", _mood(week)) if s),
        (table,) if rows else (),
        quotes_from(facts.negative_quotes, context.redactor, limit=3, verbatim=context.verbatim),
        (INTERVALS, *_partial(context)) if week.total > 1 else _partial(context),
        () if facts.sources or week.total else ("Name your sources in goodwill.toml, then `goodwill run`.",),
    )


def _mood(week: WeekCount) -> str:
    if not week.total:
        return ""
    if week.total == 1:
        return ""
    parts = [
        (n, w)
        for n, w in ((week.positive, "positive"), (week.neutral, "neutral"), (week.negative, "negative"))
    ]
    words = ", ".join(f"{percent(n / week.total)} {word}" for n, word in parts)
    return f"The overall mood of {counted(week.total, 'post')}: {words}."


def _partial(context: ReportContext) -> tuple[str, ...]:
    """Why the week's counts are lower than they would be if everything had been read in time."""
    caveats = []
    missed = context.facts.weeks[-1].missed_days
    if missed:
        caveats.append(
            f"On {counted(missed, 'day')} of this week a whole source was not read or nothing came, so counts are "
            "too low; see question 9."
        )
    if context.some_to_come:
        caveats.append(
            f"Posts come late: about {percent(context.still_to_come)} of this week's are not in yet, so its counts "
            "will rise; shares hold better."
        )
    return tuple(caveats)


def answer_complaints(context: ReportContext) -> Section:
    """2: are people complaining about our marketing, about what, and by which channel?"""
    facts = context.facts
    share, usual = judge(facts.weeks, "complaints")
    answer, level = _verdict(
        share, usual, "a complaint about our marketing", "complaints about our marketing"
    )
    tags = context.tags_of(facts.week)
    if tags and level is not Level.UNKNOWN:
        named = [f"{tag_word(tag)} ({n})" for tag, n in tags[:3]]
        answer += f" Most often: {', '.join(named)}."
    spike = spike_sentence(context.analysis.complaint_spikes, facts.week, "marketing complaints")
    answer, level = with_spike(answer, level, spike)
    figure = share_figure("marketing complaints", share, "posts about us", context.window, usual=usual)
    details = [spike] if spike and level is Level.CROSSED else []
    told = [(c, n) for c, n in facts.contact_channels if c]
    if told:
        untold = sum(n for c, n in facts.contact_channels if not c)
        words = ", ".join(f"{CHANNEL_WORDS.get(c, c)} {n}" for c, n in told)
        rest = f"; {untold} {'does' if untold == 1 else 'do'} not tell" if untold else ""
        details.append(f"Where the text tells how our marketing came: {words}{rest}.")
    return Section(
        2,
        "complaints",
        "Are people complaining about our marketing?",
        answer,
        level,
        (figure, *_corrected(context)) if share else (),
        tuple(details),
        _tag_table(context, tags),
        quotes_from(facts.complaint_quotes, context.redactor, limit=4, verbatim=context.verbatim),
        (TAGS_OVERLAP, *_scorecard_differs(context, share, usual)) if share else (),
        ("Read the quotes with the people who sent the campaigns.",) if level is Level.CROSSED else (),
    )


def _scorecard_differs(context: ReportContext, share: Share, usual: UsualRange | None) -> tuple[str, ...]:
    """Why the scorecard flags the same share that is usual here; () where both agree."""
    if usual is None or usual.place(share.value) != "within":
        return ()
    up = {FlagLevel.CAUTION, FlagLevel.CRITICAL}
    for flag in context.analysis.red_flags:
        if flag.metric != "marketing complaints" or flag.own_level not in up:
            continue
        if flag.own_low is not None and flag.own_high is not None:
            own = percent_range(flag.own_low, flag.own_high, 1)
            said = f"The scorecard of question 8 has the same share as a flag: its own range, {own}, comes from up to"
            return (
                f"{said} 13 weeks and is not widened for small counts, so it warns earlier than the usual range here.",
            )
    return ()


def _corrected(context: ReportContext) -> tuple[Figure, ...]:
    """The share corrected for the model's measured errors, where they were measured."""
    found = context.facts.corrected_complaints
    if found is None:
        return ()
    languages = joined([language_word(code) for code in found.languages])
    return (
        Figure(
            "corrected for the model's errors",
            found.share,
            "share",
            found.low,
            found.high,
            found.n,
            f"posts in {languages}",
            context.window,
            note="what the model misses and what it flags wrongly is reckoned in",
        ),
    )


def _tag_table(context: ReportContext, tags: Sequence[tuple[str, int]]) -> tuple[Table, ...]:
    earlier = [w.week for w in context.facts.weeks[:-1]][-EARLIER_WEEKS:]
    by_week = {(t.week, t.tag): t.complaints for t in context.facts.tags}
    seen = {t.tag for t in context.facts.tags if t.week in earlier} | {tag for tag, _ in tags}
    now = dict(tags)
    rows = []
    for tag in sorted(seen, key=lambda tag: (-now.get(tag, 0), tag)):
        before = [by_week.get((week, tag), 0) for week in earlier]
        middle = f"{median(before):g}" if before else "-"
        spread = f"{min(before)}-{max(before)}" if before else "-"
        rows.append((tag_word(tag), whole(now.get(tag, 0)), middle, spread))
    if not rows:
        return ()
    caption = f"Complaints by tag, {context.window}"
    if earlier:
        caption += f", beside the {counted(len(earlier), 'week')} before"
    return (
        Table(
            caption,
            ("tag", "this week", "median before", "lowest-highest before"),
            tuple(rows),
            (False, True, True, True),
        ),
    )


def answer_deal_notes(context: ReportContext) -> Section:
    """5: do deal notes get more negative, do they mention our marketing, whose voice is it?"""
    notes = context.facts.deal_notes
    question = "Do deal notes get more negative, and do they mention our marketing?"
    blocks = _blocks(notes)
    if not blocks or not sum(block.total for block in blocks):
        answer = "Cannot tell: no deal notes were read."
        return Section(
            5,
            "deal_notes",
            question,
            answer,
            Level.UNKNOWN,
            next_steps=("Import an export of your CRM's deal notes: `goodwill init` shows how.",),
        )
    now = blocks[-1]
    share = share_of(now.negative, now.total)
    usual = usual_range([b.negative for b in blocks[:-1]], [b.total for b in blocks[:-1]], now.total)
    first = now.week.shifted(1 - _NOTE_BLOCK).start
    window = days_text(first, context.facts.week.end)
    answer, level = _note_verdict(share, usual)
    many = "none" if not now.complaints else spelled(now.complaints)
    said = f"{many} of them {'mentions' if now.complaints <= 1 else 'mention'} our marketing as a problem"
    tail = "."
    if now.complaints:
        tail = f"; {spelled(now.in_app) if now.in_app else 'none'} of those {'name' if now.in_app > 1 else 'names'} "
        tail += "in-app messages or notifications."
    figures = [
        share_figure("negative deal notes", share, "deal notes", window, usual=usual),
        share_figure(
            "notes with a marketing complaint", share_of(now.complaints, now.total), "deal notes", window
        ),
        Figure(
            "notes about in-app messages", now.in_app, "notes", None, None, now.total, "deal notes", window
        ),
    ]
    other = now.total - now.customer_voice - now.rep_voice
    details = (
        (
            f"Whose voice: {counted(now.customer_voice, 'note quotes', 'notes quote')} the customer, "
            f"{whole(now.rep_voice)} {'is' if now.rep_voice == 1 else 'are'} the rep's words"
            f"{f', in {whole(other)} the speakers are not told apart' if other else ''}."
        ),
    )
    return Section(
        5,
        "deal_notes",
        question,
        f"{answer} {said[:1].upper()}{said[1:]}{tail}",
        level,
        tuple(figures),
        details,
        (),
        quotes_from(context.facts.note_quotes, context.redactor, limit=3, verbatim=context.verbatim),
        (
            (
                "Deal notes are few, so four weeks are taken together. Where "
                "the rep writes, the words are the rep's view of the customer."
            ),
        ),
    )


def _note_verdict(share: Share | None, usual: UsualRange | None) -> tuple[str, Level]:
    if share is None:
        return "Cannot tell: no deal notes in the last four weeks.", Level.UNKNOWN
    said = (
        f"{whole(share.count)} of {counted(share.n, 'note')} in the last four weeks "
        f"{'was' if share.count == 1 else 'were'} negative, {share_with_range(share.value, share.low, share.high)}"
    )
    if usual is None:
        return f"Too early to say: {said}; there is too little history to compare with.", Level.UNKNOWN
    place = usual.place(share.value)
    expected = f"the usual range of {percent_range(usual.low, usual.high)}"
    if place == "above":
        return f"Yes: {said}, above {expected}.", Level.CROSSED
    return f"No: {said}, {place} {expected}.", Level.QUIET


def _blocks(notes: Sequence[DealNoteCount]) -> list[DealNoteCount]:
    """Sums of four weeks, oldest first, the last one ending with the reported week."""
    blocks = []
    for end in range(len(notes), _NOTE_BLOCK - 1, -_NOTE_BLOCK):
        part = notes[end - _NOTE_BLOCK : end]
        names = ("total", "negative", "complaints", "in_app", "customer_voice", "rep_voice")
        blocks.append(DealNoteCount(part[-1].week, **{n: sum(getattr(w, n) for w in part) for n in names}))
    if not blocks and notes:
        names = ("total", "negative", "complaints", "in_app", "customer_voice", "rep_voice")
        blocks.append(DealNoteCount(notes[-1].week, **{n: sum(getattr(w, n) for w in notes) for n in names}))
    return blocks[:9][::-1]
