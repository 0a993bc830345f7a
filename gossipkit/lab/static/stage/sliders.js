// The family's sliders: native inputs over rows of positions.

const SLIDER_WAIT_MS = 120;

/** One labelled input; `moved(final)` when the student moves it. */
function sliderView(spec, moved) {
  const id = freshId();
  const value = make("output", { for: id, class: "gk-value" });
  const help = spec.help ? make("span", { id: `${id}-help`, class: "gk-help" }, spec.help) : null;
  const common = { id, "aria-describedby": help && help.id };
  const range = spec.kind === "range";
  const toggle = spec.kind === "toggle";
  const input = range
    ? control("input", { ...common, type: "range", min: 0, max: spec.texts.length - 1, step: 1 })
    : toggle
      ? control("input", { ...common, type: "checkbox" })
      : control("select", common, ...spec.texts.map((text, index) => make("option", { value: index }, text)));
  const view = {
    get position() {
      return toggle ? Number(input.checked) : Number(input.value);
    },
    set position(index) {
      if (toggle) input.checked = index === 1;
      else input.value = index;
      view.say();
    },
    say() {
      if (!range) return;
      value.textContent = spec.texts[view.position];
      input.setAttribute("aria-valuetext", spec.texts[view.position]);
    },
  };
  input.addEventListener("input", () => {
    view.say();
    moved();
  });
  const label = make("label", { for: id }, spec.label);
  const parts = toggle ? [make("div", { class: "gk-toggle" }, input, label)] : range ? [make("div", { class: "gk-head" }, label, value), input] : [label, input];
  view.element = make("div", { class: "gk-control" }, ...parts, ...(help ? [help] : []));
  return view;
}

/** @param {{move: (positions: number[], done: () => void) => boolean}} tell asks the kernel; `done` when it has answered */
function makeSliders(tell) {
  const holder = make("div", { class: "gk-controls" });
  const element = make("section", { class: "gk-part" }, make("h4", { class: "gk-part-title" }, "Change the system, and run it again from its start"), holder);
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
          sliderView(spec, () => {
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
