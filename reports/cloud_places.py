"""Where the words of a cloud stand: the word-cloud library finds room, we choose how much of it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from reports.fonts import needs_shaping
from reports.palette import INK
from reports.weekly import Word

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont

MOST_WORDS = 45
SEED = 20
_FULL = 0.55  # ink of a cloud that looks filled, as a part of its place
_COARSE = 2  # words are laid out on half the pixels: four times as fast, and nobody sees it


def font_for(path: Path, size: int, text: str = "") -> FreeTypeFont:
    """A font for a text; letters that join or turn around need the slower layout engine."""
    from PIL import ImageFont

    engine = ImageFont.Layout.RAQM if text and needs_shaping(text) else ImageFont.Layout.BASIC
    return ImageFont.truetype(str(path), size, layout_engine=engine)


def _no_colour(*_: object, **__: object) -> str:
    """Colours are given by what a word is about, not by the library."""
    return INK


def place_words(
    words: Sequence[Word], font: Path, width: int, height: int
) -> list[tuple[str, int, float, float]]:
    """Term, size in pixels, left edge and baseline of each word that found room."""
    heaviest = max(abs(word.score) for word in words)
    weights = {word.term: math.sqrt(abs(word.score) / heaviest) for word in words}
    longest = max(len(word.term) for word in words[:5])
    largest = round(min(height * 0.24, width / (0.72 * max(longest, 6))))
    smallest = max(18, round(largest * 0.16))
    wanted = {term: max(smallest, round(largest * weight**2.6)) for term, weight in weights.items()}
    rooms = _rooms(wanted, font, width, height)
    for room in rooms:
        placed = _packed(wanted, font, room, margin=max(9, round(height * 0.02)))
        kept = {term: size for term, size, _, _ in placed}
        if all(kept.get(term, 0) >= 0.9 * size for term, size in wanted.items()):
            break
    return _centred(placed, font, width, height)


def _rooms(wanted: Mapping[str, int], font: Path, width: int, height: int) -> list[tuple[int, int]]:
    """Places to try, smallest first: few words stand together in the middle, many fill the whole."""
    lengths = {term: font_for(font, size, term).getlength(term) for term, size in wanted.items()}
    part = sum(length * wanted[term] for term, length in lengths.items()) / (_FULL * width * height)
    across = min(1.0, max(math.sqrt(part), max(lengths.values()) * 1.06 / width))
    down = min(1.0, max(part / across, 1.5 * max(wanted.values()) / height))
    rooms = [(min(1.0, across * growth), min(1.0, down * growth)) for growth in (1.0, 1.15, 1.3, 1.5, 1.75)]
    partial = [(round(width * x), round(height * y)) for x, y in rooms if x < 1 or y < 1]
    return [*partial, (width, height)]


def _packed(
    wanted: Mapping[str, int], font: Path, room: tuple[int, int], *, margin: int
) -> list[tuple[str, int, float, float]]:
    """Each word that found room: term, size, left edge and baseline."""
    from wordcloud import WordCloud

    cloud = WordCloud(
        font_path=str(font),
        width=room[0] // _COARSE,
        height=room[1] // _COARSE,
        margin=margin // _COARSE,
        prefer_horizontal=1.0,
        relative_scaling=1.0,
        min_font_size=min(wanted.values()) // _COARSE,
        max_font_size=max(wanted.values()) // _COARSE,
        max_words=MOST_WORDS,
        random_state=Random(SEED),  # noqa: S311 - a layout is no secret
        color_func=_no_colour,  # the default one loads all of Matplotlib
        collocations=False,
        normalize_plurals=False,
        regexp=r"\S+",
    ).generate_from_frequencies(dict(wanted))
    placed = []
    for (term, _), coarse_size, (row, column), _, _ in cloud.layout_:
        size = coarse_size * _COARSE
        # the library places the top left corner of the ink; a baseline is wanted
        ink_left, ink_top, _, _ = font_for(font, size, term).getbbox(term, anchor="ls")
        placed.append((term, size, float(_COARSE * column - ink_left), float(_COARSE * row - ink_top)))
    return placed


def _centred(
    placed: list[tuple[str, int, float, float]], font: Path, width: int, height: int
) -> list[tuple[str, int, float, float]]:
    """Shift the whole cloud so that its margins are equal on opposite sides."""
    if not placed:
        return placed
    right = max(x + font_for(font, size, term).getlength(term) for term, size, x, _ in placed)
    left = min(x for _, _, x, _ in placed)
    top = min(y - size * 0.76 for _, size, _, y in placed)
    bottom = max(y + size * 0.2 for _, size, _, y in placed)
    dx, dy = (width - right - left) / 2, (height - bottom - top) / 2
    return [(term, size, round(x + dx, 1), round(y + dy, 1)) for term, size, x, y in placed]
