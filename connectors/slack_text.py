"""Slack's mrkdwn to plain text, for the Web API and exports alike."""

from __future__ import annotations

import re

from connectors.text import remove_quoted_lines

_ENTITY = re.compile(r"<([^<>\n]{1,4000})>")
# Slack escapes the mark that opens a quoted line.
_QUOTE_MARK = re.compile(r"^[ \t]{0,3}&gt;", re.MULTILINE)
_CODE_FENCE = re.compile(r"```")
_BROADCASTS = frozenset({"channel", "here", "everyone"})


def mrkdwn_to_text(raw: str) -> str:
    """Readable text of one message.

    Mentions of people become the neutral token `@user` (an id is personal data and means nothing to a model),
    links their label or address, e-mail addresses `[email]`, channels `#name`; Slack's three escapes are undone,
    quoted lines of others and code fences go, emoji names (`:tada:`) stay. The result is not cleaned yet.
    """
    text = _ENTITY.sub(_entity_text, remove_quoted_lines(_QUOTE_MARK.sub(">", raw)))
    text = _CODE_FENCE.sub("", text)
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _entity_text(match: re.Match[str]) -> str:
    target, _, label = match.group(1).partition("|")
    sign, rest = target[:1], target[1:]
    if sign == "@":
        return "@user"
    if sign == "#":
        return f"#{label or 'channel'}"
    if sign == "!":
        return _special_text(rest, label)
    if target.startswith("mailto:"):
        return "[email]"
    if _is_link(target):
        return label or target
    return match.group(0)


def _special_text(command: str, label: str) -> str:
    name = command.partition("^")[0]
    if name in _BROADCASTS:
        return f"@{name}"
    if name == "subteam":
        return "@group"
    return label


def _is_link(target: str) -> bool:
    return bool(re.match(r"[A-Za-z][A-Za-z0-9+.-]{0,20}:", target))
