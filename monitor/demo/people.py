"""People who do not exist."""

# ruff: noqa: SIM905 - names read better as lines of words

from __future__ import annotations

from dataclasses import dataclass

from monitor.demo.dice import Dice

_FIRST = (
    "Abelard Amandine Anouk Barnabas Basil Beatrix Calla Caspian Clementine Cosima Dashiell Delphine Dimity Edmund "
    "Elowen Emeric Fenella Florian Georgette Godwin Hester Horatio Ignatia Isolde Jasper Jocasta Juno Kerensa "
    "Lazlo Leopold Linnea Lucasta Magnus Marigold Melchior Merryn Nell Octavia Odile Orlando Ottilie Percival "
    "Perpetua Quentin Ramona Roderick Rosalind Sabine Seraphina Sigrid Tamsin Thaddeus Tobias Ursula Valentin "
    "Wilhelmina Winifred Xanthe Yolande Zebedee"
).split()
_LAST = (
    "Applethwick Bramblesnout Butterquill Candlewhistle Cobblepot Crumblethorn Dandelmoor Dapplewing Elderfluff "
    "Fernwhistle Figglesworth Flintwhisker Gooseberry-Vane Hazelthimble Honeyquill Inkblossom Jellicoast "
    "Kettlebrook-Moth Larkbottom Lanternfoot Marzipane Mossbutton Muddlewick Nettlespoon Oatwhistle Otterquill "
    "Parsnipe Pebblewhisk Pennyfeather-Owl Picklethorpe Pondwhistle Quillfeather Ravenspoon Rumblefern "
    "Saltwhisker Snowthimble Sparrowgate Spindlemoss Teacuppe Thimbleroot Thornapple-Bee Tumblewick Underbramble "
    "Velvetpaw Wafflesmith Whiskerdale Willowspoon Wobblethatch Yarnquill Zephyrpot"
).split()
_ADJECTIVES = (
    "amber brisk cobalt damp eager fuzzy gentle hollow idle jolly knotty lunar mellow nimble opal patient quiet "
    "rustic salty tidy umber velvet windy yonder zesty"
).split()
_NOUNS = (
    "badger beacon biscuit comet cricket drizzle ferret gherkin harbour kettle lantern marmot nettle otter parsnip "
    "pebble quokka radish sprocket teapot thimble turnip walrus whistle yak"
).split()


@dataclass(frozen=True, slots=True)
class Person:
    """A made-up person; the address is at example.com, which belongs to nobody."""

    identifier: str
    name: str
    handle: str

    @property
    def email(self) -> str:
        """The person's address."""
        return f"{self.handle}@example.com"


def make_people(count: int, prefix: str, dice: Dice) -> tuple[Person, ...]:
    """So many different people, ids with this prefix."""
    pairs = dice.shuffled([(first, last) for first in _FIRST for last in _LAST])[:count]
    return tuple(
        Person(f"{prefix}{1000 + number:05d}", f"{first} {last}", f"{first}.{last}".lower())
        for number, (first, last) in enumerate(pairs)
    )


def make_nicknames(count: int, dice: Dice) -> tuple[str, ...]:
    """So many different user names of a public forum."""
    pairs = [(adjective, noun) for adjective in _ADJECTIVES for noun in _NOUNS]
    return tuple(
        f"{adjective}_{noun}_{dice.whole(10, 99)}" for adjective, noun in dice.shuffled(pairs)[:count]
    )
