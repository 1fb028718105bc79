"""The word-list engine: a floor that gets the plain cases right and survives anything."""

from __future__ import annotations

import pytest

from models.base import Scorer
from models.engines.lexicon import LexiconScorer
from models.load import load_scorer
from monitor.domain.scores import ComplaintTag, ContactChannel, Sentiment
from monitor.errors import UsageError


def test_relentless_emails_are_a_negative_complaint() -> None:
    found = LexiconScorer().score(["Your emails are relentless, unsubscribe me"])[0]
    assert found.sentiment is Sentiment.NEGATIVE
    assert found.complaint
    assert ComplaintTag.CANNOT_UNSUBSCRIBE in found.tags
    assert found.channel is ContactChannel.EMAIL


def test_a_plain_text_is_neutral_and_no_complaint() -> None:
    found = LexiconScorer().score(["The meeting moved to Tuesday"])[0]
    assert found.sentiment is Sentiment.NEUTRAL
    assert not found.complaint


@pytest.mark.parametrize(
    ("text", "mood"),
    [
        ("I love this app, support is great", Sentiment.POSITIVE),
        ("this is not good at all", Sentiment.NEGATIVE),
        ("Отличный сервис, спасибо", Sentiment.POSITIVE),
        ("Достали своей рекламой, ужас", Sentiment.NEGATIVE),
    ],
)
def test_mood_words_and_negation_are_read_in_both_languages(text: str, mood: Sentiment) -> None:
    assert LexiconScorer().score([text])[0].sentiment is mood


@pytest.mark.parametrize("text", ["", " ", "😀", "\x00\x01", "a" * 300_000, "é\u202eطمα漢字", "\ud800"])
def test_odd_texts_get_a_score(text: str) -> None:
    found = LexiconScorer().score([text])[0]
    assert abs(sum(found.probabilities.values()) - 1) < 1e-6


def test_scores_keep_the_order_of_the_texts() -> None:
    texts = ["great" if number % 3 else "terrible" for number in range(25)]
    moods = [found.sentiment for found in LexiconScorer().score(texts)]
    assert moods == [Sentiment.POSITIVE if text == "great" else Sentiment.NEGATIVE for text in texts]


def test_the_engine_fulfils_the_contract_and_opens_by_name() -> None:
    assert isinstance(load_scorer("lexicon"), Scorer)


def test_an_unknown_engine_is_named_with_the_known_ones() -> None:
    with pytest.raises(UsageError, match=r"'magic'.*onnx, torch, lexicon"):
        load_scorer("magic")
