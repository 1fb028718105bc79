"""The Russian reader: n-grams and words in, calibrated readings out; damaged files are refused."""

from __future__ import annotations

import gzip
import io
import tarfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.linear import BUCKET_BITS, LinearReader, normalise, save_weights
from models.train.examples import Example
from models.train.linear import train_linear, without_copies
from models.train.settings import IDENTITY
from models.train.word_vectors import FREQUENT_WORDS, WordFeatures, WordVectors, read_vectors
from models.words import WordTable, store_words, word_code, words_of
from monitor.errors import InputError, ModelError

WORDS = ("реклама", "раздражает", "бесит", "радует", "нравится", "вторник", "среда", "смс")
VECTORS = np.array([[1, 0, 0], [0, 1, 0], [0, 1, 0], [0, -1, 0], [0, -1, 0], [0, 0, 1], [0, 0, 1], [1, 0, 1]])


def _vectors() -> WordVectors:
    return WordVectors(
        rows={word: row for row, word in enumerate(WORDS)},
        vectors=VECTORS.astype(np.float32),
        counts=np.arange(len(WORDS), 0, -1),
    )


def _examples() -> list[Example]:
    moods = (("раздражает", 0), ("вторник", 1), ("нравится", 2))
    rows = [
        Example(text=f"сегодня {word} {'!' * (n % 3)}", domain="tweets", lang="ru", sentiment=mood)
        for n in range(12)
        for word, mood in moods
    ]
    for n in range(12):
        rows.append(
            Example(f"реклама раздражает {'.' * (n % 4)}", "written", "ru", 0, 1, (1,) + (0,) * 9, n % 3)
        )
        rows.append(Example(f"доставка раздражает {'.' * (n % 4)}", "written", "ru", 0, 0))
    return rows


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A weights file trained with word vectors on a few texts."""
    return train_linear(_examples(), tmp_path_factory.mktemp("linear"), _vectors())


def test_a_word_that_training_never_saw_is_read_by_its_vector(trained: Path, tmp_path: Path) -> None:
    """«Бесит» shares no n-gram of weight with the training texts, but the vector of «раздражает»."""
    with_words = LinearReader.open(trained, IDENTITY).run(["бесит"])[0][0]
    without = LinearReader.open(train_linear(_examples(), tmp_path), IDENTITY).run(["бесит"])[0][0]
    assert with_words.argmax() == 0
    assert with_words[0] - with_words[2] > without[0] - without[2] + 1.0


def test_training_again_gives_the_same_numbers(trained: Path, tmp_path: Path) -> None:
    again = train_linear(_examples(), tmp_path, _vectors())
    assert again.name == trained.name
    with np.load(again) as one, np.load(trained) as two:
        assert set(one) == set(two)
        assert all(np.array_equal(one[name], two[name]) for name in one)


def test_the_stored_words_say_what_the_mean_vector_said() -> None:
    """Bytes a word instead of numbers a word: the same logits within a hundredth of the largest weight."""
    texts = ["реклама бесит", "вторник радует"]
    words = WordFeatures(_vectors(), texts)
    coefficients = np.random.default_rng(0).normal(size=(3, 24)).astype(np.float32)
    table = WordTable.read(store_words(*words.table(coefficients)))
    assert table is not None
    for text in [*texts, "смс в среду среда"]:
        expected = words.matrix([text])[0] @ coefficients
        assert np.abs(table.logits(normalise(text)) - expected).max() < 0.03


def test_unknown_words_add_nothing() -> None:
    stored = store_words(np.array([word_code("смс")]), np.ones((1, 24), np.float32), np.ones(1, np.float32))
    table = WordTable.read(stored)
    assert table is not None
    assert np.allclose(table.logits(" ктулху "), 0.0)
    assert np.allclose(table.logits(" ктулху смс "), 1.0, atol=0.01)


def test_words_keep_hyphens_and_drop_numbers_and_signs() -> None:
    assert words_of(normalise("Всё-таки, СМС-ка №5 (ok)!")) == ["все-таки", "смс-ка", "ok"]


@pytest.mark.parametrize(
    "text", ["", "🙂", "...", "5", "раз " * 250_000, "смс sms смс sms 短信", "\x00\x01", "а"]
)
def test_any_text_gives_finite_numbers(trained: Path, text: str) -> None:
    readings = LinearReader.open(trained, IDENTITY).read([text])
    for part in (readings.sentiment, readings.complaint, readings.tags, readings.channel, readings.embedding):
        assert np.isfinite(part).all()


def _arrays() -> dict[str, Any]:
    words = store_words(np.array([word_code("смс")]), np.ones((1, 24), np.float32), np.ones(1, np.float32))
    buckets = 1 << BUCKET_BITS
    return {
        "weights": np.zeros((buckets, 24), np.int8), "scale": np.ones(24, np.float32),
        "bias": np.zeros(24, np.float32), "rarity": np.ones(buckets, np.float16), **words,
    }  # fmt: skip


@pytest.mark.parametrize(
    "missing", ["weights", "scale", "bias", "rarity", "word_weights", "word_scale", "word_rarity"]
)
def test_a_missing_array_is_refused(tmp_path: Path, missing: str) -> None:
    arrays = _arrays()
    del arrays[missing]
    np.savez(tmp_path / "russian.npz", **arrays)
    with pytest.raises(ModelError, match="reinstall"):
        LinearReader.open(tmp_path / "russian.npz", IDENTITY)


@pytest.mark.parametrize("name", ["word_weights", "word_rarity", "word_scale"])
def test_word_arrays_that_do_not_belong_together_are_refused(tmp_path: Path, name: str) -> None:
    arrays = _arrays()
    arrays[name] = np.concatenate([arrays[name], arrays[name]])
    np.savez(tmp_path / "russian.npz", **arrays)
    with pytest.raises(ModelError, match="belong together"):
        LinearReader.open(tmp_path / "russian.npz", IDENTITY)


def test_a_cut_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "russian.npz"
    save_weights(path, np.zeros((1 << BUCKET_BITS, 24)), np.zeros(24), np.ones(1 << BUCKET_BITS))
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(ModelError, match="reinstall"):
        LinearReader.open(path, IDENTITY)


def test_weights_without_words_can_still_be_read(tmp_path: Path) -> None:
    path = tmp_path / "russian.npz"
    save_weights(path, np.zeros((1 << BUCKET_BITS, 24)), np.zeros(24), np.ones(1 << BUCKET_BITS))
    assert LinearReader.open(path, IDENTITY).run(["привет"])[0].shape == (1, 3)


def test_copies_of_measured_texts_do_not_train() -> None:
    """A repost with another link and handle is still the same text."""
    measured = [Example("Опять эта реклама в лифте http", "pool", "ru")]
    train = [
        Example("RT @user: опять ЭТА реклама в лифте! http", "tweets", "ru"),
        Example("Опять этот лифт", "tweets", "ru"),
    ]
    assert without_copies(train, measured) == train[1:]


def _navec(path: Path, words: list[str], vectors: np.ndarray[Any, Any]) -> Path:
    """Write words in Navec's format: each number is its own part, the centres are the words' own numbers."""
    size, numbers = vectors.shape
    head = np.array([size, numbers, numbers, size], np.uint32).tobytes()
    codes = np.repeat(np.arange(size, dtype=np.uint8)[:, None], numbers, axis=1).tobytes()
    vocabulary = np.array([size, *range(size, 0, -1)], np.uint32).tobytes() + "\n".join(words).encode()
    files = {
        "vocab.bin": gzip.compress(vocabulary),
        "pq.bin": head + codes + np.ascontiguousarray(vectors.T, dtype=np.float32).tobytes(),
    }
    with tarfile.open(path, "w") as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return path


def test_quantised_vectors_are_put_together_again(tmp_path: Path) -> None:
    found = read_vectors(
        _navec(tmp_path / "v.tar", ["ещё", "смс", "<unk>"], np.array([[3.0, 4], [0, 2], [1, 1]]))
    )
    assert found.rows == {"еще": 0, "смс": 1}
    assert np.allclose(found.vectors[:2], [[0.6, 0.8], [0, 1]])
    assert FREQUENT_WORDS > len(found.counts) == 3


@pytest.mark.parametrize("content", [b"", b"not an archive"])
def test_vectors_in_another_format_are_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "v.tar"
    path.write_bytes(content)
    with pytest.raises(InputError, match="Navec"):
        read_vectors(path)
