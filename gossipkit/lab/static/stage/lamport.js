// The space-time diagram: a vertical line for each chosen node, time downwards, an arrow for each message.

const LAMPORT_HEIGHT = 420;
const MOST_ARROWS = 400;
const MOST_LINES = 12;
const SPANS_S = [0.5, 1, 2, 5, 10];

/** Nodes for the diagram, `most` of them where there are so many: `wanted`, those that exchange most with them between two times, and then those that send and get most. */
function busiestNodes(recording, wanted, from, until, most) {
  const { packets, meta } = recording;
  const talk = new Float64Array(meta.nodes.length);
  const all = new Float64Array(meta.nodes.length);
  for (let i = countUntil(packets.sent, from); i < packets.sent.length && packets.sent[i] <= until; i++) {
    const [a, b] = [packets.from[i], packets.to[i]];
    all[a]++;
    all[b]++;
    if (wanted.length && !wanted.includes(a) && !wanted.includes(b)) continue;
    talk[a]++;
    talk[b]++;
  }
  const others = [...talk.keys()].filter((node) => !wanted.includes(node)).sort((a, b) => talk[b] - talk[a] || all[b] - all[a]);
  return [...wanted, ...others].slice(0, most).sort((a, b) => a - b);
}

/** The messages between `nodes` that are under way between two times: the packets' indices, and how many more there are. */
function arrowsBetween(recording, flights, nodes, hidden, from, until) {
  const { packets } = recording;
  const chosen = new Set(nodes);
  const arrows = [];
  let left = 0;
  for (let i = 0; i < packets.sent.length && packets.sent[i] <= until; i++) {
    if (flights.until[i] < from || hidden[packets.kind[i]] || !chosen.has(packets.from[i]) || !chosen.has(packets.to[i])) continue;
    if (arrows.length < MOST_ARROWS) arrows.push(i);
    else left++;
  }
  return { arrows, left };
}

/** When `node` was in each state between two times: [from, until, state]. */
function stateSpans({ states }, node, from, until) {
  const spans = [[from, until, 0]];
  for (let i = 0; i < states.time.length && states.time[i] <= until; i++) {
    if (states.node[i] !== node) continue;
    if (states.time[i] <= from) spans[0][2] = states.state[i];
    else {
      spans.at(-1)[1] = states.time[i];
      spans.push([states.time[i], until, states.state[i]]);
    }
  }
  return spans;
}

