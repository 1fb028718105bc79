"""Open a scorer by engine and model name; heavy libraries load only with the engine that needs them."""

from __future__ import annotations

from collections.abc import Mapping

from models.base import Scorer
from monitor.errors import UsageError

ENGINES = ("onnx", "torch", "lexicon")
"""Names of the engines; the first is the default."""


def load_scorer(
    engine: str = "onnx",
    model: str | None = None,
    *,
    label_mapping: Mapping[str, str] | None = None,
    threads: int = 2,
) -> Scorer:
    """Open a scorer.

    Args:
        engine: ``onnx`` (the shipped model), ``torch`` (a Hugging Face classifier) or ``lexicon``.
        model: model id or folder; None takes the engine's default.
        label_mapping: for ``torch``: the model's own label -> negative, neutral or positive.
        threads: compute threads of the ``onnx`` engine.

    Raises:
        UsageError: unknown engine, or an engine without its model.
    """
    if engine == "lexicon":
        from models.engines.lexicon import LexiconScorer

        return LexiconScorer()
    if engine == "onnx":
        from models.engines.onnx import OnnxScorer

        return OnnxScorer.open(model, threads=threads)
    if engine == "torch":
        from models.engines.torch import TorchScorer

        return TorchScorer.open(model, label_mapping=label_mapping)
    raise UsageError(
        f"engine {engine!r} is not known: expected one of {', '.join(ENGINES)}; pass --engine onnx"
    )
