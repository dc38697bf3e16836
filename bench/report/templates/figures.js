"use strict";
// Figures that answer: the value of the point nearest to the pointer, and entries of legends that mute their curves, by mouse or keys.
// Without this script the figures say the same but for the values. The marks that it reads are told in bench/report/plots/svg.py.
(() => {
  const SVG = "http://www.w3.org/2000/svg", REACH = 24, FAINT = "0.1"; // pixels; opacity
  const tip = document.createElement("div");
  tip.className = "tip";
  tip.setAttribute("role", "status");
  tip.style.cssText = "position:fixed;z-index:9;pointer-events:none;max-width:20rem;padding:.3rem .55rem;border:1px solid var(--line);" +
    "border-radius:4px;background:var(--card);color:var(--ink);font:.8rem/1.4 system-ui,sans-serif;white-space:pre-line";
  tip.hidden = true;
  document.body.append(tip);
  const inWords = (text) => /^-?\d{4,}$/.test(text) ? Number(text).toLocaleString("en") : text;

  const pointsOf = (curve) => {
    const plot = curve.closest(".plot");
    return curve.dataset.at.split("|").filter(Boolean).map((point) => {
      const [px, py, x, y, ...label] = point.split(",");
      const said = [[plot.dataset.x, x], [plot.dataset.y, y]].filter(([, value]) => value);
      const values = said.filter(([axis]) => axis).map(([axis, value]) => `${axis}: ${inWords(value)}`);
      return { px: Number(px), py: Number(py), curve, text: [curve.dataset.name, label.join(","), ...values].filter(Boolean).join("\n") };
    });
  };

  for (const svg of document.querySelectorAll(".drawing svg")) {
    const curves = [...svg.querySelectorAll(".curve")];
    if (!curves.length) continue;
    let points; // found when first asked for
    const muted = new Set();
    const ring = document.createElementNS(SVG, "circle");
    for (const [name, value] of Object.entries({ r: 5, fill: "none", stroke: "currentColor", visibility: "hidden" })) ring.setAttribute(name, value);
    svg.append(ring);
    const seen = () => (points ??= curves.flatMap(pointsOf)).filter(({ curve }) => !muted.has(curve.dataset.of));
    const hide = () => { tip.hidden = true; ring.setAttribute("visibility", "hidden"); };
    const show = (point) => {
      ring.setAttribute("cx", point.px);
      ring.setAttribute("cy", point.py);
      ring.setAttribute("visibility", "visible");
      tip.textContent = point.text;
      tip.hidden = false;
      const place = ring.getBoundingClientRect(), { offsetWidth: width, offsetHeight: height } = tip;
      tip.style.left = `${Math.max(4, Math.min(place.right + 6, innerWidth - width - 4))}px`;
      tip.style.top = `${place.top - height - 4 > 0 ? place.top - height - 4 : place.bottom + 4}px`;
    };
    svg.addEventListener("pointermove", (event) => {
      const matrix = svg.getScreenCTM();
      const away = ({ px, py }) => Math.hypot(px * matrix.a + matrix.e - event.clientX, py * matrix.d + matrix.f - event.clientY);
      const nearest = seen().reduce((best, point) => !best || away(point) < away(best) ? point : best, null);
      if (nearest && away(nearest) <= REACH) show(nearest); else hide();
    });
    svg.addEventListener("pointerleave", hide);

    const mute = (entry, key) => {
      if (muted.has(entry)) muted.delete(entry); else muted.add(entry);
      key.setAttribute("aria-pressed", String(!muted.has(entry)));
      for (const part of svg.querySelectorAll(`[data-of="${entry}"]`)) part.style.opacity = muted.has(entry) ? FAINT : "";
      key.style.opacity = muted.has(entry) ? "0.5" : "";
      hide();
    };
    const walkable = (button, mine) => { // the arrows go from point to point
      let place = -1;
      button.setAttribute("tabindex", "0");
      button.addEventListener("blur", hide);
      button.addEventListener("keydown", (event) => {
        const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
        const own = step ? seen().filter(mine) : [];
        if (!own.length) return;
        event.preventDefault();
        place = place < 0 && step > 0 ? 0 : (place + step + own.length) % own.length;
        show(own[place]);
      });
    };
    svg.setAttribute("role", "group");
    const entries = new Set(curves.map((curve) => curve.dataset.of));
    const named = new Set();
    for (const key of svg.querySelectorAll(".key")) {
      const entry = key.dataset.of;
      if (!entries.has(entry)) continue; // explains a mark
      named.add(entry);
      key.setAttribute("role", "button");
      key.setAttribute("aria-pressed", "true");
      key.setAttribute("aria-label", `${key.textContent}: shown`);
      walkable(key, ({ curve }) => curve.dataset.of === entry);
      key.addEventListener("keydown", (event) => {
        if (event.key !== "Enter" && event.key !== " ") return;
        event.preventDefault();
        mute(entry, key);
      });
      const samples = [...svg.querySelectorAll(`.sample[data-of="${entry}"]`)];
      for (const sample of samples) { // a line is too thin to be hit
        const { x, y, width, height } = sample.getBBox(), ground = document.createElementNS(SVG, "rect");
        const place = { x, y: y - 4, width, height: height + 8, fill: "transparent", stroke: "none" };
        for (const [name, value] of Object.entries(place)) ground.setAttribute(name, value);
        sample.append(ground);
      }
      for (const part of [key, ...samples]) {
        part.style.cursor = "pointer";
        part.addEventListener("click", () => mute(entry, key));
      }
    }
    for (const curve of curves) { // without an entry in a legend
      if (named.has(curve.dataset.of)) continue;
      curve.setAttribute("role", "img");
      curve.setAttribute("aria-label", curve.dataset.name);
      walkable(curve, (point) => point.curve === curve);
    }
  }
})();
