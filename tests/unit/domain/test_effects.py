"""What is said of one campaign."""

from __future__ import annotations

from dataclasses import replace

from monitor.domain.effects import EffectEstimate

QUIET = EffectEstimate(
    campaign_id="C06",
    verdict="no sign",
    series="negative_marketing",
    rate_ratio=1.6,
    low=0.5,
    high=3.7,
    minimum_detectable_rate_ratio=2.2,
)


def test_no_sign_says_what_the_interval_still_allows() -> None:
    """An effect that is found most of the time may have been missed this time."""
    assert QUIET.sentence() == (
        "No sign that marketing complaints rose after C06: marketing complaints ran 1.6 × (0.5-3.7) the expected "
        "rate; an effect from 2.2 × would probably have been seen, but up to 3.7 × is not ruled out."
    )


def test_a_narrow_interval_needs_no_such_words() -> None:
    """Below the smallest detectable effect nothing is left to be said."""
    assert replace(QUIET, high=2.1).sentence().endswith("would probably have been seen.")
