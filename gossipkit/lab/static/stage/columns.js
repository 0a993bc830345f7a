// What the kernel sends of a run: one JSON description and one buffer of columns. Times in the columns are µs since the window's start.

/**
 * @typedef {{name: string, type: "u32"|"u16"|"u8"|"f32", offset: number, length: number}} Column
 * @typedef {{sent: Uint32Array, flight: Uint32Array, from: Uint16Array, to: Uint16Array, kind: Uint8Array, fate: Uint8Array}} Packets
 * @typedef {{meta: any, length: number, packets: Packets, states: {time: Uint32Array, node: Uint16Array, state: Uint8Array},
 *   beliefs: {time: Uint32Array, observer: Uint16Array, subject: Uint16Array, word: Uint8Array},
 *   curves: {time: Uint32Array, value: Float32Array}[], eventTimes: Float64Array}} Recording
 */

const COLUMN_TYPES = { u32: Uint32Array, u16: Uint16Array, u8: Uint8Array, f32: Float32Array };

/** Whether this buffer is the one that `meta` describes: they come one after the other, and a view may be told of the first alone. */
function fits(meta, data) {
  return Boolean(meta && meta.columns && data && meta.bytes === data.byteLength);
}

/** The columns by name, as views of one buffer.
 * @returns {Object<string, any>} */
function readColumns(columns, data) {
  let buffer = data.buffer ?? data;
  let start = data.byteOffset ?? 0;
  if (start % 4) {
    // a typed array must begin at a multiple of its size
    buffer = buffer.slice(start, start + data.byteLength);
    start = 0;
  }
  return Object.fromEntries(
    columns.map(({ name, type, offset, length }) => [name, new COLUMN_TYPES[type](buffer, start + offset, length)]),
  );
}

/** A run as the stage plays it.
 * @returns {Recording} */
function readRecording(meta, data) {
  const c = readColumns(meta.columns, data);
  const column = (name, type) => c[name] ?? new COLUMN_TYPES[type](0);
  return {
    meta,
    length: Math.round((meta.window[1] - meta.window[0]) * 1e6),
    packets: {
      sent: column("p_sent", "u32"),
      flight: column("p_flight", "u32"),
      from: column("p_from", "u16"),
      to: column("p_to", "u16"),
      kind: column("p_kind", "u8"),
      fate: column("p_fate", "u8"),
    },
    states: { time: column("s_time", "u32"), node: column("s_node", "u16"), state: column("s_state", "u8") },
    beliefs: {
      time: column("b_time", "u32"),
      observer: column("b_observer", "u16"),
      subject: column("b_subject", "u16"),
      word: column("b_word", "u8"),
    },
    curves: meta.lanes.map((_, lane) => ({ time: column(`c${lane}_time`, "u32"), value: column(`c${lane}_value`, "f32") })),
    eventTimes: Float64Array.from(meta.events, (event) => micros(meta, event.at_s)),
  };
}

/** Seconds of the run as µs since the window's start. */
function micros(meta, at_s) {
  return Math.round((at_s - meta.window[0]) * 1e6);
}

/** µs since the window's start as seconds of the run. */
function seconds(meta, t) {
  return meta.window[0] + t / 1e6;
}

/** How many of the sorted `times` are at or before `t`. */
function countUntil(times, t) {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle] <= t) low = middle + 1;
    else high = middle;
  }
  return low;
}
