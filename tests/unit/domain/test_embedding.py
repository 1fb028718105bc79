"""Packed embeddings keep similarity."""

from __future__ import annotations

import numpy as np

from monitor.domain.embedding import pack_embedding, unpack_embeddings


def _unit(generator: np.random.Generator) -> np.ndarray:
    vector = generator.normal(size=384)
    return vector / np.linalg.norm(vector)


def test_packing_keeps_the_cosine() -> None:
    generator = np.random.default_rng(0)
    vectors = np.stack([_unit(generator) for _ in range(20)])
    restored = unpack_embeddings([pack_embedding(vector) for vector in vectors])
    assert np.abs(restored @ restored.T - vectors @ vectors.T).max() < 0.01
