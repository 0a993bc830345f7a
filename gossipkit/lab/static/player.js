// A rumour on its overlay, drawn node by node, from rounds that the kernel has computed.

const CALM_MS = 1600; // from round to round, at least, where the student asked for less motion
const SPEEDS = [
  ["slow", 1600],
  ["normal", 800],
  ["fast", 300],
];

/** Shapes around 0,0 with radius r, so that what a node knows shows without colour too. */
const SHAPES = {
  ignorant: (r) => `M${-r},0a${r},${r} 0 1,0 ${2 * r},0a${r},${r} 0 1,0 ${-2 * r},0`,
  informed: (r) => `M${-r},0a${r},${r} 0 1,0 ${2 * r},0a${r},${r} 0 1,0 ${-2 * r},0`,
  fresh: (r) => `M0,${-1.6 * r}L${1.6 * r},0L0,${1.6 * r}L${-1.6 * r},0Z`,
};

function makePlayer(scene, alt) {
  const { nodes, links, spells, rounds, messages } = scene;
  const radius = Math.max(7, Math.min(16, 150 / Math.sqrt(nodes.length)));
  const margin = 30;
  const place = ([x, y]) => [margin + x * 1.5, margin + y * 0.75];
  const at = nodes.map(place);

  const lines = links.map(([a, b]) => `M${at[a]}L${at[b]}`).join("");
  const dots = at.map(([x, y]) => makeSvg("path", { transform: `translate(${x} ${y})` }));
  const drawing = makeSvg(
    "svg",
    { viewBox: `0 0 ${1500 + 2 * margin} ${750 + 2 * margin}`, role: "img", "aria-label": alt, class: "gk-network" },
    // many links overlap: the denser, the fainter, or they hide what happens on them
    makeSvg("path", { d: lines, class: "gk-links", "stroke-opacity": Math.max(0.12, Math.min(1, 300 / links.length)) }),
    ...dots,
  );

  const roundId = freshId();
  const speedId = freshId();
  const status = make("p", { class: "gk-status", "aria-live": "polite" });
  const scrub = control("input", { id: roundId, type: "range", min: 0, max: rounds, step: 1, value: 0 });
  const shown = make("output", { for: roundId, class: "gk-value" });
  const play = control("button", { type: "button", class: "gk-button gk-play" });
  const back = control("button", { type: "button", class: "gk-button", "aria-label": "One round back" }, "◀");
  const next = control("button", { type: "button", class: "gk-button", "aria-label": "One round on" }, "▶");
  const speed = control("select", { id: speedId }, ...SPEEDS.map(([name, ms]) => make("option", { value: ms }, name)));
  speed.value = 800;

  let timer = null;
  const show = (round) => {
    scrub.value = round;
    let informed = 0;
    let fresh = 0;
    dots.forEach((dot, node) => {
      const spell = spells[node].find(([from, until]) => from <= round && (until === null || round < until));
      const kind = !spell ? "ignorant" : spell[0] === round ? "fresh" : "informed";
      informed += kind !== "ignorant";
      fresh += kind === "fresh";
      dot.setAttribute("d", SHAPES[kind](radius));
      dot.setAttribute("class", "gk-" + kind);
    });
    const sent = round > 0 ? `, ${messages[round - 1].toLocaleString("en")} messages` : "";
    const text = `round ${round}: ${informed} of ${nodes.length} informed, ${fresh} new${sent}`;
    shown.textContent = `${round} of ${rounds}`;
    scrub.setAttribute("aria-valuetext", text);
    status.textContent = text;
    // a button that is disabled would lose the focus
    back.setAttribute("aria-disabled", String(round <= 0));
    next.setAttribute("aria-disabled", String(round >= rounds));
  };
  const current = () => Number(scrub.value);
  const stop = () => {
    clearTimeout(timer);
    timer = null;
    play.textContent = "Play";
  };
  const quiet = matchMedia("(prefers-reduced-motion: reduce)");
  const wait = () => Math.max(Number(speed.value), quiet.matches ? CALM_MS : 0);
  const advance = () => {
    if (current() >= rounds) return stop();
    show(current() + 1);
    timer = setTimeout(advance, wait());
  };
  play.addEventListener("click", () => {
    if (timer !== null) return stop();
    if (current() >= rounds) show(0);
    play.textContent = "Pause";
    timer = setTimeout(advance, wait() / 2);
  });
  const step = (by) => {
    stop();
    show(Math.min(rounds, Math.max(0, current() + by)));
  };
  back.addEventListener("click", () => step(-1));
  next.addEventListener("click", () => step(1));
  scrub.addEventListener("input", () => step(0));

  const key = ["ignorant", "fresh", "informed"].map((kind) =>
    make(
      "span",
      {},
      makeSvg("svg", { viewBox: "-20 -20 40 40", class: "gk-key", "aria-hidden": "true" }, makeSvg("path", { d: SHAPES[kind](10), class: "gk-" + kind })),
      { ignorant: "does not know", fresh: "learned it this round", informed: "knew before" }[kind],
    ),
  );
  const hidden = scene.hidden ? [make("span", {}, `${scene.hidden.toLocaleString("en")} links not drawn`)] : [];
  const element = make(
    "div",
    { class: "gk-player" },
    drawing,
    make("div", { class: "gk-legend" }, ...key, ...hidden),
    make(
      "div",
      { class: "gk-transport" },
      play,
      back,
      next,
      make("div", { class: "gk-control gk-scrub" }, make("div", { class: "gk-head" }, make("label", { for: roundId }, "Round"), shown), scrub),
      make("div", { class: "gk-control" }, make("label", { for: speedId }, "Speed"), speed),
    ),
    status,
  );
  stop();
  show(0);
  return { element, stop };
}
