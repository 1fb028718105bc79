"use strict";
(function () {
  const charts = JSON.parse(document.getElementById("charts").textContent);
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  let views = [];
  function theme(isDark) {
    const ink = isDark ? "#e8ecf2" : "#16202e", muted = isDark ? "#a6b0be" : "#515c6b", rule = isDark ? "#2c3643" : "#e3e8ef";
    const font = "system-ui, -apple-system, Segoe UI, Roboto, Noto Sans, DejaVu Sans, sans-serif";
    return {
      background: "transparent", font: font, view: { stroke: "transparent" },
      axis: { labelColor: muted, titleColor: muted, gridColor: rule, domainColor: rule, tickColor: rule, labelFontSize: 12, titleFontSize: 12, titleFontWeight: "normal" },
      legend: { labelColor: ink, titleColor: muted, labelFontSize: 12 }
    };
  }
  async function draw(isDark) {
    for (const view of views) { view.finalize(); }
    views = [];
    for (const chart of charts) {
      const place = document.getElementById("chart-" + chart.key);
      const spec = structuredClone(chart.spec);
      for (const parameter of spec.params || []) { if (parameter.name === "place") { parameter.value = place.clientWidth; } }
      spec.config = Object.assign(theme(isDark), spec.config || {});
      const result = await window.goodwillEmbed(place, spec, {
        ast: true, renderer: "svg", actions: false, defaultStyle: false, tooltip: { disableDefaultStyle: true }
      });
      place.setAttribute("role", "img");
      place.setAttribute("aria-label", chart.alt);
      for (const graphic of place.querySelectorAll("svg, svg *")) {
        for (const name of ["role", "aria-label", "aria-roledescription", "tabindex"]) { graphic.removeAttribute(name); }
      }
      for (const graphic of place.querySelectorAll("svg")) { graphic.setAttribute("aria-hidden", "true"); }
      views.push(result);
    }
    document.documentElement.dataset.drawn = isDark ? "dark" : "light";
  }
  let drawn = Promise.resolve(), width = window.innerWidth, waiting = 0;
  function redraw(isDark) { drawn = drawn.then(function () { return draw(isDark); }); }
  redraw(dark.matches);
  dark.addEventListener("change", function () { redraw(dark.matches); });
  window.addEventListener("beforeprint", function () { if (dark.matches) { redraw(false); } });
  window.addEventListener("afterprint", function () { if (dark.matches) { redraw(true); } });
  window.addEventListener("resize", function () {
    clearTimeout(waiting);
    waiting = setTimeout(function () {
      if (window.innerWidth !== width) { width = window.innerWidth; redraw(dark.matches); }
    }, 250);
  });
})();
