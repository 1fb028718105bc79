"""What the pictures of a week show, from words that were compared already."""

from __future__ import annotations

from monitor.domain.weeks import IsoWeek
from reports.weekly import WordFacts
from reports.wordcloud import MINIMUM_WORDS, CloudPlan, Panel
from reports.wording import counted, days_text, whole


def week_plan(week: IsoWeek, words: WordFacts) -> CloudPlan | str:
    """The week's cloud, or a sentence that says why there is none."""
    risen = tuple(word for word in words.words if word.log_odds > 0)
    if len(risen) < MINIMUM_WORDS:
        reason = words.reason or f"only {counted(len(risen), 'word')} set this week apart"
        return f"No word cloud for {week}: {reason}."
    return CloudPlan(
        f"words-{week}",
        "What people say differently this week",
        f"{days_text(week.start, week.end)}: {whole(words.posts)} {words.group} against "
        f"{whole(words.earlier_posts)} of the eight weeks before",
        (Panel("", risen, words.posts),),
    )
