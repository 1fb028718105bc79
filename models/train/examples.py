"""Read data sets into examples.

A data folder holds one sub-folder a data set. Two formats are read:

* ``train.parquet``, ``val.parquet``, ``test.parquet`` (or ``train_weak.parquet``) with the columns ``text``,
  ``label`` (negative, neutral, positive or empty) and, where there are several, ``lang``;
* ``*.tsv`` with the columns ``complaint sentiment tags channel voice text`` (see ``written/CARD.md``).
"""

from __future__ import annotations

import csv
import hashlib
import json
import random
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from models.clean import clean
from monitor.domain.scores import ComplaintTag, ContactChannel, Sentiment
from monitor.errors import InputError

SENTIMENTS = tuple(Sentiment)
TAGS = tuple(ComplaintTag)
CHANNELS = tuple(ContactChannel)
UNLABELLED = -1
LABELLED = "labelled"
"""Domain of real training texts whose complaints were labelled by hand."""
WEAK_WEIGHT = 0.3
WEAK_ROWS = 24_000


@dataclass(frozen=True, slots=True)
class Example:
    """One labelled text; a label that is not known is ``UNLABELLED`` (or None for the tags).

    ``taught`` holds a larger model's probabilities of the moods, which then stand in for the label.
    """

    text: str
    domain: str
    lang: str
    sentiment: int = UNLABELLED
    complaint: int = UNLABELLED
    tags: tuple[int, ...] | None = None
    channel: int = UNLABELLED
    weight: float = 1.0
    voice: str = ""
    source: str = ""
    taught: tuple[float, ...] | None = None


def read_parquet(path: Path) -> list[Example]:
    """Read one sentiment file; rows without a 3-class label are left out."""
    import pyarrow.parquet

    domain = path.parent.name
    weak = path.stem.endswith("weak")
    names = [name.value for name in SENTIMENTS]
    examples = []
    for row in pyarrow.parquet.read_table(path).to_pylist():
        label = row.get("label")
        text = clean(str(row["text"]))
        if label not in names or not text or (weak and label == Sentiment.NEUTRAL.value):
            continue  # three stars are mostly mixed texts: no label is better than a wrong one
        examples.append(
            Example(
                text=text,
                domain=domain,
                lang=str(row.get("lang") or "en"),
                sentiment=names.index(label),
                weight=WEAK_WEIGHT if weak else 1.0,
                source=str(row.get("source") or ""),
            )
        )
    return examples


def read_written(path: Path) -> list[Example]:
    """Read one file of texts written for this project.

    Raises:
        InputError: a column, a label or a tag that is not known, with its line number.
    """
    lang = "ru" if path.stem.startswith("ru") else "en"
    examples = []
    with path.open(encoding="utf-8", newline="") as handle:
        for number, row in enumerate(csv.DictReader(handle, delimiter="\t", quoting=csv.QUOTE_NONE), start=2):
            try:
                examples.append(_written_example(row, lang, path.stem))
            except (KeyError, ValueError, AttributeError, TypeError) as error:
                raise InputError(
                    f"{path.name} line {number}: {error} is not as expected; "
                    "expected the columns complaint sentiment tags channel voice text; correct the line"
                ) from error
    return examples


def _written_example(row: dict[str, str], lang: str, stem: str) -> Example:
    complaint = {"1": 1, "0": 0, "?": UNLABELLED}[row["complaint"]]
    tags = {ComplaintTag(tag.strip()) for tag in row["tags"].split(",") if tag.strip()}
    channel = row["channel"].strip()
    return Example(
        text=clean(row["text"].replace("\\n", "\n")),
        domain=f"written_{stem}",
        lang=lang,
        sentiment=SENTIMENTS.index(Sentiment(row["sentiment"].strip())),
        complaint=complaint,
        tags=tuple(int(tag in tags) for tag in TAGS) if complaint == 1 else None,
        channel=CHANNELS.index(ContactChannel(channel)) if channel else UNLABELLED,
        voice=row["voice"],
    )


