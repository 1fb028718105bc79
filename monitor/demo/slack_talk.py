"""What is said in the customers' Slack: conversations of a first message and its answers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from monitor.demo.calendar_year import DAYS, LAST_DAY, rhythm
from monitor.demo.dice import Dice
from monitor.demo.moods import Grumble
from monitor.demo.people import Person
from monitor.demo.unhappy import grumble_text
from monitor.demo.words import CHAT, MAIL, Writer, sections

CONVERSATIONS_A_DAY = 9.6
_LAST_SECOND = datetime.combine(LAST_DAY, time(23, 59), tzinfo=UTC)
_SUBJECTS = tuple(heading.removesuffix(" q") for heading in sections() if heading.endswith(" q"))
_FLOW_SUBJECTS = frozenset({"flows", "api", "webhooks", "sso", "crm", "import"})
_KINDS = (("question", 34.0), ("banter", 15.0), ("bug", 12.0), ("praise", 14.0), ("idea", 9.0), ("intro", 2.0),
          ("russian", 4.0), ("german", 2.5), ("spanish", 2.5), ("staff", 3.0))  # fmt: skip


@dataclass(slots=True)
class Message:
    """One message; `replies` makes it the head of a thread.

    Attributes:
        reactions: emoji name -> who.
        edited_at: when it was changed.
    """

    channel: str
    user: str
    moment: datetime
    text: str
    replies: list[Message] = field(default_factory=list)
    reactions: dict[str, list[str]] = field(default_factory=dict)
    edited_at: datetime | None = None


class SlackTalk:
    """Writes the year's conversations."""

    def __init__(self, seed: int, customers: tuple[Person, ...], staff: tuple[Person, ...]) -> None:
        self._dice = Dice(seed, "slack")
        self._writer = Writer(seed, "slack")
        self._customers = customers
        self._staff = staff

    def conversations(self, unhappy: tuple[Grumble, ...]) -> Iterator[Message]:
        """Heads of all conversations, by day."""
        by_day: dict[date, list[Grumble]] = {}
        for grumble in unhappy:
            by_day.setdefault(grumble.day, []).append(grumble)
        for day in DAYS:
            for grumble in by_day.get(day, ()):
                yield self._grumble(grumble)
            for _ in range(self._dice.poisson(CONVERSATIONS_A_DAY * rhythm(day, weekend=0.13))):
                yield self._everyday(day)

    def _everyday(self, day: date) -> Message:
        make = {
            "question": self._question, "banter": self._banter, "bug": self._bug, "praise": self._praise,
            "idea": self._idea, "intro": self._intro, "russian": self._russian, "german": self._german,
            "spanish": self._spanish, "staff": self._announcement,
        }  # fmt: skip
        head = make[self._dice.weighted(_KINDS)](day)
        self._decorate(head)
        return head

    def _question(self, day: date) -> Message:
        subject = self._dice.pick(_SUBJECTS)
        channel = "flows-and-api" if subject in _FLOW_SUBJECTS else "help"
        channel = "insights" if subject in {"insights", "reports", "csat"} else channel
        text = self._writer.say(f"{subject} q", CHAT, lead=("opener", 0.45), tail=("context", 0.55))
        head = self._head(day, channel, text)
        asks = self._dice.chance(0.15)
        if asks:
            self._reply(head, self._writer.say("followup", CHAT), minutes=25)
            self._reply(head, self._writer.say("context", CHAT), minutes=30, user=head.user)
        for _ in range(self._dice.weighted(((1, 5.0), (2, 3.0), (0, 1.0)))):
            answer = self._writer.say(
                f"{subject} a", CHAT, lead=("answer_lead", 0.35), tail=("answer_tail", 0.35)
            )
            self._reply(head, answer, minutes=90)
        if head.replies and self._dice.chance(0.4):
            self._reply(
                head, self._writer.say("thanks", CHAT, tail=("thanks_tail", 0.5)), minutes=60, user=head.user
            )
        elif self._dice.chance(0.1):
            self._reply(head, self._writer.say("me_too", CHAT), minutes=200)
        return head

    def _banter(self, day: date) -> Message:
        head = self._head(day, "random", self._writer.say("banter", CHAT, tail=("banter_tail", 0.3)))
        for _ in range(self._dice.weighted(((0, 3.0), (1, 3.0), (2, 2.0), (3, 1.0)))):
            self._reply(head, self._writer.say("banter_reply", CHAT, tail=("banter_reply", 0.2)), minutes=45)
        return head

    def _bug(self, day: date) -> Message:
        head = self._head(
            day, "help", self._writer.say("bug", CHAT, lead=("opener", 0.3), tail=("context", 0.4))
        )
        for _ in range(self._dice.whole(0, 2)):
            self._reply(head, self._writer.say("bug_reply", CHAT), minutes=80)
        return head

    def _praise(self, day: date) -> Message:
        channel = self._dice.pick(("general", "general", "help", "insights", "flows-and-api"))
        head = self._head(day, channel, self._writer.say("praise", CHAT))
        if self._dice.chance(0.4):
            self._reply(head, self._writer.say("praise_reply", CHAT), minutes=120)
        return head

    def _idea(self, day: date) -> Message:
        head = self._head(day, "ideas", self._writer.say("feature_request", CHAT, tail=("context", 0.3)))
        for _ in range(self._dice.whole(0, 2)):
            self._reply(head, self._writer.say("feature_reply", CHAT), minutes=400)
        return head

    def _intro(self, day: date) -> Message:
        return self._head(day, "general", self._writer.say("intro", CHAT))

    def _russian(self, day: date) -> Message:
        head = self._head(day, "ru", self._writer.say("ru_question", CHAT))
        if self._dice.chance(0.7):
            self._reply(head, self._writer.say("ru_answer", CHAT), minutes=100)
        return head

    def _german(self, day: date) -> Message:
        return self._head(day, "general", self._writer.say("de_talk", CHAT))

    def _spanish(self, day: date) -> Message:
        return self._head(day, "general", self._writer.say("es_talk", CHAT))

    def _announcement(self, day: date) -> Message:
        return self._head(
            day, "announcements", self._writer.say("staff", MAIL), user=self._dice.pick(self._staff)
        )

    def _grumble(self, grumble: Grumble) -> Message:
        text = grumble_text(self._writer, grumble, CHAT)
        channel = "general" if grumble.is_marketing or self._dice.chance(0.4) else "help"
        head = self._head(grumble.day, channel, text)
        for _ in range(self._dice.weighted(((0, 5.0), (1, 3.0), (2, 1.0)))):
            self._reply(head, self._writer.say("agree", CHAT, tail=("agree_tail", 0.4)), minutes=60)
        if self._dice.chance(0.35):
            sorry = self._writer.say("staff_sorry", MAIL, tail=("staff_tail", 0.6))
            self._reply(head, sorry, minutes=150, user=self._dice.pick(self._staff).identifier)
        self._decorate(head)
        return head

    def _head(self, day: date, channel: str, text: str, *, user: Person | None = None) -> Message:
        hour = 7 + int(11 * (self._dice.share() + self._dice.share()) / 2)
        moment = datetime.combine(
            day, time(hour, self._dice.whole(0, 59), self._dice.whole(0, 59)), tzinfo=UTC
        )
        return Message(channel, (user or self._customer()).identifier, moment, text)

    def _customer(self) -> Person:
        """A few write a lot, many write little."""
        return self._customers[int(len(self._customers) * self._dice.share() ** 1.8)]

    def _reply(self, head: Message, text: str, *, minutes: int, user: str = "") -> None:
        before = head.replies[-1].moment if head.replies else head.moment
        moment = before + timedelta(seconds=int(60 + 60 * minutes * 2 * self._dice.share() ** 2))
        if moment > _LAST_SECOND:
            return
        who = user or next(p.identifier for p in iter(self._customer, None) if p.identifier != head.user)
        mention = f"<@{head.user}> " if who != head.user and self._dice.chance(0.08) else ""
        head.replies.append(Message(head.channel, who, moment, mention + text))

    def _decorate(self, head: Message) -> None:
        for message in (head, *head.replies):
            if self._dice.chance(0.12):
                names = self._dice.pick(("+1", "heart", "eyes", "tada", "pray", "joy"))
                message.reactions[names] = [
                    self._customer().identifier for _ in range(self._dice.whole(1, 2))
                ]
            if self._dice.chance(0.05) and message.moment < _LAST_SECOND - timedelta(days=1):
                message.edited_at = message.moment + timedelta(minutes=self._dice.whole(1, 900))
