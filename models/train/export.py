"""From the trained network to the shipped files: ONNX, int8, and the proof that they agree."""

from __future__ import annotations

import logging
import shutil
import tempfile
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from models.train.network import OUTPUTS, Network
from monitor.errors import ModelError

OPSET = 17
PARITY_TOLERANCE = 1e-3
"""Largest difference between torch and single-precision ONNX outputs that is still rounding."""


def export_onnx(network: Network, path: Path) -> None:
    """Write the network in single precision, with free batch and length axes."""
    network = network.eval()
    tokens = torch.ones((2, 7), dtype=torch.long)
    free = {0: "batch", 1: "length"}
    axes: dict[str, Any] = {"input_ids": free, "attention_mask": free}
    axes.update({name: {0: "batch"} for name in OUTPUTS})
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore"
        )  # the tracing exporter warns about shape arithmetic that stays symbolic
        torch.onnx.export(
            network,
            (tokens, torch.ones_like(tokens)),
            str(path),
            dynamo=False,
            opset_version=OPSET,
            input_names=["input_ids", "attention_mask"],
            output_names=list(OUTPUTS),
            dynamic_axes=axes,
        )


def quantise(source: Path, target: Path) -> None:
    """Keep weights and embeddings as bytes; activations are quantised while running.

    One scale a column: with one scale a matrix the embeddings' cosine to single precision falls from .99 to .96.
    """
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic

    logging.disable(logging.WARNING)  # the quantiser reports every tensor on the root logger
    quantize_dynamic(
        str(source),
        str(target),
        op_types_to_quantize=["MatMul", "Gather"],
        weight_type=QuantType.QInt8,
        nodes_to_exclude=_judge_nodes(source),
        per_channel=True,
        extra_options={"MatMulConstBOnly": True, "DefaultTensorType": onnx.TensorProto.FLOAT},
    )
    logging.disable(logging.NOTSET)


def _judge_nodes(path: Path) -> list[str]:
    """Names of the last layer's nodes: fourteen weights are worth their precision."""
    import onnx

    return [node.name for node in onnx.load(str(path)).graph.node if "/judge/" in node.name]


def run_onnx(path: Path, batches: Sequence[tuple[np.ndarray, np.ndarray]]) -> list[list[np.ndarray]]:
    """Outputs of an ONNX file for (token ids, mask) batches."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    return [session.run(None, {"input_ids": tokens, "attention_mask": mask}) for tokens, mask in batches]


def check_parity(network: Network, path: Path, tokens: np.ndarray, mask: np.ndarray) -> float:
    """Largest difference between torch and single-precision ONNX over all outputs.

    Raises:
        ModelError: the difference is more than rounding.
    """
    with torch.no_grad():
        expected = network.eval()(torch.from_numpy(tokens), torch.from_numpy(mask))
    found = run_onnx(path, [(tokens, mask)])[0]
    difference = max(
        float(np.abs(one.numpy() - other).max()) for one, other in zip(expected, found, strict=True)
    )
    if difference > PARITY_TOLERANCE:
        raise ModelError(
            f"{path.name} differs from torch by {difference:.2g}: expected at most {PARITY_TOLERANCE}; "
            "use the pinned versions of torch and onnx"
        )
    return difference


def export_model(network: Network, base: Path, output: Path) -> float:
    """Write ``model.onnx`` (int8) and ``tokenizer.json`` into ``output``; return the torch-ONNX difference."""
    output.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        plain = Path(scratch) / "plain.onnx"
        export_onnx(network, plain)
        tokens = (
            np.random.default_rng(0).integers(0, network.encoder.config.vocab_size, (6, 24)).astype(np.int64)
        )
        mask = np.ones_like(tokens)
        mask[1::2, 15:] = 0
        difference = check_parity(network, plain, tokens, mask)
        quantise(plain, output / "model.onnx")
    shutil.copyfile(base / "tokenizer.json", output / "tokenizer.json")
    return difference
