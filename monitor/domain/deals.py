"""Deals of the CRM, as far as red flags and deal notes need them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Deal:
    """The latest known state of one deal.

    Attributes:
        external_id: the CRM's deal id.
        type: expansion, renewal, new or "" when not told.
        stage: the CRM's stage name.
        amount: in the CRM's currency; None when not told.
        opened_on, closed_on: days; None when unknown or still open.
        won: True won, False lost, None open or unknown.
        qualified: whether the deal was qualified; None unknown.
    """

    source: str
    external_id: str
    type: str = ""
    stage: str = ""
    amount: float | None = None
    owner: str | None = None
    account: str | None = None
    opened_on: date | None = None
    closed_on: date | None = None
    won: bool | None = None
    qualified: bool | None = None
