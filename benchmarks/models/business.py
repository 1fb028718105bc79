"""Measure complaints in business texts: 130 hard ones written for this project, which no training has seen.

Run: ``python benchmarks/models/business.py [--model ID]``. Real deal notes and customer chats cannot be published; these
stand in for them. They were written to be hard, half of them complaints: the figures compare models and are no forecast.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from models.engines.onnx import OnnxScorer
from models.evaluate import average_precision, binary_f1, with_interval
from models.train.examples import read_written

TEXTS = Path(__file__).parents[1] / "labels" / "business_check.tsv"


def main() -> None:
    """Print average precision, F1, recall and false flags, in all and for each voice."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default=None, help="model id or folder; the shipped one if left out")
    examples = read_written(TEXTS)
    scores = OnnxScorer.open(parser.parse_args().model, threads=2).score(
        [example.text for example in examples]
    )
    truth = np.array([example.complaint for example in examples])
    shares = np.array([score.marketing_complaint for score in scores])
    flagged = np.array([int(score.complaint) for score in scores])
    voices = np.array([example.voice for example in examples])
    for name in ("all", *sorted(set(voices))):
        rows = np.ones(len(examples), dtype=bool) if name == "all" else voices == name
        ranking = with_interval(average_precision, truth[rows], shares[rows])
        f1 = with_interval(binary_f1, truth[rows], flagged[rows])
        found, false = flagged[rows & (truth == 1)].mean(), flagged[rows & (truth == 0)].mean()
        print(
            f"{name:12} {rows.sum():4} texts  average precision {ranking.value:.2f} ({ranking.low:.2f}-{ranking.high:.2f})"
            f"  F1 {f1.value:.2f} ({f1.low:.2f}-{f1.high:.2f})  found {found:.2f}  flagged wrongly {false:.2f}"
        )


if __name__ == "__main__":
    main()
