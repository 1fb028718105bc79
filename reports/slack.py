"""The weekly digest as Slack blocks: the answer, what to look at, a line a question, the scorecard; no mentions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from monitor.domain.findings import FlagLevel, RedFlag
from reports.clean import shortened
from reports.weekly import Level, Section, WeeklyReport
from reports.wording import days_text, in_unit, range_in_unit

MOST_BLOCKS = 50
TEXT_LIMIT = 3000
HEADER_LIMIT = 150
_MARKS = {
    Level.CROSSED: ":red_circle:",
    Level.WATCH: ":large_yellow_circle:",
    Level.QUIET: ":large_green_circle:",
    Level.UNKNOWN: ":white_circle:",
}
_FLAG_MARKS = {
    FlagLevel.CRITICAL: _MARKS[Level.CROSSED],
    FlagLevel.CAUTION: _MARKS[Level.WATCH],
    FlagLevel.OK: _MARKS[Level.QUIET],
}
_UP = frozenset({FlagLevel.CRITICAL, FlagLevel.CAUTION})
MOST_FLAGS = 10
Block = dict[str, Any]


def escaped(text: str) -> str:
    """A text without any meaning to Slack: no mention, link, channel or format."""
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    # A word joiner behind a format character takes its meaning away and cannot be seen.
    for character in "*_~`@#:":
        text = text.replace(character, f"{character}\u2060")
    return text


def digest_blocks(report: WeeklyReport, *, link: str = "") -> list[Block]:
    """Blocks of the digest, within Slack's limits (50 blocks, 3,000 characters a text).

    Args:
        report: redacted (a verbatim report is refused).
        link: where the full report can be opened; "" when it cannot.

    Raises:
        ValueError: the report is verbatim.
    """
    if report.verbatim:
        raise ValueError("the report is verbatim: expected a redacted one, build it without verbatim=True")
    title = f"{report.company or 'Goodwill'}: week {report.week}"
    blocks: list[Block] = [
        {
            "type": "header",
            "text": {"type": "plain_text", "text": shortened(title, HEADER_LIMIT), "emoji": False},
        },
        _text(f"{_MARKS[report.level]} *{escaped(report.headline)}*"),
    ]
    if report.findings:
        lines = [f"• {escaped(shortened(finding, 500))}" for finding in report.findings]
        blocks.append(_text("\n".join(lines)))
    blocks.append({"type": "divider"})
    blocks.append(_text("\n".join(_line(section) for section in report.sections)))
    if scorecard := scorecard_lines(report.analysis.red_flags):
        blocks.append(_text("\n".join(scorecard)))
    quotes = [
        quote for section in report.sections if section.level is Level.CROSSED for quote in section.quotes[:2]
    ]
    if quotes:
        lines = [
            f"> {escaped(shortened(q.text, 240))} ({escaped(q.where)}, {q.day.isoformat()})"
            for q in quotes[:4]
        ]
        blocks.append(_text("\n".join(lines)))
    context = f"{days_text(report.week.start, report.week.end)} · model {escaped(report.model_id or 'none')}"
    if report.synthetic:
        context += " · synthetic data"
    if link.startswith("https://") and not set("<>| ") & set(link):
        context += f" · <{link}|full report>"
    blocks.append({"type": "context", "elements": [{"type": "mrkdwn", "text": context}]})
    return blocks[:MOST_BLOCKS]


def scorecard_lines(flags: Sequence[RedFlag]) -> list[str]:
    """The boundary scorecard: each flag that is up with its number and its usual range, the others counted.

    Args:
        flags: the worst first; without one that could be judged there are no lines.
    """
    known = [flag for flag in flags if flag.value is not None and flag.level in _FLAG_MARKS]
    if not known:
        return []
    up = [flag for flag in known if flag.level is not FlagLevel.OK]
    lines = ["*Boundary scorecard*", *(_flag_line(flag) for flag in up[:MOST_FLAGS])]
    if len(up) > MOST_FLAGS:
        lines.append(f"… and {len(up) - MOST_FLAGS} more that are up")
    rest = f"{len(known) - len(up)} as usual"
    missing = len(flags) - len(known)
    lines.append(f"{_FLAG_MARKS[FlagLevel.OK]} {rest}" + (f", {missing} without data" if missing else ""))
    return lines


def _flag_line(flag: RedFlag) -> str:
    value = in_unit(flag.value or 0.0, flag.unit)
    usual = ""
    if flag.own_low is not None and flag.own_high is not None:
        usual = f", usual {range_in_unit(flag.own_low, flag.own_high, flag.unit)}"
    rule = f", rule of thumb {flag.benchmark}" if flag.benchmark_level in _UP and flag.benchmark else ""
    return f"{_FLAG_MARKS[flag.level]} {escaped(f'{flag.metric} ({flag.area}): {value}{usual}{rule}')}"


def digest_text(report: WeeklyReport) -> str:
    """The notification's text, for screens that show no blocks."""
    return escaped(f"Week {report.week}: {report.headline}")


def _line(section: Section) -> str:
    return f"{_MARKS[section.level]} {section.number}. {escaped(section.question)} {escaped(shortened(section.answer, 200))}"


def _text(text: str) -> Block:
    return {
        "type": "section",
        "text": {"type": "mrkdwn", "text": text if len(text) <= TEXT_LIMIT else text[: TEXT_LIMIT - 1] + "…"},
    }
