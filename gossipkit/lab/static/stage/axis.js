// Scrub bar and lanes on one time axis.

const LANE_HEIGHT = 40;
const THUMB_PX = 16; // the range's thumb: the axis begins and ends where its middle can go

/** @param {{seek: (t: number) => void}} tell */
function makeAxis(tell) {
  const scrubId = freshId();
  const scrub = control("input", { id: scrubId, type: "range", class: "gk-scrubber", min: 0, step: 50_000, value: 0 });
  const shown = make("output", { for: scrubId, class: "gk-value gk-clock" });
  const faults = make("div", { class: "gk-fault-marks", "aria-hidden": "true" });
  const lanes = make("div", { class: "gk-lanes" });
  const ticks = makeSvg("svg", { class: "gk-ticks", "aria-hidden": "true", height: 18 });
  const head = make("div", { class: "gk-playhead", "aria-hidden": "true" });
  const plot = make("div", { class: "gk-plot" }, lanes, ticks, head);
  const element = make(
    "div",
    { class: "gk-axis" },
    make("div", { class: "gk-head" }, make("label", { for: scrubId }, "Time"), shown),
    make("div", { class: "gk-scrub-row" }, faults, scrub),
    plot,
  );
  let recording = null;
  let width = 0;
  let values = [];
  let pixel = -1;

  scrub.addEventListener("input", () => tell.seek(Number(scrub.value)));
  const fromPointer = (event) => {
    const box = lanes.getBoundingClientRect();
    tell.seek(((event.clientX - box.left) / box.width) * recording.length);
  };
  plot.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || !recording) return;
    plot.setPointerCapture(event.pointerId);
    fromPointer(event);
  });
  plot.addEventListener("pointermove", (event) => {
    if (plot.hasPointerCapture(event.pointerId)) fromPointer(event);
  });

  const laneView = (lane, index) => {
    const value = make("span", { class: "gk-value" });
    const name = make("span", { class: `gk-lane-name gk-lane-${lane.name}` }, lane.title);
    values[index] = null;
    if (lane.off) return make("div", { class: "gk-lane gk-off" }, make("div", { class: "gk-lane-head" }, name, make("span", { class: "gk-help" }, lane.note || "This layer is switched off in this run.")));
    const { time, value: numbers } = recording.curves[index];
    const high = lane.curve?.high || Math.max(1, ...numbers);
    const count = recording.meta.events.filter((event) => event.lane === lane.name).length;
    const marks = bunchEvents(recording.meta.events, recording.eventTimes, lane.name, recording.length, width);
    if (lane.curve) values[index] = { value, time, numbers, unit: lane.curve.unit ?? "", drawn: null };
    const said = lane.curve ? [make("span", {}, `${lane.curve.label}:`), value] : [];
    const path = stepPath(time, numbers, recording.length, width, LANE_HEIGHT - 12, high);
    return make(
      "div",
      { class: `gk-lane gk-lane-${lane.name}` },
      make("div", { class: "gk-lane-head" }, name, ...said, make("span", { class: "gk-lane-count" }, count ? sayCount(count, "events") : "no events")),
      makeSvg(
        "svg",
        { width, height: LANE_HEIGHT, viewBox: `0 0 ${width} ${LANE_HEIGHT}`, "aria-hidden": "true" },
        ...(path ? [makeSvg("path", { d: `${path}V${LANE_HEIGHT - 12}H0Z`, class: "gk-curve-fill", transform: "translate(0 10)" }), makeSvg("path", { d: path, class: "gk-curve", transform: "translate(0 10)" })] : []),
        makeSvg("path", { d: marks.map(({ x, count }) => `M${x.toFixed(1)},0v${Math.min(9, 4 + count)}`).join(""), class: "gk-lane-events" }),
      ),
    );
  };
  const draw = () => {
    if (!recording || width <= 0) return;
    const { meta, length } = recording;
    fill(lanes, ...meta.lanes.map(laneView));
    const place = (at_s) => (micros(meta, at_s) / length) * width;
    ticks.setAttribute("width", width);
    fill(
      ticks,
      ...timeTicks(meta.window[0], meta.window[1], width).flatMap((at_s) => {
        const x = place(at_s);
        const anchor = x < 12 ? "start" : x > width - 16 ? "end" : "middle";
        return [makeSvg("path", { d: `M${x},0v4` }), makeSvg("text", { x, y: 15, "text-anchor": anchor }, `${at_s} s`)];
      }),
    );
    const marks = meta.faults.map((fault) => make("span", { class: "gk-fault-mark", style: `left:${place(fault.at_s)}px`, title: `${sayNumber(fault.at_s)} s: ${fault.text}` }));
    fill(faults, ...marks.map((mark) => mark.cloneNode()));
    plot.querySelectorAll(".gk-fault-line").forEach((line) => line.remove());
    plot.append(...meta.faults.map((fault) => make("span", { class: "gk-fault-line", style: `left:${place(fault.at_s)}px`, "aria-hidden": "true" })));
    pixel = -1;
  };

  return {
    element,
    scrub,
    load(next) {
      recording = next;
      scrub.max = recording.length;
      draw();
    },
    resize(next) {
      if (next - THUMB_PX === width) return;
      width = next - THUMB_PX;
      draw();
    },
    /** Put the playhead to `t`; cheap enough for each frame. */
    show(t) {
      const x = Math.round((t / recording.length) * width * 2) / 2;
      if (x === pixel) return;
      pixel = x;
      head.style.transform = `translateX(${x}px)`;
      if (document.activeElement !== scrub || Math.abs(Number(scrub.value) - t) > 50_000) scrub.value = t;
      shown.textContent = `${seconds(recording.meta, t).toFixed(2)} s of ${sayNumber(recording.meta.window[1])} s`;
      for (const each of values) {
        if (!each) continue;
        const number = valueAt(each.time, each.numbers, t);
        if (number === each.drawn) continue;
        each.drawn = number;
        each.value.textContent = sayCount(number, each.unit);
      }
    },
    /** Put the time into words, for the range. */
    say(text) {
      scrub.setAttribute("aria-valuetext", text);
    },
  };
}
