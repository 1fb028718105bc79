"""Answer 6: who writes, and do we know them?"""

from __future__ import annotations

from monitor.domain.weekly import WriterCounts
from reports.context import ReportContext
from reports.shares import share_of
from reports.weekly import Figure, Level, Section
from reports.wording import counted, share_with_range, was_or_were, whole


def answer_people(context: ReportContext) -> Section:
    """6: do we know the people who post?"""
    writers = context.facts.writers
    question = "Do we know the people who post?"
    if not writers.writers:
        answer = (
            "Cannot tell: no negative post or complaint of this week names an author whom we may look up."
        )
        level = Level.UNKNOWN
    else:
        known = share_of(writers.known, writers.writers)
        said = share_with_range(known.value, known.low, known.high) if known else ""
        source = f", from {counted(writers.accounts, 'account')}" if writers.accounts else ""
        people = counted(writers.writers, "person", "people")
        are = "is a known customer" if writers.known == 1 else "are known customers"
        answer = (
            f"{whole(writers.known)} of {people} who wrote negative posts or complaints this week {are}, {said}"
            f"{source}."
        )
        level = Level.QUIET
    return Section(
        6,
        "people",
        question,
        answer,
        level,
        _writer_figures(writers, context.window),
        _writer_details(writers),
        caveats=()
        if not context.facts.weeks[-1].total
        else (
            (
                "Only sources of our own (Slack, own forum, CRM, NPS) are matched with accounts. Reddit forbids it, so its "
                "authors are never matched. Names are not shown."
            ),
        ),
    )


def _writer_figures(writers: WriterCounts, window: str) -> tuple[Figure, ...]:
    if not writers.writers:
        return ()
    what, group = "writers who are known customers", "writers in our own sources"
    return (Figure(what, writers.known, "people", None, None, writers.writers, group, window),)


def _writer_details(writers: WriterCounts) -> tuple[str, ...]:
    details = []
    if writers.repeat:
        details.append(
            f"{counted(writers.repeat, 'person', 'people')} of this "
            "week wrote two or more such posts in the last eight weeks."
        )
    if writers.not_matched:
        posts = f"{counted(writers.not_matched, 'post')} from sources such as Reddit"
        forbidden = f"{posts} {was_or_were(writers.not_matched)} not matched, by policy."
        details.append(forbidden[:1].upper() + forbidden[1:])
    if writers.notes:
        details.append(
            f"{counted(writers.notes, 'deal note')} {'tells' if writers.notes == 1 else 'tell'} of customers; people "
            "of ours wrote them, so they count for nobody here."
        )
    if writers.unnamed:
        details.append(f"{counted(writers.unnamed, 'post carries', 'posts carry')} no author.")
    return tuple(details)
