"""Which posts speak about us."""

from __future__ import annotations

import pytest

from monitor.workflow.about_us import AboutUs

NAMES = AboutUs(("Northbeam", "North Beam Desk"), ("Rivalry",), ("northbeam lighthouse",))


@pytest.mark.parametrize(
    ("text", "known", "target"),
    [
        ("Northbeam mails me daily", None, "us"),
        ("NORTHBEAM's mails", None, "us"),
        ("thanks @northbeam", None, "us"),
        ("north beam desk is fine", None, "us"),
        ("northbeamers unite", None, "other"),
        ("Rivalry spams me", None, "competitor"),
        ("Rivalry is worse than Northbeam", None, "us"),
        ("the Northbeam lighthouse is pretty", None, "other"),
        ("what a day", None, "other"),
        ("what a day", True, "us"),
        ("You mail me daily, I am off to Rivalry", True, "us"),
        ("Rivalry spams me", False, "other"),
        ("the Northbeam lighthouse is pretty", True, "other"),
        ("Northbeam mails me daily", False, "other"),
    ],
)
def test_the_target_of_a_post(text: str, known: bool | None, target: str) -> None:
    assert NAMES.aim_of(text, known=known).target == target


def test_of_a_post_about_us_and_a_rival_only_our_sentences_count() -> None:
    aim = NAMES.aim_of("Rivalry spams me all day long. I am happy with Northbeam so far.", known=None)
    assert aim.our_words == "I am happy with Northbeam so far."


def test_a_rival_s_name_does_not_take_a_post_out_of_a_source_that_is_all_about_us() -> None:
    ours = AboutUs(("Northbeam",), ("Rivalry",), ("rivalry cup",), ("forum",))
    text = "Too many mails. I am off to Rivalry."
    aim = ours.aim_of(text, known=None, source="forum")
    assert (aim.target, aim.our_words) == ("us", "")
    assert ours.aim_of(text, known=None, source="reddit").target == "competitor"
    assert ours.aim_of("the Rivalry Cup was fun", known=None, source="forum").target == "other"
    both = ours.aim_of("Rivalry is fine. Northbeam spams me.", known=None, source="forum")
    assert (both.target, both.our_words) == ("us", "Northbeam spams me.")


def test_without_names_every_post_is_about_us_unless_it_names_a_competitor_only() -> None:
    assert AboutUs().aim_of("anything", known=None).target == "us"
    assert AboutUs((), ("Rivalry",)).aim_of("anything", known=None).target == "us"
    assert AboutUs((), ("Rivalry",)).aim_of("Rivalry spams me", known=None).target == "competitor"


def test_another_configuration_is_another_labelling() -> None:
    assert AboutUs(("a",)).fingerprint != AboutUs(("b",)).fingerprint
    assert AboutUs(("a", "b")).fingerprint == AboutUs(("b", "a")).fingerprint
    assert AboutUs(("a",), ("b",)).fingerprint != AboutUs(("a", "b")).fingerprint


def test_every_post_of_a_source_of_ours_counts_unless_it_holds_a_negative_term() -> None:
    ours = AboutUs(("Northbeam",), (), ("northbeam lighthouse",), ("forum",))
    assert ours.aim_of("too many mails", known=None, source="forum").target == "us"
    assert ours.aim_of("too many mails", known=None, source="reddit").target == "other"
    assert ours.aim_of("the northbeam lighthouse", known=None, source="forum").target == "other"
    assert ours.fingerprint != AboutUs(("Northbeam",), (), ("northbeam lighthouse",)).fingerprint
