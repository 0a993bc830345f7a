// What became of a bet. Until there is one, the run's number stays covered.

function render({ model, el }) {
  const words = make("div", { "aria-live": "polite" });
  const reveal = control("button", { type: "button", class: "gk-button" }, "Show it without a bet");
  const busy = make("p", { class: "gk-busy", role: "status" });
  el.append(make("div", { class: "gk gk-verdict-box" }, words, make("div", { class: "gk-transport" }, reveal), busy));
  const link = makeLink(model, (said) => (busy.textContent = said));
  reveal.addEventListener("click", () => link.ask({ show: true }, (answer) => (busy.textContent = answer.error)));
  const show = () => {
    const [first, ...rest] = model.get("lines");
    fill(words, make("p", {}, make("strong", {}, first)), ...rest.map((line) => make("p", {}, line)));
    const covered = model.get("covered");
    if (!covered && document.activeElement === reveal) {
      words.tabIndex = -1;
      words.focus();
    }
    reveal.hidden = !covered;
  };
  show();
  model.on("change:lines", show);
  return () => {
    model.off("change:lines", show);
    link.close();
  };
}

export default { render: heard(render) };
