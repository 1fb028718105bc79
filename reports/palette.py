"""Colours of pictures: readable on white and on a dark page, told apart by people who see fewer colours."""

from __future__ import annotations

PAPER, INK, MUTED, RULE = "#ffffff", "#16202e", "#5b6676", "#d9dee6"
NEUTRAL = "#66717f"
TAG_COLOURS = {
    "too_many_messages": "#c2410c",
    "cannot_unsubscribe": "#be185d",
    "irrelevant": "#8a6a00",
    "pushy_sales": "#b91c1c",
    "in_app_interruption": "#1d5fbf",
    "unsolicited_contact": "#6d33b8",
    "misleading_promo": "#8b4a2b",
    "privacy": "#0f766e",
    "discount_promo": "#4d7c0f",
    "other_marketing": "#334155",
}
CHANGE_COLOURS = {"new": "#b91c1c", "more": "#1d5fbf"}


def tag_colour(tag: str) -> str:
    """The colour of a complaint tag; grey for none."""
    return TAG_COLOURS.get(tag, NEUTRAL)


BAND, INCIDENT = "#7c8aa0", "#8b5cf6"
SERIES = {
    "negative": "#3b6fd4",
    "complaints": "#d2541b",
    "nps": "#0f8a7e",
    "notes": "#8a5cd6",
    "pressure": "#d2541b",
}
VERDICT_COLOURS = {"likely": "#d92d20", "possible": "#c77700", "no sign": "#2f8f4e", "cannot tell": "#7c8aa0"}
