// A live chart: paints what layout.js has placed, follows the page's theme and width, reads values aloud, and remembers
// earlier settings. Text and data become DOM nodes only, never markup. Nothing moves by itself.

const EARLIER = 3;
const HINT = "Point at the chart, or press arrow keys in it, to read its values.";
const GHOSTS = ["line", "step", "bars", "dots"];

/** How wide a text is in px, in the font of the page. */
const textWidth = (() => {
  const known = new Map();
  let context = null;
  return (family) => (text, size, bold) => {
    const key = `${bold} ${size} ${family} ${text}`;
    if (!known.has(key)) {
      if (known.size > 4000) known.clear();
      context ??= document.createElement("canvas").getContext("2d");
      context.font = `${bold ? "bold " : ""}${size}px ${family}`;
      known.set(key, context.measureText(text).width);
    }
    return known.get(key);
  };
})();

const number = (value) => (value == null ? "none" : plain(Number(value.toPrecision(4))));
const cssColour = (name) => (name[0] === "s" ? `var(--gk-${name.slice(1)})` : name[0] === "#" ? name : `var(--gk-${name})`);

/** Draw the shapes of `drawing` into `svg`, anew. */
function paint(svg, drawing) {
  const id = freshId();
  const clips = drawing.boxes.map((box, at) =>
    makeSvg("clipPath", { id: `${id}-${at}` }, makeSvg("rect", { x: box.left - 3, y: box.top - 3, width: box.right - box.left + 6, height: box.bottom - box.top + 6 })),
  );
  const line = makeSvg("path", { d: "M0,6L6,0" });
  Object.assign(line.style, { stroke: cssColour("s6"), strokeWidth: 1 });
  const hatch = makeSvg("pattern", { id: `${id}-hatch`, width: 6, height: 6, patternUnits: "userSpaceOnUse" }, line);
  const round = (at) => Math.round(at * 100) / 100;

  const painters = {
    path(shape) {
      const d = shape.lines.map((each) => "M" + each.map((point) => point.map(round)).join("L") + (shape.closed ? "Z" : "")).join("");
      const element = makeSvg("path", { d });
      Object.assign(element.style, {
        fill: shape.fill ? cssColour(shape.fill) : "none",
        stroke: shape.stroke ? cssColour(shape.stroke) : "none",
        strokeWidth: shape.width ?? (shape.stroke ? 1 : 0),
        strokeLinejoin: "round",
        strokeLinecap: shape.round ? "round" : "butt",
        opacity: shape.opacity ?? 1,
        strokeDasharray: shape.dash === undefined ? "none" : LOOK.dashes[shape.dash] || "none",
      });
      if (!shape.hatch) return element;
      return makeSvg("g", {}, element, makeSvg("path", { d, fill: `url(#${id}-hatch)` }));
    },
    glyph(shape) {
      const corners = LOOK.markers[shape.style].map(([u, v]) => [round(shape.x + shape.r * u), round(shape.y + shape.r * v)]);
      const element = makeSvg("path", { d: "M" + corners.join("L") + "Z" });
      Object.assign(element.style, {
        fill: cssColour(shape.fill ?? (shape.hollow ? "ground" : `s${shape.style}`)),
        stroke: cssColour(shape.fill ? "s6" : `s${shape.style}`),
        strokeWidth: shape.hollow ? 1.6 : 0.7,
        opacity: shape.opacity ?? 1,
      });
      return element;
    },
    frame(shape) {
      const element = makeSvg("rect", { x: shape.x, y: shape.y, width: shape.wide, height: shape.tall, rx: 8 });
      const dash = shape.dash === undefined ? "none" : LOOK.dashes[shape.dash];
      Object.assign(element.style, { fill: cssColour("ground"), stroke: cssColour(shape.stroke), strokeWidth: 1.8, strokeDasharray: dash });
      return element;
    },
    words(shape) {
      const turned = shape.turned ? { transform: `rotate(-90 ${round(shape.x)} ${round(shape.y)})` } : {};
      const element = makeSvg("text", { x: round(shape.x), y: round(shape.y), "text-anchor": shape.anchor ?? "start", ...turned }, shape.text);
      Object.assign(element.style, { fill: cssColour(shape.colour ?? "s6"), fontSize: `${shape.size ?? TEXT}px` });
      if (shape.bold) element.style.fontWeight = "bold";
      if (shape.italic) element.style.fontStyle = "italic";
      if (shape.mono) element.style.fontFamily = "var(--jp-code-font-family, monospace)";
      return element;
    },
  };
  const painted = drawing.shapes.map((shape) => {
    const element = painters[shape.shape](shape);
    element.dataset.of = shape.of;
    if (shape.clip !== undefined) element.setAttribute("clip-path", `url(#${id}-${shape.clip})`);
    return element;
  });
  svg.setAttribute("width", drawing.width);
  svg.setAttribute("height", drawing.height);
  svg.setAttribute("viewBox", `0 0 ${drawing.width} ${drawing.height}`);
  fill(svg, makeSvg("defs", {}, ...clips, hatch), ...painted);
}

