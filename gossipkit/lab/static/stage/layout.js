// Where nodes stand in a field of pixels, what they are called there, and what lies around a group.

const LEAST_ROOM = 24; // pixels between neighbours, so that each can be hit
const LARGEST_NODE = 38;
const ROOMY = 14; // so many nodes at most have their names written under them
// how much longer than wide they may become in a field that isn't square
const LONGEST = { circle: 1.9, ring: 1.25, groups: Infinity };

/**
 * @typedef {{x: Float64Array, y: Float64Array, size: number, packed: boolean}} Places
 */

/** Centres in pixels: the kernel's places where nodes have room there, else each group packed in rows.
 * @returns {Places} */
function placeNodes(meta, width, height) {
  const { nodes } = meta;
  // the names of few stand under them, and have to fit in as well
  const margin = nodes.length > 60 ? 20 : nodes.length > ROOMY ? 30 : 46;
  const across = Math.max(1, width - 2 * margin);
  const down = Math.max(1, height - 2 * margin);
  const longest = LONGEST[meta.shape];
  const [w, h] = [Math.min(across, down * longest), Math.min(down, across * longest)];
  const x = Float64Array.from(nodes, (node) => width / 2 + (node.x / 1000 - 0.5) * w);
  const y = Float64Array.from(nodes, (node) => height / 2 + (node.y / 1000 - 0.5) * h);
  if (meta.shape === "circle") {
    // a circle pressed flat has its nodes crowded at the ends: the same order, equally far from each other
    const turn = (node) => (Math.atan2(node.x - 500, 500 - node.y) + 2 * Math.PI + 1e-6) % (2 * Math.PI);
    const order = [...nodes.keys()].sort((a, b) => turn(nodes[a]) - turn(nodes[b]));
    evenly(w / 2, h / 2, nodes.length).forEach(([dx, dy], seat) => {
      x[order[seat]] = width / 2 + dx;
      y[order[seat]] = height / 2 + dy;
    });
  }
  let room = leastDistance(x, y);
  const packed = room < LEAST_ROOM;
  if (packed) {
    packGroups(meta, x, y, width, height, margin);
    room = leastDistance(x, y);
  }
  return { x, y, size: Math.max(12, Math.min(LARGEST_NODE, room * (packed ? 0.66 : 0.78))), packed };
}

/** The distance of the two that are nearest to each other. */
function leastDistance(x, y) {
  const order = [...x.keys()].sort((a, b) => x[a] - x[b]);
  let least = Infinity;
  for (let i = 0; i < order.length; i++) {
    for (let j = i + 1; j < order.length && x[order[j]] - x[order[i]] < least; j++) {
      least = Math.min(least, Math.hypot(x[order[j]] - x[order[i]], y[order[j]] - y[order[i]]));
    }
  }
  return least;
}

/** How high a field of this width must be for its nodes to have room. */
function fieldHeight(count, width) {
  return count > 60 ? Math.max(480, Math.ceil((count * 34 * 34) / width)) : 420;
}

/** Each group in a strip of its own, as wide as its share of nodes, in rows. */
function packGroups(meta, x, y, width, height, margin) {
  const names = [...new Set(meta.nodes.map((node) => node.group))];
  const members = names.map((name) => [...meta.nodes.keys()].filter((node) => meta.nodes[node].group === name));
  const inner = width - 2 * margin;
  const gap = names.length > 1 ? 30 : 0;
  const weights = members.map((group) => Math.sqrt(group.length) + 1);
  const total = weights.reduce((a, b) => a + b, 0);
  const flat = width >= height;
  const long = (flat ? inner : height - 2 * margin) - gap * (names.length - 1);
  let from = margin;
  members.forEach((group, index) => {
    const share = (long * weights[index]) / total;
    const room = flat ? [from, margin, share, height - 2 * margin] : [margin, from, inner, share];
    placeInRows(group, ...room, x, y);
    from += share + gap;
  });
}

