"""Languages are told by script, then common words, then n-grams."""

from __future__ import annotations

import pytest

from models.language import detect_language


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("please stop sending me this", "en"),
        ("meh", "en"),
        ("Хватит присылать рекламу", "ru"),
        ("Дуже зручний застосунок, дякую їм", "uk"),
        ("Das Produkt ist gut, aber die Werbung nervt mich sehr", "de"),
        ("El servicio es muy bueno y la atención también", "es"),
        ("Le produit est très bien mais trop de publicité", "fr"),
        ("هذا التطبيق رائع", "ar"),
        ("このアプリはいいです", "ja"),
        ("这个应用很好用", "zh"),
        ("", "und"),
        ("😀😀", "und"),
        ("12345 !!!", "und"),
    ],
)
def test_language_of_a_text(text: str, code: str) -> None:
    assert detect_language(text) == code
