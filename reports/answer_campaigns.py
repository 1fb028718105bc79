"""Answer 3: does the volume of such posts follow particular campaigns, or how often we touch customers?"""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from monitor.domain.campaigns import Campaign
from monitor.domain.effects import EffectEstimate
from monitor.domain.exposure import TEMPORAL_NOTE
from monitor.domain.findings import PressureResult
from reports.context import ReportContext
from reports.weekly import Figure, Level, Section, Table
from reports.wording import CHANNEL_WORDS, counted, day_text, days_text, joined, spelled, whole

QUESTION = "Do such posts follow particular campaigns, or how often we touch customers?"
RECENT_DAYS = 42
_ORDER = {"likely": 0, "possible": 1, "cannot tell": 2, "no sign": 3}
IN_TIME_ONLY = (
    "The link is one in time only: it says what followed what, never what caused it. "
    "A hold-out group would tell more."
)
PARTLY_COMPARED = (
    "Without a comparison of customers who received a campaign and who did not, a link is one in time only: it says "
    "what followed what, never what caused it. A comparison tells more, most with a hold-out drawn at random."
)
"""In place of `IN_TIME_ONLY` where at least one campaign was compared."""
CAVEATS = (
    (
        "likely: such a sign is rare by chance even among all campaigns judged; possible: it may be chance; "
        "no sign: an effect of the size named would probably have been seen; cannot tell: the data do not allow a verdict."
    ),
    "q is the share of false alarms to expect among signs at least this strong.",
)


def estimates(context: ReportContext) -> list[tuple[EffectEstimate, Campaign | None]]:
    """Every verdict on the primary series with its campaign, newest campaign first."""
    report = context.analysis.correlation
    if report is None:
        return []
    campaigns = {campaign.external_id: campaign for campaign in context.facts.campaigns}
    pairs = [(estimate, campaigns.get(estimate.campaign_id)) for estimate in report.campaigns]
    return sorted(
        pairs,
        key=lambda pair: (-(pair[1].start.toordinal() if pair[1] else 0), pair[0].campaign_id),
    )


def is_recent(campaign: Campaign | None, context: ReportContext) -> bool:
    """Whether a campaign ran within the last six weeks, so that its effect may still be felt."""
    return campaign is not None and campaign.end >= context.analysis.as_of - timedelta(days=RECENT_DAYS)


def answer_campaigns(context: ReportContext) -> Section:
    """3: verdict per campaign, and contact pressure."""
    pairs = estimates(context)
    pressure = tuple(_pressure_sentence(result) for result in context.analysis.pressure)
    if not pairs:
        reason = (
            "no campaigns are known" if not context.facts.campaigns else "there are no posts to judge them by"
        )
        return Section(
            3,
            "campaigns",
            QUESTION,
            f"Cannot tell: {reason}.",
            Level.UNKNOWN,
            details=(*pressure, *_forecast(context)),
            next_steps=("Import your campaign calendar (CSV or ICS).",)
            if not context.facts.campaigns
            else (),
        )
    recent = [pair for pair in pairs if is_recent(pair[1], context)]
    answer, level = _answer(context, recent or pairs, any_recent=bool(recent))
    shown = [pair for pair in recent if pair[0].verdict in {"likely", "possible"}]
    sentences = [
        line
        for estimate, _ in sorted(shown, key=lambda p: _ORDER[p[0].verdict])
        for line in (named_sentence(context, estimate), *_comparisons(context, estimate.campaign_id))
    ]
    for estimate, _ in recent:
        if estimate.verdict not in {"likely", "possible"}:
            sentences += _comparisons(context, estimate.campaign_id)
    counts = Counter(estimate.verdict for estimate, _ in pairs)
    summary = ", ".join(
        [f"{n} {verdict}" for verdict, n in sorted(counts.items(), key=lambda i: _ORDER[i[0]])]
    )
    details = (*sentences, f"{_all_campaigns(len(pairs))} of the history, by verdict: {summary}.")
    return Section(
        3,
        "campaigns",
        QUESTION,
        answer,
        level,
        _figures(context, pairs),
        (*details, *pressure, *_forecast(context)),
        (_table(context, pairs),),
        (),
        _caveats(context),
        ("What else changed on those days: a release, an outage, a price?",)
        if level is Level.CROSSED
        else (),
    )


