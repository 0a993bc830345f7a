// The canvas: packets under way, crosses, and what the pointer draws.

const MOST_PACKETS = 2000;
const BEND = 0.07; // there and back on two paths, or answers would hide requests
const PACKET_R = 4;
const NEAR_PX = 12; // so near to a packet a click is meant for it
const TRAIL = 0.1; // how far behind a packet its trail ends, in shares of its way
const [DASH, GAP] = [7, 5];
const CROSS = [[-1, -0.7], [-0.7, -1], [0, -0.3], [0.7, -1], [1, -0.7], [0.3, 0], [1, 0.7], [0.7, 1], [0, 0.3], [-0.7, 1], [-1, 0.7], [-0.3, 0]];

/**
 * A painter of one canvas. Colours are read from the style sheet when told to, not at each frame.
 *
 * Everything that moves is a small filled polygon, each a path of its own: without a graphics card, strokes, dashes and paths
 * of hundreds of shapes take a browser 20 to 50 ms a frame.
 */
function makePainter(canvas) {
  const context = canvas.getContext("2d");
  const shown = new Int32Array(MOST_PACKETS);
  const drawn = new Float32Array(2 * MOST_PACKETS); // where each of them was drawn, NaN for those left out
  let colours = { kinds: [], bad: "", accent: "" };
  let ratio = 1;
  let count = 0;

  const at = [0, 0];
  const place = (places, from, to, share) => {
    const [ax, ay] = [places.x[from], places.y[from]];
    const [dx, dy] = [places.x[to] - ax, places.y[to] - ay];
    const bow = 4 * BEND * share * (1 - share);
    at[0] = ax + dx * share - dy * bow;
    at[1] = ay + dy * share + dx * bow;
  };
  const stamp = (points, x, y, r) => {
    context.beginPath();
    for (const [px, py] of points) context.lineTo(x + px * r, y + py * r);
    context.fill();
  };
  /** A wedge from a point to half a width `w` at another. */
  const wedge = (x0, y0, w0, x1, y1, w1) => {
    const length = Math.hypot(x1 - x0, y1 - y0) || 1;
    const [nx, ny] = [(y1 - y0) / length, (x0 - x1) / length];
    context.beginPath();
    context.moveTo(x0 + nx * w0, y0 + ny * w0);
    context.lineTo(x1 + nx * w1, y1 + ny * w1);
    context.lineTo(x1 - nx * w1, y1 - ny * w1);
    context.lineTo(x0 - nx * w0, y0 - ny * w0);
    context.fill();
  };
  const dashes = (x0, y0, x1, y1) => {
    const length = Math.hypot(x1 - x0, y1 - y0);
    const [ux, uy] = [(x1 - x0) / length, (y1 - y0) / length];
    for (let from = 0; from < length; from += DASH + GAP) {
      const until = Math.min(length, from + DASH);
      wedge(x0 + ux * from, y0 + uy * from, 1, x0 + ux * until, y0 + uy * until, 1);
    }
  };

  return {
    shown,
    get count() {
      return count;
    },
    /** Where the packet at place `k` of `shown` was drawn. */
    placeOf: (k) => [drawn[2 * k], drawn[2 * k + 1]],
    /** The packet drawn nearest to a place, if one is near; -1 else. */
    packetAt(x, y) {
      let [best, least] = [-1, NEAR_PX];
      for (let k = 0; k < count; k++) {
        const far = Math.hypot(drawn[2 * k] - x, drawn[2 * k + 1] - y);
        if (far < least) [best, least] = [shown[k], far];
      }
      return best;
    },
    readColours(element) {
      const style = getComputedStyle(element);
      const read = (name) => style.getPropertyValue(name).trim() || "#888";
      colours = { kinds: KIND_NAMES.map((_, slot) => read(`--gk-k${slot}`)), bad: read("--gk-bad"), accent: read("--gk-accent") };
    },
    resize(width, height) {
      ratio = window.devicePixelRatio || 1;
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
      canvas.style.width = `${width}px`;
      canvas.style.height = `${height}px`;
    },
    /** Draw time `t`; `hidden[kind]` leaves a kind out; `pointer` is a line that the pointer draws. */
    draw(recording, flights, places, t, hidden, pointer) {
      const { packets, meta } = recording;
      context.setTransform(ratio, 0, 0, ratio, 0, 0);
      context.clearRect(0, 0, canvas.width / ratio, canvas.height / ratio);
      count = inFlight(flights, t, shown);
      const slots = meta.kinds.map(kindPlace);
      for (let k = 0; k < count; k++) {
        const i = shown[k];
        const kind = packets.kind[i];
        drawn[2 * k] = NaN;
        if (hidden[kind]) continue;
        const [from, to] = [packets.from[i], packets.to[i]];
        const share = progress(packets, flights, i, t);
        place(places, from, to, share);
        const [x, y] = at;
        [drawn[2 * k], drawn[2 * k + 1]] = [x, y];
        if (isCross(packets, flights, i, t)) {
          context.fillStyle = colours.bad;
          stamp(CROSS, x, y, PACKET_R * 1.4);
          continue;
        }
        context.fillStyle = colours.kinds[slots[kind]];
        context.globalAlpha = 0.45;
        if (meta.kinds[kind].stream) {
          // a stream is joined to its sender all the way
          dashes(places.x[from], places.y[from], x, y);
        } else {
          place(places, from, to, Math.max(0, share - TRAIL));
          wedge(at[0], at[1], 0.3, x, y, 1.4);
        }
        context.globalAlpha = 1;
        stamp(KIND_SHAPES[slots[kind]], x, y, PACKET_R);
      }
      if (pointer.length > 1) {
        context.beginPath();
        for (const [x, y] of pointer) context.lineTo(x, y);
        context.strokeStyle = colours.accent;
        context.lineWidth = 2;
        context.setLineDash([5, 4]);
        context.stroke();
        context.setLineDash([]);
      }
    },
  };
}
