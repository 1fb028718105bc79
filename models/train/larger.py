"""A larger encoder learns one data set and reads its training texts; the small one then learns its probabilities.

The larger one is fine-tuned on these texts alone, with the moods as frequent as they are, and keeps its word embeddings.
Source: Hinton, Vinyals and Dean (2015), "Distilling the knowledge in a neural network".
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional
from transformers import AutoModel

from models.train.batches import encode, load_tokenizer, pad, plan
from models.train.config import TrainingConfig
from models.train.examples import SENTIMENTS, Example, read_parquet
from models.train.loop import Averager

log = logging.getLogger(__name__)

EPOCHS, RATE, LAYER_DECAY, HEAD_SCALE = 2, 4e-5, 0.9, 5.0
AVERAGING = 0.996
MAXIMUM_TOKENS = 96
SEED_OFFSET = 980


class LargerReader(nn.Module):
    """Mean of the last layer's token states and one linear layer."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.encoder = AutoModel.from_pretrained(folder, attn_implementation="eager", add_pooling_layer=False)
        self.encoder.embeddings.requires_grad_(requires_grad=False)
        self.dropout = nn.Dropout(0.1)
        self.output = nn.Linear(self.encoder.config.hidden_size, len(SENTIMENTS))

    def forward(self, rows: Sequence[Sequence[int]]) -> Tensor:
        """Logits (b, 3) of the token ids of b texts."""
        # Some encoders count positions from the padding, so it has to be their own.
        ids, mask = pad(rows, self.encoder.config.pad_token_id or 0)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            states = self.encoder(input_ids=ids, attention_mask=mask).last_hidden_state.float()
            shown = mask.float().unsqueeze(-1)
            logits: Tensor = self.output(self.dropout((states * shown).sum(dim=1) / shown.sum(dim=1)))
        return logits.float()


def with_moods(examples: Sequence[Example], larger: Path, config: TrainingConfig) -> list[Example]:
    """The examples; those that the larger model has read carry its probabilities, and weigh one each."""
    moods = larger_moods(larger, config)
    return [
        replace(example, taught=tuple(moods[key].tolist()), weight=1.0) if key in moods else example
        for example, key in ((example, _key(example.text)) for example in examples)
    ]


def larger_moods(larger: Path, config: TrainingConfig) -> dict[bytes, NDArray[np.float32]]:
    """Probabilities of the moods (3,) by the key of each text; made once and kept in the work folder."""
    path = config.work / "larger.npz"
    if not path.exists():
        examples = read_parquet(config.data / config.larger_reads / "train.parquet")
        probabilities = _Lessons(examples, larger, config).run()
        keys = np.frombuffer(b"".join(_key(example.text) for example in examples), dtype=np.uint8)
        np.savez(path, keys=keys.reshape(-1, 16), rows=probabilities)
    with np.load(path) as stored:
        return {key.tobytes(): row for key, row in zip(stored["keys"], stored["rows"], strict=True)}


def _key(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "replace")).digest()[:16]


class _Lessons:
    """Fine-tunes the larger encoder on fixed texts; goes on from its checkpoint."""

    def __init__(self, examples: Sequence[Example], larger: Path, config: TrainingConfig) -> None:
        torch.set_num_threads(config.threads)
        torch.manual_seed(config.seed)
        self.config = config
        self.network = LargerReader(larger)
        self.averager = Averager(self.network, AVERAGING)
        self.ids = encode(load_tokenizer(larger, MAXIMUM_TOKENS), [example.text for example in examples])
        self.labels = torch.tensor([example.sentiment for example in examples])
        lengths = [len(row) for row in self.ids]
        self.batches = [
            rows for epoch in range(EPOCHS) for rows in plan(lengths, config.tokens_per_batch, 100 + epoch)
        ]
        self.optimizer = torch.optim.AdamW(
            _groups(self.network, config.weight_decay), fused=True, betas=(0.9, 0.98)
        )
        self.checkpoint = config.work / "larger.checkpoint.pt"
        self.step = 0

    def run(self) -> NDArray[np.float32]:
        """Train to the end and return the probabilities (n, 3) of the same texts."""
        self._resume()
        while self.step < len(self.batches):
            loss = self._learn(self.batches[self.step])
            self.step += 1
            if self.step % self.config.checkpoint_every == 0 or self.step == len(self.batches):
                self._save()
                log.info("larger encoder: step %d of %d, loss %.3f", self.step, len(self.batches), loss)
        return _read(self.averager.network, self.ids)

    def _learn(self, rows: list[int]) -> float:
        torch.manual_seed(self.config.seed + SEED_OFFSET + self.step)
        self.network.train()
        warm = (self.step + 1) / (self.config.warmup * len(self.batches))
        left = 1 - self.step / len(self.batches)
        for group in self.optimizer.param_groups:
            group["lr"] = group["peak"] * min(1.0, warm) * max(0.01, left)
        logits = self.network([self.ids[row] for row in rows])
        loss = functional.cross_entropy(logits, self.labels[rows])
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        self.averager.update(self.network)
        return float(loss.detach())

    def _save(self) -> None:
        state = {
            "step": self.step,
            "network": self.network.state_dict(),
            "average": self.averager.network.state_dict(),
            "average_steps": self.averager.steps,
            "optimizer": self.optimizer.state_dict(),
        }
        partial = self.checkpoint.with_suffix(".partial")
        torch.save(state, partial)
        partial.replace(self.checkpoint)

    def _resume(self) -> None:
        if self.checkpoint.exists():
            state = torch.load(self.checkpoint, weights_only=True)
            self.step, self.averager.steps = state["step"], state["average_steps"]
            self.network.load_state_dict(state["network"])
            self.averager.network.load_state_dict(state["average"])
            self.optimizer.load_state_dict(state["optimizer"])
            log.info("the larger encoder goes on from step %d", self.step)


def _groups(network: LargerReader, weight_decay: float) -> list[dict[str, object]]:
    """Learning rate falls with each layer below the head; vectors and biases do not decay."""
    depth = network.encoder.config.num_hidden_layers
    groups: dict[tuple[float, float], list[nn.Parameter]] = {}
    for name, parameter in network.named_parameters():
        if not parameter.requires_grad:
            continue
        scale = LAYER_DECAY**depth
        if name.startswith("output"):
            scale = HEAD_SCALE
        elif ".layer." in name:
            scale = LAYER_DECAY ** (depth - 1 - int(name.split(".")[3]))
        decay = 0.0 if parameter.ndim < 2 else weight_decay
        groups.setdefault((scale, decay), []).append(parameter)
    return [
        {"params": members, "lr": RATE * scale, "peak": RATE * scale, "weight_decay": decay}
        for (scale, decay), members in groups.items()
    ]


@torch.no_grad()
def _read(network: LargerReader, ids: Sequence[Sequence[int]]) -> NDArray[np.float32]:
    network.eval()
    found = np.zeros((len(ids), len(SENTIMENTS)), dtype=np.float32)
    for rows in plan([len(row) for row in ids], 4096, seed=0):
        found[rows] = torch.softmax(network([ids[row] for row in rows]), dim=-1).numpy()
    return found
