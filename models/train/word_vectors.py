"""Pretrained Russian word vectors for training: Navec, as the package ``natasha`` carries it.

Navec (news, 250,000 words, 300 numbers a word, product-quantised to 100 bytes) is a tar of two files:
``vocab.bin``: a count, as many word counts (uint32), then the words, one a line, gzipped;
``pq.bin``: four uint32 (words, numbers a word, parts, centres a part), the centre of each part of each word
(one byte each), then the centres (float32).
"""

from __future__ import annotations

import gzip
import importlib.util
import logging
import tarfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.linear import normalise
from models.readings import Floats
from models.words import word_code, words_of
from monitor.errors import InputError

log = logging.getLogger(__name__)

PACKAGED = "data/emb/navec_news_v1_1B_250K_300d_100q.tar"
FREQUENT_WORDS = 60_000
"""Words that are stored beside those of the training texts: the most frequent ones of the vectors."""


@dataclass(frozen=True, slots=True)
class WordVectors:
    """Unit vectors by word.

    Attributes:
        rows: place of a word (lower case, ё as е) in ``vectors``.
        vectors: (words, numbers).
        counts: (words,) how often each was seen where the vectors come from.
    """

    rows: dict[str, int]
    vectors: Floats
    counts: NDArray[np.int64]


def packaged_vectors() -> Path | None:
    """The file inside the package ``natasha``, which is not imported; None where it is not installed."""
    found = importlib.util.find_spec("natasha")
    for folder in (found.submodule_search_locations or []) if found else []:
        path = Path(folder) / PACKAGED
        if path.is_file():
            return path
    log.warning("no Russian word vectors: the Russian model is trained without them; pip install natasha")
    return None


def read_vectors(path: Path) -> WordVectors:
    """Read a Navec file.

    Raises:
        InputError: the file is not in Navec's format.
    """
    try:
        with tarfile.open(path) as archive:
            parts = {name: archive.extractfile(name) for name in ("vocab.bin", "pq.bin")}
            raw = {name: part.read() if part else b"" for name, part in parts.items()}
        words, counts = _read_vocabulary(raw["vocab.bin"])
        vectors = _read_quantised(raw["pq.bin"])
    except (OSError, KeyError, ValueError, tarfile.TarError, EOFError) as error:
        raise InputError(
            f"{path} cannot be read ({error!r}): expected word vectors in Navec's format; "
            "reinstall the package natasha"
        ) from error
    rows: dict[str, int] = {}
    for row, word in enumerate(words[: len(vectors)]):
        rows.setdefault(word.replace("ё", "е"), row)
    for special in ("<unk>", "<pad>"):
        rows.pop(special, None)
    return WordVectors(rows=rows, vectors=vectors, counts=counts)


def _read_vocabulary(packed: bytes) -> tuple[list[str], NDArray[np.int64]]:
    raw = gzip.decompress(packed) if packed[:2] == b"\x1f\x8b" else packed
    size = int(np.frombuffer(raw, np.uint32, 1)[0])
    counts = np.frombuffer(raw, np.uint32, size, 4).astype(np.int64)
    return raw[4 + 4 * size :].decode("utf-8").split("\n"), counts


def _read_quantised(raw: bytes) -> Floats:
    words, numbers, parts, centres = (int(value) for value in np.frombuffer(raw, np.uint32, 4))
    codes = np.frombuffer(raw, np.uint8, words * parts, 16).reshape(words, parts)
    table = np.frombuffer(raw, np.float32, -1, 16 + words * parts).reshape(parts, centres, numbers // parts)
    vectors = np.concatenate([table[part][codes[:, part]] for part in range(parts)], axis=1)
    unit: Floats = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    return unit


class WordFeatures:
    """The mean vector of a text's words, weighted by how rare they are in the training texts."""

    def __init__(self, vectors: WordVectors, texts: Sequence[str]) -> None:
        self._vectors = vectors
        self._texts = len(texts)
        self._frequency = Counter(word for text in texts for word in set(words_of(normalise(text))))

    def matrix(self, texts: Sequence[str]) -> Floats:
        """Features (n, numbers); zeros for a text without known words."""
        return np.stack([self._mean(text) for text in texts])

    def _rarity(self, word: str) -> float:
        return float(np.log((2 + self._texts) / (1 + self._frequency[word])))

    def _mean(self, text: str) -> Floats:
        known = [word for word in words_of(normalise(text)) if word in self._vectors.rows]
        if not known:
            return np.zeros(self._vectors.vectors.shape[1], dtype=np.float32)
        rarity = np.array([self._rarity(word) for word in known], dtype=np.float32)
        rows = self._vectors.vectors[[self._vectors.rows[word] for word in known]]
        mean: Floats = rarity @ rows / rarity.sum()
        return mean

    def table(self, coefficients: Floats) -> tuple[NDArray[np.uint32], Floats, Floats]:
        """Ascending hashes (w,), head weights (w, heads) and rarity (w,) of the words worth storing.

        Args:
            coefficients: (numbers, heads) of the fitted model.
        """
        often = np.argsort(-self._vectors.counts, kind="stable")[:FREQUENT_WORDS]
        frequent = set(often.tolist())
        by_code: dict[int, str] = {}
        for word, row in self._vectors.rows.items():
            if row in frequent or word in self._frequency:
                by_code.setdefault(word_code(word), word)
        codes = sorted(by_code)
        words = [by_code[code] for code in codes]
        rows = self._vectors.vectors[[self._vectors.rows[word] for word in words]] @ coefficients
        rarity = np.array([self._rarity(word) for word in words], dtype=np.float32)
        return np.array(codes, dtype=np.uint32), rows, rarity
