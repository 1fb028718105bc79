"""The figures that a weekly report prints beside its numbers: a short list out of all results."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_SENTIMENT = (
    ("sentiment", "tweeteval_semeval en", "macro_recall", "mood, English tweets (macro-recall)"),
    ("sentiment", "goemotions en", "macro_f1", "mood, English Reddit comments (macro-F1)"),
    ("sentiment_ru", "sentirueval2016", "macro_f1", "mood, Russian tweets (macro-F1)"),
)
_COMPLAINTS = (
    ("complaints_en", "f1", "complaints about marketing, English (F1)"),
    ("complaints_en", "average_precision", "complaints about marketing, English (average precision)"),
    ("complaints_ru", "f1", "complaints about marketing, Russian (F1)"),
)


def measurements(results: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Headline figures as ``{"what", "value", "low", "high", "n"}``; what was not measured is left out."""
    rows = []
    for group, name, measure, what in _SENTIMENT:
        if found := results.get(group, {}).get(name):
            rows.append({"what": what, **found[measure]})
    for group, measure, what in _COMPLAINTS:
        if found := results.get(group):
            rows.append({"what": what, **found[measure]})
    return rows


def error_rates(results: Mapping[str, Any]) -> dict[str, dict[str, int]]:
    """Counts behind the tagger's error rates by language, for ``models.prevalence``.

    Complaints missed come from the labelled texts; false flags from everyday texts where they were counted,
    since the labelled texts were gathered to be mistaken for complaints.
    """
    rates = {}
    for lang in ("en", "ru"):
        if found := results.get(f"complaints_{lang}"):
            counts = dict(found["counts"])
            if everyday := results.get(f"everyday_flag_rate_{lang}"):
                counts["false"] = round(everyday["value"] * everyday["n"])
                counts["negatives"] = everyday["n"]
            rates[lang] = counts
    return rates
