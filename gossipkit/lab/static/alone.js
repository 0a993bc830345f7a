// A chart by itself. All of it is there from the beginning, so no kernel is asked, and none has to live.

function render({ model, el }) {
  const state = model.get("state");
  const chart = makeChart();
  el.append(make("div", { class: "gk gk-alone" }, chart.element, makeFoldedTable(() => state).element));
  chart.show(state.chart, state.alt, []);
  return () => chart.stop();
}

export default { render };
