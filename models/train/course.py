"""Run the stages of the course one after the other and leave the averaged network in the work folder."""

from __future__ import annotations

import logging
import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import torch

from models.engines.lexicon_words import MARKETING
from models.train.batches import encode, load_tokenizer
from models.train.config import Stage, TrainingConfig
from models.train.examples import (
    Example,
    balance,
    read_labelled,
    read_pool,
    read_sets,
    read_written,
    reduce_weak,
)
from models.train.judge import fit_judge
from models.train.larger import with_moods
from models.train.loop import Trainer
from models.train.network import Network, packaged_base
from models.train.teacher import teacher_embeddings

log = logging.getLogger(__name__)

ENCODER_LANGUAGES = frozenset({"en", "de", "es", "fr", "it", "pt", "hi"})
"""Languages in Latin letters; the encoder's vocabulary spells other scripts letter by letter."""


TRAINABLE_SOURCES = {"Harsh-Avinash/Fampay-In-Depth-Analysis": "CC0-1.0"}
"""Sources of real complaint texts whose licence permits training; all others are for measuring only."""

BACKGROUND_SHARE = 0.15


def sentiment_examples(
    config: TrainingConfig, shares: Mapping[str, float] | None = None, seed: int = 0
) -> list[Example]:
    """Sentiment training rows of all sets, weighted by mood within their domain.

    Args:
        config: names the data folder.
        shares: share of a data set that takes part, by folder name; all of it where unnamed.
        seed: decides which rows of these sets are drawn.
    """
    rows: list[Example] = []
    generator = random.Random(seed)  # noqa: S311 - sampling, no secret
    for name, examples in read_sets(config.data, "train").items():
        latin = [example for example in examples if example.lang in ENCODER_LANGUAGES]
        weak = bool(latin) and latin[0].weight < 1.0
        chosen = reduce_weak(latin, config.seed) if weak else latin
        share = (shares or {}).get(name, 1.0)
        rows += chosen if share >= 1.0 else generator.sample(chosen, int(len(chosen) * share))
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
        chosen = add_background(chosen, BACKGROUND_SHARE, seed)
        real = [example for example in written if example.source]
        chosen += (list(written) + real * (stage.real_repeat - 1)) * stage.written_repeat
    return chosen


def complaint_examples(config: TrainingConfig) -> list[Example]:
    """English texts labelled for complaints: written ones, and real ones whose source permits training."""
    real = [example for example in pool_examples(config) if example.source in TRAINABLE_SOURCES]
    told = written_examples(config) + real + labelled_examples(config)
    return [example for example in told if example.lang == "en" and example.text]


def labelled_examples(config: TrainingConfig) -> list[Example]:
    """Texts of the training sets that mention marketing, with complaints labelled by hand for this project."""
    labels = labelled_path(config)
    if labels is None:
        return []
    sets = read_sets(config.data, "train").values()
    return read_labelled((example for examples in sets for example in examples), labels)


def labelled_path(config: TrainingConfig) -> Path | None:
    """File of the labels of training texts; None where the package carries none (a wheel does not)."""
    path = config.labelled or Path(__file__).parent / "labels" / "training_sets.tsv"
    return path if config.labelled or path.exists() else None


def pool_examples(config: TrainingConfig) -> list[Example]:
    """Real texts labelled by hand, where texts and labels are both at hand."""
    texts = config.data / "marketing_complaints_pool" / "pool.jsonl"
    if config.labels is None or not texts.exists():
        return []
    return read_pool(texts, config.labels)


def add_background(examples: Sequence[Example], share: float, seed: int) -> list[Example]:
    """Mark a share of everyday texts without any marketing word as no complaint.

    Written negatives are hard ones; without everyday texts the head would not know how rare complaints are.
    """
    marketing = re.compile(MARKETING, re.IGNORECASE)
    generator = random.Random(seed)  # noqa: S311 - sampling, no secret
    return [
        replace(example, complaint=0)
        if generator.random() < share and not marketing.search(example.text)
        else example
        for example in examples
    ]


def written_examples(config: TrainingConfig) -> list[Example]:
    """Texts written for this project."""
    folder = config.written or Path(__file__).parent / "written"
    return [example for path in sorted(folder.glob("*.tsv")) for example in read_written(path)]


@torch.no_grad()
def blend(network: Network, earlier: Sequence[Path]) -> None:
    """Replace the weights by their mean with those of earlier stages of the same course.

    A last stage on few domains gains there and loses elsewhere; the mean keeps most of both
    (Wortsman et al. 2022, "Model soups").
    """
    stages = [torch.load(path, weights_only=True) for path in earlier]
    for name, weight in network.named_parameters():
        weight.copy_(torch.stack([weight, *(stage[name] for stage in stages)]).mean(dim=0))


def run_course(config: TrainingConfig) -> Network:
    """Train all stages; finished stages and checkpoints found in ``config.work`` are used again."""
    torch.set_num_threads(config.threads)
    config.work.mkdir(parents=True, exist_ok=True)
    base = config.base or packaged_base()
    torch.manual_seed(config.seed)
    network = Network(base)
    tokenizer = load_tokenizer(base, config.maximum_tokens)
    for number, stage in enumerate(config.course):
        finished = config.work / f"{stage.name}.pt"
        if finished.exists():
            network.load_state_dict(torch.load(finished, weights_only=True))
            continue
        written = balance(complaint_examples(config)) if stage.written else []
        sentiment = sentiment_examples(config, stage.shares, config.seed + number + 1)
        if stage.taught and config.larger is not None:
            sentiment = with_moods(sentiment, config.larger, config)
        examples = stage_examples(stage, sentiment, written, config.seed + number)
        ids = encode(tokenizer, [example.text for example in examples])
        log.info("%s: %d examples, %d tokens", stage.name, len(examples), sum(map(len, ids)))
        teacher = teacher_embeddings(lambda: Network(base), ids, config.work)
        network = Trainer(
            network=network, examples=examples, ids=ids, teacher=teacher, stage=stage, config=config
        ).run()
        if stage.blend_with:
            blend(network, [config.work / f"{name}.pt" for name in stage.blend_with])
        torch.save(network.state_dict(), finished)
    fit_judge(network, tokenizer, complaint_examples(config))
    return network
