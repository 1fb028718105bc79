"""The training loop: losses, learning-rate curve, weight averaging, checkpoints to go on from."""

from __future__ import annotations

import copy
import hashlib
import logging
import math
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Generic, TypeVar

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from models.train.batches import Batch, collate, plan
from models.train.config import Stage, TrainingConfig
from models.train.examples import Example
from models.train.network import Network, parameter_groups

log = logging.getLogger(__name__)

Net = TypeVar("Net", bound=nn.Module)
AVERAGE_EVERY = 4
"""Steps between two folds of the average: folding costs as much memory traffic as the optimizer."""


def losses(outputs: Sequence[Tensor], batch: Batch, teacher: Tensor) -> dict[str, Tensor]:
    """Loss of each head over the rows that carry its label; a head without rows gives zero."""
    sentiment, complaint, tags, channel, embedding = outputs
    by_row = -(batch.moods * functional.log_softmax(sentiment, dim=-1)).sum(dim=-1)
    rated = (batch.sentiment >= 0).float() * batch.weight
    judged = (batch.complaint >= 0).float()
    tagged = (batch.tags >= 0).float()
    channelled = (batch.channel >= 0).float()
    complaint_loss = functional.binary_cross_entropy_with_logits(
        complaint, batch.complaint.clamp(min=0.0), reduction="none"
    )
    tag_loss = functional.binary_cross_entropy_with_logits(tags, batch.tags.clamp(min=0.0), reduction="none")
    channel_loss = functional.cross_entropy(channel, batch.channel.clamp(min=0), reduction="none")
    return {
        "sentiment": (by_row * rated).sum() / rated.sum().clamp(min=1.0),
        "complaint": (complaint_loss * judged).sum() / judged.sum().clamp(min=1.0),
        "tags": 2.0 * (tag_loss * tagged).sum() / tagged.sum().clamp(min=1.0),
        "channel": 0.5 * (channel_loss * channelled).sum() / channelled.sum().clamp(min=1.0),
        "embedding": (1.0 - (embedding * teacher).sum(dim=-1)).mean(),
    }


class Averager(Generic[Net]):
    """Exponential moving average of the weights: the average of the last steps reads better than the last."""

    def __init__(self, network: Net, decay: float) -> None:
        self.decay = decay
        self.steps = 0
        self.network: Net = copy.deepcopy(network).eval()

    @torch.no_grad()
    def update(self, network: Net) -> None:
        """Fold the current weights in."""
        self.steps += 1
        if self.steps % AVERAGE_EVERY:
            return
        folds = self.steps // AVERAGE_EVERY
        decay = min(self.decay**AVERAGE_EVERY, (1 + folds) / (10 + folds))
        torch._foreach_lerp_(list(self.network.parameters()), list(network.parameters()), 1 - decay)


class Trainer:
    """Runs one stage of the course over fixed examples."""

    def __init__(
        self,
        *,
        network: Network,
        examples: Sequence[Example],
        ids: Sequence[Sequence[int]],
        teacher: np.ndarray,
        stage: Stage,
        config: TrainingConfig,
    ) -> None:
        self.network, self.examples, self.ids, self.teacher = network, examples, ids, teacher
        self.stage, self.config = stage, config
        self.averager = Averager(network, config.averaging)
        groups = parameter_groups(network, stage.learning_rate, config.layer_decay, config.weight_decay)
        self.optimizer = torch.optim.AdamW(groups, fused=True, betas=(0.9, 0.98))
        self.batches = self._plan()
        self.step = 0

    def _plan(self) -> list[list[int]]:
        lengths = [len(row) for row in self.ids]
        batches: list[list[int]] = []
        for epoch in range(math.ceil(self.stage.epochs)):
            batches += plan(lengths, self.config.tokens_per_batch, self.config.seed * 1000 + epoch)
        return batches[: int(len(batches) * self.stage.epochs / math.ceil(self.stage.epochs))]

    @property
    def checkpoint(self) -> Path:
        """File that an interrupted stage goes on from."""
        return self.config.work / f"{self.stage.name}.checkpoint.pt"

    def _data_fingerprint(self) -> str:
        """Changes with data, seed and batch size; not with the number of epochs."""
        return hashlib.sha256(repr((self.ids, self.batches[:50])).encode()).hexdigest()

    def _set_rate(self) -> None:
        total = len(self.batches)
        warm = max(1, int(total * self.config.warmup))
        factor = min((self.step + 1) / warm, max(0.02, (total - self.step) / max(1, total - warm)))
        for group in self.optimizer.param_groups:
            group["lr"] = group["peak"] * factor

    def _train_step(self, rows: list[int]) -> dict[str, float]:
        batch = collate(self.examples, self.ids, rows, self.config.smoothing)
        teacher = torch.from_numpy(self.teacher[rows].astype(np.float32))
        self._set_rate()
        with torch.autocast("cpu", dtype=torch.bfloat16):
            outputs = self.network(batch.input_ids, batch.attention_mask)
        parts = losses([output.float() for output in outputs], batch, teacher)
        parts["embedding"] = parts["embedding"] * self.config.distillation
        torch.stack(list(parts.values())).sum().backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        self.averager.update(self.network)
        return {name: float(value.detach()) for name, value in parts.items()}

    def run(self) -> Network:
        """Train to the end of the stage and return the averaged network."""
        self._resume()
        self.network.train()
        seen: dict[str, list[float]] = {}
        started = time.monotonic()
        while self.step < len(self.batches):
            torch.manual_seed(self.config.seed * 1_000_003 + self.step)
            for name, value in self._train_step(self.batches[self.step]).items():
                seen.setdefault(name, []).append(value)
            self.step += 1
            if self.step % self.config.checkpoint_every == 0 or self.step == len(self.batches):
                self._save()
                means = " ".join(f"{name} {np.mean(values):.3f}" for name, values in seen.items())
                seconds = time.monotonic() - started
                log.info(
                    "%s step %d of %d: %s (%.0f s)",
                    self.stage.name,
                    self.step,
                    len(self.batches),
                    means,
                    seconds,
                )
                seen = {}
        return self.averager.network

    def _save(self) -> None:
        state: dict[str, Any] = {
            "step": self.step,
            "data": self._data_fingerprint(),
            "network": self.network.state_dict(),
            "average": self.averager.network.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "average_steps": self.averager.steps,
        }
        partial = self.checkpoint.with_suffix(".partial")
        torch.save(state, partial)
        partial.replace(self.checkpoint)

    def _resume(self) -> None:
        if not self.checkpoint.exists():
            return
        state = torch.load(self.checkpoint, weights_only=True)
        if state["data"] != self._data_fingerprint():
            log.warning(
                "%s was made from other data or settings: starting the stage again", self.checkpoint.name
            )
            return
        self.step = state["step"]
        self.network.load_state_dict(state["network"])
        self.averager.network.load_state_dict(state["average"])
        self.averager.steps = state["average_steps"]
        self.optimizer.load_state_dict(state["optimizer"])
        log.info("%s goes on from step %d", self.stage.name, self.step)
