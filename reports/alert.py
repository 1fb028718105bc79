"""One alert as Slack sees it: Block Kit, fallback text and the notes of its thread.

Everything that came from elsewhere (posts, campaign names, metrics) is escaped, so that a quoted `<!channel>`
pings nobody, and cut to Slack's limits (50 blocks, 3,000 characters a section, 150 a header).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

Block = dict[str, Any]
SECTION_LIMIT = 2900
HEADER_LIMIT = 145
FALLBACK_LIMIT = 900
QUOTE_LIMIT = 300
MESSAGE_LIMIT = 12_000
_BREAK = "\u2060"

ACKNOWLEDGE, SNOOZE, UNMUTE, CORRECT, REPORT = (
    "goodwill_acknowledge",
    "goodwill_snooze",
    "goodwill_unmute",
    "goodwill_correct",
    "goodwill_report",
)
SNOOZE_CHOICES = (
    ("1d", "for 1 day"),
    ("1w", "for 1 week"),
    ("until", "until a date…"),
    ("mute", "mute: not useful"),
)
_SIGNS = {
    "open": ":red_circle:",
    "acknowledged": ":large_yellow_circle:",
    "snoozed": ":zzz:",
    "muted": ":mute:",
    "held": ":hourglass:",
    "resolved": ":white_check_mark:",
}


@dataclass(frozen=True, slots=True)
class AlertQuote:
    """A redacted post shown as evidence.

    Attributes:
        where: source and channel in words; link: the original, "" when it may not be shown.
    """

    text: str
    where: str
    day: date
    link: str = ""


@dataclass(frozen=True, slots=True)
class AlertView:
    """What one alert says; quotes are redacted already.

    Attributes:
        title: a few words; sentence: what happened, with the number.
        measure: the number with its baseline, interval and n.
        also: what else belongs to the incident, a sentence each.
        nearby: campaigns around it, with their verdicts.
        status: who did what with it, "" when nobody did; may hold Slack's user mentions of ours.
        since: the day the problem began; checked: the last day looked at.
        snoozed_until: aware UTC.
        report_url: where the weekly report can be read, "" when it is not published.
        chart_file: Slack's id of the uploaded chart, "" before it is there.
        chart_words: what the chart shows, for those who cannot see it.
    """

    incident_id: int
    state: str
    title: str
    sentence: str
    measure: str
    since: date
    checked: date
    also: tuple[str, ...] = ()
    quotes: tuple[AlertQuote, ...] = ()
    nearby: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()
    status: str = ""
    snoozed_until: datetime | None = None
    report_url: str = ""
    chart_file: str = ""
    chart_words: str = ""


def escape(text: str) -> str:
    """Foreign text for Slack's mrkdwn: nothing in it pings, links or ends a quote.

    Beyond & < > it breaks up what Slack would still read as a mention in clients that auto-link (`@here`).
    """
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    for word in ("@here", "@channel", "@everyone"):
        text = text.replace(word, f"@{_BREAK}{word[1:]}")
    return text.replace("`", "'").replace("\r", " ")


def cut(text: str, limit: int) -> str:
    """At most `limit` characters, never ending inside an escaped character."""
    if len(text) <= limit:
        return text
    short = text[: limit - 1]
    start = short.rfind("&")
    if start != -1 and ";" not in short[start:] and len(short) - start < 6:
        short = short[:start]
    return short.rstrip() + "…"


def moment_token(moment: datetime) -> str:
    """A time that every reader sees in their own zone and language."""
    return f"<!date^{int(moment.timestamp())}^{{date_short_pretty}} {{time}}|{moment:%Y-%m-%d %H:%M} UTC>"


def fallback_text(view: AlertView) -> str:
    """What notifications and screen readers say."""
    state = "" if view.state == "open" else f" ({view.state})"
    return cut(escape(f"{view.title}{state}: {view.sentence}"), FALLBACK_LIMIT)


def alert_blocks(view: AlertView, *, with_quotes: bool = True) -> list[Block]:
    """The message.

    Args:
        view: what it says.
        with_quotes: False leaves out what can be left out, for a message Slack found too long.
    """
    blocks = [_header(view), _section(_what_happened(view)), _context(_state_line(view))]
    if view.chart_file:
        words = cut(view.chart_words or view.title, 1900)
        blocks.append({"type": "image", "slack_file": {"id": view.chart_file}, "alt_text": words})
    if with_quotes:
        blocks += _evidence(view)
    if view.state != "resolved":
        blocks.append(_actions(view))
    blocks.append(
        _context(
            f"Incident {view.incident_id} · checked up to {view.checked.isoformat()} · `/goodwill why {view.incident_id}`"
        )
    )
    return _within_limit(blocks)


def _within_limit(blocks: list[Block]) -> list[Block]:
    """Drop the middle sections, last first, until Slack takes the message."""
    kept = list(blocks)
    while len(str(kept)) > MESSAGE_LIMIT or len(kept) > 50:
        middle = [i for i, block in enumerate(kept) if block["type"] == "section" and i > 1]
        if not middle:
            break
        del kept[middle[-1]]
    return kept


def _header(view: AlertView) -> Block:
    text = cut(f"{_SIGNS.get(view.state, '')} {view.title}", HEADER_LIMIT)
    return {"type": "header", "text": {"type": "plain_text", "text": text, "emoji": True}}


def _what_happened(view: AlertView) -> str:
    lines = [f"*{escape(view.sentence)}*", escape(view.measure)]
    lines += [f"• {escape(line)}" for line in view.also]
    return "\n".join(lines)


def _state_line(view: AlertView) -> str:
    parts = [f"*{view.state.capitalize()}*, since {view.since.isoformat()}"]
    if view.snoozed_until is not None:
        parts.append(f"snoozed until {moment_token(view.snoozed_until)}")
    if view.status:
        parts.append(view.status)
    return " · ".join(parts)


def _evidence(view: AlertView) -> list[Block]:
    blocks: list[Block] = []
    if view.quotes:
        blocks.append(_section("*In their words*\n" + "\n".join(_quote(quote) for quote in view.quotes)))
    if view.nearby:
        blocks.append(
            _section("*Campaigns around it*\n" + "\n".join(f"• {escape(line)}" for line in view.nearby))
        )
    if view.questions:
        blocks.append(
            _section("*Worth asking*\n" + "\n".join(f"• {escape(line)}" for line in view.questions))
        )
    return blocks


def _quote(quote: AlertQuote) -> str:
    text = cut(escape(" ".join(quote.text.split())), QUOTE_LIMIT)
    link = f" · <{_safe_url(quote.link)}|original>" if _safe_url(quote.link) else ""
    return f"> {text}\n> _{escape(quote.where)}, {quote.day.isoformat()}_{link}"


def _safe_url(url: str) -> str:
    allowed = url.startswith(("https://", "http://")) and not set(url) & set("<>| \n\t")
    return url.replace("&", "&amp;") if allowed and len(url) <= 1000 else ""


def _actions(view: AlertView) -> Block:
    value = str(view.incident_id)
    elements: list[Block] = []
    if view.state in {"open", "snoozed"}:
        elements.append({**_button("Acknowledge", ACKNOWLEDGE, value), "style": "primary"})
    if view.state == "muted":
        elements.append(_button("Unmute", UNMUTE, value))
    elif view.state != "held":
        elements.append(_snooze(value))
    if view.quotes:
        elements.append(_button("Not a complaint", CORRECT, value))
    report = _button("Open report", REPORT, value)
    if view.report_url:
        report["url"] = view.report_url
    return {"type": "actions", "block_id": f"goodwill-{value}", "elements": [*elements, report]}


def _button(label: str, action: str, value: str) -> Block:
    return {
        "type": "button",
        "text": {"type": "plain_text", "text": label},
        "action_id": action,
        "value": value,
    }


def _snooze(value: str) -> Block:
    choices = [
        {"text": {"type": "plain_text", "text": words}, "value": f"{value}:{choice}"}
        for choice, words in SNOOZE_CHOICES
    ]
    placeholder = {"type": "plain_text", "text": "Snooze"}
    return {"type": "static_select", "action_id": SNOOZE, "placeholder": placeholder, "options": choices}


def _section(text: str) -> Block:
    return {"type": "section", "text": {"type": "mrkdwn", "text": cut(text, SECTION_LIMIT), "verbatim": True}}


def _context(text: str) -> Block:
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": cut(text, SECTION_LIMIT)}]}


def thread_blocks(text: str) -> list[Block]:
    """A note in an incident's thread."""
    return [_section(escape(text))]


def plain_lines(view: AlertView) -> Sequence[str]:
    """The alert for a terminal: `goodwill alert --dry-run`."""
    lines = [f"[{view.state}] {view.title}", f"  {view.sentence}", f"  {view.measure}"]
    lines += [f"  also: {line}" for line in view.also]
    lines += [
        f"  “{cut(' '.join(q.text.split()), QUOTE_LIMIT)}” ({q.where}, {q.day.isoformat()})"
        for q in view.quotes
    ]
    lines += [f"  campaign {line}" for line in view.nearby]
    lines += [f"  ask: {line}" for line in view.questions]
    return lines
