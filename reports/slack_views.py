"""What the bot says beside alerts: answers to /goodwill, its modals and its home tab."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from monitor.domain.alerts import Incident, IncidentState, LogEntry
from reports.alert import AlertQuote, Block, cut, escape, moment_token

CORRECT_VIEW, SNOOZE_VIEW = "goodwill_correct_view", "goodwill_snooze_view"
CORRECTIONS = (
    ("complaint", "not a complaint about marketing"),
    ("sentiment", "not negative"),
    ("about_us", "not about us"),
)
HELP = (
    "*What /goodwill can do*\n"
    "• `/goodwill status`: what is going on, what is held or muted\n"
    "• `/goodwill week`: the last complete week in a few lines\n"
    "• `/goodwill why 12`: why incident 12 was raised, and what happened to it\n"
    "• `/goodwill snooze 12 1d` (or `1w`, or a date such as `2026-12-01`): be quiet about it until then\n"
    "• `/goodwill cloud`: the week's word cloud\n"
    "Answers are seen only by you. Alerts are checked by `goodwill alert`, normally from cron."
)
_ORDER = list(IncidentState)
_LONGEST_LIST = 15
_LONGEST_LINE = 300


def mrkdwn(text: str) -> Block:
    """A section of text that is escaped already."""
    return {"type": "section", "text": {"type": "mrkdwn", "text": cut(text, 2900), "verbatim": True}}


def small(text: str) -> Block:
    """A line of small text that is escaped already."""
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": cut(text, 2900)}]}


def status_lines(incidents: Sequence[Incident], checked: date | None, waiting: int) -> list[str]:
    """The answer to /goodwill status."""
    if checked is None:
        return ["Nothing was checked yet: run `goodwill alert` once, then from cron."]
    living = sorted(
        (i for i in incidents if i.state is not IncidentState.RESOLVED),
        key=lambda i: (_ORDER.index(i.state), i.id),
    )
    lines = [f"*{_count(living)}*, checked up to {checked.isoformat()}"]
    lines += [f"• *{i.id}* {i.state.value}: {_line(i.lead.sentence)}" for i in living[:_LONGEST_LIST]]
    if len(living) > _LONGEST_LIST:
        lines.append(f"… and {len(living) - _LONGEST_LIST} more")
    if waiting:
        lines.append(f"{waiting} message(s) still wait to be sent")
    return lines


def _line(text: str) -> str:
    """Foreign text on a line of its own, so short that the other lines stay in sight."""
    return cut(escape(" ".join(text.split())), _LONGEST_LINE)


def _count(living: Sequence[Incident]) -> str:
    if not living:
        return "Nothing is going on"
    states = [i.state for i in living]
    parts = [f"{states.count(state)} {state.value}" for state in _ORDER if state in states]
    return ", ".join(parts)


def why_lines(incident: Incident, log: Sequence[LogEntry]) -> list[str]:
    """The answer to /goodwill why."""
    lines = [f"*Incident {incident.id}*, {incident.state.value}, since {incident.onset.isoformat()}"]
    for signal in incident.signals:
        rule = signal.rule.value.replace("_", " ")
        lines += [f"• *{rule}*: {_line(signal.sentence)}", f"   {_line(signal.measure.sentence())}"]
    nearby = dict.fromkeys(line for signal in incident.signals for line in signal.nearby)
    lines += [f"• campaign {_line(line)}" for line in nearby]
    lines.append("*What happened*")
    for entry in log[-10:]:
        who = f" by <@{entry.actor}>" if entry.actor else ""
        moved = (
            f"{entry.state_from} → {entry.state_to}" if entry.state_from != entry.state_to else entry.state_to
        )
        lines.append(
            f"• {moment_token(entry.at)} {entry.event}{who}: {moved.strip(' →')}. {_line(entry.note)}"
        )
    return lines


def correction_view(
    incident_id: int, quotes: Sequence[tuple[int, AlertQuote]], channel: str
) -> dict[str, Any]:
    """The modal of "Not a complaint": which posts, and what they are not."""
    options = [
        {"text": {"type": "plain_text", "text": cut(f"{number}: {quote.text}", 74)}, "value": str(post_id)}
        for number, (post_id, quote) in enumerate(quotes, 1)
    ]
    choices = [
        {"text": {"type": "plain_text", "text": words}, "value": field} for field, words in CORRECTIONS
    ]
    shown = "\n".join(
        f"*{number}* {cut(escape(quote.text), 300)}\n_{escape(quote.where)}, {quote.day.isoformat()}_"
        for number, (_, quote) in enumerate(quotes, 1)
    )
    return {
        "type": "modal",
        "callback_id": CORRECT_VIEW,
        "private_metadata": f"{incident_id}:{channel}",
        "title": {"type": "plain_text", "text": "Not a complaint"},
        "submit": {"type": "plain_text", "text": "Correct"},
        "close": {"type": "plain_text", "text": "Cancel"},
        "blocks": [
            mrkdwn(shown),
            {
                "type": "input",
                "block_id": "posts",
                "label": {"type": "plain_text", "text": "Which posts did the model read wrongly?"},
                "element": {"type": "checkboxes", "action_id": "posts", "options": options},
            },
            {
                "type": "input",
                "block_id": "field",
                "label": {"type": "plain_text", "text": "They are"},
                "element": {
                    "type": "radio_buttons",
                    "action_id": "field",
                    "options": choices,
                    "initial_option": choices[0],
                },
            },
            small("Your correction beats the model everywhere, and is kept with your name and the time."),
        ],
    }


def snooze_view(incident_id: int, first_day: date, channel: str) -> dict[str, Any]:
    """The modal of "Snooze until a date"."""
    return {
        "type": "modal",
        "callback_id": SNOOZE_VIEW,
        "private_metadata": f"{incident_id}:{channel}",
        "title": {"type": "plain_text", "text": "Snooze"},
        "submit": {"type": "plain_text", "text": "Snooze"},
        "close": {"type": "plain_text", "text": "Cancel"},
        "blocks": [
            {
                "type": "input",
                "block_id": "until",
                "label": {
                    "type": "plain_text",
                    "text": f"Be quiet about incident {incident_id} until the morning of",
                },
                "element": {
                    "type": "datepicker",
                    "action_id": "until",
                    "initial_date": first_day.isoformat(),
                },
            }
        ],
    }


def message_view(title: str, text: str) -> dict[str, Any]:
    """A modal that only says something."""
    return {
        "type": "modal",
        "title": {"type": "plain_text", "text": cut(title, 24)},
        "close": {"type": "plain_text", "text": "Close"},
        "blocks": [mrkdwn(text)],
    }


def home_view(status: Sequence[str], week: Sequence[Block], drawn_at: datetime) -> dict[str, Any]:
    """The home tab: what is going on, then the week's scorecard."""
    blocks: list[Block] = [
        {"type": "header", "text": {"type": "plain_text", "text": "Goodwill"}},
        mrkdwn("\n".join(status)),
        {"type": "divider"},
        *list(week)[:40],
        small(f"drawn {moment_token(drawn_at)} · `/goodwill help`"),
    ]
    return {"type": "home", "blocks": blocks}
