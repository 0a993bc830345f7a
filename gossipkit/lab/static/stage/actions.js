// Break it: a button for each action, and a form for what it takes.

/** One field of a form: an element, and what was given there; `read()` throws where something is missing. */
function actionField(take, meta, offerLasso) {
  const id = freshId();
  const names = meta.nodes.map((node) => node.name);
  const missing = () => {
    throw new Error(`${take.kind === "node" ? "Choose" : "Fill in"} “${take.label}” first.`);
  };
  if (take.kind === "groups") {
    const groups = [];
    const holder = make("div", { class: "gk-groups" });
    const addGroup = () => {
      const boxes = names.map((name) => control("input", { id: freshId(), type: "checkbox", value: name }));
      const quick = meta.groups.length > 1 ? meta.groups.map((group) => {
        const all = control("button", { type: "button", class: "gk-button gk-slim" }, `All ${group.label}`);
        all.addEventListener("click", () => boxes.forEach((box, node) => (box.checked ||= meta.nodes[node].group === group.name)));
        return all;
      }) : [];
      const none = control("button", { type: "button", class: "gk-button gk-slim" }, "None");
      none.addEventListener("click", () => boxes.forEach((box) => (box.checked = false)));
      groups.push(boxes);
      const legend = groups.length === 1 ? "On one side" : `Group ${groups.length}`;
      holder.append(
        make(
          "fieldset",
          {},
          make("legend", { class: "gk-legend-small" }, legend),
          make("div", { class: "gk-row" }, ...quick, none),
          make("div", { class: "gk-ticks-list" }, ...boxes.map((box) => make("div", { class: "gk-tick" }, box, make("label", { for: box.id }, box.value)))),
        ),
      );
      return boxes;
    };
    addGroup();
    const lasso = control("button", { type: "button", class: "gk-button gk-slim", "aria-pressed": "false" }, "Draw a lasso");
    lasso.addEventListener("click", () => offerLasso(lasso));
    const more = control("button", { type: "button", class: "gk-button gk-slim" }, "Add a group");
    more.addEventListener("click", () => addGroup()[0].focus());
    const help = make("p", { class: "gk-help" }, "Who is in no group is in one more.");
    return {
      element: make("div", {}, make("div", { class: "gk-row" }, lasso, more), holder, help),
      read() {
        const given = groups.map((boxes) => boxes.filter((box) => box.checked).map((box) => box.value)).filter((group) => group.length);
        if (!given.length) throw new Error("Tick at least one node first.");
        return given;
      },
      write(picked) {
        groups[0].forEach((box) => (box.checked = picked.includes(box.value)));
      },
    };
  }
  const labelled = (input, ...after) => make("div", { class: "gk-control" }, make("label", { for: id }, take.label), input, ...after);
  if (take.kind === "node" || take.kind === "choice") {
    const choices = take.kind === "node" ? names : take.choices;
    const empty = take.kind === "node" || take.optional ? [make("option", { value: "" }, take.optional ? "any" : "choose")] : [];
    const input = control("select", { id }, ...empty, ...choices.map((choice, index) => make("option", { value: index }, String(choice))));
    const start = choices.indexOf(take.value);
    input.value = start >= 0 ? start : empty.length ? "" : 0;
    return {
      element: labelled(input),
      read: () => (input.value !== "" ? choices[Number(input.value)] : take.optional ? undefined : missing()),
      write: (value) => (input.value = choices.indexOf(value) < 0 ? "" : choices.indexOf(value)),
    };
  }
  const number = take.kind === "number";
  const input = control("input", { id, type: number ? "number" : "text", min: take.low, max: take.high, step: number ? (take.step ?? "any") : null });
  if (take.value != null) input.value = take.value;
  return {
    element: labelled(input),
    read() {
      if (input.value === "") return take.optional ? undefined : missing();
      if (number && !input.validity.valid) throw new Error(`${take.label}: ${input.validationMessage}`);
      return number ? Number(input.value) : input.value;
    },
    write: (value) => (input.value = value),
  };
}

/** The action of this run that is called `name`, if it has one. */
function actionNamed(meta, name) {
  return meta.actions.find((action) => action.name === name);
}

/** Actions that need one node and nothing else that has no value yet: a node's own buttons. */
function actionsOnNode(meta) {
  return meta.actions.filter(({ takes, client }) => {
    const open = takes.filter((take) => !take.optional && take.value == null);
    return !client && open.length === 1 && open[0].kind === "node" && takes.filter((take) => take.kind === "node").length === 1;
  });
}

/** The arguments of such an action for `name`: the values that the others begin with. */
function argumentsOnNode(action, name) {
  return Object.fromEntries(
    action.takes.filter((take) => take.kind === "node" || take.value != null).map((take) => [take.name, take.kind === "node" ? name : take.value]),
  );
}