/** Fill a rectangle row by row, each row shifted by half a place against the last; a place is as large as lets all of them in. */
function placeInRows(group, left, top, width, height, x, y) {
  let step = Math.max(width, height);
  let [columns, rows] = [0, 0];
  do {
    step *= 0.98;
    columns = Math.max(1, Math.floor(width / step - 0.5));
    rows = Math.max(1, Math.floor((height - step) / (step * 0.87)) + 1);
  } while (columns * rows < group.length && step > 2);
  rows = Math.ceil(group.length / columns);
  // what is left of the rectangle goes between the places
  const across = width / (columns + 0.5);
  const down = rows > 1 ? Math.min((height - step) / (rows - 1), across) : 0;
  const first = top + (height - down * (rows - 1)) / 2;
  group.forEach((node, k) => {
    const row = Math.floor(k / columns);
    x[node] = left + across * ((k % columns) + (row % 2 ? 1 : 0.5));
    y[node] = first + down * row;
  });
}

/** `count` points on an ellipse, equally far along it, from the top on clockwise. */
function evenly(a, b, count) {
  const fine = 1440;
  const along = [0];
  const point = (k) => [a * Math.sin((2 * Math.PI * k) / fine), -b * Math.cos((2 * Math.PI * k) / fine)];
  for (let k = 1; k <= fine; k++) {
    const [p, q] = [point(k - 1), point(k)];
    along.push(along[k - 1] + Math.hypot(p[0] - q[0], p[1] - q[1]));
  }
  return Array.from({ length: count }, (_, i) => point(countUntil(along, (along[fine] * i) / count) - 1));
}

/** The convex hull of some nodes with `padding` around each, as points in order. */
function hullOf(places, members, padding) {
  const points = members.flatMap((node) =>
    Array.from({ length: 12 }, (_, k) => [
      places.x[node] + padding * Math.cos((k * Math.PI) / 6),
      places.y[node] + padding * Math.sin((k * Math.PI) / 6),
    ]),
  );
  points.sort((p, q) => p[0] - q[0] || p[1] - q[1]);
  const turn = (o, p, q) => (p[0] - o[0]) * (q[1] - o[1]) - (p[1] - o[1]) * (q[0] - o[0]);
  const half = (list) => {
    const kept = [];
    for (const p of list) {
      while (kept.length > 1 && turn(kept.at(-2), kept.at(-1), p) <= 0) kept.pop();
      kept.push(p);
    }
    return kept.slice(0, -1);
  };
  return [...half(points), ...half(points.reverse())];
}

/** Whether a point lies inside a polygon. */
function isInside(polygon, x, y) {
  let inside = false;
  for (let i = 0, j = polygon.length - 1; i < polygon.length; j = i++) {
    const [xi, yi] = polygon[i];
    const [xj, yj] = polygon[j];
    if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) inside = !inside;
  }
  return inside;
}

/** The node that an arrow key leads to: the nearest one in that direction, those off to the side counting as farther. */
function neighbour(places, from, dx, dy) {
  let best = from;
  let least = Infinity;
  for (let node = 0; node < places.x.length; node++) {
    const [vx, vy] = [places.x[node] - places.x[from], places.y[node] - places.y[from]];
    const ahead = vx * dx + vy * dy;
    const aside = Math.abs(vx * dy) + Math.abs(vy * dx);
    if (ahead <= 0.5 || aside > 2 * ahead) continue;
    const far = ahead + 2 * aside;
    if (far < least) [best, least] = [node, far];
  }
  return best;
}

/** What stands on a node: its number, after the initials where several kinds of names are numbered; else its first letters. */
function shortNames(meta) {
  const parts = meta.nodes.map(({ name }) => name.match(/^(.*?)(\d+)$/));
  const initials = (text) => text.split(/[^A-Za-z0-9]+/).map((word) => word.slice(0, 1)).join("");
  const several = new Set(parts.map((part) => part?.[1])).size > 1;
  return meta.nodes.map(({ name }, node) => (parts[node] ? (several ? initials(parts[node][1]) : "") + parts[node][2] : name.slice(0, 3)));
}
