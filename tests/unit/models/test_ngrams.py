"""Word pieces and pairs: features, file, training, and what the table adds to the encoder's logits."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.feature_extraction.text import TfidfTransformer
from tokenizers import Tokenizer, models, pre_tokenizers, processors

from models.ngrams import OUTPUTS, PIECES, ROWS, NgramTable, occurrences, save_table, weigh
from models.train.examples import TAGS, Example
from models.train.ngrams import features, train_ngrams
from monitor.errors import ModelError

IDS = st.lists(st.lists(st.integers(1, 30_000), max_size=30).map(lambda row: [101, *row, 102]), max_size=8)
SENTENCE = "stop mailing me every day offers great table works fine thanks login broken again"
WORDS = ["[CLS]", "[SEP]", "[UNK]", *SENTENCE.split()]


@pytest.fixture
def tokenizer() -> Tokenizer:
    words = Tokenizer(
        models.WordLevel({word: number for number, word in enumerate(WORDS)}, unk_token="[UNK]")
    )
    words.pre_tokenizer = pre_tokenizers.Whitespace()
    words.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 0), ("[SEP]", 1)]
    )
    return words


def told(count: int = 40) -> list[Example]:
    """Real texts: complaints say "stop mailing", the others do not; tags by parity."""
    tags = [tuple(int(number == tag) for tag in range(len(TAGS))) for number in (0, 1)]
    complaints = [
        Example(f"stop mailing me {'every day' if row % 2 else 'offers'}", "labelled", "en", 0, 1,
                tags[row % 2], source="reviews")
        for row in range(2 * count)
    ]  # fmt: skip
    others = [Example("login broken again", "labelled", "en", 0, 0, source="reviews")] * count
    return complaints + others


@given(IDS)
def test_each_feature_of_a_text_is_counted_once_and_singles_have_rows_of_their_own(
    ids: list[list[int]],
) -> None:
    texts, rows = occurrences(ids)
    assert len(set(zip(texts.tolist(), rows.tolist(), strict=True))) == len(texts)
    for number, row in enumerate(ids):
        found = rows[texts == number]
        assert set(found[found < PIECES]) == set(row[1:-1])
        pairs = set(itertools.pairwise(row[1:-1]))
        assert (len(found[found >= PIECES]) > 0) == bool(pairs)
        assert len(found[found >= PIECES]) <= len(pairs)


@given(IDS, st.data())
def test_a_text_has_the_same_features_in_every_batch(ids: list[list[int]], data: st.DataObject) -> None:
    if not ids:
        return
    number = data.draw(st.integers(0, len(ids) - 1))
    texts, rows = occurrences(ids)
    _, alone = occurrences([ids[number]])
    assert np.array_equal(rows[texts == number], alone)


def test_values_agree_with_a_second_implementation() -> None:
    ids = [[101, 7, 8, 7, 102], [101, 8, 9, 102], [101, 7, 102], [101, 102]]
    matrix, rarity = features(ids)
    counts = (matrix > 0).astype(float)
    second = TfidfTransformer().fit(counts)
    second.idf_ = rarity
    assert np.allclose(matrix.toarray(), second.transform(counts).toarray(), atol=1e-6)


def test_logits_are_the_sum_of_weights_times_values(tmp_path: Path) -> None:
    generator = np.random.default_rng(3)
    weights = generator.normal(size=(ROWS, OUTPUTS)).astype(np.float32)
    bias, rarity = np.arange(OUTPUTS, dtype=np.float32), np.ones(ROWS, np.float32)
    save_table(tmp_path / "ngrams.npz", weights, bias, rarity)
    ids = [[101, 5, 6, 7, 102], [101, 102], [101, 9, 102]]
    found = NgramTable.open(tmp_path / "ngrams.npz").logits(ids)
    texts, rows = occurrences(ids)
    values = weigh(texts, rows, rarity, 3)
    for number in range(3):
        mine = texts == number
        assert np.allclose(found[number], values[mine] @ weights[rows[mine]] + bias, atol=0.1)
    assert np.allclose(found[1], bias)


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "ngrams.npz"
    path.write_bytes(b"no weights")
    with pytest.raises(ModelError, match=r"ngrams\.npz cannot be read"):
        NgramTable.open(path)
    np.savez(path, weights=np.zeros((4, 4), np.int8), scale=np.ones(4), bias=np.ones(4), rarity=np.ones(4))
    with pytest.raises(ModelError, match="do not belong together"):
        NgramTable.open(path)


def test_the_table_learns_complaints_and_tags_from_real_texts(tokenizer: Tokenizer, tmp_path: Path) -> None:
    everyday = [Example("great table works fine thanks", "tweets", "en", 2)] * 50
    table = train_ngrams(tmp_path / "ngrams.npz", tokenizer, told(), everyday, seed=1)
    assert table is not None
    texts = ["stop mailing me offers", "stop mailing me every day", "login broken", "works fine thanks"]
    logits = table.logits([found.ids for found in tokenizer.encode_batch(texts)])
    assert logits[:2, 0].min() > 1.0
    assert logits[2:, 0].max() < 0.0
    assert logits[0, 1] > logits[1, 1]
    assert logits[1, 2] > logits[0, 2]
    assert not logits[:, 3:].any()


def test_too_few_real_texts_leave_no_table(tokenizer: Tokenizer, tmp_path: Path) -> None:
    path = tmp_path / "ngrams.npz"
    path.write_bytes(b"of an earlier run")
    written = [Example(example.text, "written", "en", 0, example.complaint) for example in told()]
    assert train_ngrams(path, tokenizer, written, [], seed=1) is None
    assert not path.exists()
