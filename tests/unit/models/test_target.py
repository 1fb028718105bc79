"""A complaint about a competitor is not ours."""

from __future__ import annotations

import pytest

from models.target import Target, TargetFinder

FINDER = TargetFinder(["Acme", "Acme Cloud", "Акме"], ["Globex"])


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("Acme's emails are too much", Target.US),
        ("love #acme", Target.US),
        ("I hate acme-cloud banners", Target.US),
        ("Globex calls me daily", Target.COMPETITOR),
        ("Globex spams. Acme does not.", Target.BOTH),
        ("acmeology is a science", Target.NEITHER),
        ("от Акмея одни рассылки", Target.US),
        ("", Target.NEITHER),
    ],
)
def test_target_of_a_text(text: str, target: Target) -> None:
    assert FINDER.find(text).target is target


def test_only_the_mentioning_sentence_is_kept() -> None:
    assert FINDER.find("Globex spams me. Acme is fine. Weather is bad.").text == "Acme is fine."


def test_at_home_a_text_without_names_is_about_us() -> None:
    assert TargetFinder(["Acme"], ["Globex"], home=True).find("too many emails").target is Target.US


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Лента", "Купил в Ленте, недоволен Лентой."),
        ("Пятёрочка", "Спам от Пятёрочки"),
        ("Пятёрочка", "Пятерочка прислала спам"),
        ("Золотая Корона", "Спам от Золотой Короны"),
        ("Евросеть", "звонят из Евросети"),
        ("Билайн", "ушёл от Билайна"),
        ("Dr. Martens", "Dr. Martens sent me spam again"),
        ("Yahoo! Mail", "Yahoo! Mail sends spam. It is bad."),
        ("Acme", "Acme's mails"),
    ],
)
def test_a_name_is_found_in_every_form(name: str, text: str) -> None:
    assert TargetFinder([name]).find(text).target is Target.US


@pytest.mark.parametrize(
    ("name", "text"), [("Лента", "лентяй и ленточка"), ("Рок", "рокировка"), ("Acme", "Acmes")]
)
def test_other_words_are_no_forms_of_a_name(name: str, text: str) -> None:
    assert TargetFinder([name]).find(text).target is Target.NEITHER
