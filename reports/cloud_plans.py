"""What the pictures of a week show, from words that were compared already."""

from __future__ import annotations

from monitor.domain.weeks import IsoWeek
from reports.weekly import WordFacts
from reports.wordcloud import MINIMUM_WORDS, CloudPlan, Panel
from reports.wording import counted, days_text, whole


def week_plan(week: IsoWeek, words: WordFacts) -> CloudPlan | str:
    """The week's cloud, or a sentence that says why there is none."""
    risen = tuple(word for word in words.words if word.log_odds > 0)
    if risen and not words.telling:
        return f"No word cloud for {week}: no word sets {words.when} apart by more than chance easily makes."
    if len(risen) < MINIMUM_WORDS:
        reason = words.reason or f"only {counted(len(risen), 'word')} set {words.when} apart"
        return f"No word cloud for {week}: {reason}."
    return CloudPlan(
        f"words-{week}",
        "What people say differently this week"
        if words.weeks == 1
        else "What people say differently these four weeks",
        f"{days_text(week.shifted(1 - words.weeks).start, week.end)}: {whole(words.posts)} {words.group} against "
        f"{whole(words.earlier_posts)} of the eight weeks before",
        (Panel("", risen, words.posts),),
    )