/** What can be read in a plot: places in px, in order, and what is there in words. */
function stopsOf(plot, box) {
  const place = placing(plot, box);
  const nameOf = (axis, at) => axis.names?.[(axis.ticks ?? []).findIndex((tick) => Math.abs(tick - at) < 0.01)]?.replaceAll("\n", " ");
  const told = (mark, said) => [mark.ghost ? `earlier ${mark.ghost}` : "", mark.label ?? "", said].filter(Boolean).join(" ");
  const cells = plot.marks.find((mark) => mark.kind === "cells");
  if (cells) {
    const rows = cells.values.length;
    return cells.values.flatMap((values, row) =>
      values.map((value, column) => {
        const [down, across] = [nameOf(plot.y, rows - 1 - row) ?? row + 1, nameOf(plot.x, column) ?? column + 1];
        const said = cells.texts?.[row][column] || (value === null ? "nothing" : number(value));
        return { x: place.x(column), y: place.y(rows - 1 - row), text: `${plot.y.label} ${down}, ${plot.x.label} ${across}: ${said}` };
      }),
    );
  }
  const boxes = plot.marks.filter((mark) => mark.kind === "box");
  if (boxes.length) {
    return boxes.map((mark) => {
      const said = [mark.head, mark.corner, ...(mark.lines ?? []), ...(mark.code ?? [])].filter(Boolean).join(", ");
      return { x: place.x(mark.x), y: place.y(mark.y), text: said };
    });
  }
  // what is shown now is read first; words are made only of what is read, numbers in words are slow
  const marks = [...plot.marks].sort((a, b) => (a.ghost ?? 0) - (b.ghost ?? 0));
  const found = new Map();
  const add = (at, said) => (found.has(at) ? found.get(at).push(said) : found.set(at, [said]));
  const words = (said) => said.map((each) => each()).filter(Boolean).join(", ");
  if (plot.y.names || plot.y.ticks?.length === 0) {
    const range = (mark, each) => (mark.low?.[each] == null ? "" : ` (${number(mark.low[each])} to ${number(mark.high[each])})`);
    const valued = (mark, values, each) => () => told(mark, mark.texts?.[each] || number(values[each]) + range(mark, each));
    for (const mark of marks) {
      if (mark.kind === "bars" && mark.across) {
        mark.at.forEach((at, each) => add(Math.round(at), valued(mark, mark.value, each)));
      } else if (mark.kind === "dots") {
        mark.y.forEach((at, each) => at != null && add(Math.round(at), valued(mark, mark.x, each)));
      } else if (mark.kind === "span" && mark.row !== undefined) {
        add(Math.round(mark.row), () => told(mark, `from ${number(mark.low)} to ${number(mark.high)}`));
      } else if (mark.kind === "text") {
        add(Math.round(mark.y), () => mark.text);
      }
    }
    const rows = [...found].sort(([a], [b]) => b - a);
    return rows.map(([at, said]) => ({
      x: null,
      y: place.y(at),
      get text() {
        return [nameOf(plot.y, at), words(said)].filter(Boolean).join(": ");
      },
    }));
  }
  if (plot.bare) return [];
  for (const mark of marks) {
    if (mark.kind === "line" || mark.kind === "step") {
      mark.x.forEach((x, each) => mark.y[each] != null && add(x, () => told(mark, number(mark.y[each]))));
    } else if (mark.kind === "band") {
      mark.x.forEach((x, each) => add(x, () => told(mark, `${number(mark.low[each])} to ${number(mark.high[each])}`)));
    } else if (mark.kind === "bars" && !mark.across) {
      mark.at.forEach((x, each) => add(x, () => told(mark, number(mark.value[each]))));
    } else if (mark.kind === "dots") {
      mark.x.forEach((x, each) => x != null && mark.y[each] != null && add(x, () => told(mark, number(mark.y[each]))));
    } else if (mark.kind === "rule" && !mark.level) {
      add(mark.at, () => [mark.letter, mark.text || mark.label].filter(Boolean).join(" "));
    }
  }
  const stops = [...found].sort(([a], [b]) => a - b).filter(([at]) => at >= plot.x.low && at <= plot.x.high);
  const unit = plot.x.label ? `${plot.x.label} ` : "";
  return stops.map(([at, said]) => ({
    x: place.x(at),
    y: null,
    get text() {
      return (plot.x.ticks?.length === 0 ? "" : `${unit}${number(at)}: `) + words(said);
    },
  }));
}

