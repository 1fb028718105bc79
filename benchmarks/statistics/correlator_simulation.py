"""Campaign effects on simulated company-years: our engine beside the usual methods, on the same worlds.

Run from the repository root, one process:

    python -m benchmarks.statistics.correlator_simulation --worlds 350 [--seed 0] [--replicates 400]

Prints one Markdown table a series: false alarms (p <= 5 %) of clean harmless campaigns and of those next
to a hidden outage; harmless worlds with any q <= 10 %, and with any campaign called likely; power at equal
false-alarm rate for rate ratios 1.5, 2 and 3; coverage of the 95 % interval on harmful and on clean
campaigns; lag error of detected effects; precision of "likely"; detection where the true ratio is at least
the printed detectable one; time.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from benchmarks.statistics.correlator_naive import METHODS, Answer, Method
from monitor.correlate.event_study import estimate_effects
from monitor.correlate.multiplicity import false_discovery_rates
from monitor.correlate.options import CorrelatorOptions
from monitor.domain.series import SeriesName
from tests.statistics.simulator import CampaignTruth, World, random_knobs, simulate

OURS = "latent level, unknown window, simulated p (ours)"
RATIOS = (1.5, 2.0, 3.0)


@dataclass(frozen=True, slots=True)
class Row:
    """One campaign, one method."""

    world: int
    harmless_world: bool
    truth: CampaignTruth
    answer: Answer
    q_value: float | None


def ours(options: CorrelatorOptions, *, tags: bool = True) -> Method:
    """Our engine as a method; without tags it never sees the complaint column."""

    def method(world: World, name: SeriesName) -> dict[str, Answer]:
        daily = world.daily if tags else replace(world.daily, negative_marketing=None)
        report = estimate_effects(daily, world.campaigns, world.incidents, series=name, options=options)
        return {
            e.campaign_id: Answer(
                e.p_value, e.low, e.high, e.lag_days, e.verdict == "likely", e.minimum_detectable_rate_ratio
            )
            for e in report.campaigns
        }

    return method


def collect(method: Method, worlds: Iterator[tuple[int, World]], name: SeriesName) -> tuple[list[Row], float]:
    """Rows of all campaigns and CPU seconds per 1,000 campaigns."""
    rows: list[Row] = []
    spent = 0.0
    for number, world in worlds:
        begin = time.process_time()
        answers = method(world, name)
        spent += time.process_time() - begin
        q_values = false_discovery_rates([answers[t.campaign.id].p_value for t in world.truths])
        for truth, q_value in zip(world.truths, q_values, strict=True):
            rows.append(Row(number, world.knobs.harmful == 0, truth, answers[truth.campaign.id], q_value))
    return rows, 1000 * spent / len(rows)


def summary(rows: list[Row], name: SeriesName) -> dict[str, str]:
    """The measures of one method, as table cells."""
    p = np.array([1.0 if r.answer.p_value is None else r.answer.p_value for r in rows])
    clean = np.array([r.truth.clean for r in rows])
    beside = np.array([r.truth.beside_hidden for r in rows])
    ratio = np.array([r.truth.ratio for r in rows])
    threshold = np.quantile(p[clean], 0.05)
    power = " / ".join(f"{np.mean(p[ratio == value] <= threshold):.2f}" for value in RATIOS)
    harmless = sorted({r.world for r in rows if r.harmless_world})
    alarm = np.mean([any((r.q_value or 1) <= 0.1 for r in rows if r.world == w) for w in harmless])
    called = np.mean([any(r.answer.likely for r in rows if r.world == w) for w in harmless])
    likely = [r for r in rows if r.answer.likely]
    return {
        "false alarms": f"{100 * np.mean(p[clean] <= 0.05):.1f} %",
        "beside a hidden outage": f"{100 * np.mean(p[beside] <= 0.05):.0f} %",
        "harmless worlds q <= 10 %": f"{100 * alarm:.0f} %",
        "harmless worlds called likely": f"{100 * called:.0f} %" if likely else "–",
        "power 1.5 / 2 / 3": power,
        "coverage harmful / clean": _coverage(rows, ratio > 1, name) + " / " + _coverage(rows, clean, name),
        "lag error": _lag_error(rows, p),
        "precision of likely": f"{np.mean([r.truth.ratio > 1 for r in likely]):.2f}" if likely else "–",
        "found above detectable": _found(rows, p, name),
    }


def _coverage(rows: list[Row], chosen: np.ndarray, name: SeriesName) -> str:
    inside = [
        r.answer.low <= r.truth.series_ratio[name] <= r.answer.high
        for r, use in zip(rows, chosen, strict=True)
        if use and r.answer.low is not None and r.answer.high is not None
    ]
    return f"{100 * np.mean(inside):.0f} %" if inside else "–"


def _lag_error(rows: list[Row], p: np.ndarray) -> str:
    errors = [
        abs(r.answer.lag - r.truth.lag)
        for r, value in zip(rows, p, strict=True)
        if r.answer.lag is not None and r.truth.ratio > 1 and value <= 0.05
    ]
    return f"{np.mean(errors):.2f}" if errors else "–"


def _found(rows: list[Row], p: np.ndarray, name: SeriesName) -> str:
    found = [
        value <= 0.05
        for r, value in zip(rows, p, strict=True)
        if r.answer.detectable is not None
        and r.truth.ratio > 1
        and r.truth.series_ratio[name] >= r.answer.detectable
    ]
    return f"{100 * np.mean(found):.0f} % of {len(found)}" if found else "–"


def _worlds(count: int, seed: int) -> Iterator[tuple[int, World]]:
    for number in range(seed, seed + count):
        yield number, simulate(random_knobs(number), number)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--worlds", type=int, default=350)
    parser.add_argument("--seed", type=int, default=5000)
    parser.add_argument("--replicates", type=int, default=CorrelatorOptions().replicates)
    arguments = parser.parse_args()
    options = CorrelatorOptions(replicates=arguments.replicates)
    for name in ("negative", "negative_marketing"):
        methods = {**METHODS, OURS: ours(options)}
        if name == "negative":
            methods[OURS + ", data without tags"] = ours(options, tags=False)
        print(f"\nSeries {name}\n")
        header_done = False
        for label, method in methods.items():
            rows, seconds = collect(method, _worlds(arguments.worlds, arguments.seed), name)
            cells = {**summary(rows, name), "s per 1,000 campaigns": f"{seconds:.1f}"}
            if not header_done:
                print("| method | " + " | ".join(cells) + " |\n|" + " --- |" * (len(cells) + 1))
                header_done = True
            print(f"| {label} | " + " | ".join(cells.values()) + " |", flush=True)
        clean = sum(r.truth.clean for r in rows)
        beside = sum(r.truth.beside_hidden for r in rows)
        harmful = sum(r.truth.ratio > 1 for r in rows)
        print(
            f"\n{arguments.worlds} worlds, {len(rows)} campaigns: {clean} clean, {beside} beside, {harmful} harmful"
        )


if __name__ == "__main__":
    main()
