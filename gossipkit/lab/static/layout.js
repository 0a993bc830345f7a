// Where everything of a chart comes to stand: `ticks.py`, `layout.py` and `shapes.py` said once more, function by function,
// because the browser knows the width. A test draws every figure of the course with both and compares them shape by shape.

const TITLE_PX = 30;
const NOTE_PX = 18;
const TEXT = 13;
const SMALL = 12;
const LINE_PX = 16;
const LEGEND_PX = 20;
const KEY_PX = 30;
const NARROW_PX = 520;
const PX_A_TICK = { x: 30, y: 34 };
const MOST = 10;
const EDGE = 1e-9;
const VERMILION = 1;
const INK = 6;
const FAINT = 7;

// ---- ticks.py

function level(value, scale) {
  if (scale === "log") return Math.log10(value);
  return scale === "linear" || value <= 1 ? value : 1 + Math.log10(value);
}

/** Where `value` lies, 0 at `low` and 1 at `high`; null for what a logarithm does not have. */
function placeOn(value, { low, high, scale }) {
  if (scale === "log" && value <= 0) return null;
  const [at, start, end] = [value, low, high].map((each) => level(each, scale));
  return (at - start) / (end - start);
}

/** [value, text] of each tick of an axis, as many as `length` px have room for. */
function ticksOf(axis, length, which) {
  const { low, high, scale } = axis;
  const most = Math.min(MOST, Math.max(2, Math.floor(length / PX_A_TICK[which])));
  if (axis.ticks) {
    const names = axis.names ?? [];
    const all = axis.ticks.map((at, number) => [at, names[number] || plain(at)]);
    return all.filter(([at]) => at >= low - EDGE && at <= high + EDGE);
  }
  if (scale === "linear" || (high <= 1 && scale === "symlog")) {
    const step = tickStep((high - low) / most, axis.whole);
    const decimals = Math.max(0, -Math.floor(Math.log10(step) + EDGE));
    const found = [];
    for (let at = Math.ceil(low / step - EDGE); at <= Math.floor(high / step + EDGE); at++) {
      found.push([at * step, grouped(at * step, decimals)]);
    }
    return found;
  }
  const first = scale === "log" ? Math.ceil(Math.log10(low) - EDGE) : 0;
  const last = Math.floor(Math.log10(high) + EDGE);
  const found = scale === "symlog" ? [[0, "0"]] : [];
  if (last - first < 2) {
    const least = scale === "symlog" ? 1 : low;
    for (let at = first - 1; at <= last; at++) {
      for (const each of [1, 2, 5].map((part) => part * 10 ** at)) {
        if (each >= least * (1 - EDGE) && each <= high * (1 + EDGE)) found.push([each, plain(each)]);
      }
    }
    return found;
  }
  const stride = Math.ceil((last - first + 1) / most);
  for (let at = first; at <= last; at += stride) found.push([10 ** at, power(at)]);
  return found;
}

function tickStep(least, whole) {
  const decade = 10 ** Math.floor(Math.log10(least) + EDGE);
  const step = [1, 2, 5, 10].map((part) => part * decade).find((each) => each >= least * (1 - EDGE));
  return whole ? Math.max(1, step) : step;
}

const FORMATS = new Map(); // making one takes longer than using it a hundred times

function grouped(value, decimals) {
  if (!FORMATS.has(decimals)) {
    FORMATS.set(decimals, new Intl.NumberFormat("en-US", { minimumFractionDigits: decimals, maximumFractionDigits: decimals }));
  }
  const text = FORMATS.get(decimals).format(value);
  return text.replace(/^-(0(\.0*)?)$/, "$1");
}

/** A number with its thousands apart. */
function plain(value) {
  return Number.isInteger(value) ? grouped(value, 0) : String(Number(value.toPrecision(6)));
}

/** A power of ten, written out while it is short. */
function power(exponent) {
  if (Math.abs(exponent) <= 4) return plain(Number(`1e${exponent}`));
  return "10" + String(exponent).replace(/./g, (digit) => (digit === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[digit]));
}

// ---- layout.py and shapes.py

