"""What single words add to the linear model: one row of head weights a word.

The training reads pretrained word vectors; a linear model of their mean needs only each word's product with the
model's coefficients, so that 24 bytes a word carry what 300 numbers said. Words are found by a hash; unknown
words add nothing.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.readings import Floats
from models.weights_file import as_bytes

MAXIMUM_WORDS = 200
"""Words of one segment that are read; segments are shorter unless they are not text."""

_WORD = re.compile(r"[a-zа-я]+(?:-[a-zа-я]+)*")


def words_of(normal: str) -> list[str]:
    """Words of a text in the form of ``models.linear.normalise``."""
    return _WORD.findall(normal)[:MAXIMUM_WORDS]


def word_code(word: str) -> int:
    """Hash of a word (32 bits)."""
    return zlib.crc32(word.encode("utf-8"))


class WordTable:
    """Head weights of known words."""

    def __init__(self, codes: NDArray[np.uint32], weights: NDArray[np.int8], scale: Floats, rarity: Floats):
        """Take ascending hashes (w,), byte weights (w, heads), their scale (heads,) and rarity (w,).

        Raises:
            ValueError: the arrays do not belong together.
        """
        if len(weights) != len(codes) or len(rarity) != len(codes) or weights.shape[1:] != scale.shape:
            raise ValueError(
                f"word arrays of {len(codes)}, {weights.shape} and {len(rarity)} do not belong together"
            )
        self._codes = codes
        self._weights = weights
        self._scale = scale
        self._rarity = rarity.astype(np.float32)

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> WordTable | None:
        """Open the table of a weights file; None where the model was trained without word vectors.

        Raises:
            KeyError, ValueError: some of the arrays are missing or do not belong together.
        """
        if "word_codes" not in stored:
            return None
        return cls(stored["word_codes"], stored["word_weights"], stored["word_scale"], stored["word_rarity"])

    def logits(self, normal: str) -> Floats | float:
        """Mean row of the text's known words, weighted by rarity (heads,); 0 where none is known."""
        codes = np.array([word_code(word) for word in words_of(normal)], dtype=np.uint32)
        if not len(codes) or not len(self._codes):
            return 0.0
        places = np.minimum(np.searchsorted(self._codes, codes), len(self._codes) - 1)
        known = places[self._codes[places] == codes]
        if not len(known):
            return 0.0
        rarity = self._rarity[known]
        mean: Floats = (rarity @ self._weights[known].astype(np.float32)) * self._scale / rarity.sum()
        return mean


def store_words(codes: NDArray[np.uint32], rows: Floats, rarity: Floats) -> dict[str, Any]:
    """Arrays of a weights file from ascending hashes (w,), weights (w, heads) and rarity (w,)."""
    quantised, scale = as_bytes(rows)
    return {
        "word_codes": codes.astype(np.uint32),
        "word_weights": quantised,
        "word_scale": scale,
        "word_rarity": rarity.astype(np.float16),
    }
