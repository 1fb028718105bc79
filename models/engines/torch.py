"""Any Hugging Face sequence classifier for sentiment, on CPU or GPU; complaints come from the word lists.

The model is read from a folder or from the local cache: nothing is downloaded at run time.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.clean import clean
from models.engines.lexicon import LexiconScorer
from monitor.domain.scores import Scores, Sentiment
from monitor.errors import ModelError, UsageError

START_TOKENS = {"cpu": 4096, "cuda": 65536}
"""Padded tokens of the first batch; halved as long as the device runs out of memory."""

MAXIMUM_TOKENS = 512
_MOODS = tuple(Sentiment)
_GUESSES = {"neg": Sentiment.NEGATIVE, "neu": Sentiment.NEUTRAL, "pos": Sentiment.POSITIVE}


class TorchScorer:
    """Scores sentiment with a Hugging Face classifier; implements ``models.base.Scorer``."""

    def __init__(self, model: Any, tokenizer: Any, columns: Sequence[Sentiment], model_id: str) -> None:
        """Take a loaded classifier whose column ``k`` stands for the mood ``columns[k]``."""
        import torch

        self._device = "cuda" if torch.cuda.is_available() else "cpu"
        self._model = model.to(self._device).eval()
        self._tokenizer = tokenizer
        self._columns = [_MOODS.index(mood) for mood in columns]
        self._model_id = model_id
        self._tokens = START_TOKENS[self._device]
        self._lexicon = LexiconScorer()

    @classmethod
    def open(cls, model: str | None, label_mapping: Mapping[str, str] | None = None) -> TorchScorer:
        """Open a classifier by folder or by the id it has in the local Hugging Face cache.

        Args:
            model: folder or id.
            label_mapping: the model's labels -> negative, neutral or positive; guessed where names tell.

        Raises:
            UsageError: no model named, torch is not installed, or labels cannot be mapped.
            ModelError: the model cannot be read.
        """
        if not model:
            raise UsageError(
                "engine 'torch' got no model: expected a folder or a Hugging Face id; pass --model"
            )
        try:
            from transformers import AutoModelForSequenceClassification, AutoTokenizer
        except ImportError as error:
            raise UsageError(
                "engine 'torch' needs torch and transformers, which are not installed; "
                "run: pip install 'goodwill-monitor[torch]'"
            ) from error
        try:
            tokenizer = AutoTokenizer.from_pretrained(model, local_files_only=True)
            loaded = AutoModelForSequenceClassification.from_pretrained(model, local_files_only=True)
        except (OSError, ValueError) as error:
            raise ModelError(
                f"model {model!r} cannot be opened ({type(error).__name__}): expected a folder or a model in the "
                "local Hugging Face cache; fetch it first, nothing is downloaded while scoring"
            ) from error
        columns = map_labels(loaded.config.id2label, label_mapping or {})
        return cls(loaded, tokenizer, columns, f"torch:{Path(model).name if Path(model).is_dir() else model}")

    @property
    def model_id(self) -> str:
        """Engine and model name."""
        return self._model_id

    def score(self, texts: Sequence[str], langs: Sequence[str | None] | None = None) -> list[Scores]:
        """Score n texts in order; see ``models.base.Scorer.score``."""
        if not texts:
            return []
        shares = self._shares([clean(text) for text in texts])
        return [
            self._merge(found, row)
            for found, row in zip(self._lexicon.score(texts, langs), shares, strict=True)
        ]

    def _merge(self, found: Scores, shares: NDArray[np.floating]) -> Scores:
        probabilities = {mood: float(share) for mood, share in zip(_MOODS, shares, strict=True)}
        return dataclasses.replace(
            found,
            sentiment=_MOODS[int(shares.argmax())],
            probabilities=probabilities,
            model=self._model_id,
            unsure=bool(shares.max() < 0.5),
        )

    def _shares(self, texts: Sequence[str]) -> NDArray[np.floating]:
        """Probabilities (n, 3) of the moods."""
        ids = self._tokenizer(list(texts), truncation=True, max_length=self._limit())["input_ids"]
        order = sorted(range(len(ids)), key=lambda row: -len(ids[row]))  # longest first: memory fails early
        shares = np.zeros((len(ids), len(_MOODS)), dtype=np.float64)
        done = 0
        while done < len(order):
            size = max(1, self._tokens // max(1, len(ids[order[done]])))
            rows = order[done : done + size]
            found = self._forward([ids[row] for row in rows])
            if found is None:
                continue  # the budget was halved: same rows again in smaller batches
            for column, mood in enumerate(self._columns):
                shares[rows, mood] += found[:, column]
            done += len(rows)
        normalised: NDArray[np.floating] = shares / shares.sum(axis=1, keepdims=True)
        return normalised

    def _limit(self) -> int:
        positions = getattr(self._model.config, "max_position_embeddings", MAXIMUM_TOKENS)
        return max(8, min(MAXIMUM_TOKENS, int(positions) - 2))

    def _forward(self, ids: Sequence[Sequence[int]]) -> NDArray[np.floating] | None:
        """Probabilities (b, labels), or None after halving the budget because memory ran out."""
        import torch

        padded = self._tokenizer.pad({"input_ids": list(ids)}, return_tensors="pt").to(self._device)
        try:
            with torch.inference_mode():
                logits = self._model(**padded).logits.float()
        except torch.cuda.OutOfMemoryError:
            if len(ids) == 1:
                raise
            self._tokens //= 2
            torch.cuda.empty_cache()
            return None
        shares: NDArray[np.floating] = torch.softmax(logits, dim=-1).cpu().numpy()
        return shares


def map_labels(id2label: Mapping[int, str], mapping: Mapping[str, str]) -> list[Sentiment]:
    """Mood of each column: by the given mapping first, by the start of the label's name else.

    Raises:
        UsageError: a label without a mood, or a mood that is not known.
    """
    columns = []
    for column in sorted(id2label):
        label = id2label[column]
        wanted = mapping.get(label)
        guess = _GUESSES.get(label.lower()[:3])
        if wanted is None and guess is None:
            raise UsageError(
                f"label {label!r} of the model has no mood: expected a name that begins like negative, "
                "neutral or positive; rename it under id2label in the model's config.json"
            )
        try:
            columns.append(Sentiment(wanted) if wanted else guess or Sentiment.NEUTRAL)
        except ValueError as error:
            raise UsageError(
                f"label {label!r} is mapped to {wanted!r}: expected negative, neutral or positive; "
                "correct the mapping"
            ) from error
    return columns
