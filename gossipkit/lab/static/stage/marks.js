// The shape of each kind of packet: one list of points for the canvas and for the legend's little pictures.

const CIRCLE = Array.from({ length: 14 }, (_, k) => [Math.cos((k * Math.PI) / 7), Math.sin((k * Math.PI) / 7)]);
// a kind has the same shape and colour in every system; one that goes by streams too is told apart by its trail
const KIND_NAMES = ["probe", "ack", "gossip", "digest", "push-pull", "raft", "hint", "merkle", "client", "other"];
const KIND_SHAPES = [
  CIRCLE,
  [[-0.9, -0.9], [0.9, -0.9], [0.9, 0.9], [-0.9, 0.9]],
  [[0, -1.25], [1.25, 0], [0, 1.25], [-1.25, 0]],
  [[0, -1.2], [1.15, 0.85], [-1.15, 0.85]],
  [[0, 1.2], [1.15, -0.85], [-1.15, -0.85]],
  [[-0.4, -1.2], [0.4, -1.2], [0.4, -0.4], [1.2, -0.4], [1.2, 0.4], [0.4, 0.4], [0.4, 1.2], [-0.4, 1.2], [-0.4, 0.4], [-1.2, 0.4], [-1.2, -0.4], [-0.4, -0.4]],
  [[-1.3, -0.5], [1.3, -0.5], [1.3, 0.5], [-1.3, 0.5]],
  [[-0.5, -1.3], [0.5, -1.3], [0.5, 1.3], [-0.5, 1.3]],
  [[0, -1.2], [1.15, -0.35], [0.7, 1], [-0.7, 1], [-1.15, -0.35]],
  [[-1.2, -0.6], [0, -0.6], [0, -1.2], [1.2, 0], [0, 1.2], [0, 0.6], [-1.2, 0.6]],
];

/** The place of a kind's shape and colour; names that are not known take one by their index. */
function kindPlace({ name }, index) {
  const known = KIND_NAMES.indexOf(name.replace(/-stream$/, ""));
  return known >= 0 ? known : index % KIND_NAMES.length;
}

/** The colour of a kind, as the style sheet has it. */
function kindColour(kind, index) {
  return `var(--gk-k${kindPlace(kind, index)})`;
}

/** The picture of a kind beside its name: its shape in its colour, with a tail for streams. */
function kindPicture(kind, index) {
  const points = KIND_SHAPES[kindPlace(kind, index)].map(([x, y]) => [x * 5, y * 5].join()).join(" ");
  const colour = kindColour(kind, index);
  return makeSvg(
    "svg",
    { viewBox: "-12 -8 24 16", class: "gk-kind-picture", "aria-hidden": "true" },
    ...(kind.stream ? [makeSvg("path", { d: "M-11,0H11", stroke: colour, "stroke-width": 3, "stroke-dasharray": "5 2" })] : []),
    makeSvg("polygon", { points, fill: colour }),
  );
}