/** The stop nearest to a place, in the plot that it is in: [plot, stop], or null outside of all. */
function nearestStop(boxes, stops, x, y) {
  const inside = (box) => x >= box.left - 8 && x <= box.right + 8 && y >= box.top - 8 && y <= box.bottom + 8;
  const plot = boxes.findIndex(inside);
  if (plot < 0 || !stops[plot].length) return null;
  const far = (stop) => (stop.x === null ? 0 : (stop.x - x) ** 2) + (stop.y === null ? 0 : (stop.y - y) ** 2);
  return [plot, stops[plot].reduce((best, stop, at) => (far(stop) < far(stops[plot][best]) ? at : best), 0)];
}

/** What was seen before: axes only grow, and earlier settings stay as ghosts until they are cleared. */
class Past {
  constructor() {
    this.earlier = [];
    this.now = null;
    this.ends = null;
  }

  /** A chart at a setting, a list of [label, value] of the controls. */
  see(chart, setting) {
    const key = JSON.stringify(setting);
    if (this.now && this.now.key !== key) {
      this.earlier = [this.now, ...this.earlier].filter((each) => each.key !== key);
      const loose = this.earlier.filter((each) => !each.pinned);
      const kept = new Set(loose.slice(0, EARLIER));
      this.earlier = this.earlier.filter((each) => each.pinned || kept.has(each));
    }
    this.now = { chart, setting, key, pinned: false };
    this.grow(chart);
  }

  grow(chart) {
    const kind = JSON.stringify(chart.plots.map(({ x, y, title }) => [title, x.scale, y.scale, x.label, y.label]));
    if (this.kind !== kind) [this.kind, this.ends] = [kind, chart.plots.map(() => ({}))];
    chart.plots.forEach((plot, at) => {
      for (const which of ["x", "y"]) {
        const held = (this.ends[at][which] ??= { low: plot[which].low, high: plot[which].high });
        held.low = Math.min(held.low, plot[which].low);
        held.high = Math.max(held.high, plot[which].high);
      }
    });
  }

  clear() {
    this.earlier = [];
    this.ends = null;
    this.kind = null;
    if (this.now) this.grow(this.now.chart);
  }

  /** The chart of now, on axes that hold all that was seen, with ghosts of what was. */
  shown() {
    const { chart } = this.now;
    const plots = chart.plots.map((plot, at) => {
      const held = (which) => (plot[which].names || plot.bare ? plot[which] : { ...plot[which], ...this.ends[at][which] });
      return { ...plot, x: held("x"), y: held("y"), marks: this.withGhosts(plot, at) };
    });
    return { ...chart, plots };
  }

  /** Ghosts lie behind what is shown now, but for those of bars, which bars would hide. */
  withGhosts(plot, at) {
    const ghosts = this.ghosts(plot, at);
    const front = ghosts.filter((mark) => mark.kind === "bars");
    return [...ghosts.filter((mark) => mark.kind !== "bars"), ...plot.marks, ...front];
  }

  ghosts(plot, at) {
    if (plot.bare) return [];
    const alike = (other) => JSON.stringify([other.x.names, other.y.names]) === JSON.stringify([plot.x.names, plot.y.names]);
    return this.earlier.flatMap(({ chart }, before) => {
      const other = chart.plots[at];
      if (!other || !alike(other)) return [];
      const now = new Set(plot.marks.map((mark) => JSON.stringify(mark)));
      const marks = other.marks.filter((mark) => GHOSTS.includes(mark.kind) && mark.style !== FAINT && !now.has(JSON.stringify(mark)));
      return marks.map((mark) => ({ ...mark, ghost: before + 1 }));
    });
  }
}

/** What of `setting` differs from `now`, in words. */
function differences(setting, now) {
  const other = setting.filter(([, value], at) => value !== now[at]?.[1]);
  return other.map(([label, value]) => `${label}: ${value}`).join("; ");
}

