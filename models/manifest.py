"""The manifest of a model folder: what its files must be and how its numbers are read."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.calibration import Scaling
from models.prevalence import ErrorRates
from monitor.errors import ModelError

FORMAT = 1
WEIGHTS = Path(__file__).parent / "weights"
DEFAULT_MODEL = "goodwill-minilm-3"


@dataclass(frozen=True, slots=True)
class HeadSettings:
    """How one reader's logits become scores.

    Attributes:
        sentiment, complaint, tags, channel: calibration of each head.
        complaint_threshold: probability from which a text counts as a complaint.
        tag_thresholds: probability from which each tag is given, in the order of the tags.
        channel_threshold: probability from which the channel is told.
        unsure_sentiment: below this highest probability the label is unsure.
        unsure_complaint: a complaint probability between these two is unsure.
    """

    sentiment: Scaling
    complaint: Scaling
    tags: Scaling
    channel: Scaling
    complaint_threshold: float
    tag_thresholds: tuple[float, ...]
    channel_threshold: float
    unsure_sentiment: float
    unsure_complaint: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Manifest:
    """The part of ``manifest.json`` that scoring needs; ``raw`` holds all of it."""

    folder: Path
    model_id: str
    encoder: HeadSettings
    russian: HeadSettings | None
    measured: frozenset[str]
    raw: Mapping[str, Any]

    def error_rates(self, lang: str) -> ErrorRates | None:
        """Measured error of the complaint flag in one language; None where it was not measured."""
        counts = self.raw.get("error_rates", {}).get(lang)
        return ErrorRates(**counts) if counts else None


def find_model(model: str | None) -> Path:
    """Folder of a model given by id or path; None is the shipped one.

    Raises:
        ModelError: there is no such model.
    """
    folder = WEIGHTS / (model or DEFAULT_MODEL)
    if model and Path(model).is_dir():
        folder = Path(model)
    if not (folder / "manifest.json").is_file():
        shipped = sorted(path.parent.name for path in WEIGHTS.glob("*/manifest.json"))
        raise ModelError(
            f"model {model or DEFAULT_MODEL!r} was not found: expected one of {', '.join(shipped) or 'none shipped'} "
            "or a folder with a manifest.json; pass --model, or --engine lexicon to go on without weights"
        )
    return folder


def read_manifest(folder: Path) -> Manifest:
    """Read ``manifest.json`` and check each file's sha256 against it.

    Raises:
        ModelError: the manifest cannot be read, or a file is missing or altered.
    """
    path = folder / "manifest.json"
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        if raw["format"] != FORMAT:
            raise ModelError(
                f"{path} has format {raw['format']!r}: expected {FORMAT}; use weights made for this version"
            )
        settings = {name: _settings(values) for name, values in raw["readers"].items()}
        manifest = Manifest(
            folder=folder,
            model_id=raw["model_id"],
            encoder=settings["encoder"],
            russian=settings.get("russian"),
            measured=frozenset(raw["measured_languages"]),
            raw=raw,
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(
            f"{path} cannot be read ({error!r}): expected a manifest written by `goodwill train`; reinstall Goodwill"
        ) from error
    for name, expected in raw["files"].items():
        check_file(folder / name, expected)
    return manifest


def check_file(path: Path, expected: str) -> None:
    """Refuse a file that is not byte for byte what the manifest says.

    Raises:
        ModelError: the file is missing or its sha256 differs.
    """
    try:
        with path.open("rb") as handle:
            found = hashlib.file_digest(handle, "sha256").hexdigest()
    except OSError as error:
        raise ModelError(
            f"{path} is missing: expected the file that the manifest names; reinstall Goodwill"
        ) from error
    if found != expected:
        raise ModelError(
            f"{path} was altered or damaged: sha256 is {found[:12]}…, expected {expected[:12]}…; reinstall Goodwill"
        )


def _settings(values: Mapping[str, Any]) -> HeadSettings:
    scalings = {
        name: Scaling(**values["calibration"][name]) for name in ("sentiment", "complaint", "tags", "channel")
    }
    low, high = values["unsure_complaint"]
    return HeadSettings(
        **scalings,
        complaint_threshold=float(values["complaint_threshold"]),
        tag_thresholds=tuple(float(value) for value in values["tag_thresholds"]),
        channel_threshold=float(values["channel_threshold"]),
        unsure_sentiment=float(values["unsure_sentiment"]),
        unsure_complaint=(float(low), float(high)),
    )
