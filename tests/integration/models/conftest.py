"""A tiny random encoder and tiny data sets: the whole training command in seconds, nothing downloaded."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

pytest.importorskip("torch")
pytest.importorskip("transformers")
pytest.importorskip("onnx")
pytest.importorskip("pyarrow")
pytest.importorskip("sklearn")

from models.train.config import Stage, TrainingConfig
from models.train.examples import SENTIMENTS, read_parquet, text_key
from models.train.run import train
from monitor.domain.scores import Sentiment

WORDS = {
    "negative": ["awful", "broken", "worst", "angry", "useless"],
    "neutral": ["meeting", "table", "tuesday", "report", "window"],
    "positive": ["great", "lovely", "happy", "thanks", "perfect"],
}
FILLER = [
    "the",
    "a",
    "of",
    "and",
    "we",
    "it",
    "today",
    "team",
    "email",
    "stop",
    "please",
    "unsubscribe",
    "banner",
]


def _vocabulary() -> list[str]:
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *FILLER]
    words += [word for group in WORDS.values() for word in group]
    letters = "abcdefghijklmnopqrstuvwxyz.,!?:"
    return words + list(letters) + [f"##{letter}" for letter in letters]


def build_base(folder: Path) -> Path:
    """Write a random two-layer BERT with its tokenizer in Hugging Face layout."""
    import torch
    from tokenizers import BertWordPieceTokenizer
    from transformers import BertConfig, BertModel

    folder.mkdir(parents=True)
    vocabulary = {word: number for number, word in enumerate(_vocabulary())}
    tokenizer = BertWordPieceTokenizer(vocab=vocabulary, lowercase=True)
    tokenizer.save(str(folder / "tokenizer.json"))
    torch.manual_seed(0)
    configuration = BertConfig(
        vocab_size=len(vocabulary), hidden_size=32, num_hidden_layers=2, num_attention_heads=2,
        intermediate_size=64, max_position_embeddings=160,
    )  # fmt: skip
    BertModel(configuration).save_pretrained(folder)
    return folder


def _sentence(generator: random.Random, mood: str) -> str:
    words = generator.choices(FILLER[:8], k=4) + generator.choices(WORDS[mood], k=2)
    generator.shuffle(words)
    return " ".join(words)


def _write_set(path: Path, rows: list[tuple[str, str, str]]) -> None:
    import pyarrow as pa
    import pyarrow.parquet

    path.parent.mkdir(parents=True, exist_ok=True)
    texts, labels, langs = zip(*rows, strict=True)
    pyarrow.parquet.write_table(pa.table({"text": texts, "label": labels, "lang": langs}), path)


def build_data(folder: Path) -> Path:
    """Write one English sentiment set and one Russian one, with all three splits."""
    generator = random.Random(1)
    moods = list(WORDS)
    for split, size in (("train", 240), ("val", 60), ("test", 60)):
        rows = [(_sentence(generator, mood), mood, "en") for mood in generator.choices(moods, k=size)]
        _write_set(folder / "tweets" / f"{split}.parquet", rows)
    russian = {"negative": "ужасно плохо", "neutral": "встреча завтра", "positive": "отлично спасибо"}
    for split, size in (("train", 150), ("test", 45)):
        rows = [(f"{russian[mood]} номер {n}", mood, "ru") for n, mood in enumerate(moods * (size // 3))]
        _write_set(folder / "sentirueval2016" / f"{split}.parquet", rows)
    return folder


def build_written(folder: Path) -> Path:
    """Write a few complaint texts in both languages."""
    folder.mkdir(parents=True)
    head = "complaint\tsentiment\ttags\tchannel\tvoice\ttext"
    english, russian = [head], [head]
    for number in range(30):
        english.append(f"1\tnegative\ttoo_many_messages\temail\ttweet\tstop the email please {number}")
        english.append(f"0\tneutral\t\t\ttweet\tthe report of the team {number}")
        russian.append(f"1\tnegative\tunsolicited_contact\tsms\ttweet\tхватит слать рекламу {number}")
        russian.append(f"1\tnegative\ttoo_many_messages\temail\ttweet\tдостали письмами {number}")
        russian.append(f"0\tneutral\t\t\ttweet\tвстреча переехала {number}")
    (folder / "en.tsv").write_text("\n".join(english) + "\n", encoding="utf-8")
    (folder / "ru.tsv").write_text("\n".join(russian) + "\n", encoding="utf-8")
    return folder


def build_pool(data: Path, labels: Path) -> None:
    """Write real-looking labelled texts of several sources in both languages."""
    lines, rows = [], ["id\tcomplaint\tsentiment\ttags\tchannel"]
    for number in range(60):
        lang = "en" if number % 2 else "ru"
        complaint = number % 3 == 0
        text = {
            ("en", True): "please stop the email", ("en", False): "awful broken window",
            ("ru", True): "достали рекламой", ("ru", False): "ужасно плохо",
        }[lang, complaint]  # fmt: skip
        source = {"repo": f"someone/set-{number % 7}"}
        lines.append(
            json.dumps({"id": f"p{number}", "text": f"{text} {number}", "lang": lang, "source": source})
        )
        tags = ("too_many_messages" if number % 2 else "privacy") if complaint else ""
        rows.append(f"p{number}\t{int(complaint)}\tnegative\t{tags}\t{'email' if complaint else ''}")
    folder = data / "marketing_complaints_pool"
    folder.mkdir()
    (folder / "pool.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    labels.write_text("\n".join(rows) + "\n", encoding="utf-8")


def build_labels(data: Path, labels: Path) -> None:
    """Label half of the English training texts: three of the angry words stand for complaints."""
    rows = ["id\tcomplaint\tsentiment\ttags\tchannel"]
    for example in read_parquet(data / "tweets" / "train.parquet")[:130]:
        complaint = {"worst", "useless", "angry"} & set(example.text.split())
        mood = Sentiment.NEGATIVE if complaint else SENTIMENTS[example.sentiment]
        rows.append(
            f"{text_key(example.text)}\t{int(bool(complaint))}\t{mood}\t{'privacy' if complaint else ''}\t"
        )
    labels.write_text("\n".join(dict.fromkeys(rows)) + "\n", encoding="utf-8")


@pytest.fixture(scope="session")
def config(tmp_path_factory: pytest.TempPathFactory) -> TrainingConfig:
    """A course of seconds over the tiny data."""
    root = tmp_path_factory.mktemp("training")
    data = build_data(root / "data")
    build_pool(data, root / "labels.tsv")
    build_labels(data, root / "labelled.tsv")
    return TrainingConfig(
        data=data,
        output=root / "model",
        work=root / "work",
        base=build_base(root / "base"),
        written=build_written(root / "written"),
        labels=root / "labels.tsv",
        labelled=root / "labelled.tsv",
        model_id="tiny-1",
        course=(
            Stage("sentiment", epochs=6.0, learning_rate=3e-3),
            Stage("all_heads", epochs=4.0, learning_rate=2e-3, written=True, written_repeat=2),
        ),
        threads=1,
        tokens_per_batch=512,
        averaging=0.9,
        checkpoint_every=5,
    )


@pytest.fixture(scope="session")
def model_folder(config: TrainingConfig) -> Path:
    """The finished tiny model."""
    return train(config)