def _caveats(context: ReportContext) -> tuple[str, ...]:
    """What limits the verdicts; customers are said not to be compared only where none are."""
    notes = context.analysis.correlation.notes if context.analysis.correlation else ()
    link = IN_TIME_ONLY
    if any(comparison.compared for comparison in context.analysis.exposure):
        link = PARTLY_COMPARED
        notes = tuple(note for note in notes if note != TEMPORAL_NOTE)
    return (link, *CAVEATS, *(context.shown(note, 300) for note in notes))


def _answer(
    context: ReportContext, pairs: list[tuple[EffectEstimate, Campaign | None]], *, any_recent: bool
) -> tuple[str, Level]:
    when = "in the last six weeks" if any_recent else "of the history (none ran in the last six weeks)"
    judged = [estimate for estimate, _ in pairs]
    likely = [e for e in judged if e.verdict == "likely"]
    possible = [e for e in judged if e.verdict == "possible"]
    if likely:
        names = joined([context.campaign_name(e.campaign_id) for e in likely[:3]])
        more = f" and {spelled(len(likely) - 3)} more" if len(likely) > 3 else ""
        level = Level.CROSSED if any_recent else Level.WATCH
        judged_words = (
            f"{counted(len(judged), 'campaign')} {when} {'was' if len(judged) == 1 else 'were'} judged"
        )
        return f"Yes, likely: complaints rose after {names}{more}; {judged_words}.", level
    if possible:
        names = joined([context.campaign_name(e.campaign_id) for e in possible[:3]])
        return f"Possibly: complaints may have risen after {names}; it could be chance.", Level.WATCH
    unknown = [e for e in judged if e.verdict == "cannot tell"]
    if len(unknown) == len(judged):
        return (
            f"Cannot tell for {_any_campaign(len(judged))} {when}: {_reason(unknown[0])}.",
            Level.UNKNOWN,
        )
    tail = f"; {spelled(len(unknown))} cannot be judged" if unknown else ""
    return (
        f"No sign that complaints followed {_any_campaign(len(judged))} {when}{tail}.",
        Level.QUIET,
    )


def _reason(estimate: EffectEstimate) -> str:
    return (estimate.reason or "too few posts").rstrip(".")


def named_sentence(context: ReportContext, estimate: EffectEstimate) -> str:
    """The estimate's own sentence with the campaign's name beside its id."""
    return estimate.sentence().replace(estimate.campaign_id, context.campaign_name(estimate.campaign_id), 1)


def _comparisons(context: ReportContext, campaign_id: str) -> list[str]:
    """Sentences on customers who received the campaign against those who did not; [] without two groups."""
    name = context.campaign_name(campaign_id)
    return [
        comparison.sentence().replace(campaign_id, name, 1)
        for comparison in context.analysis.exposure
        if comparison.compared and comparison.campaign_id == campaign_id
    ]


def _figures(
    context: ReportContext, pairs: list[tuple[EffectEstimate, Campaign | None]]
) -> tuple[Figure, ...]:
    figures = []
    for estimate, campaign in pairs:
        if estimate.verdict not in {"likely", "possible"} or not is_recent(campaign, context):
            continue
        figures.append(
            Figure(
                f"after {context.campaign_name(estimate.campaign_id)}",
                estimate.rate_ratio,
                "ratio",
                estimate.low,
                estimate.high,
                estimate.n,
                "posts in the days at risk",
                _days_at_risk(estimate, campaign),
                note=estimate.verdict,
            )
        )
    return tuple(figures)


def _days_at_risk(estimate: EffectEstimate, campaign: Campaign | None) -> str:
    """The days in which an effect was looked for; "" where they are not known."""
    if campaign is None or estimate.risk_days < 1:
        return ""
    return days_text(campaign.start, campaign.start + timedelta(days=estimate.risk_days - 1))


