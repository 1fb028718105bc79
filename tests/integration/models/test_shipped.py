"""The shipped model: intact, small, described by its own card, and right on plain cases."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from models.engines.onnx import OnnxScorer
from models.manifest import WEIGHTS, find_model, read_manifest
from models.train.card import render_card
from monitor.domain.scores import ComplaintTag, Sentiment

GOLDEN = Path(__file__).parent / "golden_predictions.tsv"


@pytest.fixture(scope="module")
def scorer() -> OnnxScorer:
    return OnnxScorer.open(threads=1)


def test_the_files_are_those_of_the_manifest_and_small() -> None:
    manifest = read_manifest(find_model(None))
    total = sum(path.stat().st_size for path in manifest.folder.iterdir())
    assert total < 30_000_000
    assert {path.name for path in WEIGHTS.iterdir() if path.is_dir()} == {manifest.model_id}


def test_the_card_says_what_the_manifest_holds() -> None:
    folder = find_model(None)
    card = (folder / "card.md").read_text(encoding="utf-8")
    assert card == render_card(read_manifest(folder).raw)


def test_measured_figures_and_error_rates_come_with_the_model() -> None:
    manifest = read_manifest(find_model(None))
    assert {row["what"] for row in manifest.raw["measurements"]}
    rates = manifest.error_rates("en")
    assert rates is not None
    assert rates.sensitivity > 0.5
    assert manifest.error_rates("xx") is None


def test_relentless_emails_are_a_negative_complaint(scorer: OnnxScorer) -> None:
    found = scorer.score(["Your emails are relentless, unsubscribe me"])[0]
    assert found.sentiment is Sentiment.NEGATIVE
    assert found.complaint
    assert ComplaintTag.TOO_MANY_MESSAGES in found.tags


def test_praise_with_a_complaint_inside_keeps_both(scorer: OnnxScorer) -> None:
    found = scorer.score(["Love the product, but please stop mailing me every single day"])[0]
    assert found.complaint
    assert found.sentiment is not Sentiment.NEGATIVE


def test_golden_predictions_hold(scorer: OnnxScorer) -> None:
    with GOLDEN.open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle, delimiter="\t", quoting=csv.QUOTE_NONE))
    found = scorer.score([row["text"] for row in rows])
    wrong = [
        row["text"]
        for row, scores in zip(rows, found, strict=True)
        if scores.sentiment.value != row["sentiment"]
        or abs(scores.marketing_complaint - float(row["marketing_complaint"])) > 0.1
    ]
    assert not wrong
