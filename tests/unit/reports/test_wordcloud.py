"""Word clouds: the same picture twice, legends, refusals, letters that cannot be drawn."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image, ImageDraw

from monitor.domain.weeks import IsoWeek
from reports.cloud_places import font_for
from reports.cloud_plans import week_plan
from reports.cloud_table import cloud_csv
from reports.fonts import best_font, bundled_font, can_draw, missing_scripts, needs_shaping
from reports.weekly import WordFacts
from reports.wordcloud import SQUARE, WIDE, CloudPlan, Panel, lay_out, png_bytes, svg_text
from tests.golden import samples

WEEK = IsoWeek(2026, 46)


@pytest.fixture(scope="module")
def plan() -> CloudPlan:
    """The busy week's cloud."""
    made = week_plan(WEEK, samples.busy_words())
    assert isinstance(made, CloudPlan)
    return made


def test_words_do_not_overlap(plan: CloudPlan) -> None:
    """No two words share a dot of ink, and none leaves the picture, on either format."""
    for size in (WIDE, SQUARE):
        terms = {word.term for word in plan.panels[0].words}
        words = [text for text in lay_out(plan, size).texts if text.text in terms and text.bold]
        assert len(words) == len(terms)
        inked = np.zeros((size[1], size[0]), dtype=bool)
        for word in words:
            font = font_for(word.font, word.size)
            left, top, right, bottom = font.getbbox(word.text, anchor="ls")
            assert 0 <= word.x + left < word.x + right <= size[0]
            assert 0 <= word.y + top < word.y + bottom <= size[1]
            mask = Image.new("L", size)
            ImageDraw.Draw(mask).text((word.x, word.y), word.text, fill=255, font=font, anchor="ls")
            ink = np.asarray(mask) > 127
            assert not (inked & ink).any()
            inked |= ink


def test_same_plan_same_bytes(plan: CloudPlan) -> None:
    """PNG and SVG are reproducible, of the promised size, and carry their alt text."""
    scene, again = lay_out(plan, WIDE), lay_out(plan, WIDE)
    assert png_bytes(scene) == png_bytes(again)
    assert svg_text(scene) == svg_text(again)
    image = Image.open(io.BytesIO(png_bytes(scene)))
    assert image.size == WIDE
    assert "pop-up (12)" in image.text["Description"]  # type: ignore[attr-defined]
    assert ElementTree.fromstring(svg_text(scene)).attrib["viewBox"] == "0 0 1920 1080"


def test_bigger_means_surer(plan: CloudPlan) -> None:
    """The most distinctive word is the largest."""
    sizes = {text.text: text.size for text in lay_out(plan, WIDE).texts}
    assert sizes["pop-up"] > sizes["stop"] > sizes["reminder"]


def test_legend_counts_words(plan: CloudPlan) -> None:
    """Colour means the tag, and the legend says how many words have it."""
    texts = [text.text for text in lay_out(plan, SQUARE).texts]
    assert "interrupted in the app (6 words)" in texts
    assert "no single tag (6 words)" in texts


def test_the_legend_counts_only_words_that_found_room(plan: CloudPlan) -> None:
    """Two crowded panels side by side leave words out: the legend must not count them."""
    words = tuple(
        replace(word, term=f"{word.term} {word.term}{number}")
        for number in range(5)
        for word in plan.panels[0].words
    )
    scene = lay_out(replace(plan, panels=(Panel("Before", words, 90), Panel("After", words, 90))), WIDE)
    terms = {word.term for word in words}
    drawn = sum(text.bold and text.text in terms for text in scene.texts)
    counted = sum(int(n) for text in scene.texts for n in re.findall(r"\((\d+) words?\)$", text.text))
    assert 0 < drawn == counted < 2 * len(words)


def test_too_few_words_are_a_sentence() -> None:
    """No picture is made of nothing, nor of words that differ by chance."""
    refused = week_plan(WEEK, WordFacts(reason="there are only 3 different texts"))
    assert refused == "No word cloud for 2026-W46: there are only 3 different texts."
    weak = replace(
        samples.busy_words(), words=tuple(replace(w, score=0.9) for w in samples.busy_words().words)
    )
    assert "chance" in str(week_plan(WEEK, weak))
    pair = CloudPlan("x", "Title", "Subtitle", (Panel("A", samples.busy_words().words, 9), Panel("B", (), 0)))
    assert "Too few posts to tell words apart." in " ".join(text.text for text in lay_out(pair, WIDE).texts)


def test_table_runs_no_formula(plan: CloudPlan) -> None:
    """The CSV behind the picture is harmless to a spreadsheet."""
    assert "week,'=cmd," in cloud_csv(plan)


def test_letters_without_a_font_are_named() -> None:
    """Latin and Cyrillic always work; what cannot be drawn is left out and told."""
    assert missing_scripts("aя") == []
    assert can_draw(best_font(["relevant", "нужно"]), "нужно")
    rare = "\U00012000"  # cuneiform: no usual font has it
    assert not can_draw(bundled_font(), rare)
    words = (*samples.busy_words().words[:8], replace(samples.busy_words().words[8], term=rare))
    scene = lay_out(CloudPlan("x", "T", "S", (Panel("", words, 9),)), WIDE)
    assert scene.undrawn in {(rare,), ()}


def test_few_words_stand_together(plan: CloudPlan) -> None:
    """A cloud of six words is no handful of words strewn over a slide."""
    few = replace(plan, panels=(Panel("", plan.panels[0].words[:6], 14),))
    words = [
        text for text in lay_out(few, SQUARE).texts if text.text in {w.term for w in few.panels[0].words}
    ]
    assert len(words) == 6
    assert max(word.y for word in words) - min(word.y for word in words) < 0.55 * SQUARE[1]
    middle = (max(w.x + w.length for w in words) + min(w.x for w in words)) / 2
    assert abs(middle - SQUARE[0] / 2) < 20


def test_letters_that_join_are_joined_or_left_out(plan: CloudPlan, monkeypatch: pytest.MonkeyPatch) -> None:
    """Arabic set letter by letter cannot be read: without the means to shape it, the word is named as missing."""
    arabic = "إلغاء"
    assert needs_shaping(arabic)
    assert not needs_shaping("не нужно, café")
    words = (*plan.panels[0].words[:7], replace(plan.panels[0].words[7], term=arabic))
    monkeypatch.setattr("reports.fonts._has_shaping", lambda: False)
    scene = lay_out(replace(plan, panels=(Panel("", words, 14),)), WIDE)
    assert scene.undrawn == (arabic,)
    assert arabic not in {text.text for text in scene.texts}
