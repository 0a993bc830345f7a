// A prediction: pick, lock in, and from then on it says what was picked and, once the run has been made, what came of it.

function render({ model, el }) {
  const scale = model.get("scale");
  const choices = model.get("choices");
  const unit = model.get("unit");
  const group = freshId();
  let picked = () => null;
  const inputs = [];

  const onScale = () => {
    const number = control("input", { id: freshId(), type: "number", min: scale.low, max: scale.high, step: scale.step, required: true });
    const range = control("input", { type: "range", min: scale.low, max: scale.high, step: scale.step, "aria-label": "Your prediction on the scale" });
    const ofOne = unit.replace(/s$/, "");
    const say = () => range.setAttribute("aria-valuetext", `${range.value} ${range.value === "1" ? ofOne : unit}`);
    range.addEventListener("input", () => {
      number.value = range.value;
      say();
    });
    number.addEventListener("input", () => {
      if (number.validity.valid) range.value = number.value;
      say();
    });
    number.addEventListener("keydown", ({ key }) => {
      if (key !== "Enter") return;
      lock.focus(); // since a number that is locked in has no focus
      lock.click();
    });
    range.value = (scale.low + scale.high) / 2; // left alone, the thumb would stand somewhere and look like a hint
    say();
    inputs.push(range, number);
    picked = () => (number.value !== "" && number.validity.valid ? Number(number.value) : null);
    return [
      make("div", { class: "gk-scale" }, make("span", {}, `${scale.low}`), range, make("span", {}, scale.high.toLocaleString("en"))),
      make("div", { class: "gk-number" }, make("label", { for: number.id }, "Your prediction"), number, make("span", {}, unit)),
    ];
  };
  const onChoices = () =>
    choices.map((choice) => {
      const id = freshId();
      const input = control("input", { id, type: "radio", name: group, value: choice });
      inputs.push(input);
      picked = () => inputs.find((each) => each.checked)?.value ?? null;
      return make("div", { class: "gk-tick" }, input, make("label", { for: id }, choice));
    });

  const lock = control("button", { type: "button", class: "gk-button gk-primary" }, "Lock in my prediction");
  const status = make("p", { class: "gk-status", "aria-live": "polite" });
  const fieldset = make("fieldset", {}, make("legend", {}, model.get("prompt")), ...(choices.length ? onChoices() : onScale()));
  el.append(make("div", { class: "gk gk-prediction" }, fieldset, make("div", { class: "gk-transport" }, lock), status));

  const link = makeLink(model, (words) => (status.textContent = words));
  lock.addEventListener("click", () => {
    if (model.get("said")) return;
    const value = picked();
    if (value !== null) link.ask({ value }, (answer) => (answer.error ? (status.textContent = answer.error) : show()));
    else if (choices.length) status.textContent = "Choose one first.";
    else status.textContent = `Give a number from ${scale.low} to ${scale.high}, in steps of ${scale.step}, first.`;
  });
  const show = () => {
    const value = model.get("value");
    if (value === null || value === undefined) return;
    for (const input of inputs) {
      if (input.type === "radio") input.checked = input.value === value;
      else input.value = value;
      input.disabled = true;
    }
    // the button stays, so that the focus does
    lock.setAttribute("aria-disabled", "true");
    status.textContent = model.get("said");
  };
  show();
  model.on("change:said", show);
  link.ask({ seen: true }, show);
  return () => {
    model.off("change:said", show);
    link.close();
  };
}

export default { render: heard(render) };
