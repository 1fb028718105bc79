"""Everything that decides what a training run makes; two runs with equal values make equal weights."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Stage:
    """One pass of the course.

    Attributes:
        name: folder name of its checkpoints.
        epochs: how often each example is seen (before ``repeat``).
        learning_rate: peak rate of the heads; lower layers get less (``layer_decay``).
        written: whether the texts written for this project take part.
        share: share of the sentiment examples that take part, drawn by the seed.
        shares: share of single data sets, by the name of their folder, drawn before ``share``; 1 where unnamed.
        written_repeat: how often a written text is seen per epoch.
        real_repeat: how often a real labelled text is seen for each time a written one is.
        taught: whether the larger encoder's reading stands in for the labels it has read, where one is named.
        blend_with: earlier stages; this one ends at the plain mean of its weights and theirs.
    """

    name: str
    epochs: float
    learning_rate: float
    written: bool = False
    share: float = 1.0
    shares: Mapping[str, float] = field(default_factory=dict)
    written_repeat: int = 1
    real_repeat: int = 1
    taught: bool = False
    blend_with: tuple[str, ...] = ()


DEFAULT_COURSE = (
    Stage("sentiment", epochs=1.0, learning_rate=1e-4),
    Stage(
        "all_heads", epochs=1.0, taught=True, learning_rate=8e-5, written=True, share=0.5, written_repeat=3
    ),
    Stage("polish", epochs=1.0, taught=True, learning_rate=7e-5, written=True, share=0.3),
    Stage(
        "tweets",
        epochs=1.5,
        taught=True,
        learning_rate=7e-5,
        written=True,
        shares={"goemotions": 0.3, "sst5": 0.3, "app_reviews_stars": 0.1},
        blend_with=("all_heads", "polish"),
    ),
)
"""The course of the shipped model, which had no larger encoder and none of the labels in `labels`."""


@dataclass(frozen=True, slots=True)
class TrainingConfig:
    """Inputs of ``models.train.run.train``.

    Attributes:
        data: folder of data sets, one sub-folder each (``models.train.examples`` says the formats).
        output: folder of the finished model.
        work: folder of checkpoints and caches; an interrupted run goes on from here.
        written: folder of the texts written for this project; None takes the packaged ones.
        labels: hand labels of the pool of real texts; None leaves the pool out.
        labelled: hand labels of texts of the training sets; None takes the packaged ones.
        base: folder of the base encoder in Hugging Face layout; None takes the packaged MiniLM.
        larger: folder of a larger encoder that learns first, and whose reading is learnt; None does without.
        larger_reads: the data set that it learns and reads, by the name of its folder.
        tokens_per_batch: padded tokens in one step.
        maximum_tokens: longer training texts are cut.
        distillation: weight of staying close to the base encoder's sentence embedding.
        smoothing: label smoothing of the sentiment loss.
    """

    data: Path
    output: Path
    work: Path
    base: Path | None = None
    larger: Path | None = None
    larger_reads: str = "tweeteval_semeval"
    written: Path | None = None
    labels: Path | None = None
    labelled: Path | None = None
    model_id: str = "goodwill-minilm"
    course: tuple[Stage, ...] = field(default=DEFAULT_COURSE)
    seed: int = 20
    threads: int = 2
    tokens_per_batch: int = 2048
    maximum_tokens: int = 128
    layer_decay: float = 0.9
    warmup: float = 0.06
    weight_decay: float = 0.01
    averaging: float = 0.998
    distillation: float = 1.0
    smoothing: float = 0.05
    checkpoint_every: int = 200
