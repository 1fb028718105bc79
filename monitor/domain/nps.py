"""Net Promoter Score: single answers and what is estimated from them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from monitor.errors import InputError


@dataclass(frozen=True, slots=True)
class NpsResponse:
    """One answer to "how likely are you to recommend us", 0 to 10.

    Attributes:
        source: the configured source's name.
        external_id: the response's own id; an update at the vendor keeps it.
        score: 0 to 10.
        answered_at: aware UTC.
        survey_id, respondent_id, account: as the survey tool knows them; None when not told.
        segment_product, segment_customer_type, segment_csm: product line, customer type, CSM coverage.
    """

    source: str
    external_id: str
    score: int
    answered_at: datetime
    survey_id: str | None = None
    respondent_id: str | None = None
    account: str | None = None
    segment_product: str | None = None
    segment_customer_type: str | None = None
    segment_csm: str | None = None

    def __post_init__(self) -> None:
        """Refuse a score outside 0-10 and a time without zone.

        Raises:
            InputError: with the value found.
        """
        if not 0 <= self.score <= 10:
            raise InputError(f"NPS score {self.score} of response {self.external_id!r}: 0 to 10 expected")
        if self.answered_at.utcoffset() != UTC.utcoffset(None):
            raise InputError(
                f"response {self.external_id!r} has the time {self.answered_at.isoformat()}: aware UTC expected"
            )
