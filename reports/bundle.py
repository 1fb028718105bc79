"""The JavaScript that draws pictures in the HTML report: Vega, Vega-Lite and their embedding as one text.

It comes out of the installed `vl-convert` (no network) and takes seconds to put together, so it is kept under the
version it was made by.
"""

from __future__ import annotations

from functools import lru_cache
from importlib.metadata import version

from reports.kept import kept

SNIPPET = "window.goodwillEmbed=vegaEmbed;"


@lru_cache(maxsize=1)
def vega_bundle() -> str:
    """The bundle; identical bytes for one version of `vl-convert`."""
    return kept(f"vega-{version('vl-convert-python')}.js", _make).decode("utf-8")


def _make() -> bytes:
    import vl_convert

    text = str(vl_convert.javascript_bundle(SNIPPET))
    if "</script" in text.lower() or "<!--" in text:
        # would end the script element early; the released bundles never hold it
        text = text.replace("</", "<\\/").replace("<!--", "<\\!--")
    return text.encode("utf-8")
