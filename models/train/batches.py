"""Token-budget batches of similar length, in an order that the seed decides."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from models.train.examples import SENTIMENTS, TAGS, UNLABELLED, Example


@dataclass(frozen=True, slots=True)
class Batch:
    """Tensors of one step; b texts padded to t tokens.

    ``moods`` (b, 3) are the probabilities to be learnt where a row's sentiment is known: the label's, or the teacher's.
    """

    input_ids: Tensor
    attention_mask: Tensor
    sentiment: Tensor
    moods: Tensor
    complaint: Tensor
    tags: Tensor
    channel: Tensor
    weight: Tensor
    rows: list[int]


def load_tokenizer(base: Path, maximum_tokens: int) -> Any:
    """Open the base encoder's tokenizer without padding, cutting at ``maximum_tokens``."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(base / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(maximum_tokens)
    return tokenizer


def encode(tokenizer: Any, texts: Sequence[str]) -> list[list[int]]:
    """Token ids of each text."""
    return [encoding.ids for encoding in tokenizer.encode_batch(list(texts))]


def plan(lengths: Sequence[int], tokens_per_batch: int, seed: int) -> list[list[int]]:
    """Group rows of similar length into batches of at most ``tokens_per_batch`` padded tokens.

    Lengths get a little noise so that batches differ from epoch to epoch.
    """
    generator = random.Random(seed)  # noqa: S311 - shuffling, no secret
    order = sorted(range(len(lengths)), key=lambda row: (lengths[row] * generator.uniform(0.9, 1.1), row))
    batches: list[list[int]] = []
    current: list[int] = []
    longest = 0
    for row in order:
        longest = max(longest, lengths[row])
        if current and longest * (len(current) + 1) > tokens_per_batch:
            batches.append(current)
            current, longest = [], lengths[row]
        current.append(row)
    if current:
        batches.append(current)
    generator.shuffle(batches)
    return batches


def pad(rows: Sequence[Sequence[int]], filler: int = 0) -> tuple[Tensor, Tensor]:
    """Token ids and mask, (rows, longest) each."""
    tokens = np.full((len(rows), max(map(len, rows))), filler, dtype=np.int64)
    mask = np.zeros_like(tokens)
    for position, row in enumerate(rows):
        tokens[position, : len(row)] = row
        mask[position, : len(row)] = 1
    return torch.from_numpy(tokens), torch.from_numpy(mask)


def _one_hot(label: int, smoothing: float) -> tuple[float, ...]:
    rest = smoothing / len(SENTIMENTS)
    return tuple(1.0 - smoothing + rest if number == label else rest for number in range(len(SENTIMENTS)))


def collate(
    examples: Sequence[Example], ids: Sequence[Sequence[int]], rows: list[int], smoothing: float
) -> Batch:
    """Pad the rows of one batch; moods that are labels are smoothed."""
    tokens, mask = pad([ids[row] for row in rows])
    chosen = [examples[row] for row in rows]
    unknown = (UNLABELLED,) * len(TAGS)
    return Batch(
        input_ids=tokens,
        attention_mask=mask,
        sentiment=torch.tensor([example.sentiment for example in chosen]),
        moods=torch.tensor([example.taught or _one_hot(example.sentiment, smoothing) for example in chosen]),
        complaint=torch.tensor([example.complaint for example in chosen], dtype=torch.float32),
        tags=torch.tensor([example.tags or unknown for example in chosen], dtype=torch.float32),
        channel=torch.tensor([example.channel for example in chosen]),
        weight=torch.tensor([example.weight for example in chosen]),
        rows=rows,
    )
