"""Run the stages of the course one after the other and leave the averaged network in the work folder."""

from __future__ import annotations

import logging
import random
from collections.abc import Sequence
from pathlib import Path

import torch

from models.train.batches import encode, load_tokenizer
from models.train.config import Stage, TrainingConfig
from models.train.examples import Example, balance, read_sets, read_written, reduce_weak
from models.train.loop import Trainer
from models.train.network import Network, packaged_base
from models.train.teacher import teacher_embeddings

log = logging.getLogger(__name__)

ENCODER_LANGUAGES = frozenset({"en", "de", "es", "fr", "it", "pt", "hi"})
"""Languages in Latin letters; the encoder's vocabulary spells other scripts letter by letter."""


def sentiment_examples(config: TrainingConfig) -> list[Example]:
    """Sentiment training rows of all sets, weighted by mood within their domain."""
    rows: list[Example] = []
    for examples in read_sets(config.data, "train").values():
        latin = [example for example in examples if example.lang in ENCODER_LANGUAGES]
        weak = bool(latin) and latin[0].weight < 1.0
        rows += reduce_weak(latin, config.seed) if weak else latin
    return balance(rows)


def stage_examples(
    stage: Stage, sentiment: Sequence[Example], written: Sequence[Example], seed: int
) -> list[Example]:
    """Examples of one stage in a fixed order."""
    chosen = list(sentiment)
    if stage.share < 1.0:
        generator = random.Random(seed)  # noqa: S311 - sampling, no secret
        chosen = generator.sample(chosen, int(len(chosen) * stage.share))
    if stage.written:
        chosen += list(written) * stage.written_repeat
    return chosen


def written_examples(config: TrainingConfig) -> list[Example]:
    """English texts written for this project."""
    folder = config.written or Path(__file__).parent / "written"
    rows = [example for path in sorted(folder.glob("*.tsv")) for example in read_written(path)]
    return [example for example in rows if example.lang == "en" and example.text]


def run_course(config: TrainingConfig) -> Network:
    """Train all stages; finished stages and checkpoints found in ``config.work`` are used again."""
    torch.set_num_threads(config.threads)
    config.work.mkdir(parents=True, exist_ok=True)
    base = config.base or packaged_base()
    torch.manual_seed(config.seed)
    network = Network(base)
    tokenizer = load_tokenizer(base, config.maximum_tokens)
    sentiment = sentiment_examples(config)
    for number, stage in enumerate(config.course):
        finished = config.work / f"{stage.name}.pt"
        if finished.exists():
            network.load_state_dict(torch.load(finished, weights_only=True))
            continue
        written = written_examples(config) if stage.written else []
        examples = stage_examples(stage, sentiment, written, config.seed + number)
        ids = encode(tokenizer, [example.text for example in examples])
        log.info("%s: %d examples, %d tokens", stage.name, len(examples), sum(map(len, ids)))
        teacher = teacher_embeddings(Network(base), ids, config.work)
        network = Trainer(
            network=network, examples=examples, ids=ids, teacher=teacher, stage=stage, config=config
        ).run()
        torch.save(network.state_dict(), finished)
    return network