/** The colour at `share`, 0 to 1, between the steps of the ramp. */
function rampColour(share) {
  const place = Math.min(Math.max(share, 0), 1) * (LOOK.ramp.length - 1);
  const start = Math.min(Math.floor(place), LOOK.ramp.length - 2);
  const [low, high] = [0, 1].map((next) => [1, 3, 5].map((at) => parseInt(LOOK.ramp[start + next].slice(at, at + 2), 16)));
  const mixed = low.map((a, part) => Math.floor(a + (high[part] - a) * (place - start) + 0.5));
  return "#" + mixed.map((each) => each.toString(16).toUpperCase().padStart(2, "0")).join("");
}

const split = (text) => (text ? text.split("\n") : []);
const greatest = (values, least) => values.reduce((a, b) => Math.max(a, b), least);
const rectangle = (left, top, right, bottom) => [
  [left, top],
  [right, top],
  [right, bottom],
  [left, bottom],
];
const middleOf = (mark) => (mark.kind === "rule" ? mark.at : (mark.low + mark.high) / 2);
const styleOf = (mark) => mark.style ?? (["text", "rule", "arrow"].includes(mark.kind) ? INK : 0);
const barePlain = (plot, which) => plot.bare && !plot[which].names;
/** Which words can be read on a style's own colour: three are light in a light theme and in a dark one. */
const onColour = (number) => (number === FAINT ? "s6" : [3, 4, 5].includes(number) ? "#000000" : "ground");
const scaleOf = (plot) => ({ scale: "linear", ...plot.colours });

/** The pieces between the gaps. */
function runsOf(points) {
  const runs = [[]];
  for (const point of points) {
    if (point) runs.at(-1).push(point);
    else if (runs.at(-1).length) runs.push([]);
  }
  return runs.filter((run) => run.length);
}

/** The greatest box inside in which a unit of x is as long as one of y, if the plot wants that. */
function fitted(plot, box) {
  if (!plot.equal) return box;
  const [wide, tall] = [box.right - box.left, box.bottom - box.top];
  const spans = [plot.x, plot.y].map((axis) => axis.high - axis.low);
  const unit = Math.min(wide / spans[0], tall / spans[1]);
  const [x, y] = [(wide - unit * spans[0]) / 2, (tall - unit * spans[1]) / 2];
  return { left: box.left + x, right: box.right - x, top: box.top + y, bottom: box.bottom - y };
}

/** What stands over the plot, and how high each, so that neighbours don't lie on top of one another. */
function tiersOf(plot) {
  const over = plot.marks.filter(
    (mark) =>
      (mark.kind === "rule" && !mark.level && (mark.letter || mark.text)) ||
      (mark.kind === "span" && mark.row === undefined && mark.text),
  );
  const span = plot.x.high - plot.x.low;
  const found = [];
  for (const mark of over.sort((a, b) => middleOf(a) - middleOf(b))) {
    let tier = 0;
    if (found.length) {
      const [before, tierBefore] = found.at(-1);
      const longest = Math.max(...[mark, before].map((each) => (each.letter || each.text).length));
      if (middleOf(mark) - middleOf(before) < (0.02 + 0.012 * longest) * span) tier = tierBefore + 1;
    }
    found.push([mark, tier]);
  }
  return found;
}

/** From a plot's values to pixels. */
function placing(plot, box, number = 0) {
  const x = (value) => {
    const at = placeOn(value, plot.x);
    return at === null ? null : box.left + at * (box.right - box.left);
  };
  const y = (value) => {
    const at = placeOn(value, plot.y);
    return at === null ? null : box.bottom - at * (box.bottom - box.top);
  };
  const point = (a, b) => {
    if (a == null || b == null) return null;
    const at = [x(a), y(b)];
    return at.includes(null) ? null : at;
  };
  const turned = (turn, radius) => point(radius * Math.sin(2 * Math.PI * turn), radius * Math.cos(2 * Math.PI * turn));
  return { plot, box, number, x, y, point, turned };
}

class Drawing {
  constructor(chart, width, measure) {
    Object.assign(this, { width, measure, shapes: [], boxes: [] });
    const columns = [];
    for (const plot of chart.plots) {
      if (plot.below && columns.length) columns.at(-1).push(plot);
      else columns.push([plot]);
    }
    const room = chart.height - TITLE_PX - NOTE_PX * (chart.note ?? []).length;
    const stacked = columns.length > 1 && width < NARROW_PX;
    let [left, top] = [0, 0];
    for (const column of columns) {
      const wide = stacked ? width : width * (column[0].share ?? 1);
      const square = column.some((plot) => plot.equal);
      const tall = !stacked ? room : square ? wide + 60 : room * 0.85;
      this.column(column, left, top, wide, tall);
      if (stacked) top += tall;
      else left += wide;
    }
    this.height = stacked ? top : room;
  }

