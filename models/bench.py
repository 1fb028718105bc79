"""``goodwill bench``: how fast the default engine reads on this machine, and how much of it that uses."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models.base import Scorer

_OPENINGS = (
    "Honestly the new dashboard is a step forward,", "We renewed last month and", "Third e-mail this week:",
    "Our rep called again because", "Love the product but", "Does anybody know why", "After the update", "Meh,",
)  # fmt: skip
_BODIES = (
    "the export still takes ages when the table has more than a few thousand rows",
    "nobody in my team asked for another webinar invitation about features that we already use every day",
    "the pricing page says one thing and the invoice says something else",
    "it works fine for us",
    "support answered within the hour and even fixed the typo in our settings",
    "I keep closing the same banner every single time I open a report, and it comes back the next morning",
)
_ENDINGS = (". Please stop.", "!", ". Anyway, back to work.", " :)", "?", ". Not great, not terrible.")
_COLD_START = (
    "import time; started = time.perf_counter(); from models.load import load_scorer; "
    "load_scorer({engine!r}, {model!r}, threads={threads}).score(['hello there']); "
    "print(time.perf_counter() - started)"
)
_MATRIX = 1024


@dataclass(frozen=True, slots=True)
class BenchResult:
    """Figures of one run.

    Attributes:
        texts, tokens: how much was read.
        seconds, cpu_seconds: time of the best of three runs.
        texts_per_second, tokens_per_second: of the best run.
        peak_memory_mb: highest resident memory of this process so far.
        cold_start_seconds: from process start to the first score, in a fresh process (without Python's own start).
        int8_gflops: measured int8 matrix throughput of one thread; None where it cannot be measured.
        used_share: share of that throughput (times threads) that scoring reached; None likewise.
    """

    model: str
    threads: int
    texts: int
    tokens: int
    seconds: float
    cpu_seconds: float
    texts_per_second: float
    tokens_per_second: float
    peak_memory_mb: float
    cold_start_seconds: float
    int8_gflops: float | None
    used_share: float | None


def sample_texts(number: int, seed: int = 7) -> list[str]:
    """Made-up texts with the length mix of posts: median about 30 tokens, a tenth over 130."""
    generator = random.Random(seed)  # noqa: S311 - sampling, no secret
    texts = []
    for _ in range(number):
        sentences = min(12, 1 + int(generator.expovariate(0.6)))
        texts.append(
            " ".join(
                f"{generator.choice(_OPENINGS)} {generator.choice(_BODIES)}{generator.choice(_ENDINGS)}"
                for _ in range(sentences)
            )
        )
    return texts


def bench(
    scorer: Scorer, engine: str, model: str | None = None, *, threads: int = 2, number: int = 2000
) -> BenchResult:
    """Measure a scorer on made-up texts.

    Args:
        scorer: the opened scorer.
        engine: its engine name, for the cold start in a fresh process.
        model: its model id or folder.
        threads: threads that the scorer was opened with.
        number: texts to read.
    """
    texts = sample_texts(number)
    tokens = _count_tokens(scorer, texts)
    scorer.score(texts[:64])
    best, cpu = _best_of(scorer, texts, runs=3)
    memory = peak_memory_mb()
    gflops = int8_throughput()
    layers = 2 * 10.6e6  # multiply-adds of the encoder's layers, in operations a token
    used = None if gflops is None else tokens / best * layers / 1e9 / (gflops * threads)
    return BenchResult(
        model=scorer.model_id,
        threads=threads,
        texts=number,
        tokens=tokens,
        seconds=best,
        cpu_seconds=cpu,
        texts_per_second=number / best,
        tokens_per_second=tokens / best,
        peak_memory_mb=memory,
        cold_start_seconds=cold_start(engine, model, threads),
        int8_gflops=gflops,
        used_share=used if scorer.model_id.startswith("goodwill") else None,
    )


def _count_tokens(scorer: Scorer, texts: Sequence[str]) -> int:
    from models.engines.onnx import OnnxScorer

    if isinstance(scorer, OnnxScorer):
        return sum(scorer.encoder.count_tokens(texts)) + 2 * len(texts)
    return sum(len(text.split()) for text in texts)


def _best_of(scorer: Scorer, texts: Sequence[str], runs: int) -> tuple[float, float]:
    results = []
    for _ in range(runs):
        started, cpu = time.perf_counter(), time.process_time()
        scorer.score(texts)
        results.append((time.perf_counter() - started, time.process_time() - cpu))
    return min(results)


def peak_memory_mb() -> float:
    """Highest resident memory of this process in megabytes; nan where the system does not tell."""
    try:
        import resource
    except ImportError:  # Windows
        return float("nan")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1e6 if sys.platform == "darwin" else peak / 1e3


def cold_start(engine: str, model: str | None, threads: int) -> float:
    """Seconds from import to the first score in a fresh process; the better of two."""
    code = _COLD_START.format(engine=engine, model=model, threads=threads)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    seconds = [
        float(
            subprocess.run(  # noqa: S603 - our own interpreter and code
                [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment
            ).stdout
        )
        for _ in range(2)
    ]
    return min(seconds)


def int8_throughput() -> float | None:
    """Measured int8 matrix throughput of one thread in GFLOP/s; None without the ``onnx`` package."""
    try:
        import onnx
        import onnxruntime
        from onnx import TensorProto, helper
    except ImportError:
        return None
    weights = np.random.default_rng(0).integers(-127, 127, (_MATRIX, _MATRIX)).astype(np.int8)
    graph = helper.make_graph(
        [helper.make_node("MatMulInteger", ["a", "b"], ["c"])],
        "product",
        [helper.make_tensor_value_info("a", TensorProto.UINT8, [_MATRIX, _MATRIX])],
        [helper.make_tensor_value_info("c", TensorProto.INT32, [_MATRIX, _MATRIX])],
        [onnx.numpy_helper.from_array(weights, "b")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    feed = {"a": np.random.default_rng(1).integers(0, 255, (_MATRIX, _MATRIX)).astype(np.uint8)}
    session.run(None, feed)
    best = float("inf")
    for _ in range(8):
        started = time.perf_counter()
        session.run(None, feed)
        best = min(best, time.perf_counter() - started)
    return float(2 * _MATRIX**3 / best / 1e9)
