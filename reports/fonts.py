"""Fonts for pictures: the one that comes with the installation first, others only where it lacks letters."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

_BUNDLED = ("DejaVuSans-Bold.ttf", "DejaVuSans.ttf")
_WIDER = (
    "NotoSansCJK-Bold.ttc",
    "NotoSansCJKsc-Bold.otf",
    "NotoSansCJK-Regular.ttc",
    "SourceHanSans-Bold.ttc",
    "wqy-microhei.ttc",
    "wqy-zenhei.ttc",
    "Arial Unicode.ttf",
    "ArialUnicode.ttf",
    "msyhbd.ttc",
    "msgothic.ttc",
    "malgunbd.ttf",
    "NotoSansArabic-Bold.ttf",
    "NotoSansHebrew-Bold.ttf",
    "NotoSansDevanagari-Bold.ttf",
    "NotoSansThai-Bold.ttf",
    "NotoSans-Bold.ttf",
)
_FOLDERS = (
    "/usr/share/fonts",
    "/usr/local/share/fonts",
    "~/.local/share/fonts",
    "~/.fonts",
    "/System/Library/Fonts",
    "/Library/Fonts",
    "~/Library/Fonts",
    "C:/Windows/Fonts",
)
_MOST_FILES = 20_000


@lru_cache(maxsize=1)
def bundled_font() -> Path:
    """The bold sans-serif font that Matplotlib, which the word-cloud library needs, brings along.

    Raises:
        FileNotFoundError: the installation is damaged.
    """
    spec = find_spec("matplotlib")
    for root in (spec.submodule_search_locations or []) if spec else []:
        for name in _BUNDLED:
            path = Path(root) / "mpl-data" / "fonts" / "ttf" / name
            if path.is_file():
                return path
    raise FileNotFoundError(
        f"{_BUNDLED[0]} was not found in the installation of matplotlib: reinstall Goodwill to get it back"
    )


@lru_cache(maxsize=1)
def wider_fonts() -> tuple[Path, ...]:
    """Fonts of this machine known to hold more scripts, in a fixed order."""
    found: dict[str, Path] = {}
    left = _MOST_FILES
    for folder in _FOLDERS:
        root = Path(folder).expanduser()
        if not root.is_dir():
            continue
        for path in sorted(root.rglob("*.[to]t[fc]")):
            left -= 1
            if left < 0:
                break
            found.setdefault(path.name, path)
    return tuple(found[name] for name in _WIDER if name in found)


@lru_cache(maxsize=32)
def _letters(path: Path) -> frozenset[int]:
    from fontTools.ttLib import TTFont

    with TTFont(path, fontNumber=0, lazy=True) as font:
        return frozenset(font.getBestCmap() or ())


def can_draw(path: Path, text: str) -> bool:
    """Whether a font holds every letter of a text."""
    letters = _letters(path)
    return all(ord(c) in letters or c.isspace() for c in text)


def needs_shaping(text: str) -> bool:
    """Whether letters of a text join, turn around or stack (Arabic, Hebrew, Hindi): one after the other is wrong."""
    return any(
        unicodedata.bidirectional(c) in {"R", "AL"} or unicodedata.category(c) in {"Mn", "Mc"} for c in text
    )


@lru_cache(maxsize=1)
def _has_shaping() -> bool:
    from PIL import features

    return bool(features.check("raqm"))


def can_shape(text: str) -> bool:
    """Whether the drawing library of this machine can set a text as it is written."""
    return text.isascii() or not needs_shaping(text) or _has_shaping()


def best_font(texts: Iterable[str]) -> Path:
    """The bundled font, unless another one can draw more of these texts."""
    wanted = list(texts)
    bundled = bundled_font()
    missing = [text for text in wanted if not can_draw(bundled, text)]
    if not missing:
        return bundled
    best, drawn = bundled, len(wanted) - len(missing)
    for path in wider_fonts():
        n = sum(can_draw(path, text) for text in wanted)
        if n > drawn:
            best, drawn = path, n
    return best


def missing_scripts(text: str) -> list[str]:
    """Scripts of a text that no font here can draw, by name ("CJK", "THAI"), in alphabetical order."""
    lacking = {c for c in text if not c.isspace() and not can_draw(bundled_font(), c)}
    for path in wider_fonts() if lacking else ():
        lacking = {c for c in lacking if not can_draw(path, c)}
    return sorted({unicodedata.name(c, "UNKNOWN").split(" ")[0] for c in lacking})
