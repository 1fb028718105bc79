"""What single word pieces and pairs of neighbours add to the encoder's complaint and tags.

A linear model over word pieces knows words; the encoder knows sentences. They err in different places, so that the sum
of their logits reads better than either (how far words and pairs go alone: Wang and Manning 2012, "Baselines and bigrams").

Features of a text: every word piece and every pair that occurs, once; value = rarity, unit length. Pairs are hashed into
buckets. Weights are signed bytes with one scale a column.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.readings import Floats
from models.weights_file import as_bytes, open_weights
from monitor.domain.scores import ComplaintTag

PIECES = 1 << 15
"""Rows of single word pieces, one each: more than the encoder's vocabulary has."""
PAIR_BITS = 18
ROWS = PIECES + (1 << PAIR_BITS)
OUTPUTS = 1 + len(ComplaintTag)
"""The complaint and its tags."""
_STEP = np.uint32(16777619)
_SPREAD = np.uint32(2654435761)  # Knuth's multiplicative hash, 2^32 / golden ratio


def occurrences(ids: Sequence[Sequence[int]]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Text number and feature row of all features of n texts, each feature of a text once, in order of the texts.

    Args:
        ids: token ids of each text with the frame tokens at both ends, which are left out.
    """
    lengths = np.array([max(0, len(row) - 2) for row in ids], dtype=np.int64)
    texts = np.repeat(np.arange(len(ids)), lengths)
    pieces = np.concatenate([np.asarray(row[1:-1], dtype=np.int64) for row in ids] or [np.empty(0, np.int64)])
    neighbours = texts[1:] == texts[:-1]
    with np.errstate(over="ignore"):
        code = (pieces[:-1].astype(np.uint32) * _STEP) ^ pieces[1:].astype(np.uint32)
        code ^= code >> np.uint32(15)
        pairs = PIECES + ((code * _SPREAD) >> np.uint32(32 - PAIR_BITS)).astype(np.int64)
    found = np.concatenate([texts * ROWS + pieces % PIECES, texts[1:][neighbours] * ROWS + pairs[neighbours]])
    unique = np.unique(found)
    return unique // ROWS, unique % ROWS


def weigh(texts: NDArray[np.int64], rows: NDArray[np.int64], rarity: Floats, size: int) -> Floats:
    """Value of each occurrence in ``size`` texts: its rarity, scaled so that a text has unit length."""
    values = rarity[rows]
    lengths = np.sqrt(np.bincount(texts, weights=np.square(values), minlength=size))
    scaled: Floats = values / np.maximum(lengths, 1e-9)[texts]
    return scaled


class NgramTable:
    """Logits of complaint and tags from word pieces and pairs."""

    def __init__(self, stored: Mapping[str, Any]) -> None:
        """Take byte weights (rows, 11), their scale (11,), bias (11,) and rarity (rows,).

        Raises:
            KeyError, ValueError: arrays are missing or do not belong together.
        """
        self._weights: NDArray[np.int8] = stored["weights"]
        self._scale: Floats = stored["scale"]
        self._bias: Floats = stored["bias"]
        self._rarity: Floats = stored["rarity"].astype(np.float32)
        shapes = self._weights.shape, self._scale.shape, self._bias.shape, self._rarity.shape
        if shapes != ((ROWS, OUTPUTS), (OUTPUTS,), (OUTPUTS,), (ROWS,)):
            raise ValueError(f"arrays of {shapes} do not belong together")

    @classmethod
    def open(cls, path: Path) -> NgramTable:
        """Open a file written by ``save_table``.

        Raises:
            ModelError: the file cannot be read.
        """
        return open_weights(path, cls)

    def logits(self, ids: Sequence[Sequence[int]]) -> Floats:
        """Logits (n, 11) of n texts given as token ids with their frame tokens."""
        texts, rows = occurrences(ids)
        values = weigh(texts, rows, self._rarity, len(ids))
        products = self._weights[rows] * values[:, None]
        sums = [np.bincount(texts, weights=column, minlength=len(ids)) for column in products.T]
        logits: Floats = np.stack(sums, axis=1).astype(np.float32) * self._scale + self._bias
        return logits


def save_table(path: Path, weights: Floats, bias: Floats, rarity: Floats) -> None:
    """Store weights (rows, 11) as signed bytes with one scale a column."""
    quantised, scale = as_bytes(weights)
    np.savez_compressed(
        path,
        weights=quantised,
        scale=scale,
        bias=bias.astype(np.float32),
        rarity=rarity.astype(np.float16),
    )
