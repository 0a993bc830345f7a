// The three lanes on one time axis: how a curve, its events and the ticks become pixels.

/** The value of a curve of changes at `t`; nothing is known before the first. */
function valueAt(times, values, t) {
  const until = countUntil(times, t);
  return until ? values[until - 1] : null;
}

/** An SVG path of steps in `width` × `height`, at most four points a pixel: within one, only its lowest, highest and last value can be seen. */
function stepPath(times, values, length, width, height, high) {
  if (!times.length) return "";
  const x = (t) => (t / length) * width;
  const y = (value) => height - (Math.max(0, Math.min(high, value)) / high) * height;
  const place = (number) => Math.round(number * 10) / 10;
  let path = `M${place(x(times[0]))},${place(y(values[0]))}`;
  let i = 1;
  while (i < times.length) {
    const column = Math.floor(x(times[i]));
    let low = values[i];
    let top = values[i];
    let last = values[i];
    for (; i < times.length && Math.floor(x(times[i])) === column; i++) {
      low = Math.min(low, values[i]);
      top = Math.max(top, values[i]);
      last = values[i];
    }
    path += `H${column + 0.5}`;
    if (low !== top) path += `V${place(y(low))}V${place(y(top))}`;
    path += `V${place(y(last))}`;
  }
  return `${path}H${width}`;
}

/** Events of one lane that fall within the same `gap` pixels, as one mark: where, how many, and the first one's index. */
function bunchEvents(events, times, lane, length, width, gap = 3) {
  const marks = [];
  events.forEach((event, index) => {
    if (event.lane !== lane) return;
    const x = (times[index] / length) * width;
    const last = marks.at(-1);
    if (last && x - last.x < gap) last.count++;
    else marks.push({ x, count: 1, index });
  });
  return marks;
}

/** Round seconds between `low` and `high`, at least `apart` pixels from each other. */
function timeTicks(low, high, width, apart = 56) {
  const least = ((high - low) * apart) / Math.max(1, width);
  const step = [0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600].find((each) => each >= least) ?? 3600;
  const ticks = [];
  for (let n = Math.ceil(low / step - 1e-9); n * step <= high + 1e-9; n++) ticks.push(Math.round(n * step * 10) / 10);
  return ticks;
}

/** A count with its unit, which is given in the plural. */
function sayCount(value, unit) {
  if (value !== 1) return `${sayNumber(value)} ${unit}`.trim();
  return `1 ${unit.replace(/^(\w+?)(ies|s)\b/, (_, stem, ending) => (ending === "ies" ? `${stem}y` : stem))}`.trim();
}

/** A number as it is read: at most three digits that matter. */
function sayNumber(value) {
  if (value === null || Number.isNaN(value)) return "–";
  if (Number.isInteger(value) || Math.abs(value) >= 100) return Math.round(value).toLocaleString("en");
  return String(Number(value.toPrecision(3)));
}
