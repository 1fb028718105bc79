"""Topics: posts that mean alike, found from the model's embeddings, and which of them rose this week.

Posts are taken oldest first; each joins the topic whose centre is nearest, if it is near enough, or founds a
new one. A topic's id is made from the post that founded it, so it stays the same from week to week for as
long as that post lies in the stretch that is looked at.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from monitor.domain.embedding import unpack_embeddings
from reports.clean import QUOTE_LENGTH, shortened
from reports.log_odds import contrasts, shrunken, without_repeats
from reports.terms import TermOptions, post_terms
from reports.weekly import Quote, Topic
from reports.words import ComparedPost

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vectors = NDArray[np.floating]

NEAR = 0.62
SAME = 0.95
MINIMUM_POSTS = 3
RISING_SCORE = 1.96
_MOST_TOPICS = 8
_MOST_POSTS = 3000


@dataclass(slots=True)
class _Cluster:
    members: list[int] = field(default_factory=list)


def find_topics(
    posts: Sequence[ComparedPost], earlier: Sequence[ComparedPost], options: TermOptions
) -> tuple[Topic, ...]:
    """Topics with at least three posts in the week, the most surely rising first.

    Args:
        posts: the week's posts; earlier: those of the weeks before; equal texts are folded already.
        options: what is left out of a topic's name.

    Posts without an embedding, or with one of another length, are left out.
    """
    usable = [(post, True) for post in posts if post.embedding]
    usable += [(post, False) for post in earlier if post.embedding][: max(0, _MOST_POSTS - len(usable))]
    sizes = {len(post.embedding or b"") for post, _ in usable}
    if len(usable) < 2 * MINIMUM_POSTS or len(sizes) != 1:
        return ()
    usable.sort(key=lambda item: (item[0].day, item[0].key))
    vectors = unpack_embeddings([post.embedding or b"" for post, _ in usable])
    n_week = sum(in_week for _, in_week in usable)
    n_earlier = len(usable) - n_week
    scored = []
    for cluster in _clusters(vectors):
        now = _folded([i for i in cluster.members if usable[i][1]], vectors)
        earlier_ones = _folded([i for i in cluster.members if not usable[i][1]], vectors)
        members, before = sorted([*earlier_ones, *now]), len(earlier_ones)
        if len(now) < MINIMUM_POSTS:
            continue
        _, score = shrunken(len(now), n_week, before, max(n_earlier, 1)) if n_earlier else (0.0, 0.0)
        scored.append((score, members, now))
    scored.sort(key=lambda item: (-item[0], item[1][0]))
    all_posts = [post for post, _ in usable]
    return tuple(
        _topic(all_posts, vectors, members, now, score, (n_week, n_earlier), options)
        for score, members, now in scored[:_MOST_TOPICS]
    )


def _clusters(vectors: Vectors) -> list[_Cluster]:
    import numpy as np

    clusters: list[_Cluster] = []
    sums = np.zeros_like(vectors)
    centres = np.zeros_like(vectors)
    for index, vector in enumerate(vectors):
        n = len(clusters)
        best = int(np.argmax(centres[:n] @ vector)) if n else -1
        if best < 0 or float(centres[best] @ vector) < NEAR:
            best = n
            clusters.append(_Cluster())
        clusters[best].members.append(index)
        sums[best] += vector
        centres[best] = sums[best] / max(float(np.linalg.norm(sums[best])), 1e-9)
    return clusters


def _folded(members: Sequence[int], vectors: Vectors) -> list[int]:
    """Near-duplicates and cross-posts of one stretch of time count once."""
    kept: list[int] = []
    for index in members:
        if not kept or float((vectors[kept] @ vectors[index]).max()) < SAME:
            kept.append(index)
    return kept


def _topic(
    posts: Sequence[ComparedPost],
    vectors: Vectors,
    members: Sequence[int],
    now: Sequence[int],
    score: float,
    sizes: tuple[int, int],
    options: TermOptions,
) -> Topic:
    centre = vectors[list(members)].mean(axis=0)
    nearest = sorted(now, key=lambda i: (-round(float(vectors[i] @ centre), 5), i))
    n_week, n_earlier = sizes
    return Topic(
        id=hashlib.sha256(posts[members[0]].key.encode()).hexdigest()[:8],
        name=_name(posts, members, options),
        posts=len(now),
        earlier_posts=len(members) - len(now),
        share=len(now) / n_week,
        earlier_share=(len(members) - len(now)) / n_earlier if n_earlier else 0.0,
        first_seen=posts[members[0]].day,
        sources=len({posts[i].source for i in members}),
        rising=score >= RISING_SCORE,
        quotes=tuple(_quote(posts[i]) for i in nearest[:3]),
    )


def _name(posts: Sequence[ComparedPost], members: Sequence[int], options: TermOptions) -> str:
    inside = set(members)
    own = [post_terms(posts[i].text, posts[i].language, options) for i in members[:60]]
    step = max(1, len(posts) // 200)
    others = [
        post_terms(posts[i].text, posts[i].language, options)
        for i in range(0, len(posts), step)
        if i not in inside
    ]
    ranked = [c for c in contrasts(own, others) if c.score > 0]
    best = without_repeats(ranked, own, limit=3)
    shown = [next(terms[c.term] for terms in own if c.term in terms) for c in best]
    return ", ".join(shown) or "posts that mean alike"


def _quote(post: ComparedPost) -> Quote:
    where = post.where or post.source
    return Quote(shortened(post.text, QUOTE_LENGTH), where, post.day, (), "", post.language)
