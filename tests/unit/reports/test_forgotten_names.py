"""Names that left are hidden like known ones, and their hashes hold nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.figures import safe_link
from reports.forgotten_names import erased_hashes, name_hashes, recognising
from reports.redact import KnownNames, Redactor

KEY = bytes(range(32))
PEOPLE = [
    "Priya Raman",
    "Иван Петров",
    "Anne-Marie Duval",
    "canary_user99",
    "dark-canary",
    "J. Quarrel",
    "Li Wu",
    "Zelda O’Canary",
    "some.body",
    "@leonid",
    "Tom Long",
    "mail",
    "Max Mustermann von und zu Hohenfels",
]
COMPANIES = [
    "Acme Robotics",
    "Globex",
    "Coca-Cola Hellenic",
    "North-beam GmbH",
    "Vera Lind",
    "Initech Systems",
]
OURS, ALLOWED = ["Northbeam", "North-beam"], ["Initech Systems", "Coca-Cola Hellenic"]
KNOWING = Redactor(KnownNames.build(PEOPLE, COMPANIES, OURS, ALLOWED))
STRANGER = Redactor(KnownNames.build([], [], OURS, ALLOWED))
FORGETFUL = Redactor(recognising(STRANGER.known, KEY, name_hashes(KEY, PEOPLE, COMPANIES)))
WORDS = st.sampled_from(
    """
    priya Priya RAMAN Raman's Raman-led priya_raman Иван петров Anne-Marie anne_marie Duval Marie
    canary_user99 dark-canary Dark Canary J j. Quarrel quarrel Li li Wu wu we I Zelda zelda O’Canary
    some body leonid Leonid Tom Long Long-time mail e-mail Max Mustermann von und zu Hohenfels max
    mustermann acme Acme Robotics robotics Globex globex-based Coca-Cola coca cola Hellenic hellenic
    coca-cola-hellenic Northbeam north-beam GmbH gmbh Vera Lind lind Initech Systems initech-systems the
    an , . ! newsletter
    """.split()  # noqa: SIM905 - a list of quoted words cannot be read
)


@given(st.lists(WORDS, max_size=9).map(" ".join))
def test_a_name_is_hidden_as_if_it_were_still_known(text: str) -> None:
    """Every text of names, their parts and other words is redacted alike from names and from their hashes."""
    assert FORGETFUL.redact(text) == KNOWING.redact(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ask Priya-Raman or priya raman", "ask [name] or [name]"),
        ("the Raman-led team", "the [name]-led team"),
        ("спроси Петров", "спроси [name]"),
        ("j. quarrel and li wu", "[name] and [name]"),
        ("canary_user99's colleague at globex", "[name] colleague at [company]"),
        ("vera lind left Initech Systems", "[company] left Initech Systems"),
    ],
)
def test_what_stands_for_a_forgotten_name(text: str, expected: str) -> None:
    """A name or a company; without the hashes all of it is shown."""
    assert FORGETFUL.redact(text) == expected
    assert STRANGER.redact(text) == text


def test_a_link_that_names_a_forgotten_person_is_not_shown() -> None:
    """Titles in links are looked up too."""
    link = "https://forum.example.com/t/help-anne-marie-duval/812"
    assert (safe_link(link, (), FORGETFUL), safe_link(link, (), STRANGER)) == ("", link)


def test_names_and_hashes_work_together() -> None:
    """The longer name wins, whichever of the two it is from."""
    known = KnownNames.build(["Priya Raman"], ["Priya Raman Singh"])
    mixed = Redactor(
        recognising(KnownNames.build(["Priya Raman"]), KEY, name_hashes(KEY, [], ["Priya Raman Singh"]))
    )
    for text in ("priya raman singh left", "priya raman left", "Singh left"):
        assert mixed.redact(text) == Redactor(known).redact(text)


def test_nobody_forgotten_changes_nothing() -> None:
    """The very same names, with the fingerprint that stored words were made under."""
    assert recognising(KNOWING.known, KEY, frozenset()) is KNOWING.known


def test_another_forgotten_person_makes_stored_words_count_no_more() -> None:
    """The fingerprint tells which digests there are."""
    one, two = (
        recognising(STRANGER.known, KEY, name_hashes(KEY, PEOPLE[:n], [])).fingerprint for n in (1, 2)
    )
    assert len({STRANGER.known.fingerprint, one, two}) == 3


@pytest.mark.parametrize("name", ["", "Al", "x", "A B", "@ab", "!!", "😀"])
def test_a_name_of_one_or_two_letters_leaves_no_hash_of_itself(name: str) -> None:
    """It would be guessed at once, and hide ordinary words."""
    digests = name_hashes(KEY, [name], [name])
    both = Redactor(recognising(KnownNames(), KEY, digests))
    text = f"{name} Al al x a b A B ab !!"
    assert both.redact(text) == Redactor().redact(text)


def test_a_name_of_ours_is_never_hidden() -> None:
    """Somebody was called like us: the look-up refuses the word as before."""
    ours = KnownNames.build([], [], ["Northbeam", "Sky-walk"])
    digests = name_hashes(KEY, ["Northbeam", "sky-walk-er99", "Sky-walk"], ["Northbeam", "Sky-walk"])
    text = "Northbeam and sky-walk and Sky-Walk"
    assert Redactor(recognising(ours, KEY, digests)).redact(text) == text


def test_digests_are_short_and_under_the_key() -> None:
    """16 bytes each; another database's key gives none of them; no part of the name is in them."""
    digests = name_hashes(KEY, PEOPLE, COMPANIES)
    assert {len(digest) for digest in digests} == {16}
    assert not digests & name_hashes(bytes(32), PEOPLE, COMPANIES)
    assert len(name_hashes(KEY, ["Priya Raman"], [])) == 5


