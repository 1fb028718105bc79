"""Word clouds for review meetings: size says how surely a word is typical, colour says what it is about.

A cloud is laid out once as a scene of placed texts and dots; PNG and SVG are two drawings of that scene.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

from reports.cloud_places import MOST_WORDS, font_for, place_words
from reports.fonts import best_font, bundled_font, can_draw, can_shape
from reports.palette import CHANGE_COLOURS, INK, MUTED, PAPER, RULE, tag_colour
from reports.weekly import Word
from reports.wording import counted, tag_word

WIDE, SQUARE = (1920, 1080), (1080, 1080)
MINIMUM_WORDS = 6
_MARGIN = 64


@dataclass(frozen=True, slots=True)
class Panel:
    """One cloud of a picture.

    Attributes:
        heading: shown above it when there are several; words: the heaviest first.
        n: posts behind it; empty: the sentence shown when there are too few words.
    """

    heading: str
    words: tuple[Word, ...]
    n: int
    empty: str = "Too few posts to tell words apart."


@dataclass(frozen=True, slots=True)
class CloudPlan:
    """What one picture shows.

    Attributes:
        name: file name without ending.
        title, subtitle, note: above and below.
        colour_by: "tag" or "change".
    """

    name: str
    title: str
    subtitle: str
    panels: tuple[Panel, ...]
    colour_by: str = "tag"
    note: str = "Bigger: more surely typical of these posts."


@dataclass(frozen=True, slots=True)
class PlacedText:
    """A text on the canvas: left edge and baseline in pixels."""

    x: float
    y: float
    text: str
    size: int
    colour: str
    bold: bool
    length: float
    font: Path


@dataclass(frozen=True, slots=True)
class Dot:
    """A legend mark."""

    x: float
    y: float
    radius: float
    colour: str


@dataclass(frozen=True, slots=True)
class Scene:
    """A laid-out picture.

    Attributes:
        alt: what the picture shows, in words.
        undrawn: words that no font here can draw.
    """

    width: int
    height: int
    texts: tuple[PlacedText, ...]
    dots: tuple[Dot, ...]
    lines: tuple[tuple[float, float, float, float], ...]
    alt: str
    undrawn: tuple[str, ...] = ()


def colour_group(word: Word, colour_by: str) -> str:
    """The legend entry of a word."""
    if colour_by == "tag":
        return word.tag
    return "new" if word.earlier_posts == 0 else "more"


def _colour(group: str, colour_by: str) -> str:
    return tag_colour(group) if colour_by == "tag" else CHANGE_COLOURS[group]


def group_label(group: str, colour_by: str) -> str:
    """The legend's words for a colour."""
    if colour_by == "tag":
        return tag_word(group) if group else "no single tag"
    return {"new": "not seen before", "more": "seen more often"}[group]


def lay_out(plan: CloudPlan, size: tuple[int, int]) -> Scene:
    """Place everything; the same plan and size always give the same scene."""
    width, height = size
    scale = min(width / 1920 + 0.12, 1.0) if width < height * 1.3 else 1.0
    regular = bundled_font().with_name("DejaVuSans.ttf")
    texts: list[PlacedText] = []
    top = _wrapped(
        texts, plan.title, _MARGIN, round(54 * scale), INK, bundled_font(), width, bold=True, start=_MARGIN
    )
    top = _wrapped(
        texts, plan.subtitle, _MARGIN, round(27 * scale), MUTED, regular, width, bold=False, start=top + 6
    )
    wanted = [word for panel in plan.panels for word in panel.words[:MOST_WORDS]]
    _, _, legend_top = _legend(plan, wanted, width, height, scale)
    lines: list[tuple[float, float, float, float]] = [(_MARGIN, legend_top, width - _MARGIN, legend_top)]
    area_top, area_bottom = top + 18, legend_top - 18
    undrawn: list[str] = []
    drawn: list[Word] = []
    boxes = _boxes(len(plan.panels), width, area_top, area_bottom, stacked=width < height * 1.3)
    for panel, (left, box_top, each, box_height) in zip(plan.panels, boxes, strict=True):
        head = 0
        if len(plan.panels) > 1:
            head = 52
            heading = f"{panel.heading} (n = {panel.n:,})"
            texts.append(
                _text(left, box_top + 32, heading, round(29 * scale), INK, bundled_font(), bold=True)
            )
        placed, shown, missing = _cloud(panel, plan.colour_by, left, box_top + head, each, box_height - head)
        texts += placed
        drawn += shown
        undrawn += missing
    # Its room was kept for all words; it counts those that found a place.
    legend_texts, dots, _ = _legend(plan, drawn, width, height, scale)
    texts += legend_texts
    lines += _dividers(boxes)
    return Scene(width, height, tuple(texts), tuple(dots), tuple(lines), alt_text(plan), tuple(undrawn))