/** @param {{act: (action: string, given: object) => boolean, lasso: (on: boolean) => void}} tell */
function makeActions(tell) {
  const helpId = freshId();
  const bar = make("div", { class: "gk-row", role: "group", "aria-label": "Break it" });
  const client = make("div", { class: "gk-row", role: "group", "aria-label": "Client operations" });
  const clientTitle = make("h4", { class: "gk-part-title" }, "As a client");
  const form = make("form", { class: "gk-form", novalidate: true });
  form.hidden = true;
  const error = make("div", { class: "gk-error", role: "alert" });
  const element = make(
    "section",
    { class: "gk-break gk-kernel", "aria-describedby": helpId },
    make("h4", { class: "gk-part-title" }, "Break it"),
    bar,
    clientTitle,
    client,
    form,
    error,
    make("p", { class: "gk-help", id: helpId }, "Drag from node to node to cut a link; draw a lasso around nodes to part them from the rest."),
  );
  let meta = null;
  let open = null;
  let fields = [];
  let buttons = new Map();
  let lassoButton = null;
  let prefill = "";

  /** The field that a chosen node goes into: one that may stay empty is left so. */
  const nodeField = () => fields.find(({ take }) => take.kind === "node" && !take.optional);
  const endLasso = () => {
    lassoButton?.setAttribute("aria-pressed", "false");
    lassoButton = null;
    tell.lasso(false);
  };
  const close = (focus) => {
    endLasso();
    const button = open && buttons.get(open.name);
    button?.setAttribute("aria-expanded", "false");
    form.hidden = true;
    error.textContent = "";
    fill(form);
    open = null;
    fields = [];
    if (focus) button?.focus();
  };
  const show = (action, focus = true) => {
    if (open) close(false);
    open = action;
    buttons.get(action.name).setAttribute("aria-expanded", "true");
    fields = action.takes.map((take) => ({ take, ...actionField(take, meta, (button) => {
      const on = lassoButton === null;
      endLasso();
      if (!on) return;
      lassoButton = button;
      button.setAttribute("aria-pressed", "true");
      tell.lasso(true);
    }) }));
    if (prefill) nodeField()?.write(prefill);
    const submit = control("button", { type: "submit", class: "gk-button gk-primary" }, `${action.label} now`);
    const shut = control("button", { type: "button", class: "gk-button" }, "Close");
    shut.addEventListener("click", () => close(true));
    fill(form, make("div", { class: "gk-form-title" }, action.label), ...fields.map((each) => each.element), make("div", { class: "gk-row" }, submit, shut));
    form.hidden = false;
    if (focus) form.querySelector("input, select, button").focus();
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    error.textContent = "";
    const given = {};
    for (const { take, element: field, read } of fields) {
      try {
        const value = read();
        if (value !== undefined) given[take.name] = value;
      } catch (problem) {
        error.textContent = problem.message;
        field.querySelector("input, select").focus(); // what is missing can be given at once
        return;
      }
    }
    tell.act(open.name, given);
  });
  form.addEventListener("input", () => (error.textContent = ""));
  form.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close(true);
  });

  const sameActions = (next) => meta && JSON.stringify([meta.actions, meta.nodes.map((node) => node.name), meta.groups]) === JSON.stringify([next.actions, next.nodes.map((node) => node.name), next.groups]);
  return {
    element,
    load(next) {
      if (sameActions(next)) {
        meta = next;
        return;
      }
      const hadFocus = element.contains(document.activeElement);
      meta = next;
      close(false);
      buttons = new Map();
      const views = meta.actions.map((action) => {
        const button = control("button", { type: "button", class: "gk-button", "aria-expanded": action.takes.length ? "false" : null }, action.label);
        button.addEventListener("click", () => {
          error.textContent = "";
          if (!action.takes.length) tell.act(action.name, {});
          else if (open === action) close(true);
          else show(action);
        });
        buttons.set(action.name, button);
        return [action.client, button];
      });
      fill(bar, ...views.filter(([isClient]) => !isClient).map(([, button]) => button));
      fill(client, ...views.filter(([isClient]) => isClient).map(([, button]) => button));
      clientTitle.hidden = client.hidden = !client.firstChild;
      if (hadFocus) bar.firstChild?.focus();
    },
    /** The chosen node is what the next form begins with. */
    setNode(name) {
      prefill = name;
      error.textContent = "";
      nodeField()?.write(name);
    },
    /** Nodes caught by a lasso: into the open form, or into the one that parts them. */
    pick(names) {
      const takesMany = (action) => action.takes.some(({ kind }) => kind === "groups");
      if (!open || !takesMany(open)) {
        const action = meta.actions.find(takesMany);
        if (!action) return;
        show(action, false);
      }
      endLasso();
      fields.find(({ take }) => take.kind === "groups").write(names);
      form.querySelector("[type=submit]").focus();
    },
    enable(on) {
      for (const button of [...buttons.values(), ...form.querySelectorAll("[type=submit]")]) button.setAttribute("aria-disabled", String(!on));
    },
    say(text) {
      error.textContent = text;
    },
  };
}
