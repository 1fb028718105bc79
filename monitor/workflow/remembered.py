"""Compute an expensive statistic once for the same inputs.

A report of a million posts needs a few thousand daily counts, and the correlator some seconds for them; the
same week's report in another form, or the alert of an hour later, asks for the same result again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import date
from typing import TypeVar

from pydantic import TypeAdapter

from monitor import __version__
from monitor.store.database import Database
from monitor.store.findings import read_finding, save_finding

Result = TypeVar("Result")
METHOD_REVISION = 5
"""Raise it whenever a statistic gives another result for the same input; stored results then no longer count."""


def remembered(
    database: Database, kind: type[Result], as_of: date, inputs: object, compute: Callable[[], Result]
) -> Result:
    """The stored result for these inputs, or the computed one, which is stored.

    Args:
        database: where results are kept.
        kind: the result's class, a dataclass of plain values.
        as_of: the day the result belongs to.
        inputs: everything the result depends on; its `repr` must tell all of it.
        compute: makes the result when it is not known yet.
    """
    text = repr((kind.__name__, __version__, METHOD_REVISION, inputs))
    digest = hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
    adapter = TypeAdapter(kind)
    with database.reading() as connection:
        stored = read_finding(connection, kind.__name__, digest)
    if stored is not None:
        return adapter.validate_python(stored, strict=False)
    result = compute()
    with database.transaction() as connection:
        save_finding(connection, kind.__name__, digest, as_of, adapter.dump_python(result, mode="json"))
    return result
