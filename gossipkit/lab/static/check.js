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
  const retry = control("button", { type: "button", class: "gk-button" }, "Try again");
  const verdict = make("p", { class: "gk-verdict", "aria-live": "polite" });
  const error = make("div", { class: "gk-error", role: "alert" });
  const hintId = freshId();
  const fieldset = make(
    "fieldset",
    { "aria-describedby": hintId },
    make("legend", {}, model.get("prompt")),
    make("p", { class: "gk-help", id: hintId }, model.get("how")),
    ...rows.map((row) => row.element),
  );
  el.append(make("div", { class: "gk gk-check" }, fieldset, make("div", { class: "gk-transport" }, submit, retry), error, verdict));

  const lock = (locked) => {
    for (const row of rows) row.input.disabled = locked;
    submit.hidden = locked;
    retry.hidden = !locked;
  };
  const given = () => {
    if (tick) return rows.filter((row) => row.input.checked).map((row) => Number(row.input.value));
    return rows.map((row) => row.input.value);
  };
  submit.addEventListener("click", () => {
    const answer = given();
    if (kind === "single" && answer.length === 0) error.textContent = "Choose an option first.";
    else if (!tick && answer.includes("")) error.textContent = "Give every statement one first.";
    else model.send({ answer });
  });
  retry.addEventListener("click", () => {
    for (const row of rows) {
      fill(row.why);
      row.element.classList.remove("gk-right", "gk-wrong");
    }
    verdict.textContent = "";
    lock(false);
    rows[0].input.focus();
  });

  const show = () => {
    const feedback = model.get("feedback");
    error.textContent = feedback.error ?? "";
    if (feedback.error || !feedback.options) return lock(false);
    const hadFocus = document.activeElement === submit;
    lock(true);
    feedback.options.forEach((said, index) => {
      const row = rows[index];
      row.element.classList.toggle("gk-right", said.right);
      row.element.classList.toggle("gk-wrong", !said.right);
      fill(row.why, make("span", { class: "gk-mark", "aria-hidden": "true" }, said.right ? "✓ " : "✗ "), make("strong", {}, said.says), " " + said.why);
    });
    verdict.textContent = feedback.verdict;
    if (hadFocus) retry.focus();
  };
  model.on("change:feedback", show);
  show();
  return () => model.off("change:feedback", show);
}

export default { render };
