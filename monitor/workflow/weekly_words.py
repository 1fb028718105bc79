"""Compare the week's words with those of the weeks before it."""

from __future__ import annotations

from monitor.domain.weeks import IsoWeek
from monitor.settings import Loaded
from monitor.store.database import Database
from reports.redact import Redactor
from reports.weekly import WordFacts


def compare_words(database: Database, loaded: Loaded, week: IsoWeek, redactor: Redactor) -> WordFacts:
    """Distinctive words and rising topics of one week."""
    return WordFacts(reason="words are not compared yet")
