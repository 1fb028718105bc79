"""What the shipped manifests say, and shares corrected by it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from monitor.workflow import model_facts

MANIFEST = {
    "model_id": "m-1",
    "measured_languages": ["en", "ru"],
    "measurements": [
        {"what": "mood", "value": 0.7, "low": 0.68, "high": 0.72, "n": 900},
        {"what": "no value"},
    ],
    "error_rates": {
        "en": {"found": 80, "positives": 100, "false": 20, "negatives": 1000},
        "xx": {"found": 5, "positives": 100, "false": 50, "negatives": 1000},
    },
}


@pytest.fixture(autouse=True)
def weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder of one good and one damaged manifest."""
    for name, text in (("good", json.dumps(MANIFEST)), ("broken", "{")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "manifest.json").write_text(text, encoding="utf-8")
    monkeypatch.setattr(model_facts, "WEIGHTS", tmp_path)


def test_measurements_are_read_and_damaged_manifests_passed_over() -> None:
    """Rows without a value are no measurement."""
    facts = model_facts.read_model_facts()
    assert list(facts) == ["m-1"]
    assert facts["m-1"].measurements == (("mood", 0.7, 0.68, 0.72, 900),)


def test_share_is_corrected_for_misses_and_false_flags() -> None:
    """82 of 1,000 flagged, at 80 % found and 2 % false flags, are about 8 %: (.082 - .02) / .78."""
    found = model_facts.corrected_complaints("m-1", [("en", 1000, 82), ("fi", 50, 1)])
    assert found is not None
    assert found.share == pytest.approx(0.062 / 0.78)
    assert found.low < found.share < found.high
    assert (found.n, found.flagged, found.languages) == (1000, 82, ("en",))


@pytest.mark.parametrize(
    ("model", "languages"),
    [
        ("other", [("en", 1000, 82)]),
        ("m-1", [("fi", 1000, 82)]),
        ("m-1", [("en", 4, 1)]),
        ("m-1", [("xx", 1000, 60)]),
    ],
)
def test_unknown_errors_give_no_correction(model: str, languages: list[tuple[str, int, int]]) -> None:
    """Unknown model or language, too few posts, a tagger no better than chance."""
    assert model_facts.corrected_complaints(model, languages) is None
