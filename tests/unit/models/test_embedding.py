"""Packed embeddings keep similarity and fold near-duplicates onto their first text."""

from __future__ import annotations

import numpy as np

from models.embedding import near_duplicates, pack_embedding, unpack_embeddings


def _unit(generator: np.random.Generator) -> np.ndarray:
    vector = generator.normal(size=384)
    return vector / np.linalg.norm(vector)


def test_packing_keeps_the_cosine() -> None:
    generator = np.random.default_rng(0)
    vectors = np.stack([_unit(generator) for _ in range(20)])
    restored = unpack_embeddings([pack_embedding(vector) for vector in vectors])
    assert np.abs(restored @ restored.T - vectors @ vectors.T).max() < 0.01


def test_near_duplicates_point_to_the_first_of_their_kind() -> None:
    generator = np.random.default_rng(1)
    first, second = _unit(generator), _unit(generator)
    noisy = first + 0.1 * _unit(generator)
    packed = [pack_embedding(vector) for vector in (first, second, noisy / np.linalg.norm(noisy), second)]
    assert near_duplicates(packed) == [0, 1, 0, 1]


def test_no_texts_have_no_duplicates() -> None:
    assert near_duplicates([]) == []