  column(plots, left, top, width, height) {
    const sum = (values) => values.reduce((a, b) => a + b, 0);
    const above = plots.map((plot) => this.above(plot, width));
    const below = plots.map((plot, at) => this.below(plot, at === plots.length - 1));
    const tall = Math.max(40, (height - sum(above) - sum(below)) / plots.length);
    const margin = greatest(plots.map((plot) => this.beside(plot, tall)), 0);
    const right = greatest(plots.map((plot) => this.right(plot, tall)), 0);
    plots.forEach((plot, at) => {
      top += above[at];
      const box = { left: left + margin, right: left + width - right, top, bottom: top + tall };
      this.plot(plot, fitted(plot, box), left, width, at === plots.length - 1);
      top += tall + below[at];
    });
  }

  // what stands around a plot

  over(plot) {
    return greatest(tiersOf(plot).map(([, tier]) => tier + 1), 0);
  }

  above(plot, width) {
    const rows = this.legend(plot, 0, 0, width, false);
    return 8 + LINE_PX * split(plot.title).length + LEGEND_PX * rows + LINE_PX * this.over(plot);
  }

  below(plot, last) {
    if (!last || barePlain(plot, "x")) return 8;
    let names = plot.x.names ? greatest(plot.x.names.map((name) => split(name).length), 0) : 1;
    if (plot.x.ticks && !plot.x.ticks.length) names = 0;
    return 8 + LINE_PX * (names + split(plot.x.label).length);
  }

  widest(texts) {
    return greatest(texts.flatMap((text) => split(text).map((line) => this.measure(line, SMALL, false))), 0);
  }

  beside(plot, tall) {
    if (barePlain(plot, "y")) return 4;
    return 10 + LINE_PX * split(plot.y.label).length + this.widest(ticksOf(plot.y, tall, "y").map(([, text]) => text));
  }

  right(plot, tall) {
    if (!plot.colours) return plot.bare ? 4 : 14;
    return 36 + this.widest(ticksOf(scaleOf(plot), tall, "y").map(([, text]) => text)) + LINE_PX;
  }

  plot(plot, box, left, width, last) {
    const ticks = { x: ticksOf(plot.x, box.right - box.left, "x"), y: ticksOf(plot.y, box.bottom - box.top, "y") };
    const number = this.boxes.length;
    this.boxes.push({ ...box, ticks, plot });
    const rows = this.legend(plot, 0, 0, width, false);
    const top = box.top - 4 - LINE_PX * this.over(plot) - LEGEND_PX * rows;
    const title = split(plot.title);
    title.forEach((line, at) => this.words("title", left + 10, top - LINE_PX * (title.length - at) + 12, line, { bold: true }));
    this.legend(plot, left + 10, top, width);
    if (!plot.bare) this.grid(plot, box, ticks);
    const at = placing(plot, box, number);
    plot.marks.forEach((mark, each) => this["draw_" + mark.kind](mark, at, `${number}:${each}:${mark.kind}`));
    this.axes(plot, box, ticks, last, [left, left + width]);
    if (plot.colours) this.colourBar(plot, box);
    for (const [mark, tier] of tiersOf(plot)) {
      const look = { anchor: "middle", bold: "letter" in mark };
      this.words("over", at.x(middleOf(mark)), box.top - 5 - LINE_PX * tier, mark.letter || mark.text, look);
    }
  }

  grid(plot, box, ticks) {
    const place = placing(plot, box);
    if (plot.marks.some((mark) => mark.kind === "cells")) return;
    const upright = (x) => [[x, box.top], [x, box.bottom]];
    const lying = (y) => [[box.left, y], [box.right, y]];
    if (!plot.x.names) this.path("grid", ticks.x.map(([at]) => upright(place.x(at))), { stroke: "grid", width: 1 });
    if (!plot.y.names) this.path("grid", ticks.y.map(([at]) => lying(place.y(at))), { stroke: "grid", width: 1 });
  }

