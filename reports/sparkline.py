"""Small series as one line of block characters."""

from __future__ import annotations

from collections.abc import Sequence

_BLOCKS = "▁▂▃▄▅▆▇█"
GAP = "·"


def sparkline(values: Sequence[float | None], width: int = 26) -> str:
    """The last `width` values as blocks; None (not seen) is a dot.

    The lowest block stands for zero, or for the lowest value where all lie in the upper half: a line of full
    blocks would tell nothing.
    """
    shown = list(values[-width:])
    known = [value for value in shown if value is not None]
    low, top = min(known, default=0.0), max(known, default=0.0)
    floor = 0.0 if 0 <= low <= top / 2 else low
    if top <= floor:
        return "".join(GAP if value is None else _BLOCKS[0] for value in shown)
    steps = (len(_BLOCKS) - 1) / (top - floor)
    return "".join(GAP if value is None else _BLOCKS[round((value - floor) * steps)] for value in shown)