def _boxes(
    n: int, width: int, top: float, bottom: float, *, stacked: bool
) -> list[tuple[float, float, float, float]]:
    """Left, top, width and height of each panel: side by side, or one above the other on a square."""
    gap = 56
    if stacked:
        tall = (bottom - top - gap * (n - 1)) / n
        return [(_MARGIN, top + i * (tall + gap), width - 2 * _MARGIN, tall) for i in range(n)]
    each = (width - 2 * _MARGIN - gap * (n - 1)) / n
    return [(_MARGIN + i * (each + gap), top, each, bottom - top) for i in range(n)]


def _dividers(boxes: list[tuple[float, float, float, float]]) -> list[tuple[float, float, float, float]]:
    lines = []
    for (left, top, width, tall), (next_left, next_top, _, _) in pairwise(boxes):
        if next_left > left:
            x = (left + width + next_left) / 2
            lines.append((x, top, x, top + tall))
        else:
            y = (top + tall + next_top) / 2
            lines.append((left, y, left + width, y))
    return lines


def alt_text(plan: CloudPlan) -> str:
    """The picture in words."""
    parts = [f"{plan.title}. {plan.subtitle}"]
    for panel in plan.panels:
        names = ", ".join(f"{word.term} ({word.posts})" for word in panel.words[:12])
        head = f"{panel.heading}: " if panel.heading else ""
        parts.append(f"{head}{names or panel.empty}")
    return " ".join(part if part.endswith(".") else f"{part}." for part in parts)


def _text(x: float, y: float, text: str, size: int, colour: str, font: Path, *, bold: bool) -> PlacedText:
    return PlacedText(x, y, text, size, colour, bold, font_for(font, size, text).getlength(text), font)


def _wrapped(
    texts: list[PlacedText],
    text: str,
    left: float,
    size: int,
    colour: str,
    font: Path,
    width: int,
    *,
    bold: bool,
    start: float,
) -> float:
    """Add a text broken into lines that fit; returns where the next thing may begin."""
    measured, room, line, y = font_for(font, size), width - 2 * left, "", start
    for word in [*text.split(), ""]:
        candidate = f"{line} {word}".strip()
        if word and measured.getlength(candidate) <= room:
            line = candidate
            continue
        if line:
            y += size * 1.22
            texts.append(_text(left, y - size * 0.24, line, size, colour, font, bold=bold))
        line = word
    return y


def _legend(
    plan: CloudPlan, words: Sequence[Word], width: int, height: int, scale: float
) -> tuple[list[PlacedText], list[Dot], float]:
    regular, size = bundled_font().with_name("DejaVuSans.ttf"), round(24 * scale)
    groups = Counter(colour_group(word, plan.colour_by) for word in words)
    entries = sorted(groups.items(), key=lambda item: (item[0] == "", -item[1], item[0]))
    measured = font_for(regular, size)
    rows: list[list[tuple[str, str, float]]] = [[]]
    used = 0.0
    for group, n in entries:
        label = f"{group_label(group, plan.colour_by)} ({counted(n, 'word')})"
        length = measured.getlength(label) + size * 2.6
        if rows[-1] and used + length > width - 2 * _MARGIN:
            rows.append([])
            used = 0.0
        rows[-1].append((group, label, length))
        used += length
    line_height = size * 1.55
    bottom = height - _MARGIN * 0.7
    note_y = bottom
    texts = [_text(_MARGIN, note_y, plan.note, round(size * 0.86), MUTED, regular, bold=False)]
    dots: list[Dot] = []
    first = note_y - line_height * len(rows)
    for index, row in enumerate(rows):
        x, y = float(_MARGIN), first + index * line_height
        for group, label, length in row:
            dots.append(Dot(x + size * 0.42, y - size * 0.34, size * 0.42, _colour(group, plan.colour_by)))
            texts.append(_text(x + size * 1.2, y, label, size, INK, regular, bold=False))
            x += length
    return texts, dots, first - size * 1.45