  axes(plot, box, ticks, last, column) {
    const place = placing(plot, box);
    const { left, right, top, bottom } = box;
    if (!plot.bare) this.path("axis", [[[left, top], [left, bottom], [right, bottom]]], { stroke: "s6", width: 1 });
    if (last && !barePlain(plot, "x")) {
      const every = this.stride(ticks.x.map(([, text]) => text), right - left);
      ticks.x.forEach(([at, text], number) => {
        if (number % every) return;
        split(text).forEach((part, line) => this.words("x tick", place.x(at), bottom + 15 + LINE_PX * line, part, { anchor: "middle", size: SMALL }));
      });
      const names = greatest(ticks.x.map(([, text]) => split(text).length), 0);
      split(plot.x.label).forEach((part, line) => {
        const half = this.measure(part, TEXT, false) / 2;
        const x = Math.max(column[0] + half, Math.min((left + right) / 2, column[1] - half));
        this.words("x label", x, bottom + 16 + LINE_PX * (names + line), part, { anchor: "middle" });
      });
    }
    let widest = 0;
    if (!barePlain(plot, "y")) {
      const every = Math.ceil((13 * ticks.y.length) / Math.max(1, bottom - top)) || 1;
      ticks.y.forEach(([at, text], number) => {
        if (number % every) return;
        const lines = split(text);
        widest = Math.max(widest, this.widest([text]));
        lines.forEach((part, line) => this.words("y tick", left - 6, place.y(at) + 4 + 14 * (line - (lines.length - 1) / 2), part, { anchor: "end", size: SMALL }));
      });
    }
    const label = split(plot.y.label);
    label.forEach((part, line) => {
      const x = left - 12 - widest - LINE_PX * (label.length - 1 - line);
      this.words("y label", x, (top + bottom) / 2, part, { anchor: "middle", turned: true });
    });
  }

  /** Every how many-th text has room along x. */
  stride(texts, length) {
    return Math.max(1, Math.ceil(((this.widest(texts) + 6) * texts.length) / Math.max(1, length)));
  }

  colourBar(plot, box) {
    const [left, top, tall] = [box.right + 12, box.top, box.bottom - box.top];
    for (let step = 0; step < 24; step++) {
      const low = top + tall * (1 - step / 24);
      this.path("ramp", [rectangle(left, low - tall / 24, left + 12, low)], { closed: true, fill: rampColour(step / 23) });
    }
    const scale = scaleOf(plot);
    const ticks = ticksOf(scale, tall, "y");
    for (const [at, text] of ticks) this.words("colour tick", left + 18, top + tall * (1 - placeOn(at, scale)) + 4, text, { size: SMALL });
    const x = left + 34 + this.widest(ticks.map(([, text]) => text));
    this.words("colour label", x, top + tall / 2, scale.label, { anchor: "middle", turned: true });
  }

  /** Keys and labels, as many in a row as there is room for; how many rows they take. */
  legend(plot, left, top, width, draw = true) {
    let [x, row] = [0, 0];
    const seen = new Set();
    for (const mark of plot.marks) {
      const label = mark.letter ? mark.text : mark.label;
      if (!label || mark.ghost || seen.has(label)) continue;
      seen.add(label);
      const key = mark.letter ? this.measure(mark.letter, TEXT, true) + 6 : KEY_PX;
      const wide = key + this.measure(label, TEXT, false) + 16;
      if (x && x + wide > width - 14) [x, row] = [0, row + 1];
      if (draw) {
        const y = top + LEGEND_PX * row + 10;
        if (mark.letter) this.words("key", left + x, y + 4, mark.letter, { bold: true });
        else this.key(mark, left + x, y);
        this.words("legend", left + x + key, y + 4, label);
      }
      x += wide;
    }
    return seen.size ? row + 1 : 0;
  }

  /** What a mark looks like, in small. */
  key(mark, x, y) {
    const { kind, hollow } = mark;
    const number = styleOf(mark);
    if (["line", "rule", "arrow"].includes(kind)) {
      this.path("key", [[[x, y], [x + 24, y]]], { stroke: `s${number}`, width: 2, dash: { line: number, rule: INK }[kind] });
    }
    if (kind === "dots" || (kind === "line" && !mark.plain)) this.glyph("key", x + 12, y, number, 4.5, { hollow });
    if (["band", "bars", "step", "span", "arc"].includes(kind)) {
      const shade = kind === "band" || (kind === "span" && mark.row === undefined);
      const fill = hollow ? "ground" : `s${number}`;
      const look = { closed: true, fill, opacity: shade ? 0.3 : 1, stroke: shade ? null : "s6", hatch: mark.hatch };
      this.path("key", [rectangle(x + 2, y - 6, x + 22, y + 6)], look);
    }
  }

