"""Fonts for pictures."""

from __future__ import annotations


def missing_scripts(text: str) -> list[str]:
    """Scripts of a text that no font can draw."""
    return []