def _table(context: ReportContext, pairs: list[tuple[EffectEstimate, Campaign | None]]) -> Table:
    rows = []
    for estimate, campaign in pairs:
        ratio = "-"
        if estimate.rate_ratio is not None and estimate.low is not None and estimate.high is not None:
            ratio = f"{estimate.rate_ratio:.1f} × ({estimate.low:.1f}-{estimate.high:.1f})"
        channel = CHANNEL_WORDS.get(campaign.channel, campaign.channel) if campaign else ""
        kind = context.shown(" ".join(p for p in (campaign.type, channel) if p), 30) if campaign else ""
        rows.append(
            (
                context.campaign_name(estimate.campaign_id),
                day_text(campaign.start) if campaign else "-",
                kind or "-",
                estimate.verdict,
                ratio,
                _days(estimate),
                "-" if estimate.excess is None else f"{estimate.excess:+.0f}",
                "-" if estimate.q_value is None else f"{100 * estimate.q_value:.2g} %",
                whole(estimate.n),
                _remark(estimate),
            )
        )
    return Table(
        "Every campaign of the history, newest first: rate of complaints after it against the expected rate",
        (
            "campaign",
            "start",
            "kind",
            "verdict",
            "rate (95 % interval)",
            "days after",
            "extra posts",
            "q",
            "n",
            "remark",
        ),
        tuple(rows),
        (False, False, False, False, True, True, True, True, True, False),
    )


def _days(estimate: EffectEstimate) -> str:
    if estimate.lag_days is None or estimate.last_day is None:
        return "-"
    return f"{estimate.lag_days}-{estimate.last_day}"


def _remark(estimate: EffectEstimate) -> str:
    parts = []
    if estimate.verdict == "cannot tell" and estimate.reason:
        parts.append(estimate.reason)
    if estimate.verdict == "no sign" and estimate.minimum_detectable_rate_ratio is not None:
        parts.append(f"would have seen {estimate.minimum_detectable_rate_ratio:.1f} × or more")
    if estimate.confounded_with:
        parts.append(f"overlaps with {', '.join(estimate.confounded_with)}")
    return "; ".join(parts)


def _pressure_sentence(result: PressureResult) -> str:
    if result.verdict == "line found" and result.line is not None:
        start = (
            f"How often we touch customers: from {result.line:.1f} "
            f"touches per customer and week on, {result.outcome} rise"
        )
    elif result.verdict == "no line seen":
        start = f"How often we touch customers: no level was seen from which {result.outcome} rise"
    else:
        return f"How often we touch customers: cannot tell for {result.outcome}; {result.reason.rstrip('.')}."
    one = ""
    if (
        result.per_touch is not None
        and result.per_touch_low is not None
        and result.per_touch_high is not None
    ):
        one = (
            f"; one more touch a week goes with {result.per_touch:.2f} × "
            f"({result.per_touch_low:.2f}-{result.per_touch_high:.2f}) the rate"
        )
    return f"{start}{one} (n = {whole(result.n)} over {result.weeks} weeks)."


def _forecast(context: ReportContext) -> tuple[str, ...]:
    forecast = context.analysis.forecast
    if forecast is None:
        return ()
    if forecast.reason or not forecast.expected:
        return (f"No forecast for the planned weeks: {forecast.reason.rstrip('.') or 'there is no plan'}.",)
    total = sum(forecast.expected)
    return (
        (
            f"With the planned calendar, about {total:.0f} complaints are to be expected in "
            f"{counted(len(forecast.expected), 'week')} ({forecast.low[0]:.0f}-{forecast.high[0]:.0f} in the first, "
            "90 % interval)."
        ),
    )


def _all_campaigns(number: int) -> str:
    return "The one campaign" if number == 1 else f"{'Both' if number == 2 else f'All {number}'} campaigns"


def _any_campaign(number: int) -> str:
    return "the one campaign" if number == 1 else f"any of {number} campaigns"