  // shapes

  add(shape, look) {
    for (const [name, value] of Object.entries(look)) if (value != null && value !== false) shape[name] = value;
    this.shapes.push(shape);
  }

  path(of, lines, look) {
    if (lines.length) this.add({ shape: "path", of, lines }, look);
  }

  glyph(of, x, y, style, r, look = {}) {
    this.add({ shape: "glyph", of, x, y, style, r }, look);
  }

  words(of, x, y, text, look = {}) {
    this.add({ shape: "words", of, x, y, text }, look);
  }

  // marks; one of an earlier setting is a `ghost`: thin, faint, and without markers

  draw_line(mark, at, of) {
    const number = styleOf(mark);
    const points = mark.x.map((x, each) => at.point(x, mark.y[each]));
    const look = mark.ghost ? { width: 1.3, opacity: 0.6, ghost: mark.ghost } : { width: 2 };
    this.path(of, runsOf(points), { stroke: `s${number}`, dash: number, clip: at.number, ...look });
    if (mark.ghost && points.length) this.ghostNumber(mark, points, at, of);
    if (mark.plain || mark.ghost) return;
    const every = Math.max(1, Math.ceil((points.length * 24) / Math.max(1, at.box.right - at.box.left)));
    points.forEach((point, each) => each % every === 0 && point && this.glyph(of, ...point, number, 3.5));
  }

  /** The number of an earlier setting, on its first line in a plot. */
  ghostNumber(mark, points, at, of) {
    if (at.plot.marks.find((each) => each.ghost === mark.ghost && each.kind === "line") !== mark) return;
    const point = points[Math.floor((points.length - 1) * (0.35 + 0.12 * mark.ghost))];
    if (point && point[1] > at.box.top) this.words(of, point[0] + 3, point[1] - 4, String(mark.ghost), { size: SMALL, bold: true, ghost: mark.ghost });
  }

  draw_band(mark, at, of) {
    const edge = (side) => mark.x.map((x, each) => at.point(x, mark[side][each]));
    const points = [...edge("high"), ...edge("low").reverse()].filter(Boolean);
    this.path(of, [points], { closed: true, fill: `s${styleOf(mark)}`, opacity: 0.22, clip: at.number });
  }

  draw_step(mark, at, of) {
    const turns = [mark.x[0], ...mark.x.slice(1).map((x, each) => (mark.x[each] + x) / 2), mark.x.at(-1)];
    const edge = [at.point(turns[0], 0)];
    mark.y.forEach((y, each) => edge.push(at.point(turns[each], y), at.point(turns[each + 1], y)));
    edge.push(at.point(turns.at(-1), 0));
    const look = `s${styleOf(mark)}`;
    if (mark.ghost) this.path(of, [edge], { stroke: look, width: 1.3, opacity: 0.6, clip: at.number, ghost: mark.ghost });
    else this.path(of, [edge], { closed: true, fill: look, stroke: look, width: 1.5, clip: at.number });
  }

  draw_bars(mark, at, of) {
    const half = (mark.width ?? 0.72) / 2;
    const point = (value, place) => (mark.across ? at.point(value, place) : at.point(place, value));
    const fill = mark.hollow ? "ground" : `s${styleOf(mark)}`;
    mark.at.forEach((place, number) => {
      const value = mark.value[number];
      if (mark.ghost) {
        const end = [point(value, place - half), point(value, place + half)];
        if (value != null) this.path(of, [end], { stroke: "s6", width: 2, opacity: 0.6, clip: at.number, ghost: mark.ghost });
        return;
      }
      if (value != null) {
        const edge = [point(0, place - half), point(value, place - half), point(value, place + half), point(0, place + half)];
        this.path(of, [edge], { closed: true, fill, stroke: "s6", width: 0.8, clip: at.number });
      }
      const [low, high] = [mark.low?.[number], mark.high?.[number]];
      if (low != null) this.whisker(of, point(low, place), point(high, place));
      if (mark.texts) {
        const ends = [value, high].filter((each) => each != null);
        const [x, y] = point(ends.length ? Math.max(...ends) : 0, place);
        if (mark.across) this.words(of, x + 5, y + 4, mark.texts[number], { size: SMALL });
        else this.words(of, x, y - 5, mark.texts[number], { size: SMALL, anchor: "middle" });
      }
    });
  }

