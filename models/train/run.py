"""``goodwill train``: data sets in, a finished model folder out (weights, manifest, card)."""

from __future__ import annotations

import json
import logging
import random
import shutil
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np

from models.engines.onnx import EncoderReader
from models.linear import LinearReader
from models.manifest import FORMAT, HeadSettings
from models.train.batches import load_tokenizer
from models.train.card import render_card
from models.train.config import TrainingConfig
from models.train.course import (
    ENCODER_LANGUAGES,
    TRAINABLE_SOURCES,
    complaint_examples,
    labelled_path,
    pool_examples,
    run_course,
    sentiment_examples,
    written_examples,
)
from models.train.examples import (
    CHANNELS,
    SENTIMENTS,
    TAGS,
    Example,
    balance,
    fingerprint,
    read_sets,
    reduce_weak,
)
from models.train.export import export_model
from models.train.linear import train_linear, without_copies
from models.train.measure import (
    Runner,
    everyday_flag_rate,
    logits_of,
    logits_of_posts,
    measure_complaints,
    measure_sentiment,
)
from models.train.network import packaged_base
from models.train.ngrams import train_ngrams
from models.train.settings import IDENTITY, describe, fit_complaints, fit_sentiment
from models.train.summary import error_rates, measurements
from models.train.word_vectors import packaged_vectors, read_vectors

log = logging.getLogger(__name__)

LICENCE = "Apache-2.0"
EVERYDAY_ROWS = 3000
CALIBRATION_SHARE = 0.2


def train(config: TrainingConfig) -> Path:
    """Train, export, calibrate and measure; return the model folder.

    Interrupted runs go on from ``config.work``.

    Raises:
        InputError: the data folder or a data file cannot be used.
        ModelError: the exported model does not agree with the trained one.
    """
    network = run_course(config)
    parity = export_model(network, config.base or packaged_base(), config.output)
    return finish(config, parity)


def finish(config: TrainingConfig, parity: float) -> Path:
    """Train the linear models, then calibrate, measure and describe what ``config.output`` holds."""
    everyday = [example for example in sentiment_examples(config) if example.lang == "en"]
    tokenizer = load_tokenizer(config.base or packaged_base(), config.maximum_tokens)
    told = complaint_examples(config)
    ngrams = train_ngrams(config.output / "ngrams.npz", tokenizer, told, everyday, config.seed)
    encoder = EncoderReader(config.output, IDENTITY, config.threads, ngrams)
    encoder_settings = _calibrate_encoder(config, encoder)
    russian = train_russian(config)
    readers = {"encoder": encoder_settings}
    results: dict[str, Any] = {"parity_torch_onnx": parity}
    results.update(_measure_encoder(config, encoder, encoder_settings))
    if russian is not None:
        readers["russian"] = russian
        reader = LinearReader.open(config.output / "russian.npz", russian)
        results.update(_measure_russian(config, reader, russian))
    manifest = _manifest(config, readers, results)
    text = json.dumps(manifest, indent=1, ensure_ascii=False) + "\n"
    (config.output / "manifest.json").write_text(text, encoding="utf-8")
    (config.output / "card.md").write_text(render_card(manifest), encoding="utf-8")
    return config.output


def _latin(examples: Sequence[Example]) -> list[Example]:
    return [example for example in examples if example.lang in ENCODER_LANGUAGES]


def _development(config: TrainingConfig, lang: str) -> list[Example]:
    """Real labelled texts of one language that no training touches."""
    return [
        example
        for example in pool_examples(config)
        if example.lang == lang and example.source not in TRAINABLE_SOURCES
    ]


def _calibrate_encoder(config: TrainingConfig, encoder: EncoderReader) -> HeadSettings:
    settings = IDENTITY
    validation = [
        example for examples in read_sets(config.data, "val").values() for example in _latin(examples)
    ]
    settings = replace(
        settings, sentiment=fit_sentiment(logits_of(encoder, validation).sentiment, validation)
    )
    development = _development(config, "en")
    if development:
        settings = fit_complaints(settings, logits_of_posts(encoder, development), development)
    return settings


def _measure_encoder(
    config: TrainingConfig, encoder: EncoderReader, settings: HeadSettings
) -> dict[str, Any]:
    sentiment = {}
    everyday: list[Example] = []
    for name, examples in read_sets(config.data, "test").items():
        for lang in sorted({example.lang for example in examples} & ENCODER_LANGUAGES):
            rows = [example for example in examples if example.lang == lang]
            found = measure_sentiment(rows, logits_of(encoder, rows).sentiment, settings)
            sentiment[f"{name} {lang}"] = found
            everyday += rows if lang == "en" else []
            log.info("%s %s: macro-recall %.3f", name, lang, found["macro_recall"]["value"])
    results: dict[str, Any] = {"sentiment": sentiment}
    development = _development(config, "en")
    if development:
        results["complaints_en"] = measure_complaints(development, logits_of_posts(encoder, development))
        log.info("complaints en: F1 %.3f", results["complaints_en"]["f1"]["value"])
    if everyday:
        chosen = random.Random(config.seed).sample(everyday, min(EVERYDAY_ROWS, len(everyday)))  # noqa: S311
        results["everyday_flag_rate_en"] = asdict(everyday_flag_rate(encoder, settings, chosen))
    return results


