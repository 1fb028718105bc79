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
        ("north  beam desk is fine", None, "us"),
        ("northbeamers unite", None, "other"),
        ("Rivalry spams me", None, "competitor"),
        ("Rivalry is worse than Northbeam", None, "us"),
        ("the Northbeam lighthouse is pretty", None, "other"),
        ("what a day", None, "other"),
        ("what a day", True, "us"),
        ("the Northbeam lighthouse is pretty", True, "other"),
        ("Northbeam mails me daily", False, "other"),
    ],
)
def test_the_target_of_a_post(text: str, known: bool | None, target: str) -> None:
    assert NAMES.target_of(text, known=known) == target


def test_without_names_every_post_is_about_us() -> None:
    assert AboutUs().target_of("anything", known=None) == "us"


def test_another_configuration_is_another_labelling() -> None:
    assert AboutUs(("a",)).fingerprint != AboutUs(("b",)).fingerprint
    assert AboutUs(("a", "b")).fingerprint == AboutUs(("b", "a")).fingerprint
    assert AboutUs(("a",), ("b",)).fingerprint != AboutUs(("a", "b")).fingerprint
