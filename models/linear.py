"""A linear model over hashed character n-grams, for scripts that the encoder spells letter by letter.

Features of a text: all character n-grams of its lower-case form (n from 1 to 6, spaces included), hashed into
a fixed number of buckets; value = (1 + log count) x inverse document frequency, unit length. One matrix
product gives all heads. Weights are kept as signed bytes with one scale a column. Words add what
``models.words`` knows of them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.calibration import sigmoid, softmax
from models.manifest import HeadSettings
from models.readings import Floats, Readings, calibrate
from models.weights_file import as_bytes, open_weights
from models.words import WordTable

NGRAMS = (1, 2, 3, 4, 5, 6)
BUCKET_BITS = 17
EMBEDDING_WIDTH = 384
_SPREAD = np.uint32(2654435761)  # Knuth's multiplicative hash, 2^32 / golden ratio
_STEP = np.uint32(16777619)
_SPACE = re.compile(r"\s+")
_DIGITS = re.compile(r"\d+")
_EMBEDDING_HASHES = 4


def normalise(text: str) -> str:
    """Lower case, ё as е, numbers as 0, single spaces, and a space at both ends."""
    folded = _DIGITS.sub("0", text.lower().replace("ё", "е"))
    return f" {_SPACE.sub(' ', folded).strip()} "


def bucket_counts(normal: str) -> tuple[NDArray[np.int64], Floats]:
    """Buckets of the n-grams of a normalised text and how often each occurs."""
    letters = np.frombuffer(normal.encode("utf-32-le", "replace"), dtype=np.uint32)
    found = []
    with np.errstate(over="ignore"):
        for length in NGRAMS:
            if len(letters) < length:
                break
            window = len(letters) - length + 1
            code = np.full(window, length, dtype=np.uint32)
            for offset in range(length):
                code = (code ^ letters[offset : offset + window]) * _STEP
                code ^= code >> np.uint32(15)
            found.append((code * _SPREAD) >> np.uint32(32 - BUCKET_BITS))
    buckets, counts = np.unique(np.concatenate(found), return_counts=True)
    return buckets.astype(np.int64), counts.astype(np.float32)


def weigh(counts: Floats, rarity: Floats) -> Floats:
    """Unit-length values of one text's buckets."""
    values = (1.0 + np.log(counts)) * rarity
    unit: Floats = values / max(float(np.linalg.norm(values)), 1e-9)
    return unit


def sketch_embedding(buckets: NDArray[np.int64], values: Floats) -> Floats:
    """Project a text's features to 384 dimensions by signed hashing (count sketch): similar texts stay similar."""
    vector = np.zeros(EMBEDDING_WIDTH, dtype=np.float32)
    with np.errstate(over="ignore"):
        for number in range(1, _EMBEDDING_HASHES + 1):
            code = (buckets.astype(np.uint32) + np.uint32(number * 7919)) * _SPREAD
            code ^= code >> np.uint32(13)
            sign = np.where(code & np.uint32(1), 1.0, -1.0).astype(np.float32)
            np.add.at(vector, (code >> np.uint32(4)) % np.uint32(EMBEDDING_WIDTH), sign * values)
    unit: Floats = vector / max(float(np.linalg.norm(vector)), 1e-9)
    return unit


def join_complaint(topic: Floats, mood: Floats, *, first_form: bool = False) -> Floats:
    """Log of P(complains about marketing | negative) x P(negative), from topic (n,) and mood logits (n, 3).

    One linear model of both cannot tell disliked advertising from advertising beside something disliked.
    """
    negative = np.maximum(softmax(mood)[:, 0], 1e-9)
    if first_form:  # weights files without words were calibrated with this one
        negative = sigmoid(2.0 * mood[:, 0] - mood[:, 1] - mood[:, 2])
    joined: Floats = np.log(sigmoid(topic)) + np.log(negative)
    return joined


class LinearReader:
    """Reads segments with the hashed linear model; implements ``models.readings.Reader``."""

    def __init__(self, stored: Mapping[str, Any], settings: HeadSettings) -> None:
        """Take byte weights (buckets, 24), their scale (24,), bias (24,), rarity (buckets,) and words, if any.

        Raises:
            KeyError, ValueError: arrays are missing or do not belong together.
        """
        self._weights: NDArray[np.int8] = stored["weights"]
        self._scale: Floats = stored["scale"]
        self._bias: Floats = stored["bias"]
        self._rarity: Floats = stored["rarity"].astype(np.float32)
        self._words = WordTable.read(stored)
        self._settings = settings

    @classmethod
    def open(cls, path: Path, settings: HeadSettings) -> LinearReader:
        """Open a file written by ``save_weights``.

        Raises:
            ModelError: the file cannot be read.
        """
        return open_weights(path, lambda stored: cls(stored, settings))

    @property
    def settings(self) -> HeadSettings:
        """Calibration and thresholds."""
        return self._settings

    def run(self, texts: Sequence[str]) -> list[Floats]:
        """Logits of sentiment (n, 3), complaint (n,), tags (n, 10), channel (n, 10), and embeddings (n, 384)."""
        logits = np.empty((len(texts), self._weights.shape[1]), dtype=np.float32)
        embeddings = np.empty((len(texts), EMBEDDING_WIDTH), dtype=np.float32)
        for row, text in enumerate(texts):
            normal = normalise(text)
            buckets, counts = bucket_counts(normal)
            values = weigh(counts, self._rarity[buckets])
            logits[row] = values @ self._weights[buckets].astype(np.float32) * self._scale + self._bias
            if self._words is not None:
                logits[row] += self._words.logits(normal)
            embeddings[row] = sketch_embedding(buckets, values)
        complaint = join_complaint(logits[:, 3], logits[:, :3], first_form=self._words is None)
        return [logits[:, :3], complaint, logits[:, 4:14], logits[:, 14:], embeddings]

    def read(self, texts: Sequence[str]) -> Readings:
        """Read n clean segments, in order."""
        *logits, embeddings = self.run(texts)
        return calibrate(self._settings, logits, embeddings)


def save_weights(
    path: Path, weights: Floats, bias: Floats, rarity: Floats, words: Mapping[str, Any] | None = None
) -> None:
    """Store weights (buckets, 24) as signed bytes with one scale a column, and the arrays of a word table."""
    quantised, scale = as_bytes(weights)
    stored: dict[str, Any] = {
        "weights": quantised,
        "scale": scale,
        "bias": bias.astype(np.float32),
        "rarity": rarity.astype(np.float16),
        **(words or {}),
    }
    np.savez_compressed(path, **stored)
