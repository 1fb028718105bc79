"""Measure the finished int8 model: official tests by domain and language, real complaints across sources."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from models.calibration import expected_calibration_error, sigmoid, softmax
from models.engines.onnx import TEXTS_PER_WINDOW, EncoderReader
from models.evaluate import (
    Measure,
    average_precision,
    binary_f1,
    macro_f1,
    macro_recall,
    precision_at_prevalence,
    with_interval,
)
from models.manifest import HeadSettings
from models.train.examples import TAGS, Example
from models.train.settings import IDENTITY, Logits, fit_complaints

Floats = NDArray[np.floating]
RARE = 0.03
"""Share of complaints among customer texts at random."""


class Runner(Protocol):
    """Anything that gives raw outputs: sentiment, complaint, tags, channel, embedding."""

    def run(self, texts: Sequence[str]) -> list[Floats]:
        """Raw outputs for n texts."""
        ...


def logits_of(runner: Runner, examples: Sequence[Example]) -> Logits:
    """Raw outputs of the four heads for n examples, read in the engine's windows and so in its batches.

    Activations are quantised by batch: larger batches would measure a model that no user gets.
    """
    texts = [example.text for example in examples]
    windows = [
        runner.run(texts[start : start + TEXTS_PER_WINDOW])[:4]
        for start in range(0, len(texts), TEXTS_PER_WINDOW)
    ]
    sentiment, complaint, tags, channel = (np.concatenate(parts) for parts in zip(*windows, strict=True))
    return Logits(sentiment, complaint, tags, channel)


def logits_of_posts(encoder: EncoderReader, examples: Sequence[Example]) -> Logits:
    """Raw outputs for n texts of any length, by segment as users get them: the strongest complaint decides.

    The mood is that of the same segment.
    """
    pieces: list[str] = []
    ends = []
    for example in examples:
        pieces += encoder.segments(example.text) or [""]
        ends.append(len(pieces))
    read = logits_of(encoder, [Example(piece, "", "") for piece in pieces])
    starts = [0, *ends[:-1]]
    strongest = [
        start + int(read.complaint[start:end].argmax()) for start, end in zip(starts, ends, strict=True)
    ]
    return read.rows(np.array(strongest))


def measure_sentiment(
    examples: Sequence[Example], logits: Floats, settings: HeadSettings
) -> dict[str, dict[str, Any]]:
    """Macro-recall, macro-F1 and calibration error of one test set."""
    truth = np.array([example.sentiment for example in examples])
    shares = softmax(settings.sentiment.apply(logits))
    predicted = shares.argmax(axis=1)
    correct = (predicted == truth).astype(float)
    return {
        "macro_recall": asdict(with_interval(macro_recall, truth, predicted)),
        "macro_f1": asdict(with_interval(macro_f1, truth, predicted)),
        "accuracy": asdict(with_interval(_agreement, truth, predicted)),
        "calibration_error": asdict(with_interval(_calibration, correct, shares.max(axis=1))),
    }


def _agreement(truth: NDArray[Any], predicted: NDArray[Any]) -> float:
    return float((truth == predicted).mean())


def _calibration(correct: NDArray[Any], confidence: NDArray[Any]) -> float:
    return expected_calibration_error(confidence, correct.astype(bool))


def folds_by_source(examples: Sequence[Example], folds: int = 5) -> NDArray[np.int64]:
    """Fold of each example (n,); texts of one source, and of copies of it, share a fold."""
    names = [example.source.split("/")[-1].lower() for example in examples]
    return np.array([zlib.crc32(name.encode()) % folds for name in names])


def measure_complaints(
    examples: Sequence[Example], logits: Logits, *, by_source: bool = True
) -> dict[str, Any]:
    """Complaint and tag quality with thresholds and calibration always fitted on other sources.

    Args:
        examples: real texts that took no part in training.
        logits: their raw outputs.
        by_source: folds by source; False folds by row, where there are too few sources.
    """
    folds = folds_by_source(examples) if by_source else np.arange(len(examples)) % 5
    labels = np.array([example.complaint for example in examples])
    shares = np.zeros(len(examples))
    flagged = np.zeros(len(examples), dtype=int)
    tag_given = np.zeros((len(examples), len(TAGS)), dtype=int)
    for fold in np.unique(folds):
        inside, others = folds == fold, folds != fold
        fitted = fit_complaints(
            IDENTITY,
            logits.rows(others),
            [example for example, out in zip(examples, others, strict=True) if out],
        )
        shares[inside] = sigmoid(fitted.complaint.apply(logits.complaint[inside]))
        flagged[inside] = shares[inside] >= fitted.complaint_threshold
        tag_shares = sigmoid(fitted.tags.apply(logits.tags[inside]))
        tag_given[inside] = tag_shares >= np.array(fitted.tag_thresholds)
    judged = labels >= 0
    result = _complaint_measures(labels[judged], shares[judged], flagged[judged])
    lenient = np.where(labels < 0, 0, labels)
    # Calibration and thresholds do not change the ranking: it is measured on the raw logits of all folds.
    ranking = with_interval(average_precision, labels[judged], logits.complaint[judged])
    result["average_precision"] = asdict(ranking)
    result["f1_doubtful_as_no"] = asdict(with_interval(binary_f1, lenient, flagged))
    result["average_precision_doubtful_as_no"] = asdict(
        with_interval(average_precision, lenient, logits.complaint)
    )
    result["tags"] = _tag_measures(examples, tag_given)
    return result


def _complaint_measures(truth: NDArray[Any], shares: Floats, flagged: NDArray[Any]) -> dict[str, Any]:
    correct = ((shares >= 0.5) == (truth == 1)).astype(float)
    sensitivity = float(flagged[truth == 1].mean())
    false = float(flagged[truth == 0].mean())
    return {
        "f1": asdict(with_interval(binary_f1, truth, flagged)),
        "recall": sensitivity,
        "false_positive_rate": false,
        "precision_at_3_percent_among_hard_negatives": precision_at_prevalence(sensitivity, false, RARE),
        "calibration_error": asdict(with_interval(_calibration, correct, np.maximum(shares, 1 - shares))),
        "complaints": int((truth == 1).sum()),
        "counts": {
            "found": int(flagged[truth == 1].sum()),
            "positives": int((truth == 1).sum()),
            "false": int(flagged[truth == 0].sum()),
            "negatives": int((truth == 0).sum()),
        },
    }


def _tag_measures(examples: Sequence[Example], given: NDArray[Any]) -> dict[str, Any]:
    rows = [row for row, example in enumerate(examples) if example.tags is not None]
    truth = np.array([examples[row].tags for row in rows])
    by_tag = {}
    for number, tag in enumerate(TAGS):
        positives = int(truth[:, number].sum())
        by_tag[tag.value] = {"f1": binary_f1(truth[:, number], given[rows, number]), "examples": positives}
    frequent = [values["f1"] for values in by_tag.values() if values["examples"] >= 30]
    return {
        "macro_f1_over_tags_with_30_examples": float(np.mean(frequent)) if frequent else None,
        "by_tag": by_tag,
    }


def everyday_flag_rate(runner: Runner, settings: HeadSettings, examples: Sequence[Example]) -> Measure:
    """Share of everyday texts flagged as complaints: with complaints rare, most of these flags are false."""
    shares = sigmoid(settings.complaint.apply(logits_of(runner, examples).complaint))
    flagged = (shares >= settings.complaint_threshold).astype(int)
    rate: Callable[..., float] = lambda _truth, marks: float(marks.mean())  # noqa: E731 - one expression
    return with_interval(rate, flagged, flagged)
