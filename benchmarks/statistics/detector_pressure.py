"""Contact pressure on simulated weeks: false lines, lines found, and rolling-origin forecast errors.

Run: python -m benchmarks.statistics.detector_pressure [histories per setting]
"""

from __future__ import annotations

import sys

import numpy as np
from numpy.typing import NDArray

from monitor.correlate.pressure import dose_response, smoothed_pressure
from monitor.correlate.pressure_forecast import back_test

FloatArray = NDArray[np.float64]


def history(
    rng: np.random.Generator, base: float, slope: float, weeks: int = 90
) -> tuple[FloatArray, FloatArray]:
    """Touches and complaints: a hinge above one touch a week, an AR(1) level of random strength."""
    touches = np.clip(1.2 + 0.3 * np.cumsum(rng.normal(0, 0.15, weeks)) + rng.normal(0, 0.5, weeks), 0, None)
    rho, sd = rng.uniform(0.3, 0.9), rng.uniform(0.1, 0.4)
    level = np.zeros(weeks)
    for week in range(1, weeks):
        level[week] = rho * level[week - 1] + rng.normal(0, sd * np.sqrt(1 - rho**2))
    rate = base * np.exp(slope * np.maximum(0, smoothed_pressure(touches) - 1) + level)
    return touches, rng.poisson(rate).astype(np.float64)


def main(count: int = 300) -> None:
    columns = ("complaints a week", "log rate per touch", "p <= 5 %", "line", "no line", "cannot tell")
    print("| " + " | ".join((*columns, "error", "naive error", "90 % coverage")) + " |")
    print("| --- " * 9 + "|")
    for base in (2.0, 10.0):
        for slope in (0.0, 0.3, 0.6, 1.0):
            rng = np.random.default_rng([7, int(base), int(10 * slope)])
            histories = [history(rng, base, slope) for _ in range(count)]
            results = [dose_response(*one) for one in histories]
            small = np.mean([result.p_value is not None and result.p_value <= 0.05 for result in results])
            verdicts = [
                np.mean([r.verdict == name for r in results])
                for name in ("line found", "no line seen", "cannot tell")
            ]
            tests = [test for test in (back_test(*one) for one in histories[: count // 5]) if test.forecasts]
            errors = np.mean([[t.mean_absolute_error, t.naive_error, t.coverage] for t in tests], axis=0)
            cells = [*(f"{value:.2f}" for value in (small, *verdicts, *errors))]
            print(f"| {base:g} | {slope:g} | " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:2]))
