"""Chance from a seed, the same on every machine and Python version."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


class Dice:
    """Draws built on `random.Random.random` alone, the one method whose sequence Python promises to keep."""

    def __init__(self, seed: int, purpose: str = "") -> None:
        """Make an independent stream for one purpose, so that a change in one file leaves the others alone."""
        self._next = random.Random(f"{seed}/{purpose}").random  # noqa: S311 - made-up data, no secret

    def share(self) -> float:
        """A number in [0, 1)."""
        return self._next()

    def chance(self, probability: float) -> bool:
        """True with this probability."""
        return self._next() < probability

    def whole(self, low: int, high: int) -> int:
        """A whole number, both ends possible."""
        return low + int(self._next() * (high - low + 1))

    def pick(self, values: Sequence[T]) -> T:
        """One of the values."""
        return values[int(self._next() * len(values))]

    def weighted(self, values: Sequence[tuple[T, float]]) -> T:
        """One of the values, by weight."""
        point = self._next() * sum(weight for _, weight in values)
        for value, weight in values:
            point -= weight
            if point < 0:
                return value
        return values[-1][0]

    def shuffled(self, values: Sequence[T]) -> list[T]:
        """The values in another order (Fisher-Yates)."""
        mixed = list(values)
        for last in range(len(mixed) - 1, 0, -1):
            other = int(self._next() * (last + 1))
            mixed[last], mixed[other] = mixed[other], mixed[last]
        return mixed

    def normal(self) -> float:
        """A standard normal number (Box-Muller)."""
        radius = math.sqrt(-2.0 * math.log(1.0 - self._next()))
        return radius * math.cos(2.0 * math.pi * self._next())

    def poisson(self, mean: float) -> int:
        """A count with this mean (Knuth; means here are below 60)."""
        limit, product, count = math.exp(-mean), self._next(), 0
        while product > limit:
            product *= self._next()
            count += 1
        return count
