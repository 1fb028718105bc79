"""Unhappy texts: complaints about marketing, and trouble with the product."""

from __future__ import annotations

from dataclasses import replace

from monitor.demo.moods import Grumble
from monitor.demo.words import EVERYDAY_TOPICS, Manner, Writer, sections

_LANGUAGES = (("ru", 0.07), ("de", 0.035), ("es", 0.035))
PRAISE_FIRST = 0.06
"""Share of complaints that come behind a kind word about the product."""
_TROUBLE_LEADS = {"product": 0.25, "support": 0.25, "price": 0.2, "outage": 0.12, "release": 0.15}


def grumble_text(writer: Writer, grumble: Grumble, manner: Manner, *, short: bool = False) -> str:
    """The words of one unhappy post; `short` ones carry no lead or tail."""
    extra = 0.0 if short else 1.0
    manner = replace(manner, smile=0.0)
    if grumble.is_marketing:
        topic = grumble.campaign.topic if grumble.campaign else writer.dice.pick(EVERYDAY_TOPICS)
        heading = _in_some_language(writer, grumble.heading)
        if heading != grumble.heading:
            return writer.say(heading, manner, words={"topic": topic.removeprefix("the ")})
        words = {"topic": topic}
        lead, tail = ("complaint_lead", 0.22 * extra), ("complaint_tail", 0.3 * extra)
        text = writer.say(heading, manner, lead=lead, tail=tail, words=words)
        if writer.dice.chance(PRAISE_FIRST):
            kind = "us_praise" if manner.you == "they" else "praise"
            text = f"{writer.say(kind, replace(manner, no_stop=0.0))} {text}"
        return text
    if grumble.heading in {"product", "support"} and writer.dice.chance(0.04):
        return writer.say("ru_negative", manner)
    lead_share = _TROUBLE_LEADS[grumble.heading] * extra
    return writer.say(grumble.heading, manner, lead=("lead", lead_share), tail=("tail", 0.4 * extra))


def _in_some_language(writer: Writer, heading: str) -> str:
    """The deck in another language for some, where there is one."""
    for language, share in _LANGUAGES:
        if writer.dice.chance(share) and f"{language} {heading}" in sections():
            return f"{language} {heading}"
    return heading
