// What the colours and shapes mean: kinds of packets, which can be switched off, and what nodes are and believe.

/** @param {() => void} redraw */
function makeKinds(redraw) {
  const element = make("div", { class: "gk-kinds", role: "group", "aria-label": "Kinds of packets shown" });
  let shown = "";
  const view = {
    element,
    /** @type {boolean[]} by kind */
    hidden: [],
    load({ kinds }) {
      const next = JSON.stringify(kinds);
      if (next === shown) return;
      // another run may show one kind more: what was switched off stays so
      const off = new Set([...element.querySelectorAll("[aria-pressed=false]")].map((chip) => chip.dataset.kind));
      shown = next;
      view.hidden = kinds.map(({ name }) => off.has(name));
      const focused = element.contains(document.activeElement) ? document.activeElement.dataset.kind : null;
      const chips = kinds.map((kind, index) => {
        const chip = control("button", { type: "button", class: "gk-chip", "aria-pressed": String(!view.hidden[index]), "data-kind": kind.name }, kindPicture(kind, index), kind.label);
        chip.addEventListener("click", () => {
          view.hidden[index] = !view.hidden[index];
          chip.setAttribute("aria-pressed", String(!view.hidden[index]));
          redraw();
        });
        return chip;
      });
      const cross = makeSvg("path", { d: "M-4,-4L4,4M4,-4L-4,4", stroke: "var(--gk-bad)", "stroke-width": 2 });
      const picture = makeSvg("svg", { viewBox: "-8 -8 16 16", class: "gk-kind-picture", "aria-hidden": "true" }, cross);
      fill(element, ...chips, make("span", { class: "gk-key-item" }, picture, "lost"));
      if (focused !== null) (chips.find((chip) => chip.dataset.kind === focused) ?? chips[0])?.focus();
    },
  };
  return view;
}

/** A key to what nodes show: what they believe, and what they are. */
function nodeKey(meta) {
  const item = (attributes, label) => make("span", { class: "gk-key-item" }, make("span", { class: "gk-node gk-node-key", ...attributes, "aria-hidden": "true" }), label);
  return [
    ...meta.beliefs.map((belief, word) => item({ "data-belief": word % 6, "data-severity": belief.severity, "data-state": "up" }, belief.label)),
    ...meta.states.filter((state) => state !== "up" && state !== "absent").map((state) => item({ "data-state": state, "data-belief": "" }, state)),
  ];
}

/** What is believed of whom, in words and as a bar. @param {(node: number) => void} choose */
function makeBelieved(choose) {
  const id = freshId();
  const select = control("select", { id });
  const bar = make("div", { class: "gk-share-bar", "aria-hidden": "true" });
  const words = make("p", { class: "gk-share" });
  const key = make("div", { class: "gk-node-legend" });
  const chooser = make("div", { class: "gk-control gk-inline" }, make("label", { for: id }, "What is believed of"), select);
  select.addEventListener("change", () => choose(Number(select.value)));
  return {
    element: make("div", { class: "gk-believed", role: "group", "aria-label": "What is believed" }, chooser, bar, words, key),
    load(meta, sameNodes) {
      const subjects = meta.subjects ?? [...meta.nodes.keys()];
      if (!sameNodes) fill(select, ...subjects.map((node) => make("option", { value: node }, meta.nodes[node].name)));
      fill(key, ...nodeKey(meta));
      fill(bar, ...meta.beliefs.map((belief, word) => make("span", { "data-belief": word % 6, "data-severity": belief.severity })));
      words.textContent = "";
    },
    setSubject(node) {
      select.value = node;
    },
    show(counted, text) {
      if (text === words.textContent) return;
      words.textContent = text;
      counted.counts.forEach((count, word) => (bar.children[word].style.flexGrow = count));
    },
  };
}
