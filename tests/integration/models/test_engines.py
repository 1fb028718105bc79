"""The ONNX and torch engines on tiny random models: order, long and odd texts, damaged files, no network."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from models.base import Scorer
from models.classify import classify_lines
from models.engines.onnx import TOKENS_PER_BATCH, OnnxScorer, _batches
from models.engines.torch import TorchScorer
from models.manifest import find_model
from monitor.domain.scores import Scores, Sentiment
from monitor.errors import ModelError, UsageError

ODD_TEXTS = [
    "", " \n\t", "😀", "\x00\x01\x02", "a" * 20_000, "word " * 5_000, "é\u202eطمα漢字", "\ud800", "> quoted only",
    "The product is really good. Но рассылка просто достала уже.", "١٢٣", "🏳️‍🌈" * 500,
]  # fmt: skip


@pytest.fixture(scope="module")
def scorer(model_folder: Path) -> OnnxScorer:
    return OnnxScorer.open(str(model_folder), threads=1)


def _close(one: Scores, other: Scores) -> bool:
    return one.sentiment is other.sentiment and all(
        abs(one.probabilities[mood] - other.probabilities[mood]) < 0.05 for mood in Sentiment
    )


def test_a_batch_gives_the_scores_of_single_texts_in_order(scorer: OnnxScorer) -> None:
    texts = [f"{'great ' * (number % 9)}table worst{' email' * (number % 5)}" for number in range(40)]
    together = scorer.score(texts)
    alone = [scorer.score([text])[0] for text in texts]
    # Activations are quantised by batch, so that a tiny model's probabilities move a little with company.
    assert sum(one.sentiment is other.sentiment for one, other in zip(together, alone, strict=True)) >= 38
    assert (
        max(
            abs(one.marketing_complaint - other.marketing_complaint)
            for one, other in zip(together, alone, strict=True)
        )
        < 0.2
    )


@pytest.mark.parametrize("text", ODD_TEXTS)
def test_odd_texts_get_a_score(scorer: OnnxScorer, text: str) -> None:
    found = scorer.score([text])[0]
    assert abs(sum(found.probabilities.values()) - 1) < 1e-6


def test_an_empty_text_is_neutral(scorer: OnnxScorer) -> None:
    assert scorer.score([""])[0].sentiment is Sentiment.NEUTRAL


def test_no_texts_give_no_scores(scorer: OnnxScorer) -> None:
    assert scorer.score([]) == []


def test_a_long_text_names_the_segment_that_decided(scorer: OnnxScorer) -> None:
    text = "the report of the team. " * 60 + "worst awful useless angry. " * 40
    found = scorer.score([text])[0]
    assert found.driving_segment
    assert found.driving_segment in text


def test_cyrillic_goes_to_the_linear_model(scorer: OnnxScorer) -> None:
    good, bad = scorer.score(["отлично спасибо", "ужасно плохо"])
    assert (good.sentiment, bad.sentiment) == (Sentiment.POSITIVE, Sentiment.NEGATIVE)
    assert good.lang == "ru"
    assert good.measured


def test_a_language_that_was_not_measured_says_so(scorer: OnnxScorer) -> None:
    assert not scorer.score(["Das Produkt ist gut, aber die Werbung nervt mich sehr"])[0].measured


def test_embeddings_are_bytes_and_equal_for_equal_texts(scorer: OnnxScorer) -> None:
    one, other = scorer.score(["the team email", "the team email"])
    assert one.embedding
    assert one.embedding == other.embedding


def test_batches_stay_within_the_token_budget() -> None:
    ids = [[0] * length for length in (1, 3, 100, 120, 128, 5000)]
    order = sorted(range(len(ids)), key=lambda row: len(ids[row]))
    batches = _batches(order, ids)
    assert [row for batch in batches for row in batch] == order
    assert all(len(batch) == 1 or len(ids[batch[-1]]) * len(batch) <= TOKENS_PER_BATCH for batch in batches)


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json", "ngrams.npz", "russian.npz"])
def test_an_altered_file_is_refused_by_its_sha256(model_folder: Path, tmp_path: Path, name: str) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(model_folder, copy)
    content = bytearray((copy / name).read_bytes())
    content[len(content) // 2] ^= 1
    (copy / name).write_bytes(content)
    with pytest.raises(ModelError, match=rf"{name} was altered or damaged: sha256"):
        OnnxScorer.open(str(copy))


def test_the_table_takes_part_where_the_manifest_names_it_and_only_there(
    model_folder: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(model_folder, copy)
    path = copy / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    del manifest["files"]["ngrams.npz"]
    path.write_text(json.dumps(manifest), encoding="utf-8")
    text = "worst useless angry"
    with_table, without = (
        OnnxScorer.open(str(folder), threads=1).score([text])[0] for folder in (model_folder, copy)
    )
    assert with_table.marketing_complaint > without.marketing_complaint
    assert with_table.probabilities == without.probabilities


def test_a_missing_file_is_named(model_folder: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(model_folder, copy)
    (copy / "model.onnx").unlink()
    with pytest.raises(ModelError, match=r"model\.onnx is missing"):
        OnnxScorer.open(str(copy))


def test_a_broken_manifest_is_named(model_folder: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(model_folder, copy)
    (copy / "manifest.json").write_text("{}", encoding="utf-8")
    with pytest.raises(ModelError, match="cannot be read"):
        OnnxScorer.open(str(copy))


def test_an_unknown_model_is_named() -> None:
    with pytest.raises(ModelError, match="'no-such-model' was not found"):
        find_model("no-such-model")


def test_classify_answers_every_line_with_the_real_engine(scorer: OnnxScorer) -> None:
    lines = [json.dumps({"id": number, "text": text}) for number, text in enumerate(ODD_TEXTS)]
    assert [record["id"] for record in classify_lines(scorer, lines)] == list(range(len(ODD_TEXTS)))


@pytest.fixture(scope="module")
def classifier_folder(tmp_path_factory: pytest.TempPathFactory, config: object) -> Path:
    """A random BERT classifier with three labels without telling names."""
    from transformers import BertConfig, BertForSequenceClassification, PreTrainedTokenizerFast

    folder = tmp_path_factory.mktemp("classifier")
    base = config.base  # type: ignore[attr-defined]
    tokenizer = PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_file=str(base / "tokenizer.json"), pad_token="[PAD]", unk_token="[UNK]"
    )
    tokenizer.save_pretrained(folder)
    configuration = BertConfig.from_pretrained(base, num_labels=3)
    BertForSequenceClassification(configuration).save_pretrained(folder)
    return folder


MAPPING = {"LABEL_0": "negative", "LABEL_1": "neutral", "LABEL_2": "positive"}


def test_any_hugging_face_classifier_can_stand_in(classifier_folder: Path) -> None:
    scorer = TorchScorer.open(str(classifier_folder), MAPPING)
    assert isinstance(scorer, Scorer)
    texts = ["great email", "", "worst " * 400, "the"]
    together = scorer.score(texts)
    assert all(_close(found, scorer.score([text])[0]) for found, text in zip(together, texts, strict=True))
    assert not together[0].measured


def test_the_batch_size_halves_when_memory_runs_out(
    classifier_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    scorer = TorchScorer.open(str(classifier_folder), MAPPING)
    expected = scorer.score(["great email"] * 6)
    forward = scorer._model.forward

    def small_memory(**inputs: torch.Tensor) -> object:
        if len(inputs["input_ids"]) > 2:
            raise torch.cuda.OutOfMemoryError
        return forward(**inputs)

    monkeypatch.setattr(scorer._model, "forward", small_memory)
    found = scorer.score(["great email"] * 6)
    assert all(_close(one, other) for one, other in zip(found, expected, strict=True))


def test_labels_without_a_mapping_are_asked_for(classifier_folder: Path) -> None:
    with pytest.raises(UsageError, match="LABEL_0"):
        TorchScorer.open(str(classifier_folder))


def test_a_model_that_is_not_here_is_not_downloaded() -> None:
    with pytest.raises(ModelError, match="nothing is downloaded"):
        TorchScorer.open("someone/some-model", MAPPING)
