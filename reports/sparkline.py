"""Small series as one line of block characters."""

from __future__ import annotations

from collections.abc import Sequence

_BLOCKS = "▁▂▃▄▅▆▇█"
GAP = "·"


def sparkline(values: Sequence[float | None], width: int = 26) -> str:
    """The last `width` values as blocks; None (not seen) is a dot, zero the lowest block."""
    shown = list(values[-width:])
    top = max((value for value in shown if value is not None), default=0.0)
    if top <= 0:
        return "".join(GAP if value is None else _BLOCKS[0] for value in shown)
    last = len(_BLOCKS) - 1
    return "".join(GAP if value is None else _BLOCKS[round(value / top * last)] for value in shown)
