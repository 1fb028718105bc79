"""Terms, their comparison, and topics."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from math import log, sqrt

import pytest

from reports.log_odds import contrasts, shrunken
from reports.terms import TermOptions, brand_words, post_terms
from reports.topics import find_topics
from reports.words import ComparedPost, compare

OPTIONS = TermOptions(brand=brand_words(["Northbeam"]))


def post(text: str, index: int = 0, **more: object) -> ComparedPost:
    """One post of a comparison."""
    values = {
        "day": date(2026, 11, 1) + timedelta(days=index % 7),
        "source": "slack",
        "language": "en",
        "negative": True,
        "tags": (),
    }
    return ComparedPost(text=text, key=f"k{index}", **{**values, **more})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "language", "term"),
    [
        ("This is not relevant to us", "en", "not relevant"),
        ("I didn't ask; it isn't really useful", "en", "not useful"),
        ("Это мне не нужно", "ru", "не нужно"),
        ("Das habe ich nicht bestellt", "de", "nicht bestellen"),
        ("too many e-mails every day", "en", "too many e-mail"),
        ("the pop up again", "en", "pop-up again"),
        ("so angry 😡", "en", ":enraged face:"),
        ("письмами завалили", "ru", "письмо"),
    ],
)
def test_terms_keep_what_matters(text: str, language: str, term: str) -> None:
    """Negation stays with its word, phrases are found, words are brought to their dictionary form."""
    assert term in post_terms(text, language, OPTIONS)


def test_negated_words_do_not_count_alone() -> None:
    """ "Not relevant" is not a vote for "relevant"."""
    assert "relevant" not in post_terms("not relevant", "en", OPTIONS)


def test_brand_and_stop_words_are_left_out() -> None:
    """Our own name and words that say nothing are no news."""
    terms = post_terms("Northbeam and the banner", "en", OPTIONS)
    assert set(terms) == {"banner"}


@pytest.mark.parametrize("apostrophe", ["'", "’"])
@pytest.mark.parametrize(
    "start", ["We'd", "i'd", "You'd", "they'd", "we've", "it's", "that's", "there's", "she'll"]
)
def test_contractions_that_say_nothing_are_left_out(start: str, apostrophe: str) -> None:
    """ "We'd leave" is a vote for "leave" alone, with either apostrophe."""
    assert set(post_terms(f"{start.replace(chr(39), apostrophe)} leave", "en", OPTIONS)) == {"leave"}


@pytest.mark.parametrize("start", ["I don't", "we can't", "They won't", "you’d not"])
def test_negations_among_contractions_stay(start: str) -> None:
    """ "Don't trust" says the opposite of "trust"."""
    assert set(post_terms(f"{start} trust", "en", OPTIONS)) == {"not trust"}


def test_log_odds_are_those_of_the_formula() -> None:
    """The estimate written out by hand."""
    prior = 40 * 8 / 300
    a, b = 6 + prior, 2 + prior
    expected = log(a / (100 - 6 + 40 - prior + 0.5)) - log(b / (200 - 2 + 40 - prior + 0.5))
    log_odds, score = shrunken(6, 100, 2, 200)
    assert log_odds == pytest.approx(expected)
    assert score == pytest.approx(expected / sqrt(1 / a + 1 / b))


def test_rare_words_are_shrunk_below_frequent_ones() -> None:
    """Two of two is less sure than twenty of twenty-two."""
    first = [{"rare": "rare"}] * 2 + [{"often": "often"}] * 20 + [{}] * 30
    second = [{"often": "often"}] * 2 + [{}] * 200
    ranked = [c.term for c in contrasts(first, second)]
    assert ranked[0] == "often"


def test_a_new_word_leads_and_few_posts_are_refused() -> None:
    """What only this week says comes first; with eleven posts nothing is said."""
    week = [post(f"the banner covers item {'abcdefghijklmnopqrst'[i]}", i) for i in range(20)]
    before = [post(f"slow export number {i}", i) for i in range(60)]
    facts = compare(week, before, OPTIONS)
    assert facts.words[0].term.startswith(("banner", "cover"))
    assert facts.words[0].earlier_posts == 0
    assert "at least 12 are needed" in compare(week[:11], before, OPTIONS).reason
    assert compare(week, before[:3], OPTIONS).words == ()


def _vector(axis: int) -> bytes:
    return bytes(120 if i == axis else 3 for i in range(16))


def test_topics_rise_fold_duplicates_and_keep_their_id() -> None:
    """A cluster that is new this week rises; copies count once; the id does not depend on later posts."""

    def near(i: int) -> bytes:
        return bytes(100 if axis == 0 else 60 if axis == i + 1 else 0 for axis in range(16))

    week = [post(f"banner {i} blocks the screen", i, embedding=near(i)) for i in range(6)]
    copies = [post(f"copy {i}", 50 + i, embedding=_vector(9)) for i in range(5)]
    before = [
        post(f"export {i} is slow", 100 + i, day=date(2026, 10, 1), embedding=_vector(5)) for i in range(40)
    ]
    topics = find_topics([*week, *copies], before, OPTIONS)
    assert [topic.rising for topic in topics] == [True]
    assert topics[0].posts >= 3
    assert len(topics[0].quotes) == 3
    again = find_topics([*week[:5], *copies], before, OPTIONS)
    assert again[0].id == topics[0].id


def test_what_was_said_before_in_almost_the_same_words_is_a_topic_of_this_week_too() -> None:
    """Each stretch folds its own copies: an earlier post takes none of the week's away."""

    def near(i: int) -> bytes:
        return bytes(100 if axis == 0 else 60 if axis == i + 1 else 0 for axis in range(16))

    week = [post(f"banner {i} blocks the screen", i, embedding=near(i)) for i in range(4)]
    copies = [post(f"banner {i} blocks my screen", 50 + i, embedding=near(0)) for i in range(5)]
    day = date(2026, 10, 1)
    before = [post(f"the banner {i} blocked it", 100 + i, day=day, embedding=near(i)) for i in range(4)]
    others = [post(f"export {i} is slow", 200 + i, day=day, embedding=_vector(5)) for i in range(40)]
    topic = find_topics([*week, *copies], [*before, *others], OPTIONS)[0]
    assert (topic.posts, topic.earlier_posts, topic.first_seen) == (4, 4, day)
    assert all(quote.day >= date(2026, 11, 1) for quote in topic.quotes)


def test_a_quote_of_a_topic_names_its_channel_as_other_quotes_do() -> None:
    """Where a post's place is not known, its source's name stands for it."""
    week = [post(f"banner {i}", i, embedding=_vector(i), where="comment in r/northbeam") for i in range(3)]
    week += [post(f"sales call {i}", 9 + i, embedding=_vector(15)) for i in range(3)]

    def places(posts: list[ComparedPost]) -> set[str]:
        before = [post(f"export {i}", 100 + i, embedding=_vector(5)) for i in range(9)]
        same = [
            replace(one, embedding=bytes([100, *(60 * (n == i) for n in range(15))]))
            for i, one in enumerate(posts)
        ]
        return {quote.where for topic in find_topics(same, before, OPTIONS) for quote in topic.quotes}

    assert places(week[:3]) == {"comment in r/northbeam"}
    assert places(week[3:]) == {"slack"}


def test_posts_without_embeddings_have_no_topics() -> None:
    """An engine that makes no embeddings is no error."""
    assert find_topics([post("a", i) for i in range(20)], [], OPTIONS) == ()
