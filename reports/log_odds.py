"""Which terms set one group of posts apart from another: shrunken log-odds, not raw counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log, sqrt

PRIOR_POSTS = 40.0


@dataclass(frozen=True, slots=True)
class TermContrast:
    """One term in two groups of posts.

    Attributes:
        term: lemma or lemmas joined by blanks.
        log_odds: shrunken log-odds ratio, positive where the first group uses it more.
        score: log_odds over its standard error.
        first, second: posts that hold the term.
    """

    term: str
    log_odds: float
    score: float
    first: int
    second: int


def contrasts(
    first: Sequence[Mapping[str, str]],
    second: Sequence[Mapping[str, str]],
    *,
    minimum_posts: int = 2,
    prior_posts: float = PRIOR_POSTS,
) -> list[TermContrast]:
    """Compare two groups of posts term by term, the most surely over-used in the first group first.

    Posts are counted, not occurrences: one person who repeats a word ten times is one voice. The prior of
    each term is its share in both groups together, worth `prior_posts` posts in each group; rare terms are
    drawn to no difference.

    Args:
        first, second: terms of each post.
        minimum_posts: posts of either group that must hold a term.
        prior_posts: strength of the prior.

    Source: Monroe, Colaresi & Quinn (2008), "Fightin' words", Political Analysis 16, 372-403, their
    equations 16 and 22 with posts in place of words.
    """
    counts_1, counts_2 = Counter[str](), Counter[str]()
    for terms in first:
        counts_1.update(terms.keys())
    for terms in second:
        counts_2.update(terms.keys())
    n_1, n_2 = len(first), len(second)
    if not n_1 or not n_2:
        return []
    found = []
    for term in counts_1.keys() | counts_2.keys():
        y_1, y_2 = counts_1[term], counts_2[term]
        if max(y_1, y_2) < minimum_posts:
            continue
        log_odds, score = shrunken(y_1, n_1, y_2, n_2, prior_posts)
        found.append(TermContrast(term, log_odds, score, y_1, y_2))
    return sorted(found, key=lambda c: (-c.score, c.term))


def shrunken(y_1: int, n_1: int, y_2: int, n_2: int, prior_posts: float = PRIOR_POSTS) -> tuple[float, float]:
    """Shrunken log-odds ratio of y_1 of n_1 against y_2 of n_2, and that over its standard error."""
    prior = prior_posts * (y_1 + y_2) / (n_1 + n_2)
    rest = prior_posts - prior
    a_1, a_2 = y_1 + prior, y_2 + prior
    log_odds = log(a_1 / (n_1 - y_1 + rest + 0.5)) - log(a_2 / (n_2 - y_2 + rest + 0.5))
    return log_odds, log_odds / sqrt(1 / a_1 + 1 / a_2)


def without_repeats(
    ranked: Sequence[TermContrast], posts: Sequence[Mapping[str, str]], *, limit: int
) -> list[TermContrast]:
    """The first `limit` terms that do not mostly repeat one that was already chosen.

    A word most of whose posts are those of a chosen phrase (or the other way round) adds nothing to look at.

    Args:
        ranked: best first.
        posts: terms of each post of the group that is shown.
        limit: at most so many.
    """
    holders: dict[str, set[int]] = {}
    wanted = {contrast.term for contrast in ranked[: 12 * limit]}
    for index, terms in enumerate(posts):
        for term in terms.keys() & wanted:
            holders.setdefault(term, set()).add(index)
    chosen: list[TermContrast] = []
    for contrast in ranked[: 12 * limit]:
        if len(chosen) == limit:
            break
        if not any(_repeats(contrast.term, other.term, holders) for other in chosen):
            chosen.append(contrast)
    return chosen


def _repeats(term: str, other: str, holders: Mapping[str, set[int]]) -> bool:
    words, others = set(term.split()), set(other.split())
    if not words & others:
        return False
    mine, theirs = holders.get(term, set()), holders.get(other, set())
    if not mine or not theirs:
        return words <= others or others <= words
    return len(mine & theirs) >= 0.6 * min(len(mine), len(theirs))
