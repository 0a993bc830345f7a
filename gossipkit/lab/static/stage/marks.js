// The shape of each kind of packet: one list of points for the canvas and for the legend's little pictures.

const CIRCLE = Array.from({ length: 14 }, (_, k) => [Math.cos((k * Math.PI) / 7), Math.sin((k * Math.PI) / 7)]);
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
];

/** How many colours of kinds and lanes the style sheet has. */
const KIND_COLOURS = 9;

function kindShape(index) {
  return KIND_SHAPES[index % KIND_SHAPES.length];
}

const SVG_NAMESPACE = "http://www.w3.org/2000/svg";

/** An SVG element; attributes as they are. */
function svg(tag, attributes = {}, ...children) {
  const element = document.createElementNS(SVG_NAMESPACE, tag);
  for (const [name, value] of Object.entries(attributes)) if (value != null) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** The picture of a kind beside its name: its shape in its colour, with a tail for streams. */
function kindPicture(index, stream) {
  const points = kindShape(index).map(([x, y]) => [x * 5, y * 5].join()).join(" ");
  const colour = `var(--gk-k${index % KIND_COLOURS})`;
  return svg(
    "svg",
    { viewBox: "-12 -8 24 16", class: "gk-kind-picture", "aria-hidden": "true" },
    ...(stream ? [svg("path", { d: "M-11,0H11", stroke: colour, "stroke-width": 3, "stroke-dasharray": "5 2" })] : []),
    svg("polygon", { points, fill: colour }),
  );
}
