// A control over a row of positions: what panels and stages have in common. Joined after dom.js.

/** One labelled native input; it says its position, and calls `moved(final)`, when the student moves it. */
function positionControl(spec, moved) {
  const id = freshId();
  const said = make("output", { for: id, class: "gk-value" });
  const help = spec.help ? make("span", { id: id + "-help", class: "gk-help" }, spec.help) : null;
  const common = { id, "aria-describedby": help && help.id };
  let input;
  if (spec.kind === "range") {
    input = control("input", { ...common, type: "range", min: 0, max: spec.texts.length - 1, step: 1 });
    input.addEventListener("input", () => tell(false));
  } else if (spec.kind === "toggle") {
    input = control("input", { ...common, type: "checkbox" });
  } else {
    input = control("select", common, ...spec.texts.map((text, index) => make("option", { value: index }, text)));
  }
  const tell = (final) => {
    view.say();
    moved(final);
  };
  input.addEventListener("change", () => tell(true));
  const toggle = spec.kind === "toggle";
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
      if (spec.kind !== "range") return;
      said.textContent = spec.texts[view.position];
      input.setAttribute("aria-valuetext", spec.texts[view.position]);
    },
  };
  const label = make("label", { for: id }, spec.label);
  const row = spec.kind === "range" ? [make("div", { class: "gk-head" }, label, said), input] : toggle ? [make("div", { class: "gk-toggle" }, input, label)] : [label, input];
  view.element = make("div", { class: "gk-control" }, ...row, ...(help ? [help] : []));
  return view;
}