def _knowing(digests: frozenset[bytes]) -> Redactor:
    return Redactor(recognising(KnownNames(), KEY, digests))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Priya Raman", "Priya Kumar"),
        ("J. Quarrel", "A. Joneson"),
        ("Zed Raman", "Priya Raman"),
        ("zed-er-long", "Zed"),
    ],
)
def test_one_name_is_erased_without_another_that_shares_a_word_with_it(one: str, other: str) -> None:
    """Whichever of the two was forgotten first, in one go or one after the other, once or twice."""
    for first, second in ((one, other), (other, one)):
        held = name_hashes(KEY, [first], [])
        held |= name_hashes(KEY, [second, first], [], held)
        left = held - erased_hashes(KEY, held, [one])
        assert left == name_hashes(KEY, [other], [])
        text = f"{other} and {other.lower()} and {other.upper()}"
        assert _knowing(left).redact(text) == Redactor(KnownNames.build([other])).redact(text)
        assert left == erased_hashes(KEY, left, [other])


def test_a_hundred_of_one_surname_are_counted() -> None:
    """Each of them can be erased; the surname stays hidden until the last of them is."""
    people = [f"{letter}{other}q Canaryson" for letter in "ABCDEFGHIJ" for other in "abcdefghij"]
    held = name_hashes(KEY, people, [])
    for name in people[:-1]:
        held -= erased_hashes(KEY, held, [name])
        assert _knowing(held).redact("Canaryson") == "[name]"
    assert held == name_hashes(KEY, people[-1:], [])


def test_a_word_that_is_part_of_names_can_be_shown_again() -> None:
    """Of the names themselves their other parts and their whole stay hidden."""
    held = name_hashes(KEY, ["Will Maysonnet", "Rose Will"], [])
    assert erased_hashes(KEY, held, ["Will"]) == frozenset()
    held -= erased_hashes(KEY, held, ["Will"], words=True)
    assert _knowing(held).redact("Will it? will maysonnet or Rose") == "Will it? [name] or [name]"


@pytest.mark.parametrize("number", ["500", "2020-2021", "100 200"])
def test_a_number_leaves_no_hash(number: str) -> None:
    """Respondents are often numbered: all numbers of texts would be hidden for good."""
    assert name_hashes(KEY, [number], [number]) == frozenset()
