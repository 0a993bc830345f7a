// The canvas: packets under way, crosses, and what the pointer draws.

const MOST_PACKETS = 2000;
const BEND = 0.07; // there and back on two paths, or answers would hide requests

/** A painter of one canvas. Colours are read from the style sheet when told to, not at each frame. */
function makePainter(canvas) {
  const context = canvas.getContext("2d");
  const shown = new Int32Array(MOST_PACKETS);
  let colours = { kinds: [], bad: "", accent: "" };
  let ratio = 1;
  let count = 0;

  const place = (places, from, to, share, point) => {
    const [ax, ay] = [places.x[from], places.y[from]];
    const [dx, dy] = [places.x[to] - ax, places.y[to] - ay];
    const bow = 4 * BEND * share * (1 - share);
    point[0] = ax + dx * share - dy * bow;
    point[1] = ay + dy * share + dx * bow;
  };
  const polygon = (points, x, y, r) => {
    context.moveTo(x + points[0][0] * r, y + points[0][1] * r);
    for (let k = 1; k < points.length; k++) context.lineTo(x + points[k][0] * r, y + points[k][1] * r);
    context.closePath();
  };

  return {
    shown,
    get count() {
      return count;
    },
    readColours(element) {
      const style = getComputedStyle(element);
      const read = (name) => style.getPropertyValue(name).trim() || "#888";
      colours = { kinds: Array.from({ length: KIND_COLOURS }, (_, k) => read(`--gk-k${k}`)), bad: read("--gk-bad"), accent: read("--gk-accent") };
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
      const r = count > 150 ? 3 : 4;
      const now = [0, 0];
      const before = [0, 0];
      let crosses = false;
      for (let kind = 0; kind < meta.kinds.length; kind++) {
        if (hidden[kind]) continue;
        const stream = meta.kinds[kind].stream;
        const points = kindShape(kind);
        let any = false;
        for (let k = 0; k < count; k++) {
          const i = shown[k];
          if (packets.kind[i] !== kind) continue;
          if (isCross(packets, flights, i, t)) {
            crosses = true;
            continue;
          }
          if (!any) {
            context.beginPath();
            any = true;
          }
          const share = progress(packets, flights, i, t);
          place(places, packets.from[i], packets.to[i], share, now);
          polygon(points, now[0], now[1], stream ? r * 1.25 : r);
        }
        if (!any) continue;
        context.fillStyle = colours.kinds[kind % KIND_COLOURS];
        context.fill();
        // what trails behind says where a packet comes from; a stream trails all the way
        context.beginPath();
        for (let k = 0; k < count; k++) {
          const i = shown[k];
          if (packets.kind[i] !== kind || isCross(packets, flights, i, t)) continue;
          const share = progress(packets, flights, i, t);
          place(places, packets.from[i], packets.to[i], share, now);
          place(places, packets.from[i], packets.to[i], stream ? 0 : Math.max(0, share - 0.09), before);
          context.moveTo(before[0], before[1]);
          context.lineTo(now[0], now[1]);
        }
        context.strokeStyle = colours.kinds[kind % KIND_COLOURS];
        context.globalAlpha = 0.45;
        context.lineWidth = stream ? 2 : 1.5;
        context.setLineDash(stream ? [6, 4] : []);
        context.stroke();
        context.setLineDash([]);
        context.globalAlpha = 1;
      }
      if (crosses) {
        context.beginPath();
        for (let k = 0; k < count; k++) {
          const i = shown[k];
          if (hidden[packets.kind[i]] || !isCross(packets, flights, i, t)) continue;
          place(places, packets.from[i], packets.to[i], progress(packets, flights, i, t), now);
          const arm = 4.5;
          context.moveTo(now[0] - arm, now[1] - arm);
          context.lineTo(now[0] + arm, now[1] + arm);
          context.moveTo(now[0] - arm, now[1] + arm);
          context.lineTo(now[0] + arm, now[1] - arm);
        }
        context.strokeStyle = colours.bad;
        context.lineWidth = 2.2;
        context.stroke();
      }
      if (pointer.length > 1) {
        context.beginPath();
        pointer.forEach(([x, y], k) => (k ? context.lineTo(x, y) : context.moveTo(x, y)));
        context.strokeStyle = colours.accent;
        context.lineWidth = 2;
        context.setLineDash([5, 4]);
        context.stroke();
        context.setLineDash([]);
      }
    },
  };
}
