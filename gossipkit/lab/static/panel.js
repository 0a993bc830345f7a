// A panel: controls on top, the picture under them, its numbers below. The kernel computes; this file only asks and shows.

function render({ model, el }) {
  const titleId = freshId();
  const spec = model.get("spec");
  let sent = spec.map((each) => each.start);
  const busy = make("p", { class: "gk-busy", role: "status" });
  const link = makeLink(model, (words) => {
    busy.textContent = words;
    stage.classList.toggle("gk-waiting", words !== "");
  });
  // a native range input tells of a move twice, as input and as change
  const ask = (again = false) => {
    const positions = controls.map((each) => each.position);
    if (!again && positions.every((position, index) => position === sent[index])) return;
    sent = positions;
    link.ask({ positions }, (answer, superseded) => {
      error.textContent = answer.error;
      stage.classList.toggle("gk-stale", answer.error !== "");
      if (answer.error) sent = [];
      else if (!superseded) show();
    });
  };
  const controls = spec.map((each) =>
    positionControl(each, (final) => {
      if (final || model.get("continuous")) ask();
    }),
  );
  const reset = control("button", { type: "button", class: "gk-button" }, "Reset");
  reset.addEventListener("click", () => {
    controls.forEach((each, index) => (each.position = spec[index].start));
    ask(true);
  });

  const stage = make("div", { class: "gk-stage" });
  const error = make("div", { class: "gk-error", role: "alert" });
  const numbers = make("div", { class: "gk-summary", "aria-live": "polite" });
  const table = makeFoldedTable(() => model.get("state"));
  const root = make(
    "div",
    { class: "gk gk-panel", role: "group", "aria-labelledby": titleId },
    make("div", { class: "gk-title", id: titleId }, model.get("title")),
    ...(controls.length ? [make("div", { class: "gk-controls" }, ...controls.map((each) => each.element), reset)] : []),
    error,
    busy,
    stage,
    numbers,
    table.element,
  );
  el.append(root);
  if (model.stored && controls.length) {
    // a page without a kernel: a control with one position says how it stands, and no more
    controls.forEach((each, index) => {
      for (const input of each.element.querySelectorAll("input, select")) input.disabled = spec[index].texts.length < 2;
    });
    const moved = spec.filter(({ texts }) => texts.length > 1);
    reset.hidden = !moved.length;
    const held = [moved.some(({ kind }) => kind === "range") && "both ends of each slider", moved.some(({ kind }) => kind !== "range") && "every choice"];
    const words = `This page holds ${held.filter(Boolean).join(" and ")}, one control at a time. Run the notebook to set the rest.`;
    // of one choice alone all is there
    const all = spec.length === 1 && spec[0].kind !== "range";
    busy.replaceWith(make("p", { class: "gk-help" }, !moved.length ? "Run the notebook to move the controls." : all ? "" : words));
  }

  let player = null;
  const chart = makeChart(model.get("title"));
  const showPicture = (state) => {
    if (state.scene) {
      player?.stop();
      player = makePlayer(state.scene, state.alt);
      fill(stage, player.element);
      return;
    }
    if (chart.element.parentNode !== stage) fill(stage, chart.element);
    const values = spec.map((each, index) => [each.label, each.texts[state.positions[index]]]);
    // what is said below the picture is not said under it, too
    const note = (state.chart.note ?? []).filter((line) => !state.lines.includes(line));
    chart.show({ ...state.chart, note }, state.alt, values);
  };
  const show = () => {
    const state = model.get("state");
    sent = state.positions;
    controls.forEach((each, index) => (each.position = state.positions[index]));
    showPicture(state);
    fill(numbers, ...state.lines.map((line) => make("p", {}, line)));
    table.show();
  };
  // moved from Python, or in another view of the same panel
  const told = () => link.waiting || show();
  model.on("change:state", told);
  show();

  return () => {
    model.off("change:state", told);
    link.close();
    player?.stop();
    chart.stop();
  };
}

export default { render: heard(render) };
