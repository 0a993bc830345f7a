// What can be read: a node's own view, the events as a table, the steps as a list and as text.

const EVENTS_A_PAGE = 50;

/** What the kernel told of a node, section by section. */
function sectionViews(sections) {
  return sections.map(({ title, lines, columns, rows }, index) => {
    const inside = rows
      ? control("div", { class: "gk-scroll", tabindex: 0, role: "group", "aria-label": title }, dataTable(title, columns, rows))
      : make("ul", {}, ...lines.map((line) => make("li", {}, line)));
    const part = make("details", {}, control("summary", {}, title), inside);
    part.open = index === 0;
    return part;
  });
}

/** @param {{act: (action: string, given: object) => void, subject: (node: number) => void, look: (node: number) => void, close: () => void}} tell */
function makeNodeCard(tell) {
  const title = make("h4", { class: "gk-part-title", tabindex: -1 });
  const state = make("p", { class: "gk-card-state" });
  const quick = make("div", { class: "gk-row gk-kernel", role: "group" });
  const subject = control("button", { type: "button", class: "gk-button gk-slim" }, "What is believed of it");
  const look = control("button", { type: "button", class: "gk-button gk-slim" }, "Look again");
  const shut = control("button", { type: "button", class: "gk-button gk-slim" }, "Close");
  const asOf = make("p", { class: "gk-help" });
  const sections = make("div");
  const element = make("div", { class: "gk-node-card", role: "group", "aria-label": "The chosen node" }, title, state, quick, make("div", { class: "gk-row" }, subject, look, shut), asOf, sections);
  element.hidden = true;
  let node = -1;
  let actions = "";
  subject.addEventListener("click", () => tell.subject(node));
  look.addEventListener("click", () => tell.look(node));
  shut.addEventListener("click", () => tell.close());
  return {
    element,
    get node() {
      return node;
    },
    open(meta, index) {
      const other = index !== node;
      node = index;
      element.hidden = false;
      title.textContent = meta.nodes[node].name;
      if (other) {
        fill(sections);
        asOf.textContent = "";
      }
      const mine = actionsOnNode(meta);
      const key = JSON.stringify([node, mine]);
      if (key === actions) return;
      actions = key;
      quick.setAttribute("aria-label", `Do to ${meta.nodes[node].name}`);
      fill(
        quick,
        ...mine.map((action) => {
          const button = control("button", { type: "button", class: "gk-button gk-slim" }, action.label);
          button.addEventListener("click", () => tell.act(action.name, argumentsOnNode(action, meta.nodes[node].name)));
          return button;
        }),
      );
    },
    close() {
      element.hidden = true;
      node = -1;
      actions = "";
    },
    say(text) {
      if (state.textContent !== text) state.textContent = text;
    },
    told(message) {
      asOf.textContent = `As of ${message.at_s.toFixed(2)} s`;
      const open = new Map([...sections.children].map((part) => [part.firstChild.textContent, part.open]));
      const focus = sections.contains(document.activeElement);
      const views = sectionViews(message.sections);
      for (const part of views) part.open = open.get(part.firstChild.textContent) ?? part.open;
      fill(sections, ...views);
      if (focus) look.focus();
    },
    enable(on) {
      for (const button of [...quick.children, look]) button.setAttribute("aria-disabled", String(!on));
    },
  };
}

/** The events as a table, a page at a time, by lane and node. */
function makeEventTable(tell) {
  const laneId = freshId();
  const nodeId = freshId();
  const lane = control("select", { id: laneId });
  const node = control("select", { id: nodeId });
  const earlier = control("button", { type: "button", class: "gk-button" }, "Earlier");
  const here = control("button", { type: "button", class: "gk-button" }, "At the playhead");
  const later = control("button", { type: "button", class: "gk-button" }, "Later");
  const count = make("p", { class: "gk-help", role: "status" });
  const holder = make("div", { class: "gk-scroll" });
  const element = make(
    "details",
    { class: "gk-part" },
    control("summary", {}, "Events as a table"),
    make(
      "div",
      { class: "gk-transport" },
      make("div", { class: "gk-control" }, make("label", { for: laneId }, "Lane"), lane),
      make("div", { class: "gk-control" }, make("label", { for: nodeId }, "Node"), node),
      earlier,
      here,
      later,
    ),
    count,
    holder,
  );
  let recording = null;
  let t = 0;
  let rows = [];
  let first = 0;
  const options = (select, names) => {
    const kept = select.value;
    fill(select, make("option", { value: "" }, "all"), ...names.map(([value, text]) => make("option", { value }, text)));
    select.value = names.some(([value]) => String(value) === kept) ? kept : "";
  };
  const filter = () => {
    rows = recording.meta.events.flatMap((event, index) => {
      if (lane.value && event.lane !== lane.value) return [];
      if (node.value !== "" && event.node !== Number(node.value) && event.about !== Number(node.value)) return [];
      return [index];
    });
  };
  const show = () => {
    if (!element.open || !recording) return;
    const { meta } = recording;
    first = Math.max(0, Math.min(first, rows.length - 1));
    const shown = rows.slice(first, first + EVENTS_A_PAGE);
    const lines = shown.map((index) => {
      const event = meta.events[index];
      const go = control("button", { type: "button", class: "gk-link", title: "Go there" }, `${event.at_s.toFixed(3)} s`);
      go.addEventListener("click", () => tell.seek(recording.eventTimes[index]));
      return [go, meta.lanes.find(({ name }) => name === event.lane).title, event.node === null ? "" : meta.nodes[event.node].name, event.text];
    });
    fill(holder, dataTable("Events", ["time", "lane", "node", "what happened"], lines));
    count.textContent = rows.length ? `Events ${first + 1} to ${first + shown.length} of ${rows.length}.` : "No such events in this run.";
    earlier.setAttribute("aria-disabled", String(first === 0));
    later.setAttribute("aria-disabled", String(first + EVENTS_A_PAGE >= rows.length));
  };
  const toPlayhead = () => (first = Math.max(0, rows.filter((index) => recording.eventTimes[index] <= t).length - 5));
  const anew = () => {
    filter();
    toPlayhead();
    show();
  };
  lane.addEventListener("change", anew);
  node.addEventListener("change", anew);
  element.addEventListener("toggle", anew);
  here.addEventListener("click", () => {
    toPlayhead();
    show();
  });
  for (const [button, by] of [[earlier, -EVENTS_A_PAGE], [later, EVENTS_A_PAGE]]) {
    button.addEventListener("click", () => {
      if (button.getAttribute("aria-disabled") === "true") return;
      first += by;
      show();
    });
  }
  return {
    element,
    load(next) {
      recording = next;
      options(lane, recording.meta.lanes.map(({ name, title }) => [name, title]));
      options(node, recording.meta.nodes.map(({ name }, index) => [index, name]));
      filter();
      if (!holder.contains(document.activeElement)) show();
    },
    show(now) {
      t = now;
    },
  };
}

