"""The training command: learns, describes what it made, goes on where it stopped."""

from __future__ import annotations

import dataclasses
import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from models.engines.onnx import TEXTS_PER_WINDOW, EncoderReader, OnnxScorer
from models.ngrams import NgramTable
from models.train.config import TrainingConfig
from models.train.course import run_course, sentiment_examples
from models.train.examples import Example, read_labelled, read_written, text_key
from models.train.larger import LargerReader, larger_moods, with_moods
from models.train.loop import Averager, Trainer
from models.train.measure import logits_of, logits_of_posts
from models.train.settings import IDENTITY
from monitor.domain.scores import Sentiment
from monitor.errors import InputError


def test_the_model_learns_the_moods_of_the_tiny_set(model_folder: Path) -> None:
    manifest = json.loads((model_folder / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["results"]["sentiment"]["tweets en"]["macro_recall"]["value"] > 0.8
    assert manifest["results"]["sentiment_ru"]["sentirueval2016"]["macro_f1"]["value"] > 0.9


def test_the_manifest_names_every_file_with_its_sha256(model_folder: Path) -> None:
    manifest = json.loads((model_folder / "manifest.json").read_text(encoding="utf-8"))
    assert set(manifest["files"]) == {"model.onnx", "tokenizer.json", "ngrams.npz", "russian.npz"}
    assert manifest["results"]["parity_torch_onnx"] < 1e-3
    assert "tweets/train.parquet" in manifest["data"]


def test_the_card_is_rendered_from_the_manifest(model_folder: Path) -> None:
    card = (model_folder / "card.md").read_text(encoding="utf-8")
    assert card.startswith("# tiny-1\n")
    assert "| tweets en | 60 |" in card
    assert "## Complaints about marketing, ru" in card


def test_the_trained_model_scores_like_any_engine(model_folder: Path) -> None:
    scorer = OnnxScorer.open(str(model_folder), threads=1)
    good, bad = scorer.score(["perfect lovely thanks the team", "worst awful useless broken"])
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


def test_a_long_text_is_measured_by_the_segment_that_complains_most(model_folder: Path) -> None:
    encoder = EncoderReader(
        model_folder, IDENTITY, threads=1, ngrams=NgramTable.open(model_folder / "ngrams.npz")
    )
    complaint, filler = "worst useless angry.", "the report of the meeting. " * 60
    long, alone = (Example(text, "pool", "en") for text in (filler + complaint, complaint))
    cut, whole = logits_of(encoder, [long]), logits_of_posts(encoder, [long, alone])
    assert whole.complaint.shape == (2,)
    assert whole.complaint[0] > cut.complaint[0] + 0.5
    assert whole.tags.shape == (2, 10)


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


def test_a_larger_encoder_learns_first_and_its_reading_is_learnt(
    config: TrainingConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed in the middle it goes on and ends at the same probabilities; the small one then learns those."""
    monkeypatch.setattr(
        "models.train.larger.RATE", 2e-3
    )  # a random tiny encoder learns nothing at the true one
    monkeypatch.setattr("models.train.larger.EPOCHS", 15)
    stage = dataclasses.replace(config.course[0], taught=True)
    taught = dataclasses.replace(config, larger=config.base, larger_reads="tweets", course=(stage,))
    assert config.base is not None
    whole = dataclasses.replace(taught, work=tmp_path / "whole")
    network = run_course(whole).state_dict()
    moods = larger_moods(config.base, whole)
    rows = with_moods(sentiment_examples(config), config.base, whole)
    assert all(example.taught is not None and example.weight == 1.0 for example in rows)
    found = np.array([example.taught for example in rows])
    assert np.allclose(found.sum(axis=1), 1.0, atol=1e-5)
    right = found.argmax(axis=1) == np.array([example.sentiment for example in rows])
    assert right.mean() > 0.8

    interrupted = dataclasses.replace(taught, work=tmp_path / "interrupted", checkpoint_every=1)
    interrupted.work.mkdir()
    calls = 0
    original = Averager.update

    def dies_in_the_middle(self: Averager[LargerReader], network: LargerReader) -> None:
        nonlocal calls
        calls += 1
        if calls == 4:
            raise KeyboardInterrupt
        original(self, network)

    with monkeypatch.context() as patch:
        patch.setattr(Averager, "update", dies_in_the_middle)
        with pytest.raises(KeyboardInterrupt):
            larger_moods(config.base, interrupted)
    again = larger_moods(config.base, interrupted)
    assert all(np.allclose(again[key], moods[key], atol=1e-5) for key in moods)
    untaught = dataclasses.replace(config, work=tmp_path / "untaught", course=(stage,))
    weight = "sentiment.output.weight"
    assert not np.allclose(run_course(untaught).state_dict()[weight], network[weight], atol=1e-6)


def test_hand_labels_join_their_texts_by_hash(tmp_path: Path) -> None:
    """Labels of other texts are ignored; stars give way to the reader's mood, a set's own mood does not."""
    stars = Example("Stop the pop-ups!", "app_reviews", "en", sentiment=2, weight=0.3)
    tweet = Example("ads again", "tweets", "en", sentiment=1)
    path = tmp_path / "labels.tsv"
    rows = [f"{text_key(stars.text)}\t1\tnegative\tin_app_interruption\tin_app"]
    rows += [f"{text_key(tweet.text)}\t0\tnegative\t\t", "r000000000000\t1\tnegative\tprivacy\t"]
    path.write_text("\n".join(["id\tcomplaint\tsentiment\ttags\tchannel", *rows]), encoding="utf-8")
    one, other = read_labelled([stars, tweet, Example("unknown", "tweets", "en")], path)
    assert (one.text, one.complaint, one.sentiment, one.source, one.weight) == (
        stars.text,
        1,
        0,
        "app_reviews",
        1.0,
    )
    assert (other.complaint, other.sentiment, other.tags) == (0, 1, None)


def test_a_wrong_hand_label_is_named(tmp_path: Path) -> None:
    path = tmp_path / "labels.tsv"
    row = f"{text_key('ads again')}\tmaybe\tnegative\t\t"
    path.write_text(f"id\tcomplaint\tsentiment\ttags\tchannel\n{row}\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"labels\.tsv, id r[0-9a-f]{12}: 'maybe'"):
        read_labelled([Example("ads again", "tweets", "en")], path)
