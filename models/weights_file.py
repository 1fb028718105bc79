"""Files of linear weights: signed bytes with one scale a column, in NumPy's own format without pickled objects."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from monitor.errors import ModelError

Made = TypeVar("Made")


def open_weights(path: Path, make: Callable[[Mapping[str, Any]], Made]) -> Made:
    """What ``make`` builds from the arrays of a file.

    Raises:
        ModelError: the file cannot be read, or its arrays are missing or do not belong together.
    """
    try:
        with np.load(path, allow_pickle=False) as stored:
            return make(stored)
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise ModelError(
            f"{path} cannot be read ({error!r}): expected weights written by `goodwill train`; reinstall Goodwill"
        ) from error


def as_bytes(weights: NDArray[np.floating]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Weights (rows, columns) as signed bytes, and the scale (columns,) that gives them back."""
    scale = np.maximum(np.abs(weights).max(axis=0), 1e-9) / 127.0
    return np.rint(weights / scale).astype(np.int8), scale.astype(np.float32)
