// A page without a kernel: each live thing takes the place of its still face. Joined after answers.js and `KINDS`, the scripts
// of the widgets by their kind (gossipkit.lab.page). Whatever goes wrong, the still face stays.

/** State and buffer of one view: see gossipkit.lab.stored. */
async function unpack(text) {
  const packed = Uint8Array.from(atob(text.trim()), (letter) => letter.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
  const all = await new Response(stream).arrayBuffer();
  const length = new DataView(all).getUint32(0, true);
  const state = JSON.parse(new TextDecoder().decode(new Uint8Array(all, 4, length)));
  return { state, data: new Uint8Array(all, 4 + length) };
}

const scripts = new Map();
const scriptOf = (kind) => scripts.get(kind) ?? scripts.set(kind, KINDS[kind]()).get(kind);

/** Put what was stored into a place. */
async function bringToLife(place) {
  const { kind } = place.dataset;
  const parts = [...place.querySelectorAll(':scope > script[type="application/gossipkit"]')];
  const views = await Promise.all(parts.map((part) => unpack(part.textContent)));
  const together = views.length > 1 ? freshId() : "";
  const mounts = make("div", { class: views.length > 1 ? "gk-pair" : null });
  place.append(mounts);
  for (const { state, data } of views) {
    if (state.meta) state.meta.together = together;
    const model = storedModel(state, data);
    ANSWERS[kind]?.(model);
    const el = make("div");
    mounts.append(el);
    await scriptOf(kind).render({ model, el });
  }
  place.setAttribute("data-alive", "");
}

/** Whether what lies behind an element is dark: the colour of the nearest ancestor that has one. */
const isDark = (() => {
  let context = null;
  return (element) => {
    context ??= make("canvas", { width: 1, height: 1 }).getContext("2d", { willReadFrequently: true });
    for (let at = element.parentElement; at; at = at.parentElement) {
      // a canvas understands each way in which a browser writes a colour
      context.clearRect(0, 0, 1, 1);
      context.fillStyle = getComputedStyle(at).backgroundColor;
      context.fillRect(0, 0, 1, 1);
      const [red, green, blue, alpha] = context.getImageData(0, 0, 1, 1).data;
      if (alpha > 127) return 0.299 * red + 0.587 * green + 0.114 * blue < 128;
    }
    const { colorScheme } = getComputedStyle(document.documentElement);
    return colorScheme.includes("dark") && (!colorScheme.includes("light") || matchMedia("(prefers-color-scheme: dark)").matches);
  };
})();

/** Have the places, and what else wears the lab's colours, follow the page's theme. */
function followTheme(places) {
  const look = () => {
    for (const place of places) {
      const light = String(!isDark(place));
      if (place.getAttribute("data-jp-theme-light") !== light) place.setAttribute("data-jp-theme-light", light);
    }
  };
  look();
  const themed = new MutationObserver(look);
  for (const root of [document.documentElement, document.body]) themed.observe(root, { attributes: true });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", look);
  // paper is white
  addEventListener("beforeprint", () => places.forEach((place) => place.setAttribute("data-jp-theme-light", "true")));
  addEventListener("afterprint", look);
  // a theme that fades in is dark only at its end
  document.addEventListener("transitionend", ({ propertyName }) => propertyName.startsWith("background") && look());
}

async function begin() {
  const places = [...document.querySelectorAll(".gk-place")];
  followTheme(places);
  if (!("DecompressionStream" in window)) return;
  for (const place of places.filter(({ dataset }) => dataset.kind)) {
    try {
      await bringToLife(place);
    } catch (problem) {
      place.querySelector(":scope > div:last-child:not(.gk-still)")?.remove();
      console.error(problem);
    }
  }
}

if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin);
else begin();
