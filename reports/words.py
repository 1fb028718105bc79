"""The words and phrases that set one group of posts apart from another, ready to be shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from reports.log_odds import contrasts, without_repeats
from reports.terms import TermOptions, post_terms
from reports.weekly import Word, WordFacts
from reports.wording import counted

MINIMUM_POSTS = 12
MINIMUM_EARLIER = 20
MOST_WORDS = 60
_LEAST_SURE = 0.5
_TEXT_LENGTH = 2000


@dataclass(frozen=True, slots=True)
class ComparedPost:
    """One post of a comparison; its text is redacted already.

    Attributes:
        embedding: the model's, one signed byte a dimension; None where it was not made.
        where: kind and channel in words, redacted; "" when not known.
    """

    day: date
    source: str
    text: str
    language: str
    negative: bool
    tags: tuple[str, ...]
    key: str = ""
    embedding: bytes | None = None
    where: str = ""


def compare(
    posts: Sequence[ComparedPost],
    earlier: Sequence[ComparedPost],
    options: TermOptions,
    *,
    group: str = "negative posts and marketing complaints",
    minimum_posts: int = MINIMUM_POSTS,
) -> WordFacts:
    """Distinctive words of `posts` against `earlier`; refused where there are too few.

    Args:
        posts: the group to be described.
        earlier: what it is compared with.
        options: what is left out.
        group: what the posts are, in words.
        minimum_posts: least size of the described group.
    """
    if len(posts) < minimum_posts:
        reason = (
            f"{_only(len(posts), 'different text')} among the {group}, at least {minimum_posts} are needed"
        )
        return WordFacts(posts=len(posts), earlier_posts=len(earlier), group=group, reason=reason)
    if len(earlier) < MINIMUM_EARLIER:
        reason = (
            f"{_only(len(earlier), 'earlier text')} to compare with, at least {MINIMUM_EARLIER} are needed"
        )
        return WordFacts(posts=len(posts), earlier_posts=len(earlier), group=group, reason=reason)
    frequent = _frequent_languages((*posts, *earlier))
    first, second = (
        [
            post_terms(p.text[:_TEXT_LENGTH], p.language if p.language in frequent else "", options)
            for p in side
        ]
        for side in (posts, earlier)
    )
    ranked = [c for c in contrasts(first, second) if c.score >= _LEAST_SURE and c.first >= 2]
    chosen = without_repeats(ranked, first, limit=MOST_WORDS)
    words = []
    for contrast in chosen:
        holders = [i for i, terms in enumerate(first) if contrast.term in terms]
        tag_counts = Counter(tag for i in holders for tag in posts[i].tags)
        top = max(tag_counts.items(), key=lambda item: (item[1], item[0]), default=("", 0))
        seen = [posts[i].day for i in holders] + [
            earlier[i].day for i, terms in enumerate(second) if contrast.term in terms
        ]
        words.append(
            Word(
                term=_spelling([first[i][contrast.term] for i in holders]),
                score=round(contrast.score, 4),
                log_odds=round(contrast.log_odds, 4),
                posts=contrast.first,
                earlier_posts=contrast.second,
                rate=contrast.first / len(first),
                earlier_rate=contrast.second / len(second),
                tag=top[0] if 2 * top[1] >= len(holders) else "",
                negative=sum(posts[i].negative for i in holders) / len(holders),
                first_seen=min(seen),
                sources=len({posts[i].source for i in holders}),
            )
        )
    reason = "" if words else "no word sets these posts apart"
    return WordFacts(tuple(words), (), len(posts), len(earlier), group, reason)


def _frequent_languages(posts: Sequence[ComparedPost]) -> frozenset[str]:
    """Languages worth the second or two that opening a dictionary takes: a twentieth of the posts, or English."""
    counts = Counter(post.language for post in posts)
    return frozenset({"en", "und", *(code for code, n in counts.items() if 20 * n >= len(posts))})


def _only(number: int, what: str) -> str:
    """How few there are, as the beginning of a sentence."""
    if not number:
        return f"there is no {what.removeprefix('different ')}"
    return f"there {'is' if number == 1 else 'are'} only {counted(number, what)}"


def _spelling(shown: Sequence[str]) -> str:
    """The most frequent spelling, the shorter and earlier one of the alphabet where two are equal."""
    counts = Counter(shown)
    return min(counts, key=lambda word: (-counts[word], len(word), word))
