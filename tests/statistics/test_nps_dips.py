"""NPS dips: calibrated on histories without one, found where there is one, honest where answers lack."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from monitor.correlate.nps_dips import CampaignStart, find_dips
from monitor.domain.nps import NpsReport
from monitor.errors import InputError
from monitor.workflow.nps_file import nps_document
from tests.statistics.nps_simulator import NpsHistory, NpsWorld, simulate_nps


def judge(history: NpsHistory, seed: int = 0) -> NpsReport:
    campaigns = [CampaignStart(name, start) for name, start in history.campaigns]
    return find_dips(history.days, history.scores, campaigns, segments=history.segments, seed=seed)


def histories(count: int, seed: int, **knobs: float) -> list[NpsHistory]:
    rng = np.random.default_rng(seed)
    return [simulate_nps(rng, NpsWorld(**knobs)) for _ in range(count)]  # type: ignore[arg-type]


def test_histories_without_a_dip_rarely_show_one() -> None:
    """Nominal 5 % of campaigns; 40 histories may show at most 5."""
    reports = [judge(history) for history in histories(40, 1, answers_per_day=2.0, days=240)]
    assert sum(len(report.dips) > 0 for report in reports) <= 5


def test_deep_dips_are_found_in_time_and_depth() -> None:
    found, depths = 0, []
    for history in histories(12, 2, answers_per_day=10.0, days=240, depth=30.0):
        report = judge(history)
        assert history.dip is not None
        link = report.links[0]
        depths.append(link.depth)
        found += any(dip.start <= history.dip[1] and dip.end >= history.dip[0] for dip in report.dips)
    assert found >= 8
    assert 15 < float(np.mean(np.array(depths, dtype=float))) < 40


def test_a_dip_names_the_campaign_before_it() -> None:
    history = histories(1, 3, answers_per_day=15.0, days=240, depth=45.0, campaigns=1)[0]
    report = judge(history)
    assert report.dips[0].campaigns[0].campaign_id == "C00"
    assert report.dips[0].campaigns[0].verdict == "likely"
    assert report.dips[0].low > 0


def test_few_answers_give_cannot_tell_with_the_smallest_detectable_dip() -> None:
    history = histories(1, 4, answers_per_day=0.3, days=240)[0]
    link = judge(history).links[0]
    assert link.verdict == "cannot tell"
    assert "not enough answers" in link.reason or "too few answers" in link.reason


def test_a_change_of_who_answers_is_no_dip() -> None:
    """For a month only the segment with low scores answers; the plain mean falls by 40 points."""
    rng = np.random.default_rng(5)
    days, scores, segments = [], [], []
    for offset in range(240):
        for _ in range(8):
            low = rng.random() < (0.95 if 120 <= offset < 150 else 0.3)
            days.append(date(2025, 1, 1) + timedelta(days=offset))
            segments.append("low" if low else "high")
            scores.append(int(rng.choice([10, 8, 2], p=[0.2, 0.3, 0.5] if low else [0.6, 0.3, 0.1])))
    campaign = [CampaignStart("C1", date(2025, 1, 1) + timedelta(days=110))]
    assert find_dips(days, scores, campaign).links[0].verdict == "likely"
    assert find_dips(days, scores, campaign, segments=segments).links[0].verdict != "likely"


def test_order_seed_and_date_shifts() -> None:
    """The same answers in another order or 364 days later give the same numbers for the same seed."""
    history = histories(1, 6, answers_per_day=3.0, days=200, depth=30.0)[0]
    first = judge(history)
    order = np.random.default_rng(0).permutation(len(history.days))
    mixed = NpsHistory(
        [history.days[i] for i in order],
        [history.scores[i] for i in order],
        [history.segments[i] for i in order],
        history.campaigns,
        history.dip,
    )
    assert [link.p_value for link in judge(mixed).links] == [link.p_value for link in first.links]
    year = timedelta(days=364)
    later = NpsHistory(
        [day + year for day in history.days],
        history.scores,
        history.segments,
        [(name, start + year) for name, start in history.campaigns],
        None,
    )
    assert [link.p_value for link in judge(later).links] == [link.p_value for link in first.links]


@pytest.mark.parametrize("count", [0, 3, 20])
def test_short_histories_are_refused_with_a_reason(count: int) -> None:
    days = [date(2025, 1, 1) + timedelta(days=index) for index in range(count)]
    report = find_dips(days, [8] * count, [CampaignStart("C1", date(2025, 1, 5))])
    assert report.dips == ()
    assert report.links[0].verdict == "cannot tell"
    assert f"{count} answers" in report.reason


def test_campaigns_outside_the_data_cannot_be_told() -> None:
    history = histories(1, 7, answers_per_day=3.0, days=200)[0]
    campaigns = [CampaignStart("early", date(2020, 1, 1)), CampaignStart("late", date(2030, 1, 1))]
    report = find_dips(history.days, history.scores, campaigns)
    assert [link.verdict for link in report.links] == ["cannot tell", "cannot tell"]


def test_equal_answers_every_day_are_no_dip() -> None:
    days = [date(2025, 1, 1) + timedelta(days=index) for index in range(200)]
    report = find_dips(days, [9] * 200, [CampaignStart("C1", date(2025, 4, 1))])
    assert report.dips == ()
    assert report.overall.score == 100


def test_a_campaign_given_twice_is_an_error() -> None:
    with pytest.raises(InputError, match="'C1' comes twice"):
        find_dips([], [], [CampaignStart("C1", date(2025, 1, 1))] * 2)


def test_document_is_plain_json(tmp_path: Path) -> None:
    history = histories(1, 8, answers_per_day=6.0, days=200, depth=45.0)[0]
    path = tmp_path / "nps.csv"
    rows = zip(history.days, history.scores, history.segments, strict=True)
    path.write_text("date,score,segment\n" + "\n".join(f"{d},{s},{g}" for d, s, g in rows), encoding="utf-8")
    document = nps_document(path, history.campaigns, seed=1)
    again = nps_document(path, history.campaigns, seed=1)
    assert json.loads(json.dumps(document, allow_nan=False)) == again
    assert set(document) >= {"score", "low", "high", "n", "dips"}
    assert set(document["dips"][0]) >= {"start", "end", "depth", "low", "high", "campaigns"}
    assert set(document["dips"][0]["campaigns"][0]) >= {"id", "p_value", "q_value", "verdict"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "lacks the column date, score"),
        ("date,score\n2025-01-01,11\n", "row 2: score is '11'"),
        ("date,score\nyesterday,9\n", "row 2: 'yesterday'"),
        ("date,score\n2025-01-01,\n", "row 2: score is ''"),
    ],
)
def test_a_wrong_file_is_named(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "nps.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=words):
        nps_document(path, [])


def test_future_answers_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "nps.csv"
    path.write_text("date,score\n2031-01-01,9\n", encoding="utf-8")
    with pytest.raises(InputError, match="future"):
        nps_document(path, [], latest=date(2026, 1, 1))
