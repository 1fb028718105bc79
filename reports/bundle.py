"""The JavaScript that draws pictures in the HTML report: Vega, Vega-Lite and their embedding as one text.

It comes out of the installed `vl-convert` (no network) and takes seconds to put together, so it is kept in the
user's cache folder under the version it was made by, together with its digest.
"""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path

SNIPPET = "window.goodwillEmbed=vegaEmbed;"


@lru_cache(maxsize=1)
def vega_bundle() -> str:
    """The bundle; identical bytes for one version of `vl-convert`."""
    import vl_convert

    cached = _cache_file(version("vl-convert-python"))
    text = _read(cached)
    if text is None:
        text = str(vl_convert.javascript_bundle(SNIPPET))
        if "</script" in text.lower() or "<!--" in text:
            # would end the script element early; the released bundles never hold it
            text = text.replace("</", "<\\/").replace("<!--", "<\\!--")
        _write(cached, text)
    return text


def _cache_file(version: str) -> Path:
    from platformdirs import user_cache_path

    return user_cache_path("goodwill") / f"vega-{version}.js"


def _read(path: Path) -> str | None:
    """The cached text, if it is whole."""
    try:
        digest, _, text = path.read_text(encoding="utf-8").partition("\n")
    except (OSError, UnicodeDecodeError):
        return None
    return text if hashlib.sha256(text.encode()).hexdigest() == digest.removeprefix("//") else None


def _write(path: Path, text: str) -> None:
    """Keep it for the next time; without a writable cache folder it is simply made again."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_text(f"//{hashlib.sha256(text.encode()).hexdigest()}\n{text}", encoding="utf-8")
        temporary.replace(path)
