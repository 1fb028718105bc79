"""Deal notes: who says what, and what is left out."""

from __future__ import annotations

import time

import pytest

from connectors.html_text import html_to_text
from connectors.mail_text import read_note
from monitor.domain.posts import Voice

REP, CUSTOMER = Voice.REP, Voice.CUSTOMER


def voices(raw: str, author: Voice = REP) -> list[tuple[Voice, str]]:
    return [(segment.voice, segment.text) for segment in read_note(raw, author=author).segments]


def test_a_plain_note_is_the_reps() -> None:
    """Nobody is quoted: one segment of the rep."""
    assert voices("Good call, they want a quote by Friday.") == [
        (REP, "Good call, they want a quote by Friday.")
    ]


@pytest.mark.parametrize(
    ("note", "customer"),
    [
        (
            'Call went badly. He said "your emails are driving us mad" and hung up.',
            "your emails are driving us mad",
        ),
        (
            "Feedback from champion: “we get far too many webinar invites”",
            "we get far too many webinar invites",
        ),
        (
            "Клиент сказал: «хватит присылать нам рассылки каждый день»",
            "хватит присылать нам рассылки каждый день",
        ),
        ("Der Kunde meinte: „bitte keine Werbung mehr per Mail“", "bitte keine Werbung mehr per Mail"),
        ("Customer: please stop the pop-ups\nRep: will pass it on", "please stop the pop-ups"),
        ("Client said: too pushy, all of it", "too pushy, all of it"),
        ("Notes\n> we unsubscribed twice already\nwill follow up", "we unsubscribed twice already"),
    ],
)
def test_quoted_words_are_the_customers(note: str, customer: str) -> None:
    """Direct speech, named lines and quoted lines belong to the customer; the rest stays the rep's."""
    found = voices(note)
    assert [text for voice, text in found if voice is CUSTOMER] == [customer]


def test_titles_in_quotes_are_not_speech() -> None:
    """Quotation marks around a name do not make it the customer's words."""
    assert [
        voice for voice, _ in voices('Invited them to "Spring product launch webinar series" in May.')
    ] == [REP]
    assert [voice for voice, _ in voices('They want the "Enterprise" plan.')] == [REP]


def test_the_rep_goes_on_after_the_speech() -> None:
    """What follows a quotation is the rep's again."""
    assert voices('They said "stop calling us every week" so I paused the cadence.') == [
        (REP, "They said"),
        (CUSTOMER, "stop calling us every week"),
        (REP, "so I paused the cadence."),
    ]


MAIL = """Forwarding what Dana sent.

On Tue, 3 Mar 2026 at 10:12, Dana <dana@example.com> wrote:
> Please take us off the list.
> Three mails a day is too much.
>
> Best regards,
> Dana
> > On Mon, 2 Mar 2026, Rep wrote:
> > > Have you seen our new bundle?
"""


def test_the_newest_quoted_mail_is_the_customers_and_older_ones_go() -> None:
    """Signature and history of the quoted mail are left out."""
    assert voices(MAIL) == [
        (REP, "Forwarding what Dana sent."),
        (CUSTOMER, "Please take us off the list.\nThree mails a day is too much."),
    ]


def test_a_mail_pasted_from_outlook() -> None:
    """Header lines are no words, and the mail below the mail is history."""
    note = (
        "See below\n\nFrom: Dana\nSent: Tuesday\nTo: Rep\nSubject: list\n\nStop these promotions please.\n\n"
        "From: Rep\nSent: Monday\nTo: Dana\nSubject: bundle\n\nBuy our bundle!"
    )
    assert voices(note) == [(REP, "See below"), (CUSTOMER, "Stop these promotions please.")]


def test_in_a_customers_own_message_all_that_is_quoted_goes() -> None:
    """An incoming mail quotes the rep: those are nobody's complaint."""
    note = "No more calls please.\n\nAm 3. März 2026 schrieb Rep:\n> Sind Sie zufrieden?\n\nDanke"
    assert voices(note, CUSTOMER) == [(CUSTOMER, "No more calls please.\n\nDanke")]


