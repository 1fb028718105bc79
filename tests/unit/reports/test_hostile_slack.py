"""Hostile texts in every place of an alert and of the bot's answers that holds words from outside."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

import pytest

from monitor.domain.alerts import Incident, IncidentState, LogEntry, Measure, RuleName, Signal
from reports.alert import AlertQuote, AlertView, alert_blocks, fallback_text, thread_blocks
from reports.slack_views import correction_view, home_view, message_view, status_lines, why_lines
from tests.unit.reports.test_hostile import HOSTILE

DAY, MOMENT = date(2026, 11, 11), datetime(2026, 11, 11, 9, 0, tzinfo=UTC)
_OUR_DATES = re.compile(r"<!date\^\d+\^\{date_short_pretty\} \{time\}\|[\d\-: ]+ UTC>")


@pytest.fixture(params=HOSTILE)
def text(request: pytest.FixtureRequest) -> str:
    """One hostile text."""
    return HOSTILE[request.param]


def _view(text: str) -> AlertView:
    return AlertView(
        incident_id=12,
        state="open",
        title=text,
        sentence=text,
        measure=text,
        since=DAY,
        checked=DAY,
        also=(text,),
        quotes=(AlertQuote(text, text, DAY, f"https://example.test/{text}"),),
        nearby=(text,),
        questions=(text,),
        snoozed_until=MOMENT,
    )


def _incident(text: str) -> Incident:
    signal = Signal(
        rule=next(iter(RuleName)),
        subject=text,
        onset=DAY,
        last_day=DAY,
        sentence=text,
        measure=Measure(text, text, expected=text, low=text, high=text, n=3, window=text),
        nearby=(text,),
        questions=(text,),
    )
    return Incident("key", IncidentState.OPEN, (signal.member,), (signal,), DAY, DAY, DAY, id=12)


def _harmless(said: object) -> None:
    """Nobody is mentioned, nothing links but our own, and every text is within Slack's limits."""
    for kind, text in _texts(said):
        assert len(text) <= (150 if kind == "plain_text" else 3000)
        if kind == "mrkdwn":  # Slack shows plain text letter by letter
            written = _OUR_DATES.sub("", text)
            assert not re.search(r"<[!@#]", written)
            assert not re.search(r"<https?:[^>]*[\s<]", written)
            assert not re.search(r"@(here|channel|everyone)", written)


def _texts(said: object) -> list[tuple[str, str]]:
    """Kind and content of every text; a bare string becomes a section of mrkdwn."""
    if isinstance(said, str):
        return [("mrkdwn", said)]
    if isinstance(said, list):
        return [found for part in said for found in _texts(part)]
    if not isinstance(said, dict):
        return []
    if isinstance(said.get("text"), str):
        return [(said["type"], said["text"])]
    return [found for part in said.values() if isinstance(part, dict | list) for found in _texts(part)]


def test_an_alert(text: str) -> None:
    blocks = alert_blocks(_view(text))
    _harmless(blocks)
    assert len(blocks) <= 50
    _harmless([fallback_text(_view(text)), thread_blocks(text)])


def test_a_quote_without_a_safe_link_has_none(text: str) -> None:
    quoted = [found for _, found in _texts(alert_blocks(_view(text))) if "|original>" in found]
    assert len(quoted) == int(not set(text) & set("<>| \n\t") and len(text) < 900)


def test_the_answers_to_status_and_why(text: str) -> None:
    incident = _incident(text)
    log = [LogEntry(12, MOMENT, "acknowledge", "open", "acknowledged", "", text)]
    _harmless(status_lines([incident], DAY, 2))
    _harmless(why_lines(incident, log))


def test_one_endless_sentence_leaves_the_other_incidents_in_sight() -> None:
    endless, short = _incident(HOSTILE["endless"]), _incident("complaints rose")
    lines = status_lines([endless, short], DAY, 0)
    assert "complaints rose" in "\n".join(lines)[:2900]


def test_modals_and_the_home_tab(text: str) -> None:
    incident = _incident(text)
    views = [
        correction_view(12, [(7, AlertQuote(text, text, DAY)), (8, AlertQuote(text, text, DAY))], "C1"),
        home_view(status_lines([incident], DAY, 0), alert_blocks(_view(text)), MOMENT),
        message_view("Nothing to correct", "This incident shows no post any more."),
    ]
    for view in views:
        _harmless(view)
        assert len(view["blocks"]) <= 100
    options = [
        block["element"]["options"] for block in views[0]["blocks"] if block.get("block_id") == "posts"
    ]
    assert all(len(option["text"]["text"]) <= 75 for option in options[0])