def _cloud(
    panel: Panel, colour_by: str, left: float, top: float, width: float, height: float
) -> tuple[list[PlacedText], list[Word], list[str]]:
    regular = bundled_font().with_name("DejaVuSans.ttf")
    words = panel.words[:MOST_WORDS]
    font = best_font([word.term for word in words])
    missing = [word.term for word in words if not (can_draw(font, word.term) and can_shape(word.term))]
    words = tuple(word for word in words if word.term not in missing)
    if len(words) < MINIMUM_WORDS:
        texts: list[PlacedText] = []
        _wrapped(texts, panel.empty, 0, 30, MUTED, regular, round(width), bold=False, start=0)
        return [replace(t, x=left + t.x, y=top + height / 2 - 40 + t.y) for t in texts], [], missing
    placed = place_words(words, font, round(width), round(height))
    by_term = {word.term: word for word in words}
    texts = []
    for term, size, x, y in placed:
        colour = _colour(colour_group(by_term[term], colour_by), colour_by)
        texts.append(_text(left + x, top + y, term, size, colour, font, bold=True))
    return texts, [by_term[term] for term, _, _, _ in placed], missing


def png_bytes(scene: Scene) -> bytes:
    """The scene as PNG with its alt text inside; the same scene gives the same bytes."""
    import io

    from PIL import Image, ImageDraw
    from PIL.PngImagePlugin import PngInfo

    factor = 2  # drawn twice as large and reduced: smooth dots and letters
    image = Image.new("RGB", (scene.width * factor, scene.height * factor), PAPER)
    draw = ImageDraw.Draw(image)
    for x1, y1, x2, y2 in scene.lines:
        draw.line([x1 * factor, y1 * factor, x2 * factor, y2 * factor], fill=RULE, width=2 * factor)
    for dot in scene.dots:
        box = [(dot.x - dot.radius) * factor, (dot.y - dot.radius) * factor]
        box += [(dot.x + dot.radius) * factor, (dot.y + dot.radius) * factor]
        draw.ellipse(box, fill=dot.colour)
    for text in scene.texts:
        font = font_for(text.font, text.size * factor, text.text)
        draw.text((text.x * factor, text.y * factor), text.text, fill=text.colour, font=font, anchor="ls")
    image = image.resize((scene.width, scene.height), Image.Resampling.LANCZOS)
    info = PngInfo()
    info.add_itxt("Description", scene.alt)
    buffer = io.BytesIO()
    image.save(buffer, "PNG", compress_level=7, pnginfo=info)
    return buffer.getvalue()


def svg_text(scene: Scene) -> str:
    """The scene as SVG with selectable words; their widths are fixed, whatever font draws them."""
    from html import escape

    start = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {scene.width} {scene.height}" '
        f'width="{scene.width}" height="{scene.height}" role="img" aria-labelledby="alt">'
    )
    lines = [start, f'<title id="alt">{escape(scene.alt)}</title>']
    lines.append(f'<rect width="{scene.width}" height="{scene.height}" fill="{PAPER}"/>')
    lines += [
        f'<path d="M{x1:g} {y1:g}L{x2:g} {y2:g}" stroke="{RULE}" stroke-width="2"/>'
        for x1, y1, x2, y2 in scene.lines
    ]
    lines += [
        f'<circle cx="{dot.x:.1f}" cy="{dot.y:.1f}" r="{dot.radius:.1f}" fill="{dot.colour}"/>'
        for dot in scene.dots
    ]
    lines.append('<g font-family="DejaVu Sans, Verdana, Segoe UI, sans-serif">')
    for text in scene.texts:
        weight = ' font-weight="700"' if text.bold else ""
        place = (
            f'<text x="{text.x:.1f}" y="{text.y:.1f}" font-size="{text.size}"{weight} fill="{text.colour}" '
        )
        width = f'textLength="{text.length:.1f}" lengthAdjust="spacingAndGlyphs">'
        lines.append(f"{place}{width}{escape(text.text)}</text>")
    return "\n".join([*lines, "</g>", "</svg>", ""])
