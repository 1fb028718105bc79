"""Reddit's own objects (t1 comments, t3 submissions) to posts, for the API and JSON lines alike.

Accepts both shapes in use: `{"kind": "t3", "data": {...}}` and the data alone, as dumps hold it. Only
`created_utc` is believed (`created` is in local time); `edited` may be False, a number or a bare True.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from connectors.json_values import as_mapping, as_moment, as_text
from connectors.text import clean_name, clean_text, remove_quoted_lines
from monitor.domain.posts import DeletedPost, Post, PostKind, SkippedItem

_FULLNAME = re.compile(r"t[13]_[a-z0-9]{1,13}")
_GONE = frozenset({"[deleted]", "[removed]", "[ Removed by Reddit ]"})
_BOTS = frozenset({"automoderator"})
_LINK = re.compile(r"!?\[([^\[\]\n]{0,300})\]\([^()\s]{1,2000}\)")
_PERMALINK = re.compile(r"/(?:r|user)/[A-Za-z0-9_/%.~-]{1,300}")
_CLOCK_TOLERANCE = timedelta(days=1)


def fullname_of(raw: object) -> str:
    """`t1_...` or `t3_...` of an object in either shape; "" when it has none."""
    outer = as_mapping(raw)
    data = as_mapping(outer.get("data")) or outer
    name = as_text(data.get("name"))
    if _FULLNAME.fullmatch(name):
        return name
    kind = as_text(outer.get("kind")) or _guessed_kind(data)
    name = f"{kind}_{as_text(data.get('id'))}"
    return name if _FULLNAME.fullmatch(name) else ""


def created_at(raw: object) -> datetime | None:
    """When an object in either shape was written."""
    outer = as_mapping(raw)
    return as_moment((as_mapping(outer.get("data")) or outer).get("created_utc"))


def item_to_record(
    raw: object, source: str, now: datetime, own_accounts: frozenset[str] = frozenset()
) -> Post | SkippedItem | DeletedPost:
    """An object as a post; a removed one as its deletion; everything else with the reason why it is none.

    Args:
        raw: of any shape.
        now: later objects than a day after it have a bad date.
        own_accounts: our own accounts in lower case, whose posts are no customer's.
    """
    outer = as_mapping(raw)
    data = as_mapping(outer.get("data")) or outer
    name = fullname_of(raw)
    if not name:
        return SkippedItem("not a post or comment", clean_name(as_text(data.get("id")))[:40])
    if _is_gone(data, name):
        return DeletedPost(source, name)
    moment = as_moment(data.get("created_utc"))
    if moment is None or moment > now + _CLOCK_TOLERANCE:
        return SkippedItem("bad date", name, "created_utc is no plausible time")
    reason = _reason_to_skip(data, own_accounts)
    if reason:
        return SkippedItem(reason, name)
    text, truncated = clean_text(markdown_to_text(_raw_text(data, name)))
    if not text:
        return SkippedItem("no text", name)
    return _post(data, source, name, text, moment, truncated=truncated)


def flatten(raw: object) -> Iterator[object]:
    """The t1 and t3 objects in a value: a listing's children, a page's list of listings, replies of replies."""
    waiting = [raw]
    while waiting:
        value = waiting.pop()
        if isinstance(value, list):
            waiting.extend(reversed(value))
            continue
        outer = as_mapping(value)
        if outer.get("kind") == "Listing":
            waiting.append(as_mapping(outer.get("data")).get("children"))
        elif outer.get("kind") == "more" or value is None:
            continue
        else:
            yield value
            replies = as_mapping(outer.get("data")).get("replies") or outer.get("replies")
            if isinstance(replies, dict):
                waiting.append(replies)


def markdown_to_text(raw: str) -> str:
    """Readable text: quoted lines go, links become their label, the escapes of the API are undone."""
    return _LINK.sub(r"\1", remove_quoted_lines(html.unescape(raw)))


def _guessed_kind(data: Mapping[str, object]) -> str:
    if "title" in data:
        return "t3"
    return "t1" if "body" in data else ""


def _raw_text(data: Mapping[str, object], name: str) -> str:
    if name.startswith("t1_"):
        return as_text(data.get("body"))
    return f"{as_text(data.get('title'))}\n\n{as_text(data.get('selftext'))}"


def _is_gone(data: Mapping[str, object], name: str) -> bool:
    text = as_text(data.get("body" if name.startswith("t1_") else "selftext")).strip()
    return text in _GONE or bool(as_text(data.get("removed_by_category")))


def _reason_to_skip(data: Mapping[str, object], own_accounts: frozenset[str]) -> str:
    author = as_text(data.get("author")).lower()
    if author in _BOTS:
        return "bot message"
    if author in own_accounts:
        return "our own post"
    return "stickied" if data.get("stickied") is True else ""


def _post(
    data: Mapping[str, object], source: str, name: str, text: str, moment: datetime, *, truncated: bool
) -> Post:
    is_comment = name.startswith("t1_")
    subreddit = clean_name(as_text(data.get("subreddit")))
    author = clean_name(as_text(data.get("author")))
    author = "" if author == "[deleted]" else author
    parent = as_text(data.get("parent_id"))
    permalink = as_text(data.get("permalink"))
    edited = data.get("edited")
    return Post(
        source=source,
        external_id=name,
        kind=PostKind.COMMENT if is_comment else PostKind.SUBMISSION,
        text=text,
        created_at=moment,
        channel=subreddit.lower(),
        channel_name=f"r/{subreddit}" if subreddit else "",
        author_id=(clean_name(as_text(data.get("author_fullname"))) or author or None) if author else None,
        author_name=author or None,
        parent_id=parent if is_comment and _FULLNAME.fullmatch(parent) else None,
        url=f"https://www.reddit.com{permalink}" if _PERMALINK.fullmatch(permalink) else None,
        edited_at=None if isinstance(edited, bool) else as_moment(edited),
        truncated=truncated,
    )