  /** From `a` to `b`, with a short stroke across each end. */
  whisker(of, a, b) {
    const [u, v] = a[1] === b[1] ? [0, 4] : [4, 0];
    const caps = [a, b].map(([x, y]) => [[x - u, y - v], [x + u, y + v]]);
    this.path(of, [[a, b], ...caps], { stroke: "s6", width: 1.2 });
  }

  draw_dots(mark, at, of) {
    const number = styleOf(mark);
    const radius = mark.radius_px ?? 4.5;
    mark.y.forEach((y, each) => {
      const [x, low, high] = [mark.x[each], mark.low?.[each], mark.high?.[each]];
      const point = at.point(x, y);
      if (mark.ghost) {
        if (point) this.glyph(of, ...point, number, radius * 0.7, { hollow: true, opacity: 0.6, ghost: mark.ghost });
        return;
      }
      if (low != null && high != null) {
        this.path(of, [[at.point(low, y), at.point(high, y)]], { stroke: `s${number}`, width: 6, opacity: 0.35, round: true });
      }
      if (!point) return;
      const look = { hollow: mark.hollow };
      if (mark.values) {
        const { low: least, high: most } = at.plot.colours;
        look.fill = rampColour((mark.values[each] - least) / (most - least));
      }
      this.glyph(of, ...point, number, radius, look);
      if (mark.texts) {
        const ends = [point[0], ...[low, high].filter((end) => end != null).map(at.x)];
        const late = point[0] > at.box.left + 0.6 * (at.box.right - at.box.left);
        const side = late ? Math.min(...ends) - radius - 4 : Math.max(...ends) + radius + 4;
        this.words(of, side, point[1] + 4, mark.texts[each], { size: SMALL, anchor: late ? "end" : "start" });
      }
    });
  }

  draw_text(mark, at, of) {
    const [x, y] = at.point(mark.x, mark.y);
    this.words(of, x + (mark.right_px ?? 0), y + 4 - (mark.up_px ?? 0), mark.text, {
      anchor: { left: "start", center: "middle", right: "end" }[mark.align ?? "center"],
      bold: mark.bold,
      size: mark.small ? SMALL : TEXT,
      colour: `s${styleOf(mark)}`,
    });
  }

  draw_span(mark, at, of) {
    const { box } = at;
    const [low, high] = [mark.low, mark.high].map((end) => Math.min(Math.max(at.x(end), box.left), box.right));
    const fill = mark.hollow ? "ground" : `s${styleOf(mark)}`;
    if (mark.row === undefined) {
      this.path(of, [rectangle(low, box.top, high, box.bottom)], { closed: true, fill, opacity: 0.3, hatch: mark.hatch });
      return;
    }
    const half = (mark.width ?? 0.6) / 2;
    const [upper, lower] = [at.y(mark.row + half), at.y(mark.row - half)];
    const line = fill === `s${FAINT}` ? { opacity: 0.3 } : { stroke: "s6", width: 0.8 };
    this.path(of, [rectangle(low, upper, high, lower)], { closed: true, fill, hatch: mark.hatch, ...line });
    if (mark.text && this.measure(mark.text, SMALL, false) < high - low - 10) {
      const colour = mark.hollow ? "s6" : onColour(styleOf(mark));
      this.words(of, (low + high) / 2, (upper + lower) / 2 + 4, mark.text, { size: SMALL, anchor: "middle", colour });
    }
  }

  draw_rule(mark, at, of) {
    const { box } = at;
    const [x, y] = mark.level ? [null, at.y(mark.at)] : [at.x(mark.at), null];
    const line = mark.level ? [[box.left, y], [box.right, y]] : [[x, box.top], [x, box.bottom]];
    this.path(of, [line], { stroke: `s${styleOf(mark)}`, width: 1.3, dash: INK, clip: at.number });
  }

