// What the charts' JavaScript must do, as cases that run under Node and in a browser: test_chart_js.py joins this file to the
// lab's code. Python computes the same places (test_layout.py); here is what only the browser has.

function equal(found, wanted) {
  const [a, b] = [found, wanted].map((each) => JSON.stringify(each));
  if (a !== b) throw new Error(`found ${a}, wanted ${b}`);
}

const measured = (text, size) => text.length * size * 0.55;
const axis = (low, high, more = {}) => ({ label: "", low, high, scale: "linear", ...more });
const plotOf = (marks, more = {}) => ({ x: axis(0, 4, { label: "round" }), y: axis(0, 10), marks, ...more });
const chartOf = (...plots) => ({ title: "T", height: 300, plots });
const lineOf = (y, more = {}) => ({ kind: "line", x: y.map((_, at) => at), y, ...more });
const stopsIn = (plot) => {
  const drawing = new Drawing(chartOf(plot), 720, measured);
  return stopsOf(drawing.boxes[0].plot, drawing.boxes[0]);
};
const texts = (plot) => stopsIn(plot).map((stop) => stop.text);
const tickTexts = (given, length, which = "x") => ticksOf(given, length, which).map(([, text]) => text);

const CASES = [
  ["linear ticks are 1, 2 or 5 times a power of ten", () => equal(tickTexts(axis(0, 1), 160), ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"])],
  ["whole ticks are whole", () => equal(tickTexts(axis(0, 2, { whole: true }), 400), ["0", "1", "2"])],
  ["thousands stand apart", () => equal(tickTexts(axis(0, 2000), 90), ["0", "1,000", "2,000"])],
  ["a tick at zero has no sign", () => equal(tickTexts(axis(-0.1, 0.1), 150).includes("-0.00"), false)],
  ["powers of ten are written out while they are short", () => equal(tickTexts(axis(1e-7, 10, { scale: "log" }), 120), ["10⁻⁷", "0.0001", "0.1"])],
  ["less than two decades have ticks between", () => equal(tickTexts(axis(0.05, 1, { scale: "log" }), 300), ["0.05", "0.1", "0.2", "0.5", "1"])],
  ["symlog begins with zero", () => equal(tickTexts(axis(0, 5000, { scale: "symlog" }), 300), ["0", "1", "10", "100", "1,000"])],
  ["ticks that are given stay, with their names", () => equal(tickTexts(axis(0, 5, { ticks: [1, 3, 9], names: ["a", "b", "c"] }), 300), ["a", "b"])],
  ["a logarithm of zero has no place", () => equal(placeOn(0, axis(0.1, 10, { scale: "log" })), null)],
  ["half of a logarithmic axis", () => equal(placeOn(10, axis(1, 100, { scale: "log" })), 0.5)],

  ["a line is read at each of its places, and a gap is not", () => equal(texts(plotOf([lineOf([1, null, 3.14159], { label: "push" })])), ["round 0: push 1", "round 2: push 3.142"])],
  [
    "all that lies at a place is read together",
    () => equal(texts(plotOf([{ kind: "band", x: [1], low: [2], high: [3], label: "band" }, { kind: "line", x: [1], y: [2.5] }])), ["round 1: band 2 to 3, 2.5"]),
  ],
  [
    "what is shown now is read before what was",
    () => equal(texts(plotOf([lineOf([7], { label: "push", ghost: 1 }), lineOf([8], { label: "push" })])), ["round 0: push 8, earlier 1 push 7"]),
  ],
  ["a moment is read with its letter", () => equal(texts(plotOf([{ kind: "rule", at: 2, letter: "A", text: "crash" }])), ["round 2: A crash"])],
  ["what lies outside of the axis is not read", () => equal(texts(plotOf([{ kind: "line", x: [1, 9], y: [1, 2] }])), ["round 1: 1"])],
  [
    "rows are read from above, by their names",
    () => {
      const y = axis(-0.5, 1.5, { ticks: [0, 1], names: ["low\nrow", "high"] });
      const marks = [
        { kind: "bars", across: true, at: [0], value: [4], low: [3], high: [5] },
        { kind: "span", row: 1, low: 0, high: 2, label: "joining" },
      ];
      equal(texts(plotOf(marks, { y })), ["high: joining from 0 to 2", "low row: 4 (3 to 5)"]);
    },
  ],
  [
    "cells are read by row and column",
    () => {
      const names = (...given) => axis(-0.5, given.length - 0.5, { ticks: given.map((_, at) => at), names: given });
      const x = { ...names("0.1", "0.2"), label: "loss" };
      const y = { ...names("9", "1"), label: "fanout" };
      const plot = plotOf([{ kind: "cells", values: [[1, null], [3, 4]] }], { x, y, colours: { label: "c", low: 0, high: 4 } });
      equal(texts(plot), ["fanout 1, loss 0.1: 1", "fanout 1, loss 0.2: nothing", "fanout 9, loss 0.1: 3", "fanout 9, loss 0.2: 4"]);
    },
  ],
  ["boxes are read with all that stands in them", () => equal(texts(plotOf([{ kind: "box", x: 1, y: 1, width_px: 9, height_px: 9, head: "D1", code: ["Sx: 1"], corner: "sibling" }], { bare: true })), ["D1, sibling, Sx: 1"])],

  [
    "the pointer finds the nearest place of the plot that it is in",
    () => {
      const chart = chartOf(plotOf([lineOf([1, 2, 3, 4, 5])], { share: 0.5 }), plotOf([lineOf([5, 6])], { share: 0.5 }));
      const { boxes } = new Drawing(chart, 720, measured);
      const stops = boxes.map((box) => stopsOf(box.plot, box));
      const [first, second] = boxes;
      equal(nearestStop(boxes, stops, first.left + 0.49 * (first.right - first.left), first.top + 5), [0, 2]);
      equal(nearestStop(boxes, stops, second.right, second.bottom), [1, 1]);
      equal(nearestStop(boxes, stops, -50, 5), null);
    },
  ],
  [
    "keys walk along a plot and from plot to plot",
    () => {
      const stops = [[{}, {}, {}], [], [{}]];
      equal(stepped(stops, null, "ArrowRight"), [0, 0]);
      equal(stepped(stops, [0, 0], "ArrowRight"), [0, 1]);
      equal(stepped(stops, [0, 0], "ArrowLeft"), [0, 0]);
      equal(stepped(stops, [0, 1], "End"), [0, 2]);
      equal(stepped(stops, [0, 2], "Home"), [0, 0]);
      equal(stepped(stops, [0, 2], "ArrowDown"), [2, 0]);
      equal(stepped(stops, [2, 0], "ArrowDown"), [2, 0]);
      equal(stepped(stops, [2, 0], "ArrowUp"), [0, 0]);
      equal(stepped(stops, [0, 0], "a"), null);
      equal(stepped([[]], null, "ArrowRight"), null);
    },
  ],

  [
    "axes only grow while controls move",
    () => {
      const past = new Past();
      past.see(chartOf(plotOf([lineOf([1])], { y: axis(0, 10) })), [["a", "1"]]);
      past.see(chartOf(plotOf([lineOf([2])], { y: axis(2, 5) })), [["a", "2"]]);
      past.see(chartOf(plotOf([lineOf([3])], { y: axis(-1, 7) })), [["a", "3"]]);
      const { low, high } = past.shown().plots[0].y;
      equal([low, high], [-1, 10]);
    },
  ],
  [
    "names and drawings are not held",
    () => {
      const past = new Past();
      const named = axis(-0.5, 9.5, { names: ["a"], ticks: [0] });
      past.see(chartOf(plotOf([], { y: named, x: axis(0, 9) })), [["a", "1"]]);
      past.see(chartOf(plotOf([], { y: { ...named, high: 3 }, x: axis(0, 1) })), [["a", "2"]]);
      equal([past.shown().plots[0].y.high, past.shown().plots[0].x.high], [3, 9]);
    },
  ],
  [
    "the last three settings stay, the newest first, and one that comes back is not its own ghost",
    () => {
      const past = new Past();
      for (const at of [1, 2, 3, 4, 5]) past.see(chartOf(plotOf([lineOf([at])])), [["a", `${at}`]]);
      const ghosts = () => past.shown().plots[0].marks.filter((mark) => mark.ghost).map((mark) => [mark.ghost, mark.y[0]]);
      equal(ghosts(), [[1, 4], [2, 3], [3, 2]]);
      past.see(chartOf(plotOf([lineOf([3])])), [["a", "3"]]);
      equal(ghosts(), [[1, 5], [2, 4], [3, 2]]);
    },
  ],
  [
    "a pinned setting stays beside three others",
    () => {
      const past = new Past();
      past.see(chartOf(plotOf([lineOf([1])])), [["a", "1"]]);
      past.see(chartOf(plotOf([lineOf([2])])), [["a", "2"]]);
      past.earlier[0].pinned = true;
      for (const at of [3, 4, 5, 6]) past.see(chartOf(plotOf([lineOf([at])])), [["a", `${at}`]]);
      equal(past.earlier.map((each) => each.setting[0][1]), ["5", "4", "3", "1"]);
    },
  ],
  [
    "clearing forgets settings and lets axes shrink to what is shown",
    () => {
      const past = new Past();
      past.see(chartOf(plotOf([lineOf([1])], { y: axis(0, 100) })), [["a", "1"]]);
      past.see(chartOf(plotOf([lineOf([2])], { y: axis(0, 5) })), [["a", "2"]]);
      past.clear();
      equal([past.shown().plots[0].y.high, past.shown().plots[0].marks.length], [5, 1]);
    },
  ],
  [
    "a ghost is thin, has no markers and no place in the legend",
    () => {
      const past = new Past();
      past.see(chartOf(plotOf([lineOf([1, 2], { label: "push" })])), [["a", "1"]]);
      past.see(chartOf(plotOf([lineOf([3, 4], { label: "push" })])), [["a", "2"]]);
      const { shapes } = new Drawing(past.shown(), 720, measured);
      const ghosts = shapes.filter((shape) => shape.ghost);
      equal(ghosts.map((shape) => shape.shape), ["path", "words"]);
      equal(shapes.filter((shape) => shape.of === "legend").map((shape) => shape.text), ["push"]);
      equal(ghosts[0].width < 2 && ghosts[0].opacity < 1, true);
    },
  ],
  ["what has not changed leaves no ghost", () => {
    const past = new Past();
    for (const at of ["1", "2"]) past.see(chartOf(plotOf([lineOf([1, 2])])), [["a", at]]);
    equal(past.shown().plots[0].marks.length, 1);
  }],
  ["an earlier setting is said by what differs", () => equal(differences([["Fanout", "2"], ["Loss", "0"]], [["Fanout", "3"], ["Loss", "0"]]), "Fanout: 2")],
];
