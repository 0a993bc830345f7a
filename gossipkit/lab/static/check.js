// A knowledge check: native inputs in a fieldset, feedback beside each option once the kernel has judged the answer.

function render({ model, el }) {
  const kind = model.get("kind");
  const options = model.get("options");
  const group = freshId();
  const tick = kind === "single" || kind === "multiple";

  const rows = options.map((text, index) => {
    const id = freshId();
    const why = make("div", { class: "gk-why", id: id + "-why" });
    const input = tick
      ? control("input", { id, type: kind === "single" ? "radio" : "checkbox", name: group, value: index + 1, "aria-describedby": why.id })
      : control(
          "select",
          { id, "aria-describedby": why.id },
          make("option", { value: "" }, kind === "order" ? "place" : "choose"),
          ...model.get("choices").map((choice) => make("option", { value: choice }, choice)),
        );
    const label = make("label", { for: id }, text);
    const line = tick ? [input, label] : [label, input];
    return { input, why, element: make("div", { class: "gk-option" }, make("div", { class: tick ? "gk-tick" : "gk-assign" }, ...line), why) };
  });

  const submit = control("button", { type: "button", class: "gk-button gk-primary" }, "Check");
  const reveal = control("button", { type: "button", class: "gk-button" }, "Show me");
  const again = control("button", { type: "button", class: "gk-button", hidden: true }, "Try again");
  const verdict = make("p", { class: "gk-verdict", "aria-live": "polite" });
  const error = make("div", { class: "gk-error", role: "alert" });
  const busy = make("p", { class: "gk-busy", role: "status" });
  const hintId = freshId();
  const fieldset = make(
    "fieldset",
    { "aria-describedby": hintId },
    make("legend", {}, model.get("prompt")),
    make("p", { class: "gk-help", id: hintId }, model.get("how")),
    ...rows.map((row) => row.element),
  );
  el.append(make("div", { class: "gk gk-check" }, fieldset, make("div", { class: "gk-transport" }, submit, again, reveal), error, verdict, busy));

  const given = () => {
    if (tick) return rows.filter((row) => row.input.checked).map((row) => Number(row.input.value));
    return rows.map((row) => row.input.value);
  };
  const put = (answer) =>
    rows.forEach(({ input }, index) => {
      if (tick) input.checked = answer.includes(index + 1);
      else input.value = String(answer[index] ?? "");
    });
  const clear = () => {
    verdict.textContent = "";
    again.hidden = true;
    for (const row of rows) {
      fill(row.why);
      row.element.classList.remove("gk-right", "gk-wrong");
    }
  };
  // what was said of an earlier answer goes when the answer changes; the inputs stay open and the focus stays where it is
  for (const { input } of rows) input.addEventListener("change", clear);

  const link = makeLink(model, (words) => (busy.textContent = words));
  const ask = (request) => {
    error.textContent = "";
    link.ask(request, (answer) => {
      error.textContent = answer.error;
      if (!answer.error) show();
    });
  };
  submit.addEventListener("click", () => {
    const answer = given();
    if (kind === "single" && answer.length === 0) error.textContent = "Choose an option first.";
    else if (!tick && answer.includes("")) error.textContent = "Give every statement one first.";
    else ask({ answer });
  });
  again.addEventListener("click", () => {
    put([]);
    clear();
    rows[0].input.focus();
  });
  reveal.addEventListener("click", () => ask({ show: true }));

  const show = () => {
    const feedback = model.get("feedback");
    if (!feedback.options) return;
    if (feedback.given.length || kind === "multiple") put(feedback.given);
    clear();
    feedback.options.forEach(({ mark, says, why }, index) => {
      const row = rows[index];
      if (!says) return;
      if (mark) row.element.classList.add(`gk-${mark}`);
      const sign = { right: "✓ ", wrong: "✗ " }[mark] ?? "";
      fill(row.why, make("span", { class: "gk-mark", "aria-hidden": "true" }, sign), make("strong", {}, says), " " + why);
    });
    again.hidden = false;
    // a live region speaks what changes: the same words twice are spoken twice only if they were away between
    setTimeout(() => (verdict.textContent = feedback.verdict), 30);
  };
  show();
  // an answer from Python, or in another view of the same question
  model.on("change:feedback", show);
  ask({ seen: true });
  return () => {
    model.off("change:feedback", show);
    link.close();
  };
}

export default { render: heard(render) };