  draw_cells(mark, at, of) {
    const { low, high } = at.plot.colours;
    const rows = mark.values.length;
    mark.values.forEach((values, row) =>
      values.forEach((value, column) => {
        const [[left, upper], [right, lower]] = [-0.5, 0.5].map((side) => at.point(column + side, rows - 1 - row - side));
        const share = value === null ? null : (value - low) / (high - low);
        this.path(of, [rectangle(left, upper, right, lower)], { closed: true, fill: value === null ? `s${FAINT}` : rampColour(share) });
        const text = mark.texts?.[row][column];
        if (text && this.measure(text, SMALL, false) < right - left - 2 && lower - upper > 11) {
          const colour = share === null ? "s6" : share < 0.55 ? "#FFFFFF" : "#000000";
          this.words(of, (left + right) / 2, (upper + lower) / 2 + 4, text, { size: SMALL, anchor: "middle", colour });
        }
      }),
    );
  }

  draw_arc(mark, at, of) {
    const number = styleOf(mark);
    const { start, end, inner, outer } = mark;
    const steps = Math.max(2, Math.ceil((end - start) * 120));
    const turns = Array.from({ length: steps + 1 }, (_, step) => start + ((end - start) * step) / steps);
    const points = [...turns.map((turn) => at.turned(turn, outer)), ...turns.map((turn) => at.turned(turn, inner)).reverse()];
    this.path(of, [points], { closed: true, fill: `s${number}`, stroke: "ground", width: 0.7 });
    if (mark.text && end - start > 0.02) {
      const [x, y] = at.turned((start + end) / 2, (inner + outer) / 2);
      this.words(of, x, y + 4, mark.text, { size: SMALL, anchor: "middle", colour: onColour(number) });
    }
  }

  draw_box(mark, at, of) {
    const [x, y] = at.point(mark.x, mark.y);
    const { width_px: wide, height_px: tall, lines = [], code = [] } = mark;
    const look = `s${styleOf(mark)}`;
    const [left, top] = [x - wide / 2, y - tall / 2];
    this.add({ shape: "frame", of, x: left, y: top, wide, tall, stroke: look }, mark.dashed ? { dash: VERMILION } : {});
    this.words(of, left + 8, top + 18, mark.head, { bold: true, colour: look });
    if (mark.corner) this.words(of, left + wide - 7, top + 17, mark.corner, { size: SMALL, italic: true, anchor: "end" });
    lines.forEach((line, row) => this.words(of, left + 8, top + 35 + LINE_PX * row, line, { size: SMALL }));
    code.forEach((line, row) => this.words(of, left + 8, top + 35 + LINE_PX * (row + lines.length), line, { size: SMALL, mono: true }));
  }

  draw_arrow(mark, at, of) {
    let [[ax, ay], [bx, by]] = [at.point(mark.x0, mark.y0), at.point(mark.x1, mark.y1)];
    const [clear, bend] = [(bx >= ax ? 1 : -1) * (mark.clear_px ?? 0), mark.bend ?? 0];
    [ax, bx] = [ax + clear, bx - clear];
    const [mx, my] = [(ax + bx) / 2 + 2 * bend * (by - ay), (ay + by) / 2 - 2 * bend * (bx - ax)];
    const part = mark.lost ? 0.5 : 1;
    const steps = bend ? Array.from({ length: 13 }, (_, step) => (part * step) / 12) : [0, part];
    const way = steps.map((t) => [
      (1 - t) ** 2 * ax + 2 * t * (1 - t) * mx + t * t * bx,
      (1 - t) ** 2 * ay + 2 * t * (1 - t) * my + t * t * by,
    ]);
    const look = `s${styleOf(mark)}`;
    const [[px, py], [x, y]] = way.slice(-2);
    if (mark.lost) {
      this.path(of, [way], { stroke: look, width: 1.5, clip: at.number });
      const cross = [[[x - 4, y - 4], [x + 4, y + 4]], [[x - 4, y + 4], [x + 4, y - 4]]];
      this.path(of, cross, { stroke: look, width: 2, clip: at.number });
      return;
    }
    const far = Math.hypot(x - px, y - py) || 1;
    const [u, v] = [(x - px) / far, (y - py) / far];
    const base = [x - 9 * u, y - 9 * v];
    this.path(of, [[...way.slice(0, -1), base]], { stroke: look, width: 1.5, clip: at.number });
    const head = [[x, y], [base[0] - 4 * v, base[1] + 4 * u], [base[0] + 4 * v, base[1] - 4 * u]];
    this.path(of, [head], { closed: true, fill: look, clip: at.number });
  }
}