def test_an_attribution_broken_over_two_lines() -> None:
    """Mail programs break the line that names the writer."""
    note = (
        "ok\nOn Tue, 3 Mar 2026 at 10:12 AM Somebody With A Long Name\n<x@example.com> wrote:\n> enough mails"
    )
    assert voices(note) == [(REP, "ok"), (CUSTOMER, "enough mails")]


@pytest.mark.parametrize(
    "ending",
    [
        "--\nAnn\nAccount executive",
        "Best regards,\nAnn\n+1 555 0100",
        "С уважением,\nАнна",
        "Sent from my iPhone",
        "Kind regards\nAnn\nThis email and any attachments are confidential and may be long " + "x" * 200,
        "This message contains confidential information.",
    ],
)
def test_signatures_and_notices_go(ending: str) -> None:
    """What stands under a mail is not part of it."""
    assert voices(f"They are annoyed by the banners.\n\n{ending}") == [
        (REP, "They are annoyed by the banners.")
    ]


def test_thanks_in_the_middle_is_no_signature() -> None:
    """A farewell followed by a long text is not the end."""
    long = (
        "Then we talked for an hour about the price of the renewal and about the many mails they get from us."
    )
    assert voices(f"Thanks\n{long}") == [(REP, f"Thanks\n{long}")]


def test_html_notes() -> None:
    """Tags, scripts and comments go, quotations stay quotations, references become characters."""
    note = (
        "<div>Bad&nbsp;call<!-- hidden --><script>alert(1)</script></div><style>p{}</style>"
        "<blockquote><p>Stop&#39;n spam &lt;now&gt;</p></blockquote><ul><li>one<li>two</ul>"
    )
    assert voices(note) == [(REP, "Bad call"), (CUSTOMER, "Stop'n spam <now>"), (REP, "- one\n- two")]


def test_gmails_quotation_box_is_a_quotation() -> None:
    """The box closes where its own div closes."""
    html = '<div>mine<div class="gmail_quote"><div>theirs</div></div><div>mine again</div></div>'
    assert html_to_text(html) == "mine\n> theirs\nmine again"


def test_plain_text_with_angle_brackets_is_no_html() -> None:
    """Comparisons and addresses survive."""
    assert voices("price < 5 and > 3, see <https://example.com> & more") == [
        (REP, "price < 5 and > 3, see <https://example.com> & more")
    ]


@pytest.mark.parametrize(
    "bait",
    [
        "<" * 300_000,
        "<!--" * 80_000,
        "<p " * 100_000,
        "<blockquote>" * 40_000,
        "&" * 300_000,
        "<p>&#" + "9" * 200_000 + ";",
        '"' * 200_000,
        'He said "' * 30_000,
        "> " * 150_000,
        ">" * 300_000,
        "On " * 100_000,
        "From: \n" * 40_000,
        "On Mon wrote:\n" * 20_000,
        "> x\n\n" * 30_000,
        "Best regards,\n" * 20_000,
        "Customer:" * 40_000,
        "a" * 300_000,
        " " * 300_000 + "x",
    ],
)
def test_hostile_notes_take_no_time(bait: str) -> None:
    """No pattern runs away on text made to make it."""
    started = time.process_time()
    for author in Voice:
        read_note(bait, author=author)
    assert time.process_time() - started < 4


@pytest.mark.parametrize(
    "note",
    [
        "On Tuesday the champion wrote us an angry mail.\nThey will not renew.",
        "On the call she said fine.\nLater she wrote: too many mails",
        "On 5 January 2026 she said fine.\nLater she wrote:\ntoo many mails",
    ],
)
def test_a_reps_sentence_that_says_wrote_is_no_mail_head(note: str) -> None:
    """Nothing of it may be lost."""
    assert voices(note) == [(REP, note)]


@pytest.mark.parametrize("own", ["Я уже трижды вам писал:", "On your site you wrote:"])
def test_a_customers_sentence_that_looks_like_a_mail_head_is_kept(own: str) -> None:
    """What stands below is the customer's own, unless it is quoted."""
    note = f"Hello.\n{own}\nstop the mails"
    assert voices(note, CUSTOMER) == [(CUSTOMER, note)]
