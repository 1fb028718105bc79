"""The default engine: the shipped model on ONNX Runtime; no network, constant memory, two threads."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from models.assemble import assemble, empty_scores
from models.clean import clean
from models.language import detect_language
from models.linear import LinearReader
from models.manifest import HeadSettings, Manifest, find_model, read_manifest
from models.ngrams import NgramTable
from models.readings import Floats, Reader, Readings, calibrate
from models.segment import TOKEN_BUDGET, is_cyrillic, own_words, segments_of
from monitor.domain.scores import Scores
from monitor.errors import ModelError

TOKENS_PER_BATCH = 512
"""Padded tokens in one pass: larger batches fall out of the caches (8,200 tokens a CPU-second at 4,096)."""

TEXTS_PER_WINDOW = 512


class EncoderReader:
    """Reads segments in Latin script with the ONNX encoder, all heads in one pass, and the table of word pieces."""

    def __init__(
        self, folder: Path, settings: HeadSettings, threads: int = 2, ngrams: NgramTable | None = None
    ) -> None:
        self._settings = settings
        self._ngrams = ngrams
        self._tokenizer = _open_tokenizer(folder / "tokenizer.json")
        self._session = _open_session(folder / "model.onnx", threads)

    @property
    def settings(self) -> HeadSettings:
        """Calibration and thresholds."""
        return self._settings

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, without frame tokens."""
        return [
            len(found.ids) for found in self._tokenizer.encode_batch(list(texts), add_special_tokens=False)
        ]

    def segments(self, text: str) -> list[str]:
        """The author's own words in pieces that the encoder can take; none of a text without words."""
        own = own_words(clean(text))
        if not own:
            return []
        # A token has at least one character: only longer texts need to be counted.
        tokens = len(own) if len(own) <= TOKEN_BUDGET else self.count_tokens([own])[0]
        return segments_of(own, tokens, self.count_tokens)

    def read(self, texts: Sequence[str]) -> Readings:
        """Read n clean segments in batches of similar length; results come in the order of the texts."""
        outputs = self.run(texts)
        return calibrate(self._settings, outputs[:4], outputs[4])

    def run(self, texts: Sequence[str]) -> list[Floats]:
        """Raw outputs: sentiment, complaint, tags, channel logits and embeddings."""
        ids = [found.ids[: TOKEN_BUDGET + 2] for found in self._tokenizer.encode_batch(list(texts))]
        order = sorted(range(len(ids)), key=lambda row: len(ids[row]))
        collected: list[Floats] | None = None
        for rows in _batches(order, ids):
            found = self._session.run(None, _feeds(ids, rows))
            if collected is None:
                collected = [np.empty((len(ids), *part.shape[1:]), dtype=np.float32) for part in found]
            for whole, part in zip(collected, found, strict=True):
                whole[rows] = part
        if collected is None:
            raise ValueError("no texts to read: expected at least one; skip empty batches")
        if self._ngrams is not None:
            added = self._ngrams.logits(ids)
            collected[1] += added[:, 0]
            collected[2] += added[:, 1:]
        return collected


def _open_tokenizer(path: Path) -> Any:
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(path))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def _open_session(path: Path, threads: int) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    # The fused kernel is slower than its two parts: a sixth of all time.
    options.add_session_config_entry("optimization.disable_specified_optimizers", "SkipLayerNormFusion")
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime raises its own bare classes
        raise ModelError(
            f"{path} cannot be opened ({type(error).__name__}): expected an ONNX model; reinstall Goodwill"
        ) from error


def _batches(order: Sequence[int], ids: Sequence[Sequence[int]]) -> list[list[int]]:
    batches: list[list[int]] = []
    current: list[int] = []
    for row in order:
        if current and len(ids[row]) * (len(current) + 1) > TOKENS_PER_BATCH:
            batches.append(current)
            current = []
        current.append(row)
    if current:
        batches.append(current)
    return batches


def _feeds(ids: Sequence[Sequence[int]], rows: Sequence[int]) -> dict[str, np.ndarray[Any, Any]]:
    length = max(len(ids[row]) for row in rows)
    tokens = np.zeros((len(rows), length), dtype=np.int64)
    mask = np.zeros((len(rows), length), dtype=np.int64)
    for position, row in enumerate(rows):
        tokens[position, : len(ids[row])] = ids[row]
        mask[position, : len(ids[row])] = 1
    return {"input_ids": tokens, "attention_mask": mask}


class OnnxScorer:
    """Scores with a model folder: encoder for Latin script, linear model for Cyrillic."""

    def __init__(self, manifest: Manifest, encoder: EncoderReader, russian: LinearReader | None) -> None:
        self._manifest = manifest
        self._encoder = encoder
        self._russian = russian

    @classmethod
    def open(cls, model: str | None = None, threads: int = 2) -> OnnxScorer:
        """Open a model by id or folder, after checking its files.

        Raises:
            ModelError: no such model, or a file is missing, altered or unreadable.
        """
        manifest = read_manifest(find_model(model))
        ngrams = None
        if "ngrams.npz" in manifest.raw["files"]:
            ngrams = NgramTable.open(manifest.folder / "ngrams.npz")
        encoder = EncoderReader(manifest.folder, manifest.encoder, threads, ngrams)
        russian = None
        if manifest.russian is not None:
            russian = LinearReader.open(manifest.folder / "russian.npz", manifest.russian)
        return cls(manifest, encoder, russian)

    @property
    def model_id(self) -> str:
        """Identity from the manifest."""
        return self._manifest.model_id

    @property
    def encoder(self) -> EncoderReader:
        """The reader of Latin script, for evaluation."""
        return self._encoder

    def score(self, texts: Sequence[str], langs: Sequence[str | None] | None = None) -> list[Scores]:
        """Score n texts in order; see ``models.base.Scorer.score``."""
        known = langs or [None] * len(texts)
        scores: list[Scores] = []
        for start in range(0, len(texts), TEXTS_PER_WINDOW):
            end = start + TEXTS_PER_WINDOW
            scores += self._score_window(texts[start:end], known[start:end])
        return scores

    def _score_window(self, texts: Sequence[str], langs: Sequence[str | None]) -> list[Scores]:
        languages = [lang or detect_language(text) for text, lang in zip(texts, langs, strict=True)]
        pieces: list[str] = []
        by_post: list[range] = []
        for text in texts:
            found = self._encoder.segments(text)
            by_post.append(range(len(pieces), len(pieces) + len(found)))
            pieces += found
        readings = self._read(pieces)
        return [
            assemble(readings, pieces, rows, self._settings(pieces[rows[0]]), self._manifest, languages[row])
            if rows
            else empty_scores(self._manifest, languages[row])
            for row, rows in enumerate(by_post)
        ]

    def _settings(self, piece: str) -> HeadSettings:
        return self._reader(piece).settings

    def _reader(self, piece: str) -> Reader:
        return self._russian if self._russian is not None and is_cyrillic(piece) else self._encoder

    def _read(self, pieces: Sequence[str]) -> list[Readings]:
        """One reading a piece, each by the reader of its script."""
        results: list[Readings | None] = [None] * len(pieces)
        readers = [self._reader(piece) for piece in pieces]
        for reader in (self._encoder, self._russian):
            rows = [row for row, chosen in enumerate(readers) if chosen is reader]
            if reader is None or not rows:
                continue
            found = reader.read([pieces[row] for row in rows])
            for position, row in enumerate(rows):
                results[row] = found.row(position)
        return [result for result in results if result is not None]