/** A chart that can be shown anew, under a heading: `element`, `show(chart, alt, setting)`, `stop()`. */
function makeChart(heading = "") {
  const past = new Past();
  const svg = makeSvg("svg", { role: "img" });
  const cursor = makeSvg("path", { class: "gk-cursor", "aria-hidden": "true" });
  const title = make("div", { class: "gk-chart-title" });
  const note = make("div", { class: "gk-note" });
  const readout = make("div", { class: "gk-readout" });
  const earlier = make("div", { class: "gk-earlier" });
  const board = control(
    "div",
    { class: "gk-board", tabindex: 0, role: "group", "aria-label": "Chart. Arrow keys read its values, up and down change the plot." },
    svg,
  );
  const element = make("div", { class: "gk-chart" }, title, board, note, readout, earlier);
  let [drawing, stops, at, width] = [null, [], null, 0];

  const draw = () => {
    const chart = past.shown();
    const family = getComputedStyle(element).fontFamily || "sans-serif";
    drawing = new Drawing(chart, Math.max(width, chart.narrowest ?? 0, 240), textWidth(family));
    paint(svg, drawing);
    stops = drawing.boxes.map((box) => stopsOf(box.plot, box));
    svg.append(cursor);
    tell(at && stops[at[0]]?.[at[1]] ? at : null, false);
  };
  /** Show a stop, or none; a screen reader hears it if it was asked for by a key. */
  const tell = (place, aloud) => {
    at = place;
    readout.setAttribute("aria-live", aloud ? "polite" : "off");
    const stop = at && stops[at[0]][at[1]];
    readout.textContent = stop ? stop.text : HINT;
    readout.classList.toggle("gk-help", !stop);
    cursor.style.display = stop ? "" : "none";
    if (!stop) return;
    const box = drawing.boxes[at[0]];
    const [x, y] = [stop.x ?? (box.left + box.right) / 2, stop.y ?? (box.top + box.bottom) / 2];
    const upright = `M${x},${box.top}V${box.bottom}`;
    const lying = `M${box.left},${y}H${box.right}`;
    const around = `M${x - 9},${y - 9}h18v18h-18Z`;
    cursor.setAttribute("d", stop.y === null ? upright : stop.x === null ? lying : around);
  };
  const showEarlier = () => {
    const { now } = past;
    const ghosts = past.shown().plots.some((plot) => plot.marks.some((mark) => mark.ghost));
    const items = (ghosts ? past.earlier : []).map((each, before) => {
      const pin = control("button", { type: "button", class: "gk-small", "aria-pressed": String(each.pinned) }, "Pin");
      const said = `${before + 1}  ${differences(each.setting, now.setting)}`;
      pin.setAttribute("aria-label", `Pin ${said}`);
      pin.addEventListener("click", () => {
        each.pinned = !each.pinned;
        pin.setAttribute("aria-pressed", String(each.pinned));
      });
      return make("span", { class: "gk-ghost" }, said, pin);
    });
    const clear = control("button", { type: "button", class: "gk-small" }, "Clear");
    clear.addEventListener("click", () => {
      past.clear();
      draw();
      showEarlier();
      board.focus();
    });
    fill(earlier, ...(items.length ? ["Earlier, faint:", ...items, clear] : []));
  };

  board.addEventListener("pointermove", (event) => {
    const from = svg.getBoundingClientRect();
    const place = drawing && nearestStop(drawing.boxes, stops, event.clientX - from.left, event.clientY - from.top);
    if (place) tell(place, false);
  });
  board.addEventListener("pointerleave", () => tell(null, false));
  board.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const place = stepped(stops, at, event.key);
    if (!place) return;
    event.preventDefault();
    event.stopPropagation();
    tell(place, true);
  });
  const seen = new ResizeObserver(() => {
    const wide = Math.floor(element.clientWidth);
    if (!wide || wide === width) return;
    width = wide;
    if (past.now) draw();
  });
  seen.observe(element);

  return {
    element,
    show(chart, alt, setting) {
      past.see(chart, setting);
      title.textContent = chart.title === heading ? "" : chart.title; // not twice
      svg.setAttribute("aria-label", alt);
      fill(note, ...(chart.note ?? []).map((line) => make("div", {}, line)));
      showEarlier();
      if (width) draw();
    },
    stop: () => seen.disconnect(),
  };
}

/** Where a key leads from `at` ([plot, stop] or null); null for a key that leads nowhere. */
function stepped(stops, at, key) {
  const plots = stops.map((_, plot) => plot).filter((plot) => stops[plot].length);
  if (!plots.length || !["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End"].includes(key)) return null;
  if (!at) return [plots[0], 0];
  const [plot, stop] = at;
  const last = stops[plot].length - 1;
  if (key === "ArrowUp" || key === "ArrowDown") {
    const next = plots[Math.min(Math.max(plots.indexOf(plot) + (key === "ArrowUp" ? -1 : 1), 0), plots.length - 1)];
    return next === plot ? [plot, stop] : [next, 0];
  }
  const to = { ArrowLeft: stop - 1, ArrowRight: stop + 1, Home: 0, End: last }[key];
  return [plot, Math.min(Math.max(to, 0), last)];
}
