"""Pages in a real browser, where one is installed: Chromium without a window and without a driver."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

BROWSER = next(
    (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None
)
_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--virtual-time-budget=15000",
    "--enable-logging=stderr",
    "--dump-dom",
)
DARK, LIGHT = "0", "1"  # as Chromium's setting counts them
_POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy"[^>]*>')
_WAIT = """
  const charts = document.getElementById("charts") !== null;
  while (charts && !document.documentElement.dataset.drawn) { await new Promise(r => setTimeout(r, 50)); }
"""
_RUN_AXE = """
  for (const part of document.querySelectorAll("details")) { part.open = true; }
  const found = await axe.run(document, { resultTypes: ["violations"] });
  const answer = {
    version: axe.version,
    passes: found.passes.length,
    violations: found.violations.map(v => ({
      id: v.id, impact: v.impact, nodes: v.nodes.slice(0, 5).map(n => n.target.join(" ") + ": " + n.failureSummary)
    }))
  };
"""
_FIND_CLIPPED = """
  const answer = [];
  for (const svg of document.querySelectorAll(".chart svg")) {
    const frame = svg.getBoundingClientRect();
    for (const text of svg.querySelectorAll("text")) {
      const box = text.getBoundingClientRect();
      const out = Math.max(frame.left - box.left, box.right - frame.right, frame.top - box.top, box.bottom - frame.bottom);
      if (text.textContent && out > 1.5) { answer.push(text.textContent); }
    }
  }
"""
_FIND_OVERLAPPING = """
  const answer = [];
  for (const svg of document.querySelectorAll(".chart svg")) {
    const texts = [...svg.querySelectorAll("text")].filter(t => t.textContent && t.getAttribute("opacity") !== "0");
    texts.forEach((text, place) => texts.slice(0, place).forEach(other => {
      const a = text.getBoundingClientRect(), b = other.getBoundingClientRect();
      const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
      const high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
      if (wide > 1 && high > 3) { answer.push(other.textContent + " under " + text.textContent); }
    }));
  }
"""
_ANSWER = """
  const place = document.createElement("script");
  place.type = "application/json";
  place.id = "answer";
  place.textContent = JSON.stringify(answer).replace(/</g, "\\\\u003c");
  document.body.append(place);
"""


def dump(page: Path, folder: Path, scheme: str) -> subprocess.CompletedProcess[str]:
    """The page's elements after its scripts have run (stdout), and what its console says (stderr)."""
    flags = [
        *_FLAGS,
        f"--user-data-dir={folder / 'profile'}",
        f"--blink-settings=preferredColorScheme={scheme}",
    ]
    return subprocess.run(
        [str(BROWSER), *flags, page.as_uri()], capture_output=True, text=True, timeout=180, check=False
    )


@lru_cache(maxsize=1)
def axe_path() -> Path | None:
    """axe-core's script out of an installed package that carries it; None without one."""
    spec = find_spec("axe_playwright_python")
    places = list(spec.submodule_search_locations or ()) if spec else []
    return next((path for place in places if (path := Path(place) / "axe.min.js").is_file()), None)


def audit(html: str, folder: Path, scheme: str) -> dict[str, Any]:
    """What axe-core finds on a page: its version, rules passed, violations with impact and places, every table open."""
    axe = axe_path()
    assert axe is not None
    answer: dict[str, Any] = _asked(html, _RUN_AXE, folder, scheme, axe.read_text(encoding="utf-8"))
    return answer


def clipped_texts(html: str, folder: Path, width: int) -> list[str]:
    """Texts of pictures that are cut off at the edge of their picture on a page of a width in pixels."""
    answer: list[str] = _asked(_narrow(html, width), _FIND_CLIPPED, folder, LIGHT)
    return answer


def overlapping_texts(html: str, folder: Path, width: int) -> list[str]:
    """Pairs of texts of one picture that lie on each other on a page of a width in pixels."""
    answer: list[str] = _asked(_narrow(html, width), _FIND_OVERLAPPING, folder, LIGHT)
    return answer


def _narrow(html: str, width: int) -> str:
    return html.replace("</style>", f"body {{ width: {width}px }}</style>", 1)


def _asked(html: str, question: str, folder: Path, scheme: str, library: str = "") -> Any:
    """What a script finds on a page, once it is drawn.

    The page's policy lets no foreign script run, so a copy without it is asked.
    """
    library = library.replace("</script", "<\\/script")
    script = f"(async function () {{ {_WAIT} {question} {_ANSWER} }})();"
    end = html.rindex("</body>")
    page = folder / "asked.html"
    page.write_text(
        f"{_POLICY.sub('', html[:end])}<script>{library}</script><script>{script}</script>{html[end:]}",
        encoding="utf-8",
    )
    result = dump(page, folder, scheme)
    found = re.search(r'id="answer">(.*?)</script>', result.stdout, re.DOTALL)
    assert found, result.stderr[-2000:]
    return json.loads(found[1])
