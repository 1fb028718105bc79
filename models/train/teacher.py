"""Sentence embeddings of the untouched base encoder: what ours must stay close to."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from models.train.batches import pad, plan
from models.train.network import Network

Halves = NDArray[np.float16]
TOKENS_PER_BATCH = 4096


def row_key(row: Sequence[int]) -> bytes:
    """Identity of a token sequence."""
    return hashlib.sha256(np.asarray(row, dtype=np.int32).tobytes()).digest()[:16]


def teacher_embeddings(
    make_network: Callable[[], Network], ids: Sequence[Sequence[int]], cache: Path
) -> Halves:
    """Unit embeddings (n, width) in half precision by a fresh network; kept by token sequence under ``cache``."""
    path = cache / "teacher.npz"
    known: dict[bytes, Halves] = {}
    if path.exists():
        with np.load(path) as stored:
            known = {key.tobytes(): row for key, row in zip(stored["keys"], stored["rows"], strict=True)}
    keys = [row_key(row) for row in ids]
    missing = {key: row for key, row in zip(keys, ids, strict=True) if key not in known}
    if missing:
        known.update(zip(missing, _embed(make_network(), list(missing.values())), strict=True))
        names = np.frombuffer(b"".join(known), dtype=np.uint8).reshape(-1, 16)
        np.savez(path, keys=names, rows=np.stack(list(known.values())))
    return np.stack([known[key] for key in keys])


def _embed(network: Network, ids: Sequence[Sequence[int]]) -> Halves:
    embeddings = np.zeros((len(ids), network.encoder.config.hidden_size), dtype=np.float16)
    network.eval()
    for rows in plan([len(row) for row in ids], TOKENS_PER_BATCH, seed=0):
        tokens, mask = pad([ids[row] for row in rows])
        with torch.no_grad(), torch.autocast("cpu", dtype=torch.bfloat16):
            states = network.encoder(input_ids=tokens, attention_mask=mask).last_hidden_state.float()
        weights = mask.unsqueeze(-1).float()
        mean = (states * weights).sum(dim=1) / weights.sum(dim=1)
        embeddings[rows] = torch.nn.functional.normalize(mean, dim=-1).numpy().astype(np.float16)
    return embeddings
