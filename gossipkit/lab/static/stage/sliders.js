// The family's sliders: native inputs over rows of positions.

const SLIDER_WAIT_MS = 120;

/** @param {{move: (positions: number[], done: () => void) => boolean}} tell asks the kernel; `done` when it has answered */
function makeSliders(tell) {
  const holder = make("div", { class: "gk-controls" });
  const element = make("section", { class: "gk-part gk-kernel" }, make("h4", { class: "gk-part-title" }, "Change the system, and run it again from its start"), holder);
  let specs = "";
  let views = [];
  let sent = [];
  let under = false;
  let timer = null;
  const positions = () => views.map((view) => view.position);
  // one request at a time, and none for positions that the kernel has
  const ask = () => {
    clearTimeout(timer);
    timer = null;
    if (under || positions().join() === sent.join()) return;
    sent = positions();
    under = tell.move(sent, () => {
      under = false;
      ask();
    });
  };
  return {
    element,
    load(meta) {
      element.hidden = !meta.controls.length;
      const next = JSON.stringify(meta.controls);
      if (next !== specs) {
        specs = next;
        views = meta.controls.map((spec) =>
          positionControl(spec, () => {
            clearTimeout(timer);
            timer = setTimeout(ask, SLIDER_WAIT_MS);
          }),
        );
        fill(holder, ...views.map((view) => view.element));
      }
      // a slider that is still moving keeps its place
      if (timer !== null || (under && positions().join() !== sent.join())) return;
      sent = [...meta.positions];
      views.forEach((view, index) => (view.position = sent[index]));
    },
    /** The kernel refused: back to where it stands. */
    restore(meta) {
      sent = [...meta.positions];
      views.forEach((view, index) => (view.position = sent[index]));
    },
    enable(on) {
      element.classList.toggle("gk-stale", !on);
    },
    close() {
      clearTimeout(timer);
    },
  };
}
