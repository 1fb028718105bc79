"""HTML of CRM notes and mails to plain text with its quotations marked, in linear time.

Quoted parts (`<blockquote>`, the quotation boxes of mail programs) become lines that begin with `> `, so that
quoted HTML and quoted plain text look the same to whoever reads on.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

LONGEST_HTML = 400_000
"""Characters read of one HTML body."""

_KNOWN_TAGS = (
    "a|article|b|blockquote|body|br|center|div|em|font|footer|h[1-6]|head|header|hr|html|i|img|li|meta|o:p|ol|p|pre|"
    "section|small|span|strong|style|script|sub|sup|table|tbody|td|th|thead|title|tr|u|ul"
)
_LOOKS_LIKE_HTML = re.compile(rf"</?(?:{_KNOWN_TAGS})(?:\s[^<>]{{0,4000}}|/)?>", re.IGNORECASE)
_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9:]{0,20})([^<>]{0,20000})>")
_LONG_REFERENCE = re.compile(r"&#[xX]?[0-9A-Fa-f]{8,}")
_COMMON_REFERENCE = re.compile(r"&(?:amp|lt|gt|nbsp|quot|apos|#39|#x27);")
_QUOTE_CLASS = re.compile(r"\b(?:gmail_quote|yahoo_quoted|moz-cite-prefix|OutlookMessageHeader)\b")
_HIDDEN = frozenset({"script", "style", "head", "title", "template", "noscript"})
_PARAGRAPHS = frozenset({"p", "blockquote", "h1", "h2", "h3", "h4", "h5", "h6", "table", "ul", "ol", "pre"})
_BLOCKS = _PARAGRAPHS | {"div", "tr", "li", "section", "article", "header", "footer", "hr", "center"}


def looks_like_html(text: str) -> bool:
    """Whether a text holds tags that people do not write by hand."""
    return bool(_LOOKS_LIKE_HTML.search(text, 0, LONGEST_HTML))


def html_to_text(raw: str) -> str:
    """Readable text of an HTML body; scripts and styles go, quotations become `> ` lines.

    Nothing in it is trusted or fetched, and the result may look like HTML again (`&lt;b&gt;`): it is text.
    """
    lines = _Lines()
    for piece, closing, name, attributes in _pieces(_without_comments(raw[:LONGEST_HTML])):
        lines.add_text(_unescape(piece))
        if name:
            lines.tag(name, attributes, closing=closing)
    return lines.text()


def unescape_common(text: str) -> str:
    """Undo the few character references that exports leave in plain text."""
    return _COMMON_REFERENCE.sub(lambda found: html.unescape(found.group()).replace("\u00a0", " "), text)


def _unescape(text: str) -> str:
    return html.unescape(_LONG_REFERENCE.sub("", text)).replace("\u00a0", " ") if "&" in text else text


def _without_comments(raw: str) -> str:
    """Drop `<!-- ... -->` (an unclosed one to the end) and `<! ... >`."""
    kept: list[str] = []
    position = 0
    while (start := raw.find("<!", position)) >= 0:
        kept.append(raw[position:start])
        mark = "-->" if raw.startswith("<!--", start) else ">"
        end = raw.find(mark, start)
        position = len(raw) if end < 0 else end + len(mark)
    kept.append(raw[position:])
    return "".join(kept)


def _pieces(raw: str) -> Iterator[tuple[str, bool, str, str]]:
    """Text before each tag, and the tag; the last piece has none."""
    position = 0
    for tag in _TAG.finditer(raw):
        yield raw[position : tag.start()], tag[1] == "/", tag[2].lower(), tag[3]
        position = tag.end()
    yield raw[position:], False, "", ""


class _Lines:
    """Text that grows line by line, at a depth of quotation."""

    def __init__(self) -> None:
        self._done: list[str] = []
        self._line: list[str] = []
        self._hidden = ""
        self._quoted: list[str] = []
        self._open_divs: list[bool] = []

    def add_text(self, piece: str) -> None:
        if piece and not self._hidden:
            self._line.append(re.sub(r"\s+", " ", piece))

    def tag(self, name: str, attributes: str, *, closing: bool) -> None:
        if self._hidden:
            if closing and name == self._hidden:
                self._hidden = ""
            return
        if name in _HIDDEN and not closing and not attributes.endswith("/"):
            self._hidden = name
            return
        if name == "br":
            self._end_line(keeps_blank=True)
        elif name in _BLOCKS:
            self._end_line()
            if name in _PARAGRAPHS and self._done and self._done[-1]:
                self._done.append("")
        elif name in {"td", "th"} and not closing and "".join(self._line).strip():
            self._line.append(" ")
        self._follow_quotes(name, attributes, closing=closing)
        if name == "li" and not closing:
            self._line.append("- ")

    def _follow_quotes(self, name: str, attributes: str, *, closing: bool) -> None:
        if name == "blockquote":
            if closing and self._quoted:
                self._quoted.pop()
            elif not closing and len(self._quoted) < 20:
                self._quoted.append(name)
        elif name == "div" and not closing:
            quotes = bool(_QUOTE_CLASS.search(attributes)) and not self._quoted
            self._open_divs.append(quotes)
            if quotes:
                self._quoted.append(name)
        elif name == "div" and self._open_divs and self._open_divs.pop() and self._quoted:
            self._quoted.pop()

    def _end_line(self, *, keeps_blank: bool = False) -> None:
        line = "".join(self._line).strip()
        self._line = []
        if line or (keeps_blank and self._done and self._done[-1]):
            self._done.append("> " * len(self._quoted) + line if line else "")

    def text(self) -> str:
        self._end_line()
        return "\n".join(self._done).strip()