/** The steps: a list that can be edited, and the scenario as text. */
function makeSteps(tell) {
  const list = make("ol", { class: "gk-steps" });
  const none = make("p", { class: "gk-help" }, "Nothing has been done to this run yet.");
  const copy = control("button", { type: "button", class: "gk-button" }, "Copy as scenario");
  const edit = control("button", { type: "button", class: "gk-button gk-kernel", "aria-expanded": "false" }, "Edit as text");
  const said = make("span", { class: "gk-help", role: "status" });
  const textId = freshId();
  const text = control("textarea", { id: textId, rows: 7, spellcheck: "false", class: "gk-text" });
  const apply = control("button", { type: "button", class: "gk-button gk-primary gk-kernel" }, "Use this text");
  const error = make("div", { class: "gk-error", role: "alert" });
  const editor = make("div", {}, make("label", { for: textId }, "The scenario as text"), text, make("div", { class: "gk-row" }, apply));
  editor.hidden = true;
  const count = make("span", {}, "");
  const element = make("details", { class: "gk-part" }, control("summary", {}, "Steps of the scenario", count), none, list, make("div", { class: "gk-row" }, copy, edit, said), editor, error);
  let meta = null;

  const replace = (make_) => {
    error.textContent = "";
    try {
      tell.steps(writeScenario(make_()));
    } catch (problem) {
      error.textContent = problem.message;
    }
  };
  const openEditor = (on) => {
    editor.hidden = !on;
    edit.setAttribute("aria-expanded", String(on));
    if (on) text.value = meta.scenario;
  };
  edit.addEventListener("click", () => openEditor(editor.hidden));
  apply.addEventListener("click", () => replace(() => readScenario(text.value)));
  copy.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(meta.scenario);
      said.textContent = "Copied: paste it where an exercise asks for evidence.";
    } catch {
      // a page without the right to the clipboard: the text itself, selected
      openEditor(true);
      text.focus();
      text.select();
      said.textContent = "The browser keeps its clipboard closed: the text is selected, copy it with Ctrl+C.";
    }
  });
  const row = (step, index) => {
    const id = freshId();
    const at = control("input", { id, type: "number", min: meta.window[0], max: meta.window[1], step: "any", value: step.at_s, "data-key": `at-${index}` });
    at.addEventListener("change", () => {
      if (at.value === "" || !at.validity.valid) {
        error.textContent = `Step ${index + 1}: the time must be a number from ${meta.window[0]} to ${meta.window[1]} s.`;
        at.value = step.at_s;
      } else if (Number(at.value) !== step.at_s) replace(() => retimedStep(meta.steps, index, Number(at.value)));
    });
    const remove = control("button", { type: "button", class: "gk-button gk-slim gk-kernel", "aria-label": `Delete step ${index + 1}: ${step.text}`, "data-key": `delete-${index}` }, "Delete");
    remove.addEventListener("click", () => replace(() => withoutStep(meta.steps, index)));
    const go = control("button", { type: "button", class: "gk-button gk-slim", "aria-label": `Go to step ${index + 1}`, "data-key": `go-${index}` }, "Go there");
    go.addEventListener("click", () => tell.seek(micros(meta, step.at_s)));
    return make("li", {}, make("div", { class: "gk-step" }, make("label", { for: id, class: "gk-unseen" }, `Time of step ${index + 1} in seconds`), at, make("span", {}, "s"), make("span", { class: "gk-step-text" }, step.text ?? step.action), go, remove));
  };
  return {
    element,
    load(next) {
      meta = next;
      const focused = list.contains(document.activeElement) ? document.activeElement.dataset.key : "";
      fill(list, ...meta.steps.map(row));
      none.hidden = meta.steps.length > 0;
      count.textContent = meta.steps.length ? ` (${meta.steps.length})` : "";
      if (focused) {
        // the row may be gone: the one in its place, the last one, or the button under the list
        const [name, index] = focused.split("-");
        const same = list.querySelector(`[data-key="${name}-${Math.min(Number(index), meta.steps.length - 1)}"]`);
        (same ?? copy).focus();
      }
      if (!editor.hidden && document.activeElement !== text) text.value = meta.scenario;
      error.textContent = "";
    },
    say(problem) {
      error.textContent = problem;
    },
    enable(on) {
      for (const button of [apply, ...list.querySelectorAll("[data-key^=delete]")]) button.setAttribute("aria-disabled", String(!on));
    },
  };
}