def russian_examples(config: TrainingConfig) -> list[Example]:
    """Russian training texts: social posts, app reviews with stars, texts written for this project.

    Some of the posts are also development texts; these never train. Labels of complaints in the posts take no part:
    with them the reader flags every twentieth everyday post (decision 0028).
    """
    rows: list[Example] = []
    for examples in read_sets(config.data, "train").values():
        own = [example for example in examples if example.lang == "ru"]
        rows += reduce_weak(own, config.seed) if own and own[0].weight < 1.0 else own
    rows = without_copies(rows, _development(config, "ru"))
    return balance(rows + [example for example in written_examples(config) if example.lang == "ru"])


def train_russian(config: TrainingConfig) -> HeadSettings | None:
    """Train ``russian.npz``; calibrate sentiment on a fifth that a first fit left out.

    None where there is no Russian sentiment text.
    """
    examples = russian_examples(config)
    if not any(example.domain == "sentirueval2016" for example in examples):
        return None
    generator = np.random.default_rng(config.seed)
    aside = generator.random(len(examples)) < CALIBRATION_SHARE
    kept = [example for example, out in zip(examples, aside, strict=True) if not out]
    held = [
        example
        for example, out in zip(examples, aside, strict=True)
        if out and example.domain == "sentirueval2016"
    ]
    packaged = packaged_vectors()
    vectors = read_vectors(packaged) if packaged else None
    trial = train_linear(kept, config.work, vectors)
    settings = replace(
        IDENTITY,
        sentiment=fit_sentiment(logits_of(LinearReader.open(trial, IDENTITY), held).sentiment, held),
    )
    shutil.copyfile(train_linear(examples, config.work, vectors), config.output / "russian.npz")
    development = _development(config, "ru")
    if development:
        reader = LinearReader.open(config.output / "russian.npz", IDENTITY)
        settings = fit_complaints(settings, logits_of(reader, development), development)
    return settings


def _measure_russian(config: TrainingConfig, reader: Runner, settings: HeadSettings) -> dict[str, Any]:
    results: dict[str, Any] = {"sentiment_ru": {}}
    for name, examples in read_sets(config.data, "test").items():
        rows = [example for example in examples if example.lang == "ru"]
        if rows:
            logits = logits_of(reader, rows).sentiment
            results["sentiment_ru"][name] = measure_sentiment(rows, logits, settings)
            for part in sorted({example.source for example in rows if example.source}):
                chosen = np.array([example.source == part for example in rows])
                inside = [example for example in rows if example.source == part]
                results["sentiment_ru"][part] = measure_sentiment(inside, logits[chosen], settings)
            everyday = everyday_flag_rate(reader, settings, rows[:EVERYDAY_ROWS])
            results["everyday_flag_rate_ru"] = asdict(everyday)
    development = _development(config, "ru")
    if development:
        results["complaints_ru"] = measure_complaints(
            development, logits_of(reader, development), by_source=False
        )
    return results


def _manifest(
    config: TrainingConfig, readers: dict[str, HeadSettings], results: dict[str, Any]
) -> dict[str, Any]:
    names = [
        name
        for name in ("model.onnx", "tokenizer.json", "ngrams.npz", "russian.npz")
        if (config.output / name).exists()
    ]
    data = sorted(config.data.glob("*/*.parquet")) + sorted(
        (config.written or Path(__file__).parent / "written").glob("*.tsv")
    )
    data += [path for path in (config.labels, labelled_path(config)) if path]
    vectors = packaged_vectors() if "russian" in readers else None
    data += [vectors] if vectors else []
    course = asdict(config)
    for path in ("data", "output", "work", "base", "written", "labels", "labelled", "larger"):
        course.pop(path)
    course["larger"] = config.larger.name if config.larger else None
    written = complaint_examples(config)
    return {
        "format": FORMAT,
        "model_id": config.model_id,
        "licence": LICENCE,
        "base": "all-MiniLM-L6-v2 (Apache-2.0)",
        "files": {name: fingerprint(config.output / name) for name in names},
        "bytes": {name: (config.output / name).stat().st_size for name in names},
        "labels": {
            "sentiment": [label.value for label in SENTIMENTS],
            "tags": [tag.value for tag in TAGS],
            "channel": [channel.value for channel in CHANNELS],
        },
        "readers": {name: describe(settings) for name, settings in readers.items()},
        "measured_languages": ["en", "ru"] if "russian" in readers else ["en"],
        "training": course,
        "training_rows": {
            "complaint_texts_en": len(written),
            "complaints_en": sum(example.complaint == 1 for example in written),
        },
        "data": {f"{path.parent.name}/{path.name}": fingerprint(path) for path in data},
        "measurements": measurements(results),
        "error_rates": error_rates(results),
        "results": results,
    }
