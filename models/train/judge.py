"""The last layer of the complaint head: a logistic regression over head outputs, fitted on real texts only.

Written texts teach the encoder what complaints are; the few real ones whose source permits training then say
how the outputs weigh on real texts. Fourteen weights cannot learn texts by heart.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from models.train.batches import collate, encode, plan
from models.train.examples import Example
from models.train.network import Network

log = logging.getLogger(__name__)

LEAST_OF_EACH = 30
"""Fewer real complaints or others than this leave the head as it was trained."""


def fit_judge(network: Network, tokenizer: Any, examples: Sequence[Example]) -> None:
    """Set the weights of ``network.judge`` in place from real examples with a complaint label."""
    real = [example for example in examples if example.source and example.complaint >= 0]
    labels = np.array([example.complaint for example in real])
    if min((labels == 1).sum(), (labels == 0).sum()) < LEAST_OF_EACH:
        return
    from sklearn.linear_model import LogisticRegression

    outputs = _head_outputs(network, tokenizer, real)
    mean, deviation = outputs.mean(axis=0), outputs.std(axis=0) + 1e-6
    fitted = LogisticRegression(C=1.0, max_iter=2000).fit((outputs - mean) / deviation, labels)
    weights = fitted.coef_[0] / deviation
    with torch.no_grad():
        network.judge.weight.copy_(torch.from_numpy(weights[None, :]).float())
        network.judge.bias.copy_(torch.from_numpy(fitted.intercept_ - weights @ mean).float())
    log.info("complaint head weighed on %d real texts", len(real))


def _head_outputs(network: Network, tokenizer: Any, examples: Sequence[Example]) -> np.ndarray:
    """Inputs of the judge (n, 14): complaint, tag and sentiment logits."""
    ids = encode(tokenizer, [example.text for example in examples])
    outputs = np.empty((len(ids), network.judge.in_features))
    network.eval()
    for rows in plan([len(row) for row in ids], 4096, seed=0):
        batch = collate(examples, ids, rows, smoothing=0.0)
        with torch.no_grad():
            sentiment, complaint, tags, _, _ = network(batch.input_ids, batch.attention_mask)
        outputs[rows] = torch.cat([complaint.unsqueeze(-1), tags, sentiment], dim=-1).numpy()
    return outputs
