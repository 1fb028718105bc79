"""Classify: same order, bad lines answered and counted, constant memory by windows."""

from __future__ import annotations

import io
import json

from hypothesis import given, settings
from hypothesis import strategies as st

from models.classify import WINDOW, classify_stream
from models.engines.lexicon import LexiconScorer


def _classify(lines: str) -> tuple[list[dict[str, object]], int, int]:
    target = io.StringIO()
    tally = classify_stream(LexiconScorer(), io.StringIO(lines), target)
    return [json.loads(line) for line in target.getvalue().splitlines()], tally.scored, tally.errors


def test_each_line_out_has_the_documented_fields() -> None:
    (found,), _, _ = _classify('{"id": "a", "text": "Too many emails, unsubscribe me", "lang": "en"}\n')
    assert set(found) >= {
        "id", "lang", "sentiment", "probabilities", "marketing_complaint", "complaint", "tags", "tag_scores",
        "unsure", "model",
    }  # fmt: skip
    assert found["complaint"] is True


def test_a_bad_line_gets_an_error_in_its_place() -> None:
    lines = '{"id": 1, "text": "ok"}\nnot json\n\n{"id": 3}\n[1]\n{"id": 5, "text": "fine"}\n'
    records, scored, errors = _classify(lines)
    assert [record["id"] for record in records] == [1, None, 3, None, 5]
    assert ["error" in record for record in records] == [False, True, True, True, False]
    assert (scored, errors) == (2, 3)


def test_order_holds_over_several_windows() -> None:
    count = WINDOW * 2 + 3
    records, scored, _ = _classify("".join(json.dumps({"id": n, "text": "hi"}) + "\n" for n in range(count)))
    assert [record["id"] for record in records] == list(range(count))
    assert scored == count


def test_a_line_nested_too_deeply_is_an_error() -> None:
    records, _, errors = _classify("[" * 100_000 + "\n")
    assert errors == 1
    assert "error" in records[0]


@settings(deadline=None)
@given(st.lists(st.text(), max_size=5))
def test_any_text_is_answered(texts: list[str]) -> None:
    lines = "".join(json.dumps({"id": number, "text": text}) + "\n" for number, text in enumerate(texts))
    records, scored, errors = _classify(lines)
    assert len(records) == len(texts) == scored
    assert errors == 0
