"""Hostile texts in every place of a report that holds words from outside, through every renderer."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest
import vl_convert
from rich.cells import cell_len

from monitor.domain.analysis import Analysis
from monitor.domain.nps import NpsScore, SegmentScore
from monitor.domain.weekly import WeeklyFacts
from reports.build import build_report
from reports.charts import all_charts
from reports.clean import safe_text
from reports.cloud_plans import week_plan
from reports.cloud_table import cloud_csv
from reports.figures import quotes_from
from reports.html import render_html
from reports.images import print_spec
from reports.json_document import render_json
from reports.markdown import render_markdown
from reports.slack import digest_blocks
from reports.terminal import render_terminal
from reports.weekly import Quote, WeeklyReport
from reports.wordcloud import WIDE, CloudPlan, lay_out, svg_text
from tests.golden import samples

HOSTILE = {
    "script": "<script>window.hacked = 1</script><img src=x onerror=alert(1)></script><!-- ]]>",
    "attribute": '" onmouseover="alert(1)" x=\'y\' href=javascript:alert(1)',
    "markdown": "**bold** [click](http://evil.example) ![](x) # head | cell | `code` <b>b</b>\n\n# new\n- item",
    "rich": "[red]markup[/red] [link=file:///x]go[/link] [/] [bold",
    "escape": "\x1b[31mred\x1b[0m \x1b]0;title\x07 \x9b31m \x07\x08\x00 end",
    "direction": "\u202eright to left\u202c \u2066isolate\u2069 \u200fmark שלום",
    "zalgo": "z" + "\u0301\u0302\u0303\u0336" * 40 + "algo",
    "endless": "x" * 10_000,
    "formula": '=HYPERLINK("http://x","y")',
    "template": "{{ 7*7 }} {% raw %} ${7*7} %s {0}",
    "slack": "<!channel> <@U1> <https://x|y> @here :fire: *b*",
}
_FORBIDDEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_TOWER = re.compile("[\u0300-\u036f]{3,}")


@pytest.fixture(scope="module", params=HOSTILE)
def report(request: pytest.FixtureRequest) -> WeeklyReport:
    """The busy week with one hostile text in every place that takes words from outside."""
    return _report(HOSTILE[request.param])


def _report(text: str) -> WeeklyReport:
    facts, analysis = _facts(text), _analysis(text)
    quotes = quotes_from([samples.quote(1, text)], samples.redactor(), limit=1, verbatim=False)
    words = samples.busy_words()
    topic = replace(words.topics[0], name=safe_text(text)[:60], quotes=quotes)
    words = replace(words, topics=(topic,))
    return build_report(facts, analysis, words, samples.redactor(), samples.OPTIONS, now=samples.NOW)


def _facts(text: str) -> WeeklyFacts:
    facts = samples.busy_facts()
    coverage = facts.coverage
    return replace(
        facts,
        sources=tuple(replace(source, source=text) for source in facts.sources),
        campaigns=tuple(replace(c, name=text, type=text, audience=text) for c in facts.campaigns),
        incidents=tuple(replace(i, name=text, kind=text) for i in facts.incidents),
        complaint_quotes=(samples.quote(1, text, channel_name=text, source=text),),
        negative_quotes=(samples.quote(2, text, complaint=False, url=f"https://www.reddit.com/r/{text}"),),
        coverage=replace(
            coverage,
            gaps=tuple(replace(g, source=text, channel_name=text, reason=text) for g in coverage.gaps),
            skipped=((text, text, 3),),
            problems=(text,),
        ),
    )


def _analysis(text: str) -> Analysis:
    score = NpsScore(24.0, 18.0, 30.0, 640, 300, 200, 140, 0.31)
    segment = SegmentScore(text, text, score, 23.0, 17.0, 29.0, 0.8)
    return replace(samples.busy_analysis(), nps_segments=(segment,))


def _plain_enough(text: str) -> None:
    assert not _FORBIDDEN.search(text.replace("\n", " "))
    assert not _TOWER.search(text)
    assert "x" * 300 not in text


def test_terminal(report: WeeklyReport) -> None:
    """No control code, no line beyond the width, brackets as they were written."""
    text = render_terminal(report, width=80)
    _plain_enough(text)
    assert max(cell_len(line) for line in text.splitlines()) <= 80
    if "[red]" in str(report.sections):
        assert "[red]markup[/red]" in text


def test_markdown(report: WeeklyReport) -> None:
    """No tag, no link, no heading and no table cell of a post's own."""
    text = render_markdown(report)
    _plain_enough(text)
    assert not re.search(r"(?<!\\)<(?!https://)", text)
    assert not re.search(r"(?<!\\)\]\(http", text)
    assert "**bold**" not in text
    headings = [line for line in text.splitlines() if line.startswith("#")]
    assert len(headings) == 10
    rows = [re.findall(r"(?<!\\)\|", line) for line in text.splitlines() if line.startswith("|")]
    assert all(len(row) >= 4 for row in rows)


