"""The boundary table: what is watched, its general benchmark, and the question to ask when it is crossed."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Direction(StrEnum):
    """Which way is bad."""

    HIGH = "high"
    LOW = "low"


@dataclass(frozen=True, slots=True)
class FlagRule:
    """One row of the table.

    Attributes:
        key: canonical metric name, also accepted by `goodwill import metrics`.
        area, metric: as shown.
        unit: "share", "points", "days", "seconds", "times" or "index".
        bad: which way is bad.
        caution, critical: general benchmarks; None = own history only.
        benchmark: the benchmark in words.
        window_days: length of the current window and of each window of own history.
        single: plain values are single answers or deals (five are needed), not averages over customers.
        questions: what to ask next.
    """

    key: str
    area: str
    metric: str
    unit: str
    bad: Direction
    questions: tuple[str, ...]
    caution: float | None = None
    critical: float | None = None
    benchmark: str = ""
    window_days: int = 28
    single: bool = False

    @property
    def is_share(self) -> bool:
        """Whether values lie in 0..1."""
        return self.unit == "share"


HIGH, LOW = Direction.HIGH, Direction.LOW
_MAIL = "e-mail"
_TOUCHES = "contact pressure"
_MESSAGES = "SMS, push, messenger"
_IN_APP = "in-app"
_COMMUNITY = "community"
_SALES = "sales and CS"

_FREQUENCY = "Did we send more often than usual?"
_NEW_ACCOUNTS = "Did new accounts or a new list join the audience?"
_TOPIC = "Is it one topic or campaign, or a trend over all of them?"
_ELSE = "Did anything else change: product, price, sender domain, season?"

RULES: tuple[FlagRule, ...] = (
    FlagRule(
        "delivery_rate", _MAIL, "delivery rate", "share", LOW,
        ("Did the list or its age change?", "Did a provider block our sender domain?", _ELSE),
        caution=0.95, benchmark="< 95 %",
    ),
    FlagRule(
        "unsubscribe_rate", _MAIL, "unsubscribe rate", "share", HIGH,
        (_FREQUENCY, _NEW_ACCOUNTS, _TOPIC, _ELSE),
        caution=0.001, critical=0.005, benchmark="> 0.1 % caution, > 0.5 % critical",
    ),
    FlagRule(
        "open_rate", _MAIL, "open rate", "share", LOW,
        ("Did subject lines or the sender's name change?", "Do privacy features of mail programs hide opens?", _FREQUENCY),
        caution=0.15, benchmark="< 15 %",
    ),
    FlagRule(
        "click_to_open_rate", _MAIL, "click-to-open rate", "share", LOW,
        ("Did the content match what the subject promised?", "Did it go to people it concerns?", _TOPIC),
        caution=0.08, benchmark="< 8 %",
    ),
    FlagRule(
        "complaint_rate", _MAIL, "complaint rate", "share", HIGH,
        (_FREQUENCY, "Is the unsubscribe link easy to find and does it work?", _NEW_ACCOUNTS, _TOPIC),
        caution=0.001, benchmark="> 0.1 %",
    ),
    FlagRule(
        "bounce_rate", _MAIL, "bounce rate", "share", HIGH,
        ("Where did the bounced addresses come from?", _NEW_ACCOUNTS, "Is the list cleaned after hard bounces?"),
        caution=0.03, benchmark="> 3 %",
    ),
    FlagRule(
        "emails_per_customer_week", _TOUCHES, "mails per customer and week", "times", HIGH,
        ("Which teams send to the same people?", "Is there a cap over all teams?", "Do complaints rise with it?"),
        caution=2.0, critical=3.0, benchmark="> 2-3 a week",
    ),
    FlagRule(
        "pushes_per_customer_day", _TOUCHES, "push messages per customer and day", "times", HIGH,
        ("Which of them does the customer need?", "Do muted notifications rise with it?"),
        caution=1.0, benchmark="> 1 a day",
    ),
    FlagRule(
        "messenger_per_customer_day", _TOUCHES, "messenger messages per customer and day", "times", HIGH,
        ("Who else writes to the same person?", "Do blocks rise with it?"),
        caution=2.0, benchmark="> 2 a day",
    ),
    FlagRule(
        "banner_shows_per_3_days", _TOUCHES, "same banner per customer in 3 days", "times", HIGH,
        ("Does closing the banner keep it closed?", "Do several campaigns show the same banner?"),
        caution=1.0, benchmark="> once in 3 days",
    ),
    FlagRule(
        "sms_opt_out_rate", _MESSAGES, "SMS opt-outs", "share", HIGH,
        (_FREQUENCY, "Did everybody consent to SMS?", _NEW_ACCOUNTS),
        caution=0.005, benchmark="> 0.5 %",
    ),
    FlagRule(
        "push_opt_out_rate", _MESSAGES, "push opt-outs", "share", HIGH,
        (_FREQUENCY, "Which messages came just before the opt-outs?", _ELSE),
    ),
    FlagRule(
        "messenger_block_rate", _MESSAGES, "messenger blocks", "share", HIGH,
        (_FREQUENCY, "Was the first message expected?", _TOPIC),
        caution=0.05, benchmark="> 5 %",
    ),
    FlagRule(
        "ad_dwell_seconds", _IN_APP, "time on an in-app ad", "seconds", LOW,
        ("Is it closed by reflex?", "Does it interrupt a task?", "Is it shown to people it concerns?"),
        caution=1.0, benchmark="< 1 s",
    ),
    FlagRule(
        "muted_notification_share", _IN_APP, "muted notifications", "share", HIGH,
        ("Which notification came before the muting?", _FREQUENCY, "Is it new accounts or old ones?"),
    ),
    FlagRule(
        "in_app_engagement", _IN_APP, "engagement with in-app messages", "index", LOW,
        ("Do people see them too often?", _TOPIC, _ELSE),
    ),
    FlagRule(
        "negative_post_share", _COMMUNITY, "negative posts and complaints", "share", HIGH,
        ("Is it one topic, one author or many?", "Was there an outage or a release?", "Is it in one channel?"),
        window_days=7,
    ),
    FlagRule(
        "marketing_complaint_share", _COMMUNITY, "marketing complaints", "share", HIGH,
        ("Which tag rose?", "Which campaign came before?", _FREQUENCY, "Is it in one channel?"),
        window_days=7,
    ),
    FlagRule(
        "win_rate", _SALES, "expansion win rate", "share", LOW,
        ("Do the notes of lost deals mention our marketing?", "Did price, product or competition change?", _NEW_ACCOUNTS),
    ),
    FlagRule(
        "qualification_rate", _SALES, "qualification rate", "share", LOW,
        ("Did a campaign bring people who do not fit?", "Did the rule for qualified change?"),
    ),
    FlagRule(
        "nps", _SALES, "NPS", "points", LOW,
        ("Which segment fell?", "Did other people answer than before?", "Which campaigns came before?", _ELSE),
        single=True,
    ),
    FlagRule(
        "deal_note_negative_share", _SALES, "negative notes of expansion deals", "share", HIGH,
        ("Is it the customer's voice or the rep's?", "Do they name our marketing or in-app messages?", _TOPIC),
    ),
    FlagRule(
        "cycle_time_days", _SALES, "cycle time of expansion deals", "days", HIGH,
        ("Is it a few old deals that closed?", "Did approval or legal steps change?", "Do notes mention fatigue?"),
        single=True,
    ),
)  # fmt: skip

RULES_BY_KEY = {rule.key: rule for rule in RULES}