def read_pool(texts: Path, labels: Path) -> list[Example]:
    """Join hand labels (``id complaint sentiment tags channel``) to their texts (JSON lines) by id.

    Raises:
        InputError: a label row that cannot be read.
    """
    found = {row["id"]: row for row in map(json.loads, texts.read_text(encoding="utf-8").splitlines())}
    examples = []
    with labels.open(encoding="utf-8", newline="") as handle:
        for row in csv.DictReader(handle, delimiter="\t", quoting=csv.QUOTE_NONE):
            if row["id"] not in found:
                continue
            item = found[row["id"]]
            row["text"], row["voice"] = item["text"], "pool"
            example = _written_example(row, item["lang"], "pool")
            examples.append(replace(example, domain="pool", source=item["source"]["repo"]))
    return examples


def text_key(text: str) -> str:
    """Name of a text in files of labels, which hold no texts."""
    return "r" + hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:12]


def read_labelled(examples: Iterable[Example], labels: Path) -> list[Example]:
    """The examples that a file of labels (``id complaint sentiment tags channel``) names by ``text_key``, so labelled.

    Raises:
        InputError: a label row that cannot be read.
    """
    with labels.open(encoding="utf-8", newline="") as handle:
        rows = {row["id"]: row for row in csv.DictReader(handle, delimiter="\t", quoting=csv.QUOTE_NONE)}
    found = []
    for example in examples:
        row = rows.pop(text_key(example.text), None)
        if row is None:
            continue
        try:
            read = _written_example({**row, "text": example.text, "voice": "labelled"}, example.lang, "")
        except (KeyError, ValueError, AttributeError) as error:
            raise InputError(
                f"{labels.name}, id {row['id']}: {error} is not as expected; "
                "expected the columns id complaint sentiment tags channel; correct the line"
            ) from error
        mood = example.sentiment if example.weight >= 1.0 else read.sentiment  # stars are a weak mood
        found.append(replace(read, text=example.text, domain=LABELLED, source=example.domain, sentiment=mood))
    return found


def read_sets(folder: Path, split: str) -> dict[str, list[Example]]:
    """Read one split of each data set in the folder.

    Raises:
        InputError: the folder holds no data set.
    """
    sets = {}
    for path in sorted(folder.glob(f"*/{split}.parquet")) + sorted(folder.glob(f"*/{split}_weak.parquet")):
        if examples := read_parquet(path):
            sets[path.parent.name] = examples
    if not sets:
        raise InputError(
            f"{folder} holds no */{split}.parquet: expected one sub-folder a data set; "
            "name the folder of data sets: goodwill train FOLDER --output MODEL"
        )
    return sets


def reduce_weak(examples: Sequence[Example], seed: int) -> list[Example]:
    """Draw an equal number of each mood from weakly labelled examples, at most ``WEAK_ROWS`` in all."""
    groups: dict[int, list[Example]] = {}
    for example in examples:
        groups.setdefault(example.sentiment, []).append(example)
    size = min(WEAK_ROWS // max(1, len(groups)), *(len(group) for group in groups.values()))
    generator = random.Random(seed)  # noqa: S311 - sampling, no secret
    return [example for key in sorted(groups) for example in generator.sample(groups[key], size)]


def balance(examples: Iterable[Example]) -> list[Example]:
    """Weight each mood inversely to its frequency within its domain: the goal is recall of each class."""
    examples = list(examples)
    counts = Counter((example.domain, example.sentiment) for example in examples)
    totals = Counter(example.domain for example in examples)
    return [
        replace(
            example,
            weight=example.weight
            * min(4.0, totals[example.domain] / (3 * counts[example.domain, example.sentiment])),
        )
        for example in examples
    ]


def fingerprint(path: Path) -> str:
    """Sha256 of a data file, for the manifest."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
