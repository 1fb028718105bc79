"""What `goodwill import` and the report say of rows left out, and of rows kept without a value."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

from monitor.cli.state import State
from monitor.cli.sync import show_examples, summary_line
from monitor.domain.posts import SkippedItem, SyncSummary
from monitor.workflow.sync import SyncOutcome
from reports.build import build_report
from tests.golden import samples

SKIPPED = {"no date": 2, "sends not read (row kept)": 1}
ITEMS = (
    SkippedItem("no date", "row 3"),
    SkippedItem("sends not read (row kept)", "row 6", "sends is '1,5': a whole number expected"),
)
OUTCOME = SyncOutcome(SyncSummary("camp", added=1, skipped=SKIPPED), "complete", examples=ITEMS)


class Said:
    """Takes what would be printed."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def say(self, line: str) -> None:
        self.lines.append(line)


def test_a_row_that_was_kept_is_not_counted_as_skipped() -> None:
    """One line, two counts."""
    assert summary_line(OUTCOME) == (
        "camp: 1 added, 0 changed, 0 unchanged, skipped: 2 × no date, kept without one value: 1 × sends not read "
        "(complete)"
    )
    alone = replace(OUTCOME, summary=replace(OUTCOME.summary, skipped={"sends not read (row kept)": 1}))
    assert "skipped" not in summary_line(alone)


def test_examples_say_which_rows_are_in() -> None:
    """A row without its sends is kept, not left out."""
    said = Said()
    show_examples(cast("State", said), [OUTCOME])
    assert said.lines == [
        "camp: left out row 3 (no date)",
        "camp: kept row 6 without one value (sends not read: sends is '1,5': a whole number expected)",
    ]


def test_the_report_tells_both_apart() -> None:
    """Question 9 does not call a row left out that counts."""
    facts = samples.busy_facts()
    skipped = (("camp", "no date", 2), ("camp", "sends not read (row kept)", 1))
    facts = replace(facts, coverage=replace(facts.coverage, skipped=skipped))
    analysis, words = samples.busy_analysis(), samples.busy_words()
    report = build_report(facts, analysis, words, samples.redactor(), samples.OPTIONS, now=samples.NOW)
    details = report.sections[8].details
    assert "Left out from camp: 2 × no date." in details
    assert "Kept without one value, from camp: 1 × sends not read." in details
