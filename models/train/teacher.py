"""Sentence embeddings of the untouched base encoder: what ours must stay close to."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from models.train.batches import plan
from models.train.network import Network


def teacher_embeddings(network: Network, ids: Sequence[Sequence[int]], cache: Path) -> np.ndarray:
    """Unit embeddings (n, 384) in half precision by a fresh network; kept under ``cache``."""
    key = hashlib.sha256(json.dumps([list(row) for row in ids]).encode()).hexdigest()[:16]
    path = cache / f"teacher-{key}.npy"
    if path.exists():
        stored: np.ndarray = np.load(path)
        return stored
    width = network.encoder.config.hidden_size
    embeddings = np.zeros((len(ids), width), dtype=np.float16)
    network.eval()
    for rows in plan([len(row) for row in ids], 4096, seed=0):
        length = max(len(ids[row]) for row in rows)
        tokens = torch.zeros((len(rows), length), dtype=torch.long)
        mask = torch.zeros((len(rows), length), dtype=torch.long)
        for position, row in enumerate(rows):
            tokens[position, : len(ids[row])] = torch.tensor(ids[row])
            mask[position, : len(ids[row])] = 1
        with torch.no_grad(), torch.autocast("cpu", dtype=torch.bfloat16):
            states = network.encoder(input_ids=tokens, attention_mask=mask).last_hidden_state.float()
        weights = mask.unsqueeze(-1).float()
        mean = (states * weights).sum(dim=1) / weights.sum(dim=1)
        embeddings[rows] = torch.nn.functional.normalize(mean, dim=-1).numpy().astype(np.float16)
    np.save(path, embeddings)
    return embeddings
