// The page around a stage: whether it can be seen, its theme, and other stages that are watched together with it.

/** Tell whether the stage can be seen, and when its colours change; returns what ends the watch.
 * @param {{awake: (on: boolean) => void, recolour: () => void}} tell */
function watchPage(root, tell) {
  let inView = false;
  let hasHeight = true;
  let awake = false;
  const look = () => {
    const next = inView && hasHeight && document.visibilityState !== "hidden";
    if (next !== awake) tell.awake((awake = next));
  };
  const scrolled = new IntersectionObserver((entries) => {
    inView = entries.at(-1).isIntersecting;
    look();
  });
  scrolled.observe(root);
  // a notebook that hides far cells detaches nothing: its cell then has no height
  const sized = new ResizeObserver(([entry]) => {
    hasHeight = entry.contentRect.height > 0;
    look();
  });
  const cell = root.closest(".jp-Cell");
  if (cell) sized.observe(cell);
  const themed = new MutationObserver(tell.recolour);
  // a page that is not a notebook says its theme at the place where the stage stands
  themed.observe(root.closest("[data-jp-theme-light]") ?? document.body, { attributes: true, attributeFilter: ["data-jp-theme-light", "data-jp-theme-name", "class"] });
  const schemes = ["(prefers-color-scheme: dark)", "(forced-colors: active)"].map((query) => matchMedia(query));
  for (const scheme of schemes) scheme.addEventListener("change", tell.recolour);
  document.addEventListener("visibilitychange", look);
  return () => {
    for (const observer of [scrolled, sized, themed]) observer.disconnect();
    for (const scheme of schemes) scheme.removeEventListener("change", tell.recolour);
    document.removeEventListener("visibilitychange", look);
  };
}

/** Stages of one name have one time: each tells the others where it is when the student has moved it.
 * @param {(place: {at_s: number, playing: boolean, speed: number}) => void} follow */
function makeTogether(follow) {
  // each view is a module of its own: the page holds what they share
  const stages = (window.gossipkitStages ??= new Map());
  let name = "";
  return {
    join(next) {
      if (next === name) return;
      stages.get(name)?.delete(follow);
      if (next) stages.set(next, (stages.get(next) ?? new Set()).add(follow));
      name = next;
    },
    share(place) {
      for (const other of stages.get(name) ?? []) if (other !== follow) other(place);
    },
  };
}
