// Where a student is: a line at each lesson's head, a table for the course.

function render({ model, el }) {
  const words = make("div", { role: "status" });
  const table = make("div", {});
  const error = make("p", { class: "gk-busy", role: "status" });
  const reset = control("button", { type: "button", class: "gk-button", hidden: true }, "Forget everything");
  const sure = control("button", { type: "button", class: "gk-button", hidden: true }, "Yes, forget it");
  const keep = control("button", { type: "button", class: "gk-button", hidden: true }, "No, keep it");
  el.append(make("div", { class: "gk gk-progress" }, words, table, make("div", { class: "gk-transport" }, reset, sure, keep), error));

  const link = makeLink(model, (said) => (error.textContent = said));
  const ask = (request) => link.ask(request, (answer) => (error.textContent = answer.error));
  const asking = (open) => {
    sure.hidden = keep.hidden = !open;
    reset.hidden = open;
    (open ? keep : reset).focus();
  };
  reset.addEventListener("click", () => asking(true));
  keep.addEventListener("click", () => asking(false));
  sure.addEventListener("click", () => {
    asking(false);
    ask({ reset: true });
  });

  const show = () => {
    fill(words, ...model.get("lines").map((line) => make("p", {}, line)));
    const rows = model.get("rows");
    fill(table, ...(rows.length ? [dataTable("What you have done", model.get("columns"), rows)] : []));
    if (rows.length && sure.hidden) reset.hidden = false;
  };
  const traits = ["lines", "rows"];
  for (const trait of traits) model.on(`change:${trait}`, show);
  show();
  ask({ seen: true });
  return () => {
    for (const trait of traits) model.off(`change:${trait}`, show);
    link.close();
  };
}

export default { render: heard(render) };