/** The diagram as a part of the page that is drawn only while it is open. */
function makeLamport(tell) {
  const markerId = freshId();
  const spanId = freshId();
  const drawing = makeSvg("svg", { class: "gk-lamport", role: "img" });
  const note = make("p", { class: "gk-help" });
  const span = control("select", { id: spanId }, ...SPANS_S.map((each) => make("option", { value: each }, `${each} s`)));
  span.value = 1;
  const again = control("button", { type: "button", class: "gk-button" }, "Those who talk most now");
  const list = make("div", { class: "gk-ticks-list" });
  const chooser = make("details", {}, control("summary", {}, "Choose the nodes"), list);
  const element = make(
    "details",
    { class: "gk-part" },
    control("summary", {}, "Space-time diagram"),
    make("div", { class: "gk-transport" }, make("div", { class: "gk-control" }, make("label", { for: spanId }, "Seconds shown"), span), again),
    chooser,
    drawing,
    note,
  );
  let view = null;
  let nodes = [];
  let [top, width] = [0, 0];

  const most = () => (width < 480 ? 6 : MOST_LINES);
  const choose = () => {
    const length = Number(span.value) * 1e6;
    nodes = busiestNodes(view.recording, view.wanted(), view.t - length, view.t + length, width < 480 ? 5 : 8);
    showChooser();
    place(true);
  };
  const showChooser = () => {
    if (!chooser.open) return;
    fill(
      list,
      ...view.recording.meta.nodes.map(({ name }, node) => {
        const id = freshId();
        const box = control("input", { id, type: "checkbox" });
        box.checked = nodes.includes(node);
        box.addEventListener("change", () => {
          nodes = box.checked ? [...nodes, node].sort((a, b) => a - b) : nodes.filter((each) => each !== node);
          if (nodes.length > most()) {
            nodes = nodes.filter((each) => each !== node);
            box.checked = false;
            note.textContent = `${most()} nodes fit beside each other here: leave another one out first.`;
            return;
          }
          place(true);
        });
        return make("div", { class: "gk-tick" }, box, make("label", { for: id }, name));
      }),
    );
  };
  chooser.addEventListener("toggle", showChooser);
  again.addEventListener("click", choose);
  span.addEventListener("change", () => place(true));

  /** Move the window when the playhead has left its middle, then draw. */
  const place = (anew) => {
    if (!element.open || !view) return;
    const length = Number(span.value) * 1e6;
    if (anew || view.t < top || view.t > top + length * 0.9) top = Math.max(0, Math.min(view.recording.length - length, view.t - length * 0.35));
    draw(length);
  };
  const draw = (length) => {
    const { recording, flights, hidden, t } = view;
    const { meta, packets } = recording;
    const [left, right, head, foot] = [46, 16, 34, 10];
    const bottom = LAMPORT_HEIGHT - foot;
    const until = top + length;
    const usual = usualFlight(packets.flight);
    const x = (node) => left + 20 + ((width - left - right - 40) * nodes.indexOf(node)) / Math.max(1, nodes.length - 1);
    const y = (time) => head + ((time - top) / length) * (bottom - head);
    const clip = (time) => Math.max(head, Math.min(bottom, y(time)));
    const { arrows, left: more } = arrowsBetween(recording, flights, nodes, hidden, top, until);
    const parts = [
      makeSvg("defs", {}, ...meta.kinds.map((each, kind) => makeSvg("marker", { id: `${markerId}-${kind}`, viewBox: "0 0 8 8", refX: 8, refY: 4, markerWidth: 7, markerHeight: 7, orient: "auto" }, makeSvg("path", { d: "M0,0.5L8,4L0,7.5Z", fill: kindColour(each, kind) }))), makeSvg("clipPath", { id: `${markerId}-in` }, makeSvg("rect", { x: left - 6, y: head, width: Math.max(0, width - left), height: bottom - head }))),
    ];
    for (const tick of timeTicks(seconds(meta, top), seconds(meta, until), bottom - head, 44)) {
      const at = y(micros(meta, tick));
      parts.push(makeSvg("path", { d: `M${left},${at}H${width - right}`, class: "gk-grid" }), makeSvg("text", { x: left - 6, y: at + 4, "text-anchor": "end" }, `${tick} s`));
    }
    const names = shortNames(meta);
    const narrow = (width - left - right) / Math.max(1, nodes.length) < 64;
    for (const node of nodes) {
      parts.push(makeSvg("text", { x: x(node), y: 16, "text-anchor": "middle", class: "gk-lamport-name" }, narrow ? names[node] : meta.nodes[node].name));
      for (const [from, end, state] of stateSpans(recording, node, top, until)) {
        parts.push(makeSvg("path", { d: `M${x(node)},${clip(from)}V${clip(end)}`, class: "gk-life", "data-state": meta.states[state] }));
        if (from > top) parts.push(makeSvg("text", { x: x(node) + 6, y: clip(from) + 4, class: "gk-life-word" }, meta.states[state]));
      }
    }
    const inner = makeSvg("g", { "clip-path": `url(#${markerId}-in)` });
    for (const i of arrows) {
      const kind = packets.kind[i];
      const bad = flights.bad[packets.fate[i]];
      const flight = packets.flight[i] || usual;
      const share = flights.share[i];
      const [x0, y0] = [x(packets.from[i]), y(packets.sent[i])];
      const [x1, y1] = [x0 + (x(packets.to[i]) - x0) * share, y(packets.sent[i] + flight * share)];
      const stream = meta.kinds[kind].stream;
      inner.append(
        makeSvg("path", { d: `M${x0},${y0}L${x1},${y1}`, class: "gk-arrow", stroke: kindColour(meta.kinds[kind], kind), "stroke-dasharray": stream ? "6 3" : null, "marker-end": bad ? null : `url(#${markerId}-${kind})` }, makeSvg("title", {}, `${meta.nodes[packets.from[i]].name} to ${meta.nodes[packets.to[i]].name}: ${meta.kinds[kind].label}, ${meta.fates[packets.fate[i]]}`)),
      );
      if (bad) inner.append(makeSvg("path", { d: `M${x1 - 4},${y1 - 4}l8,8m0,-8l-8,8`, class: "gk-arrow-cross" }));
    }
    for (const fault of meta.faults) {
      const at = micros(meta, fault.at_s);
      if (at < top || at > until) continue;
      inner.append(makeSvg("path", { d: `M${left},${y(at)}H${width - right}`, class: "gk-lamport-fault" }), makeSvg("text", { x: width - right - 4, y: y(at) - 4, "text-anchor": "end", class: "gk-lamport-fault-word" }, fault.text));
    }
    inner.append(makeSvg("path", { d: `M${left - 4},${y(t)}H${width - right + 4}`, class: "gk-lamport-now" }));
    parts.push(inner);
    drawing.setAttribute("viewBox", `0 0 ${width} ${LAMPORT_HEIGHT}`);
    drawing.setAttribute("width", width);
    drawing.setAttribute("height", LAMPORT_HEIGHT);
    fill(drawing, ...parts);
    const lost = arrows.filter((i) => flights.bad[packets.fate[i]]).length;
    const said = `${arrows.length} messages between ${nodes.length} nodes from ${sayNumber(seconds(meta, top))} to ${sayNumber(seconds(meta, until))} s; ${lost} did not arrive.`;
    drawing.setAttribute("aria-label", `Space-time diagram: ${said} Nodes: ${nodes.map((node) => meta.nodes[node].name).join(", ")}.`);
    note.textContent = more ? `${said} ${more} more are not drawn: show fewer seconds or nodes.` : said;
  };
  element.addEventListener("toggle", () => {
    if (!element.open) return;
    tell.opened();
    if (!nodes.length && view) choose();
    else place(true);
  });
  let last = -1;
  return {
    element,
    load(next) {
      const fewer = view && next.recording.meta.nodes.length !== view.recording.meta.nodes.length;
      view = next;
      if (fewer) nodes = [];
      if (element.open) nodes.length ? place(false) : choose();
    },
    resize(next) {
      width = next;
      place(false);
    },
    /** Follow the playhead, a few times a second. */
    show(now, force) {
      if (!element.open || (!force && now - last < 200)) return;
      last = now;
      place(false);
    },
  };
}
