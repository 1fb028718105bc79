"""One campaign of two sources counts once; what only looks alike stays two and is named."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.domain.campaign_identity import settle_campaigns, settle_results
from monitor.domain.campaigns import Campaign, CampaignResult

DAY = date(2026, 10, 1)
PLAN = Campaign("plan", "C06", "Insights tour", DAY, DAY, channel="in_app", sends=8200)
CRM = Campaign("crm", "crm-990017", "insights  TOUR", DAY, DAY + timedelta(days=4), audience="admins")


def test_the_same_name_and_start_day_of_two_sources_is_one_campaign_with_what_both_know() -> None:
    book = settle_campaigns([CRM, PLAN])
    assert book.campaigns == (replace(PLAN, end=CRM.end, audience="admins"),)
    assert book.kept_ids == {"crm-990017": "C06"}
    assert book.merged == ((PLAN, CRM),)
    assert book.doubtful == ()


def test_the_same_id_and_start_day_is_one_campaign_where_a_source_has_no_name() -> None:
    nameless = Campaign("crm", "C06", "C06", DAY, DAY)
    assert settle_campaigns([PLAN, nameless]).campaigns == (replace(PLAN, source="crm"),)


@pytest.mark.parametrize(
    "changed",
    [
        {"channel": "email"},
        {"sends": 4000},
        {"start": DAY + timedelta(days=1), "end": DAY + timedelta(days=1)},
    ],
    ids=["channel", "sends", "day"],
)
def test_a_contradiction_leaves_two_campaigns_and_names_them(changed: dict[str, object]) -> None:
    other = replace(PLAN, source="crm", external_id="x", **changed)  # type: ignore[arg-type]
    book = settle_campaigns([PLAN, other])
    assert {c.external_id for c in book.campaigns} == {"C06", "x"}
    assert len(book.doubtful) == 1
    assert book.merged == ()


def test_sends_planned_and_sent_need_not_be_equal() -> None:
    other = replace(PLAN, source="crm", external_id="crm-1", sends=8110)
    assert settle_campaigns([PLAN, other]).campaigns == (PLAN,)


def test_campaigns_of_one_source_are_never_merged_and_far_ones_are_not_doubtful() -> None:
    later = replace(CRM, start=DAY + timedelta(days=30), end=DAY + timedelta(days=30))
    book = settle_campaigns([PLAN, replace(PLAN, external_id="C07"), later])
    assert len(book.campaigns) == 3
    assert book.doubtful == ()


def test_one_that_could_be_either_of_two_is_neither() -> None:
    mail = replace(PLAN, external_id="C07", channel="email")
    book = settle_campaigns([PLAN, mail, CRM])
    assert len(book.campaigns) == 3
    assert {(a.external_id, b.external_id) for a, b in book.doubtful} == {
        ("crm-990017", "C06"),
        ("crm-990017", "C07"),
    }


def test_an_id_that_two_sources_use_for_different_campaigns_stays_with_the_earlier_one() -> None:
    other = Campaign("crm", "C06", "Partner webinar", DAY + timedelta(days=60), DAY + timedelta(days=60))
    book = settle_campaigns([other, PLAN])
    assert [c.external_id for c in book.campaigns] == ["C06", "C06 (crm)"]
    assert [c.name for c in book.renamed] == ["Partner webinar"]
    assert book.doubtful == ()


def test_a_series_that_two_calendars_hold_is_one_series() -> None:
    days = [DAY + timedelta(days=7 * number) for number in range(60)]
    ours = [Campaign("plan", f"n{number}", "Newsletter", day, day) for number, day in enumerate(days)]
    theirs = [Campaign("events", f"uid-{day}", "Newsletter", day, day) for day in days]
    book = settle_campaigns([*theirs, *ours])
    assert [c.external_id for c in book.campaigns] == [c.external_id for c in ours]
    assert book.doubtful == ()


def test_results_go_to_the_kept_campaign_and_equal_ones_of_two_sources_count_once() -> None:
    book = settle_campaigns([PLAN, CRM])
    mail = CampaignResult("mail", "C06", DAY, sent=100, unsubscribes=3)
    same = CampaignResult("crm", "crm-990017", DAY, sent=100)
    wave = CampaignResult("crm", "crm-990017", DAY + timedelta(days=1), sent=100)
    other = CampaignResult("push", "C06", DAY, sent=90)
    found = list(settle_results([mail, same, wave, other], book))
    assert found == [mail, replace(wave, campaign_id="C06"), other]


@st.composite
def campaigns_of_three_sources(draw: st.DrawFn) -> Campaign:
    number = draw(st.sampled_from(["1", "2", "C03"]))
    start = DAY + timedelta(days=draw(st.integers(0, 2)))
    return Campaign(
        source=draw(st.sampled_from("abc")),
        external_id=number,
        name=draw(st.sampled_from([number, "Tour", "tour ", "Drip"])),
        start=start,
        end=start + timedelta(days=1),
        channel=draw(st.sampled_from(["", "email", "sms"])),
        sends=draw(st.sampled_from([None, 100, 105, 900])),
    )


@settings(max_examples=200, deadline=None)
@given(
    st.lists(campaigns_of_three_sources(), max_size=9, unique_by=lambda c: (c.source, c.external_id)),
    st.randoms(),
)
def test_ids_are_unique_nothing_is_lost_and_the_order_of_reading_is_of_no_matter(
    campaigns: list[Campaign], random: Random
) -> None:
    book = settle_campaigns(campaigns)
    ids = [campaign.external_id for campaign in book.campaigns]
    assert len(set(ids)) == len(ids)
    assert len(campaigns) - len(book.campaigns) == sum(len(group) - 1 for group in book.merged)
    assert {c.start for c in book.campaigns} == {c.start for c in campaigns}
    for group in book.merged:
        assert len({c.source for c in group}) == len(group)
        assert len({c.channel for c in group} - {""}) <= 1
    shuffled = list(campaigns)
    random.shuffle(shuffled)
    assert settle_campaigns(shuffled) == book
