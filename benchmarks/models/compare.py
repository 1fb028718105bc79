"""Compare readers of sentiment in one run on one thread: speed on made-up texts of mixed length.

Run: ``python benchmarks/models/compare.py [--texts 300] [--json FILE]``. It needs the ``torch`` extra and, for
VADER, ``vaderSentiment``. RoBERTa-base and DistilBERT have random weights: speed does not depend on their values.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")


def clock(read: Callable[[], Any], runs: int = 2) -> tuple[float, float]:
    """Best CPU seconds and wall seconds of some runs: CPU time is fair on a shared machine."""
    results = []
    for _ in range(runs):
        started, cpu = time.perf_counter(), time.process_time()
        read()
        results.append((time.process_time() - cpu, time.perf_counter() - started))
    return min(results)


def random_pipeline(kind: str) -> Callable[[Sequence[str]], None]:
    """A transformers text-classification pipeline of a common size with random weights, one text at a time."""
    from tokenizers import Tokenizer
    from transformers import (
        DistilBertConfig,
        DistilBertForSequenceClassification,
        PreTrainedTokenizerFast,
        RobertaConfig,
        RobertaForSequenceClassification,
        pipeline,
    )

    from models.train.network import packaged_base

    tokenizer = Tokenizer.from_file(str(packaged_base() / "tokenizer.json"))
    wrapped = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="[PAD]", unk_token="[UNK]", model_max_length=512
    )
    model: Any
    if kind == "roberta":
        model = RobertaForSequenceClassification(
            RobertaConfig(num_labels=3, vocab_size=50265, max_position_embeddings=514, type_vocab_size=1)
        )
    else:
        model = DistilBertForSequenceClassification(DistilBertConfig(num_labels=3))
    classifier = pipeline("text-classification", model=model.eval(), tokenizer=wrapped, truncation=True)

    def read(texts: Sequence[str]) -> None:
        for text in texts:
            classifier(text)

    return read


def torch_minilm() -> Callable[[Sequence[str]], None]:
    """Our own network in single precision with torch, batches of 32 sorted by length."""
    import torch

    from models.train.batches import encode, load_tokenizer
    from models.train.network import Network, packaged_base

    network = Network(packaged_base()).eval()
    tokenizer = load_tokenizer(packaged_base(), 128)

    def read(texts: Sequence[str]) -> None:
        ids = sorted(encode(tokenizer, texts), key=len)
        for start in range(0, len(ids), 32):
            rows = ids[start : start + 32]
            tokens = torch.zeros((len(rows), len(rows[-1])), dtype=torch.long)
            mask = torch.zeros_like(tokens)
            for position, row in enumerate(rows):
                tokens[position, : len(row)] = torch.tensor(row)
                mask[position, : len(row)] = 1
            with torch.inference_mode():
                network(tokens, mask)

    return read


def vader() -> Callable[[Sequence[str]], None]:
    """The VADER word list."""
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    analyser = SentimentIntensityAnalyzer()

    def read(texts: Sequence[str]) -> None:
        for text in texts:
            analyser.polarity_scores(text)

    return read


def shipped() -> Callable[[Sequence[str]], None]:
    """Goodwill's default engine, one thread, everything it gives."""
    from models.load import load_scorer

    scorer = load_scorer("onnx", threads=1)
    return lambda texts: [scorer.score(texts), None][1]


READERS: dict[str, tuple[Callable[[], Callable[[Sequence[str]], None]], float]] = {
    "goodwill onnx int8": (shipped, 4.0),
    "torch fp32 MiniLM, sorted batches of 32": (torch_minilm, 1.0),
    "transformers pipeline, DistilBERT (random weights), one by one": (
        lambda: random_pipeline("distilbert"),
        0.5,
    ),
    "transformers pipeline, RoBERTa-base (random weights), one by one": (
        lambda: random_pipeline("roberta"),
        0.25,
    ),
    "VADER": (vader, 4.0),
}


def main() -> None:
    """Run every reader in turn and print texts per CPU-second."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--texts", type=int, default=300)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()

    import torch

    from models.bench import sample_texts

    torch.set_num_threads(1)
    results = {}
    for name, (make, share) in READERS.items():
        texts = sample_texts(max(20, int(arguments.texts * share)))
        read = make()
        read(texts[:4])
        cpu, wall = clock(lambda read=read, texts=texts: read(texts))  # type: ignore[misc]
        results[name] = {"texts": len(texts), "texts_per_cpu_second": len(texts) / cpu, "wall_seconds": wall}
        print(f"{name:66s} {len(texts) / cpu:10.1f} texts a CPU-second ({len(texts)} texts)", flush=True)
    ours = results["goodwill onnx int8"]["texts_per_cpu_second"]
    for name, found in results.items():
        print(f"ratio to {name:66s} {ours / found['texts_per_cpu_second']:8.1f}")
    if arguments.json:
        arguments.json.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
