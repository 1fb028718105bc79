"""What is known of a model's quality, and complaint shares corrected by it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from math import sqrt
from typing import Any

from models.manifest import WEIGHTS
from models.prevalence import ErrorRates, corrected_share
from monitor.domain.weekly import CorrectedComplaints, ModelFacts

_FEWEST_POSTS = 10


def read_model_facts() -> dict[str, ModelFacts]:
    """What the shipped models' manifests say of their measured quality, by model id."""
    facts = {}
    for raw in _manifests():
        model_id = str(raw["model_id"])
        languages = tuple(sorted(str(code) for code in raw.get("measured_languages", ())))
        facts[model_id] = ModelFacts(model_id, languages, _measurements(raw.get("measurements", ())))
    return facts


def _manifests() -> Iterator[Mapping[str, Any]]:
    for path in sorted(WEIGHTS.glob("*/manifest.json")):
        try:
            raw = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue  # a damaged manifest is reported by the engine and by `goodwill doctor`
        if isinstance(raw, dict) and "model_id" in raw:
            yield raw


def _measurements(rows: object) -> tuple[tuple[str, float, float | None, float | None, int], ...]:
    """Measured qualities as the manifest lists them: {"what", "value", "low", "high", "n"}."""
    if not isinstance(rows, list):
        return ()
    return tuple(
        (str(row["what"]), float(row["value"]), row.get("low"), row.get("high"), int(row["n"]))
        for row in rows
        if isinstance(row, dict) and {"what", "value", "n"} <= set(row)
    )


def corrected_complaints(
    model_id: str, languages: Sequence[tuple[str, int, int]]
) -> CorrectedComplaints | None:
    """The week's share of complaints, corrected by the error rates measured for each language.

    Args:
        model_id: the model whose labels count.
        languages: (language, posts, complaints).

    Languages without measured error rates are left out; so is everything when the model cannot be told from
    chance. Intervals of several languages are added as independent ones.
    """
    rates: dict[str, Any] = next(
        (raw.get("error_rates", {}) for raw in _manifests() if raw["model_id"] == model_id), {}
    )
    known = [(code, n, flagged) for code, n, flagged in languages if code in rates and n]
    total = sum(n for _, n, _ in known)
    if total < _FEWEST_POSTS:
        return None
    parts = [
        (n / total, corrected_share(flagged, n, ErrorRates(**rates[code]))) for code, n, flagged in known
    ]
    if not all(part.usable for _, part in parts):
        return None
    share = sum(weight * part.share for weight, part in parts)
    below = sqrt(sum((weight * (part.share - part.low)) ** 2 for weight, part in parts))
    above = sqrt(sum((weight * (part.high - part.share)) ** 2 for weight, part in parts))
    return CorrectedComplaints(
        share=share,
        low=max(0.0, share - below),
        high=min(1.0, share + above),
        flagged=sum(flagged for _, _, flagged in known),
        n=total,
        languages=tuple(code for code, _, _ in known),
    )
