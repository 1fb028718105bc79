"""The training command: learns, describes what it made, goes on where it stopped."""

from __future__ import annotations

import dataclasses
import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from models.engines.onnx import TEXTS_PER_WINDOW, EncoderReader, OnnxScorer
from models.train.config import TrainingConfig
from models.train.course import run_course, sentiment_examples
from models.train.examples import Example, read_written
from models.train.loop import Trainer
from models.train.measure import logits_of
from models.train.settings import IDENTITY
from monitor.domain.scores import Sentiment
from monitor.errors import InputError


def test_the_model_learns_the_moods_of_the_tiny_set(model_folder: Path) -> None:
    manifest = json.loads((model_folder / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["results"]["sentiment"]["tweets en"]["macro_recall"]["value"] > 0.8
    assert manifest["results"]["sentiment_ru"]["sentirueval2016"]["macro_f1"]["value"] > 0.9


def test_the_manifest_names_every_file_with_its_sha256(model_folder: Path) -> None:
    manifest = json.loads((model_folder / "manifest.json").read_text(encoding="utf-8"))
    assert set(manifest["files"]) == {"model.onnx", "tokenizer.json", "russian.npz"}
    assert manifest["results"]["parity_torch_onnx"] < 1e-3
    assert "tweets/train.parquet" in manifest["data"]


def test_the_card_is_rendered_from_the_manifest(model_folder: Path) -> None:
    card = (model_folder / "card.md").read_text(encoding="utf-8")
    assert card.startswith("# tiny-1\n")
    assert "| tweets en | 60 |" in card
    assert "## Complaints about marketing, ru" in card


def test_the_trained_model_scores_like_any_engine(model_folder: Path) -> None:
    scorer = OnnxScorer.open(str(model_folder), threads=1)
    good, bad = scorer.score(["perfect lovely thanks the team", "worst awful useless table"])
    assert good.sentiment is Sentiment.POSITIVE
    assert bad.sentiment is Sentiment.NEGATIVE


def test_a_killed_run_goes_on_and_ends_at_the_same_weights(
    config: TrainingConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    course = (dataclasses.replace(config.course[0], epochs=4.0),)
    whole = run_course(dataclasses.replace(config, work=tmp_path / "whole", course=course))
    steps = 0
    original = Trainer._train_step

    def dies_in_the_middle(self: Trainer, rows: list[int]) -> dict[str, float]:
        nonlocal steps
        steps += 1
        if steps == 8:
            raise KeyboardInterrupt
        return original(self, rows)

    interrupted = dataclasses.replace(config, work=tmp_path / "interrupted", course=course)
    interrupted.work.mkdir()
    for cached in (tmp_path / "whole").glob("teacher.npz"):
        shutil.copy(cached, interrupted.work)
    with monkeypatch.context() as patch:
        patch.setattr(Trainer, "_train_step", dies_in_the_middle)
        with pytest.raises(KeyboardInterrupt):
            run_course(interrupted)
    again = run_course(interrupted)
    for one, other in zip(whole.parameters(), again.parameters(), strict=True):
        assert torch.allclose(one, other, atol=1e-6)


def test_a_wrong_label_is_named_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "en.tsv"
    path.write_text(
        "complaint\tsentiment\ttags\tchannel\tvoice\ttext\n1\tangry\t\t\ttweet\thello\n", encoding="utf-8"
    )
    with pytest.raises(InputError, match=r"en\.tsv line 2: 'angry'"):
        read_written(path)


def test_an_empty_data_folder_is_named(config: TrainingConfig, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="one sub-folder a data set"):
        run_course(dataclasses.replace(config, data=tmp_path, work=tmp_path / "work"))


def test_a_share_draws_that_part_of_the_named_set_again_and_again(config: TrainingConfig) -> None:
    whole = sentiment_examples(config)
    assert sentiment_examples(config, {"others": 0.1}, seed=3) == whole
    drawn = sentiment_examples(config, {"tweets": 0.25}, seed=3)
    assert len(drawn) == len(whole) // 4
    assert {example.text for example in drawn} < {example.text for example in whole}
    assert sentiment_examples(config, {"tweets": 0.25}, seed=3) == drawn
    assert sentiment_examples(config, {"tweets": 0.25}, seed=4) != drawn


def test_measuring_reads_in_the_batches_of_the_engine(model_folder: Path) -> None:
    encoder = EncoderReader(model_folder, IDENTITY, threads=1)
    texts = ["thanks " * (1 + number % 9) for number in range(TEXTS_PER_WINDOW + 40)]
    measured = logits_of(encoder, [Example(text, "tweets", "en") for text in texts])
    shipped = [encoder.run(texts[:TEXTS_PER_WINDOW]), encoder.run(texts[TEXTS_PER_WINDOW:])]
    assert np.array_equal(measured.sentiment, np.concatenate([part[0] for part in shipped]))
    assert measured.tags.shape == (len(texts), 10)


def test_a_blended_stage_ends_half_way_to_the_earlier_one(config: TrainingConfig, tmp_path: Path) -> None:
    import torch

    earlier = dataclasses.replace(config.course[0], epochs=0.5)
    later = dataclasses.replace(earlier, name="later", epochs=1.0)
    ends = {}
    for name, stage in (("plain", later), ("blended", dataclasses.replace(later, blend_with=("sentiment",)))):
        ends[name] = run_course(
            dataclasses.replace(config, work=tmp_path / name, course=(earlier, stage))
        ).state_dict()
    start = torch.load(tmp_path / "plain" / "sentiment.pt", weights_only=True)
    weight = "sentiment.weight" if "sentiment.weight" in start else next(iter(start))
    assert torch.allclose(ends["blended"][weight], (ends["plain"][weight] + start[weight]) / 2, atol=1e-6)
    assert not torch.equal(ends["plain"][weight], start[weight])