class _Elements(HTMLParser):
    """Names of elements, attributes that would run, and the longest run of letters outside scripts."""

    def __init__(self) -> None:
        super().__init__()
        self.scripts, self.bad, self.text = 0, [], ""
        self._inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.scripts += tag == "script"
        self.bad += [name for name, _ in attrs if name.startswith("on") or name == "style"]
        self.bad += [
            v for n, v in attrs if n in {"href", "src"} and v and not v.startswith(("#", "https://"))
        ]
        self.bad += [tag] if tag in {"img", "iframe", "b", "object"} else []
        self._inside = tag

    def handle_data(self, data: str) -> None:
        if self._inside not in {"script", "style"}:
            self.text += data


@pytest.mark.parametrize("part", range(3))
def test_page(part: int) -> None:
    """Three scripts of our own, nothing that runs, no element of a post."""
    page = render_html(_report(" ".join(list(HOSTILE.values())[part::3])))
    parser = _Elements()
    parser.feed(page)
    assert parser.scripts == 3
    assert parser.bad == []
    _plain_enough(parser.text)
    charts = re.search(r'id="charts">(.*?)</script>', page, re.DOTALL)
    assert charts
    json.loads(charts[1])
    assert "<" not in charts[1]


def test_pictures() -> None:
    """Every picture is well-formed and draws text as text; only drawing elements occur."""
    charts = all_charts(_report(" ".join(reversed(HOSTILE.values()))))
    assert len(charts) == 8
    for chart in charts:
        content = vl_convert.vegalite_to_svg(print_spec(chart))
        root = ElementTree.fromstring(content)
        names = {element.tag.rpartition("}")[2] for element in root.iter()}
        assert not names & {"script", "image", "a", "foreignObject"}
        _plain_enough("".join(root.itertext()))


def test_slack(report: WeeklyReport) -> None:
    """Nobody is mentioned, no format, no control code."""
    text = json.dumps(digest_blocks(report), ensure_ascii=False)
    _plain_enough(text)
    assert not re.search(r"<[!@#]", text)
    assert "@here" not in text


def test_json(report: WeeklyReport) -> None:
    """One document, readable by anything, without raw control codes."""
    text = render_json(report)
    assert json.loads(text)["schema_version"] == 1
    assert not _FORBIDDEN.search(text.replace("\n", " "))


def test_cloud() -> None:
    """Words of a cloud are drawn as text, and its table runs no formula."""
    words = samples.busy_words()
    terms = [safe_text(text)[:30] for text in HOSTILE.values()]  # words are taken out of safe texts
    odd = tuple(replace(word, term=term) for word, term in zip(words.words, terms, strict=False))
    plan = week_plan(samples.WEEK, replace(words, words=odd))
    assert isinstance(plan, CloudPlan)
    root = ElementTree.fromstring(svg_text(lay_out(plan, WIDE)))
    assert {element.tag.rpartition("}")[2] for element in root.iter()} <= {
        "svg", "title", "rect", "path", "circle", "g", "text",
    }  # fmt: skip
    _plain_enough("".join(root.itertext()))
    cells = [cell for row in csv.reader(io.StringIO(cloud_csv(plan))) for cell in row]
    assert not [c for c in cells if c[:1] in {"=", "+", "@"} or (c[:1] == "-" and not c[1:2].isdigit())]


def test_a_quote_keeps_its_words() -> None:
    """What is harmless in a hostile text is still shown."""
    (quote,) = quotes_from(
        [samples.quote(1, f"{HOSTILE['escape']} stop the e-mails")],
        samples.redactor(),
        limit=1,
        verbatim=False,
    )
    assert isinstance(quote, Quote)
    assert quote.text == "red end stop the e-mails"
    assert quote.day == date(2026, 11, 11)
