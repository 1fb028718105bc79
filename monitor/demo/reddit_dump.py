"""A subreddit as Reddit's own objects, one JSON object a line; without links, which would lead to strangers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from monitor.demo.calendar_year import DAYS, LAST_DAY, rhythm
from monitor.demo.dice import Dice
from monitor.demo.moods import Grumble
from monitor.demo.people import make_nicknames
from monitor.demo.unhappy import grumble_text
from monitor.demo.words import COMPANY, FORUM, Writer

SUBREDDIT = "MadeUpHelpdeskDemo"
THREADS_A_DAY = 3.6
_LAST_SECOND = datetime.combine(LAST_DAY, time(23, 59), tzinfo=UTC)
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_ABOUT = (("other", 78.0), ("rival", 9.0), ("us", 12.0), ("plover", 1.0))


@dataclass(frozen=True, slots=True)
class _Item:
    name: str
    moment: datetime
    data: dict[str, object]


class RedditDump:
    """Writes the year's submissions and comments."""

    def __init__(self, seed: int) -> None:
        self._dice = Dice(seed, "reddit")
        self._writer = Writer(seed, "reddit")
        self._authors = make_nicknames(420, self._dice)
        self._count = 0

    def write(self, path: Path, unhappy: tuple[Grumble, ...]) -> int:
        """Write the file.

        Returns:
            how many objects.
        """
        items = sorted(self._items(unhappy), key=lambda item: (item.moment, item.name))
        with path.open("w", encoding="utf-8", newline="\n") as file:
            for item in items:
                kind = item.name.partition("_")[0]
                file.write(json.dumps({"kind": kind, "data": item.data}, ensure_ascii=False) + "\n")
        return len(items)

    def _items(self, unhappy: tuple[Grumble, ...]) -> Iterator[_Item]:
        by_day: dict[date, list[Grumble]] = {}
        for grumble in unhappy:
            by_day.setdefault(grumble.day, []).append(grumble)
        for day in DAYS:
            threads: list[_Item] = []
            for _ in range(self._dice.poisson(THREADS_A_DAY * rhythm(day, weekend=0.7))):
                items = list(self._thread(day))
                threads.append(items[0])
                yield from items
            for grumble in by_day.get(day, ()):
                yield self._grumble(grumble, threads)

    def _thread(self, day: date) -> Iterator[_Item]:
        about = self._dice.weighted(_ABOUT)
        if about == "plover":
            yield self._submission(day, self._writer.say("plover_other", FORUM), "")
            return
        title = self._writer.say(f"{about}_title", FORUM)
        body = ""
        if self._dice.chance(0.75):
            lead = (f"{about}_body", 0.45)
            body = self._writer.say("other_body" if about == "us" else f"{about}_body", FORUM, lead=lead)
        head = self._submission(day, title, body)
        yield head
        for _ in range(self._dice.weighted(((0, 2.0), (1, 2.0), (2, 3.0), (3, 3.0), (4, 2.0), (7, 1.0)))):
            yield from self._comment(head, self._answer(about))

    def _answer(self, about: str) -> str:
        if about == "us":
            heading = self._dice.weighted(
                (("us_comment", 3.0), ("us_praise", 2.0), ("other_comment", 2.0), ("made_comment", 2.0))
            )
        elif about == "rival":
            heading = self._dice.weighted(
                (("rival_comment", 4.0), ("other_comment", 2.0), ("made_comment", 1.0), ("us_comment", 0.7))
            )
        else:
            heading = self._dice.weighted(
                (("other_comment", 10.0), ("made_comment", 18.0), ("us_praise", 0.5), ("rival_comment", 0.7))
            )
        return self._writer.say(heading, FORUM, tail=(heading, 0.0 if heading == "made_comment" else 0.25))

    def _grumble(self, grumble: Grumble, threads: list[_Item]) -> _Item:
        text = grumble_text(self._writer, grumble, FORUM)
        if threads and self._dice.chance(0.6):
            if COMPANY.casefold() not in text.casefold():
                text = f"{self._writer.fill(self._writer.draw('us_lead'), FORUM.words)} {text}"
            return next(self._comment(self._dice.pick(threads), text, nested=False))
        decks = {True: "us_complaint_title", False: "us_negative_title"}
        if self._dice.chance(0.5):
            text = f"{self._writer.say('us_body', FORUM)}\n\n{text}"
        return self._submission(grumble.day, self._writer.say(decks[grumble.is_marketing], FORUM), text)

    def _submission(self, day: date, title: str, body: str) -> _Item:
        hour = min(23, max(6, round(14 + 4 * self._dice.normal())))
        moment = datetime.combine(
            day, time(hour, self._dice.whole(0, 59), self._dice.whole(0, 59)), tzinfo=UTC
        )
        identifier, data = self._common(moment)
        data |= {
            "name": f"t3_{identifier}",
            "title": title,
            "selftext": body,
            "num_comments": 0,
            "is_self": True,
            "stickied": False,
            "over_18": False,
        }
        return _Item(f"t3_{identifier}", moment, data)

    def _comment(self, head: _Item, text: str, *, nested: bool = True) -> Iterator[_Item]:
        """A comment, and sometimes one below it; late ones that fall behind the last day are left out."""
        parent = head
        words = (
            [text, self._writer.say("made_comment", FORUM)] if nested and self._dice.chance(0.2) else [text]
        )
        for said in words:
            hours = 9.0 * self._dice.share() ** 2 if nested else 0.2
            moment = parent.moment + timedelta(seconds=int(90 + 3600 * hours))
            if moment > _LAST_SECOND:
                moment = min(_LAST_SECOND, parent.moment + timedelta(seconds=30))
            identifier, data = self._common(moment)
            data |= {
                "name": f"t1_{identifier}",
                "body": said,
                "link_id": head.name,
                "parent_id": parent.name,
            }
            head.data["num_comments"] = int(str(head.data["num_comments"])) + 1
            parent = _Item(f"t1_{identifier}", moment, data)
            yield parent

    def _common(self, moment: datetime) -> tuple[str, dict[str, object]]:
        self._count += 1
        identifier = f"demo{_base36(36**4 + self._count)}"  # no real post has such an id
        author = self._authors[int(len(self._authors) * self._dice.share() ** 1.6)]
        seconds = int(moment.timestamp())
        edited = float(seconds + self._dice.whole(60, 9_000)) if self._dice.chance(0.04) else False
        return identifier, {
            "id": identifier,
            "author": author,
            "author_fullname": f"t2_demo{self._authors.index(author)}",
            "subreddit": SUBREDDIT,
            "created_utc": float(seconds),
            "edited": edited,
            "score": self._dice.whole(-2, 24),
        }


def _base36(number: int) -> str:
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = _DIGITS[digit] + digits
    return digits
