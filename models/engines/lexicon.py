"""The honest floor: word lists and patterns written for this project, English and some Russian.

It needs no weights and reads thousands of texts a second. It is here to be beaten, to work where no weights
can be shipped, and to keep tests fast; its scores are marked as not measured.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from models.clean import clean
from models.engines.lexicon_words import (
    CHANNEL_PATTERNS,
    MARKETING,
    MOOD_WORDS,
    NEGATIONS,
    STRONG,
    TAG_PATTERNS,
)
from models.language import detect_language
from monitor.domain.scores import ComplaintTag, ContactChannel, Scores, Sentiment

MODEL_ID = "lexicon-1"
COMPLAINT_THRESHOLD = 0.5
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_TAGS = {tag: re.compile(pattern, re.IGNORECASE) for tag, pattern in TAG_PATTERNS.items()}
_CHANNELS = {channel: re.compile(pattern, re.IGNORECASE) for channel, pattern in CHANNEL_PATTERNS.items()}
_MARKETING = re.compile(MARKETING, re.IGNORECASE)


class LexiconScorer:
    """Scores by word lists; implements ``models.base.Scorer``."""

    @property
    def model_id(self) -> str:
        """Stable identity of the word lists."""
        return MODEL_ID

    def score(self, texts: Sequence[str], langs: Sequence[str | None] | None = None) -> list[Scores]:
        """Score n texts in order; see ``models.base.Scorer.score``."""
        known = langs or [None] * len(texts)
        return [
            self._score(clean(text), lang or detect_language(text))
            for text, lang in zip(texts, known, strict=True)
        ]

    def _score(self, text: str, lang: str) -> Scores:
        valence = mood_valence(text)
        probabilities = _probabilities(valence)
        sentiment = max(probabilities, key=lambda mood: probabilities[mood])
        tag_scores = {tag: 0.9 if pattern.search(text) else 0.05 for tag, pattern in _TAGS.items()}
        complaint_share = _complaint_share(text, valence, sum(score > 0.5 for score in tag_scores.values()))
        complaint = complaint_share >= COMPLAINT_THRESHOLD
        tags = tuple(tag for tag, score in tag_scores.items() if complaint and score > 0.5)
        return Scores(
            lang=lang,
            sentiment=sentiment,
            probabilities=probabilities,
            marketing_complaint=complaint_share,
            complaint=complaint,
            model=MODEL_ID,
            tags=tags or ((ComplaintTag.OTHER_MARKETING,) if complaint else ()),
            tag_scores=tag_scores,
            channel=_channel(text),
            unsure=max(probabilities.values()) < 0.5,
            measured=False,
        )


def mood_valence(text: str) -> float:
    """Sum of word valences with negation and strengthening; 0 where no listed word occurs."""
    total = 0.0
    recent: list[str] = []
    for word in (found.lower().replace("’", "'") for found in _WORD.findall(text)):
        value = MOOD_WORDS.get(word, 0.0)
        if value:
            if any(previous in STRONG for previous in recent[-2:]):
                value *= 1.4
            if any(previous in NEGATIONS or previous.endswith("n't") for previous in recent[-3:]):
                value *= -0.7
            total += value
        recent.append(word)
    if total and "!" in text:
        total *= 1.0 + 0.1 * min(3, text.count("!"))
    return total


def _probabilities(valence: float) -> dict[Sentiment, float]:
    logits = (-valence, 0.75, valence)
    weights = [math.exp(max(-20.0, min(20.0, logit))) for logit in logits]
    return {mood: weight / sum(weights) for mood, weight in zip(Sentiment, weights, strict=True)}


def _complaint_share(text: str, valence: float, hits: int) -> float:
    if not _MARKETING.search(text) and hits < 2:
        return 0.02 if not hits else 0.3
    score = -2.2 + 2.0 * min(hits, 3) - 0.5 * max(-3.0, min(3.0, valence))
    return 1.0 / (1.0 + math.exp(-score))


def _channel(text: str) -> ContactChannel | None:
    for channel, pattern in _CHANNELS.items():
        if pattern.search(text):
            return channel
    return None
