// The field: a button for each node over one canvas, hulls and cuts under both, and the pointer's short cuts.

const DRAG_PX = 7;
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/**
 * @param {{choose: (node: number) => void, message: (packet: number) => void, cut: (a: number, b: number) => void, lasso: (nodes: number[]) => void, redraw: () => void}} tell
 */
function makeField(tell) {
  const canvas = make("canvas", { class: "gk-canvas", "aria-hidden": "true" });
  const under = makeSvg("svg", { class: "gk-under", "aria-hidden": "true" });
  const helpId = freshId();
  const list = make("div", { class: "gk-nodes", role: "group", "aria-label": "Nodes", "aria-describedby": helpId });
  const help = make("span", { id: helpId, class: "gk-unseen" }, "Arrow keys move from node to node, Enter chooses one.");
  const element = make("div", { class: "gk-field" }, under, canvas, list, help);
  const painter = makePainter(canvas);

  let meta = null;
  let buttons = [];
  let places = null;
  let current = 0;
  let chosen = -1;
  let subject = 0;
  let drawnStates = [];
  let drawnBeliefs = [];
  let pointer = [];
  let gesture = null;
  let lassoOnly = false;
  let [width, height] = [0, 0];

  const moveTo = (node) => {
    buttons[current]?.setAttribute("tabindex", -1);
    current = node;
    buttons[current].setAttribute("tabindex", 0);
    buttons[current].focus();
  };
  list.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
    if (event.key in ARROWS) moveTo(neighbour(places, current, ...ARROWS[event.key]));
    else if (event.key === "Home") moveTo(0);
    else if (event.key === "End") moveTo(buttons.length - 1);
    else return;
    event.preventDefault();
  });
  // a click on a button that the pointer merely dragged from is none
  let dragged = false;
  list.addEventListener("click", (event) => {
    const node = buttons.indexOf(event.target.closest("button"));
    if (node < 0 || (dragged && event.detail > 0)) return;
    moveTo(node);
    tell.choose(node);
  });

  // what is under way moves and can't take the focus: its messages stand in the node's card and in the tables, too
  element.addEventListener("click", (event) => {
    if (dragged || event.target.closest("button")) return;
    const packet = painter.packetAt(...at(event));
    if (packet >= 0) tell.message(packet);
  });

  const at = (event) => {
    const box = element.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  const nodeAt = (event) => {
    const [x, y] = at(event);
    let best = -1;
    let least = Math.max(14, places.size * 0.7);
    for (let node = 0; node < buttons.length; node++) {
      const far = Math.hypot(places.x[node] - x, places.y[node] - y);
      if (far < least) [best, least] = [node, far];
    }
    return best;
  };
  const target = (node) => {
    for (const each of list.querySelectorAll("[data-target]")) each.removeAttribute("data-target");
    if (node >= 0) buttons[node].setAttribute("data-target", "");
  };
  const stop = () => {
    gesture = null;
    pointer = [];
    target(-1);
    tell.redraw();
  };
  element.addEventListener("pointerdown", (event) => {
    dragged = false;
    // where nothing can be done, a line would promise something
    if (!event.isPrimary || event.button !== 0 || !places || !meta.actions.length) return;
    const node = lassoOnly ? -1 : nodeAt(event);
    // a finger on the ground scrolls the page, unless a lasso was asked for
    if (node < 0 && event.pointerType !== "mouse" && !lassoOnly) return;
    gesture = { id: event.pointerId, from: node, start: at(event), moved: false };
  });
  element.addEventListener("pointermove", (event) => {
    if (!gesture || event.pointerId !== gesture.id) return;
    const point = at(event);
    if (!gesture.moved) {
      if (Math.hypot(point[0] - gesture.start[0], point[1] - gesture.start[1]) < DRAG_PX) return;
      gesture.moved = true;
      dragged = true;
      element.setPointerCapture(event.pointerId);
      pointer = [gesture.start];
    }
    if (gesture.from >= 0) {
      const over = nodeAt(event);
      target(over === gesture.from ? -1 : over);
      pointer = [[places.x[gesture.from], places.y[gesture.from]], point];
    } else pointer.push(point);
    tell.redraw();
  });
  element.addEventListener("pointerup", (event) => {
    if (!gesture || event.pointerId !== gesture.id) return;
    const { from, moved } = gesture;
    const drawn = pointer;
    const to = moved ? nodeAt(event) : -1;
    stop();
    if (!moved) return;
    if (from >= 0) {
      if (to >= 0 && to !== from) tell.cut(from, to);
    } else {
      const caught = [...buttons.keys()].filter((node) => isInside(drawn, places.x[node], places.y[node]));
      if (caught.length) tell.lasso(caught);
    }
  });
  element.addEventListener("pointercancel", stop);
  element.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && gesture) stop();
  });

  const drawUnder = (faults) => {
    const marks = [];
    const members = (test) => meta.nodes.flatMap((node, index) => (test(node) ? [index] : []));
    const padding = places.size / 2 + 9;
    if (meta.shape === "ring") {
      const [xs, ys] = [[...places.x], [...places.y]];
      const [left, right, top, low] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
      if (!places.packed) marks.push(makeSvg("ellipse", { cx: (left + right) / 2, cy: (top + low) / 2, rx: (right - left) / 2, ry: (low - top) / 2, class: "gk-ring" }));
    }
    for (const group of meta.groups.filter((each) => each.hull)) {
      const inside = members((node) => node.group === group.name);
      if (!inside.length) continue;
      const hull = hullOf(places, inside, padding);
      const top = Math.min(...hull.map(([, y]) => y));
      const middle = (Math.min(...hull.map(([x]) => x)) + Math.max(...hull.map(([x]) => x))) / 2;
      marks.push(makeSvg("polygon", { points: hull.join(" "), class: "gk-hull" }));
      marks.push(makeSvg("text", { x: middle, y: Math.max(11, top - 5), class: "gk-hull-label" }, group.label));
    }
    const index = new Map(meta.nodes.map((node, k) => [node.name, k]));
    for (const group of faults.groups ?? []) {
      const inside = group.map((name) => index.get(name)).filter((node) => node !== undefined);
      if (inside.length) marks.push(makeSvg("polygon", { points: hullOf(places, inside, padding - 4).join(" "), class: "gk-apart" }));
    }
    for (const [a, b] of faults.cuts) {
      if (!index.has(a) || !index.has(b)) continue;
      const [i, j] = [index.get(a), index.get(b)];
      const [x, y] = [(places.x[i] + places.x[j]) / 2, (places.y[i] + places.y[j]) / 2];
      marks.push(makeSvg("path", { d: `M${places.x[i]},${places.y[i]}L${places.x[j]},${places.y[j]}`, class: "gk-cut" }));
      marks.push(makeSvg("path", { d: `M${x - 6},${y - 6}l12,12m0,-12l-12,12`, class: "gk-cut-mark" }));
    }
    fill(under, ...marks);
  };

  const arrange = () => {
    if (!meta || !width) return;
    places = placeNodes(meta, width, height);
    const names = shortNames(meta);
    const roomy = buttons.length <= ROOMY && places.size >= 30;
    element.classList.toggle("gk-roomy", roomy);
    list.style.setProperty("--gk-size", `${places.size}px`);
    list.style.setProperty("--gk-letters", `${Math.max(9, Math.min(13, places.size * 0.4))}px`);
    buttons.forEach((button, node) => {
      button.style.left = `${places.x[node]}px`;
      button.style.top = `${places.y[node]}px`;
      button.firstChild.textContent = places.size >= 20 && !roomy ? names[node] : "";
      // names near an edge open towards the middle
      button.dataset.side = places.x[node] < 70 ? "right" : places.x[node] > width - 70 ? "left" : "";
    });
    painter.resize(width, height);
  };

  return {
    element,
    painter,
    /** Show the nodes of this run; the buttons stay, with their focus, as long as the names do. */
    load(next) {
      const same = meta && meta.nodes.length === next.nodes.length && meta.nodes.every((node, k) => node.name === next.nodes[k].name);
      meta = next;
      if (!same) {
        const hadFocus = list.contains(document.activeElement);
        buttons = meta.nodes.map(({ name }, node) =>
          control(
            "button",
            { type: "button", class: "gk-node", tabindex: node ? -1 : 0, "aria-pressed": "false", "data-name": name },
            make("span", { class: "gk-node-short", "aria-hidden": "true" }),
            make("span", { class: "gk-node-name", "aria-hidden": "true" }, name),
          ),
        );
        fill(list, ...buttons);
        current = 0;
        chosen = -1;
        if (hadFocus) moveTo(0);
      }
      [drawnStates, drawnBeliefs] = [[], []];
      arrange();
    },
    resize(w, h) {
      [width, height] = [w, h];
      arrange();
    },
    choose(node) {
      buttons[chosen]?.setAttribute("aria-pressed", "false");
      chosen = node;
      buttons[chosen]?.setAttribute("aria-pressed", "true");
    },
    focus(node) {
      moveTo(node);
    },
    setSubject(node) {
      buttons[subject]?.removeAttribute("data-subject");
      subject = node;
      buttons[subject]?.setAttribute("data-subject", "");
    },
    /** Show what each node is and believes; only what has changed is touched. */
    showNodes(states, beliefs) {
      for (let node = 0; node < buttons.length; node++) {
        if (drawnStates[node] !== states[node]) buttons[node].dataset.state = meta.states[(drawnStates[node] = states[node])];
        const word = node === subject || !runs(meta, states[node]) ? -1 : beliefs[node];
        if (drawnBeliefs[node] === word) continue;
        drawnBeliefs[node] = word;
        buttons[node].dataset.belief = word < 0 ? "" : word % 6;
        buttons[node].dataset.severity = word < 0 ? "" : meta.beliefs[word].severity;
      }
    },
    /** Put into words what each node shows: at steps and pauses, since names that change at each frame can't be read. */
    nameNodes(states, beliefs) {
      buttons.forEach((button, node) => {
        const words = [meta.nodes[node].name, meta.states[states[node]]];
        if (node === subject) words.push("the others' beliefs about it are shown");
        else if (runs(meta, states[node])) words.push(`of ${meta.nodes[subject].name}: ${meta.beliefs[beliefs[node]].label}`);
        const text = words.join(", ");
        if (button.getAttribute("aria-label") !== text) button.setAttribute("aria-label", text);
      });
    },
    drawFaults(faults) {
      if (places) drawUnder(faults);
    },
    /** Let the next drag anywhere be a lasso, for fingers too. */
    lassoMode(on) {
      lassoOnly = on;
      element.classList.toggle("gk-lassoing", on);
    },
    draw(recording, flights, t, hidden) {
      if (places) painter.draw(recording, flights, places, t, hidden, pointer);
    },
  };
}
