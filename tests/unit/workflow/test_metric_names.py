"""A metric that the scorecard does not know is named, with the name that was meant."""

from __future__ import annotations

from monitor.correlate.red_flag_rules import RULES_BY_KEY
from monitor.workflow.metric_names import unknown_metrics


def test_a_typing_error_is_told_with_the_name_that_was_meant() -> None:
    """Also one that differs in case and punctuation only."""
    hints = [unknown.hint for unknown in unknown_metrics(["winrate", "Delivery Rate", "win_rate"])]
    assert hints == [
        "Delivery Rate is no metric of the scorecard; did you mean delivery_rate?",
        "winrate is no metric of the scorecard; did you mean win_rate?",
    ]


def test_a_metric_of_their_own_is_no_error_but_shown_nowhere() -> None:
    """Nothing resembles it, so nothing is proposed."""
    (unknown,) = unknown_metrics(["coffee_cups"])
    assert unknown.meant == ""
    assert unknown.hint == "coffee_cups is no metric of the scorecard: it is kept, but no report shows it."


def test_every_metric_of_the_scorecard_is_known() -> None:
    """No name is taken for a wrong form of another."""
    assert unknown_metrics(RULES_BY_KEY) == ()
