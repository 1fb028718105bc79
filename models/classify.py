"""``goodwill classify``: JSON lines in, JSON lines out, same order, constant memory.

A line in has ``id``, ``text`` and optionally ``lang``; a line out has the fields of ``record``. A line that
cannot be read gives ``{"id", "error"}`` in its place.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, TextIO

from models.base import Scorer
from monitor.domain.scores import Scores

WINDOW = 512
"""Lines that are scored together; more would not be faster."""

MAXIMUM_LINE = 8_000_000
"""Characters of a line; a longer one is an error, not a text."""

_DIGITS = 4


@dataclass(slots=True)
class Tally:
    """How many lines were scored and how many could not be read."""

    scored: int = 0
    errors: int = 0


@dataclass(frozen=True, slots=True)
class _Line:
    id: Any
    text: str = ""
    lang: str | None = None
    error: str | None = None


def classify_stream(scorer: Scorer, source: TextIO, target: TextIO) -> Tally:
    """Score every line of ``source`` into ``target``; blank lines are skipped.

    Args:
        scorer: any engine.
        source: text stream of JSON lines.
        target: text stream that gets one JSON line for each line that is not blank.
    """
    tally = Tally()
    for record_out in classify_lines(scorer, source):
        if "error" in record_out:
            tally.errors += 1
        else:
            tally.scored += 1
        target.write(json.dumps(record_out, ensure_ascii=False) + "\n")
    return tally


def classify_lines(scorer: Scorer, lines: Iterable[str]) -> Iterator[dict[str, Any]]:
    """One record for each line that is not blank, in order."""
    parsed = (_parse(line, number) for number, line in enumerate(lines, start=1) if line.strip())
    while window := list(islice(parsed, WINDOW)):
        good = [line for line in window if line.error is None]
        scores = iter(
            scorer.score([line.text for line in good], [line.lang for line in good]) if good else ()
        )
        for line in window:
            if line.error is None:
                yield record(line.id, next(scores))
            else:
                yield {"id": line.id, "error": line.error}


def _parse(line: str, number: int) -> _Line:
    if len(line) > MAXIMUM_LINE:
        return _Line(None, error=f"line {number} has {len(line)} characters: expected at most {MAXIMUM_LINE}")
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return _Line(None, error=f"line {number} is not JSON: expected an object with id and text")
    if not isinstance(value, dict):
        return _Line(
            None, error=f"line {number} is a {type(value).__name__}: expected an object with id and text"
        )
    identity, text, lang = value.get("id"), value.get("text"), value.get("lang")
    if isinstance(identity, dict | list):
        return _Line(
            None, error=f"line {number}: id is a {type(identity).__name__}: expected text or a number"
        )
    if not isinstance(text, str):
        return _Line(identity, error=f"line {number}: text is {type(text).__name__}: expected a string")
    if lang is not None and not isinstance(lang, str):
        return _Line(identity, error=f"line {number}: lang is {type(lang).__name__}: expected a code like en")
    return _Line(identity, text, lang)


def record(identity: Any, scores: Scores) -> dict[str, Any]:
    """The output fields of one text; probabilities rounded to four digits."""
    return {
        "id": identity,
        "lang": scores.lang,
        "sentiment": scores.sentiment.value,
        "probabilities": {mood.value: round(share, _DIGITS) for mood, share in scores.probabilities.items()},
        "marketing_complaint": round(scores.marketing_complaint, _DIGITS),
        "complaint": scores.complaint,
        "tags": [tag.value for tag in scores.tags],
        "tag_scores": {tag.value: round(share, _DIGITS) for tag, share in scores.tag_scores.items()},
        "channel": scores.channel.value if scores.channel else None,
        "unsure": scores.unsure,
        "measured": scores.measured,
        "model": scores.model,
    }
