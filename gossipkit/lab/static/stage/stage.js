// The stage: a run that is watched and broken. The kernel computes it; here it is played, and what the student does is asked of the kernel.

const MORE_S = 30;
const DETAILS_WAIT_MS = 250;
const STEPPED_MS = 1200; // from event to event where the student asked for less motion

/** Whether a claim is seen at `at_s`, and what is missing: from its changes, or from how it ends. */
function claimAt(said, at_s) {
  const until = said.changes ? said.changes.findLastIndex(([from]) => from <= at_s) : -1;
  const [, seen, missing] = until >= 0 ? said.changes[until] : [0, said.changes?.length ? false : said.seen, said.missing];
  if (seen === null || seen === undefined) return { seen, text: "not known yet" };
  return { seen, text: seen ? "seen now" : `not seen yet${missing ? `: ${missing}` : ""}` };
}

/** A key to what nodes show: states that occur and beliefs, each with its picture. */
function nodeKey(meta) {
  const shown = (attributes, label) => make("span", { class: "gk-key-item" }, make("span", { class: "gk-node gk-node-key", ...attributes, "aria-hidden": "true" }), label);
  return [
    ...meta.beliefs.map((belief, word) => shown({ "data-belief": word % 6, "data-severity": belief.severity, "data-state": "up" }, belief.label)),
    ...meta.states.filter((state) => state !== "up" && state !== "absent").map((state) => shown({ "data-state": state, "data-belief": "" }, state)),
  ];
}

function render({ model, el }) {
  const titleId = freshId();
  const speedId = freshId();
  const subjectId = freshId();
  const quiet = matchMedia("(prefers-reduced-motion: reduce)");

  let recording = null;
  let flights = null;
  let states = null;
  let beliefs = null;
  let subject = 0;
  let hidden = [];
  let sharesText = "";
  let faultsText = null;
  let holding = 0; // requests whose answer play waits for
  let awake = false;
  let frame = 0;
  let lastFrame = 0;
  let sinceStep = 0;
  let closed = false;
  let detailsTimer = null;
  const counters = { frames: 0, draws: 0, ms: 0 };
  const head = makePlayhead(0);

  // what it is made of
  const button = (text, run, more = {}) => {
    const element = control("button", { type: "button", class: "gk-button", ...more }, text);
    element.addEventListener("click", run);
    return element;
  };
  const title = make("h3", { class: "gk-title", id: titleId });
  const notes = make("ul", { class: "gk-notes" });
  const busy = make("p", { class: "gk-busy", role: "status" });
  const lost = make("div", { class: "gk-error", role: "alert" });
  const retry = button("Try again", () => link.ask("ask", { node: subject, at_s: now() }));
  const lostRow = make("div", { class: "gk-row" }, lost, retry);
  const error = make("div", { class: "gk-error", role: "alert" });
  const claim = make("div", { class: "gk-claim" });
  const said = make("p", { class: "gk-said", role: "status" }, "Press Play, or break something first.");
  const faultsLine = make("p", { class: "gk-faults-line" });
  const shares = make("p", { class: "gk-share" });
  const shareBar = make("div", { class: "gk-share-bar", "aria-hidden": "true" });
  const subjectSelect = control("select", { id: subjectId });
  const key = make("div", { class: "gk-node-legend" });
  const kinds = make("div", { class: "gk-kinds", role: "group", "aria-label": "Kinds of packets shown" });
  const play = button("Play", () => (head.playing ? pause() : start()), { class: "gk-button gk-primary gk-play" });
  const back = button("◀ Event", () => stepEvent(-1), { "aria-label": "Back to the event before" });
  const on = button("Event ▶", () => stepEvent(1), { "aria-label": "On to the next event" });
  const speed = control("select", { id: speedId }, ...SPEEDS.map((each) => make("option", { value: each }, each === 1 ? "as it is (1×)" : `${each}×`)));
  speed.value = head.speed;
  speed.addEventListener("change", () => {
    head.speed = Number(speed.value);
    share();
  });
  const jumps = make("div", { class: "gk-row", role: "group", "aria-label": "Jumps" });
  const more = button(`${MORE_S} s more`, () => request("more", {}));
  const undo = button("Undo", () => request("undo", {}));
  const redo = button("Redo", () => request("redo", {}));
  const reset = button("Reset", () => request("reset", {}));

  const speaker = makeSpeaker((text) => (said.textContent = text));
  const field = makeField({
    choose: (node) => openCard(node),
    cut: (a, b) => {
      const action = actionNamed(recording.meta, "cut");
      if (!action) return;
      const ends = action.takes.filter((take) => take.kind === "node").map((take) => take.name);
      act("cut", { [ends[0]]: recording.meta.nodes[a].name, [ends[1]]: recording.meta.nodes[b].name });
    },
    lasso: (nodes) => actions.pick(nodes.map((node) => recording.meta.nodes[node].name)),
    redraw: () => redraw(),
  });
  const axis = makeAxis({ seek: (t) => seek(t) });
  const actions = makeActions({ act: (action, given) => act(action, given), lasso: (isOn) => field.lassoMode(isOn) });
  const sliders = makeSliders({
    move: (positions, done) => request("move", { positions }, (answer) => {
      if (answer.error) sliders.restore(recording.meta);
      done();
    }),
  });
  const card = makeNodeCard({
    act: (action, given) => act(action, given),
    subject: (node) => setSubject(node),
    look: () => lookAgain(),
    close: () => {
      const node = card.node;
      card.close();
      field.choose(-1);
      field.focus(node);
    },
  });
  const lamport = makeLamport({ opened: () => pause() });
  const table = makeEventTable({ seek: (t) => (pause(), seek(t)) });
  const steps = makeSteps({ steps: (scenario) => request("steps", { scenario }, (answer) => steps.say(answer.error)), seek: (t) => (pause(), seek(t)) });

  const believed = make(
    "section",
    { class: "gk-believed", "aria-label": "What is believed" },
    make("div", { class: "gk-control gk-inline" }, make("label", { for: subjectId }, "What is believed of"), subjectSelect),
    shareBar,
    shares,
    key,
  );
  const time = make(
    "div",
    { class: "gk-time" },
    make("div", { class: "gk-transport gk-stage-transport" }, play, back, on, make("div", { class: "gk-control gk-inline" }, make("label", { for: speedId }, "Speed"), speed), jumps, more),
    said,
    axis.element,
  );
  const side = make(
    "div",
    { class: "gk-side" },
    card.element,
    actions.element,
    make("div", { class: "gk-row", role: "group", "aria-label": "Steps taken" }, undo, redo, reset),
  );
  const root = make(
    "div",
    { class: "gk gk-live", role: "group", "aria-labelledby": titleId },
    title,
    notes,
    claim,
    lostRow,
    error,
    make("div", { class: "gk-scene" }, make("div", { class: "gk-front" }, field.element, make("div", { class: "gk-under-field" }, faultsLine, busy), kinds), believed, time, side),
    sliders.element,
    steps.element,
    lamport.element,
    table.element,
  );
  el.append(make("div", { class: "gk-stage-frame" }, root));
  lostRow.hidden = true;

  // something that is not to be used keeps its focus and says that it is disabled
  root.addEventListener(
    "click",
    (event) => {
      if (!event.target.closest("[aria-disabled=true]")) return;
      event.preventDefault();
      event.stopPropagation();
    },
    true,
  );

  const link = makeLink(
    (message) => model.send(message),
    {
      busy: (text) => {
        busy.textContent = text;
        root.toggleAttribute("data-busy", text !== "");
      },
      lost: (text) => {
        lost.textContent = text;
        lostRow.hidden = text === "";
        enable();
        if (text) holding = 0;
        if (text && document.activeElement === document.body) retry.focus();
        wake();
      },
    },
    { now: () => performance.now(), later: (run, ms) => setTimeout(run, ms), never: (timer) => clearTimeout(timer), id: freshId },
  );

  const now = () => (recording ? seconds(recording.meta, head.t) : 0);
  const disable = (element, off) => element.setAttribute("aria-disabled", String(off));
  const enable = () => {
    const alive = link.lost === "";
    actions.enable(alive);
    card.enable(alive);
    steps.enable(alive);
    sliders.enable(alive);
    const meta = recording?.meta;
    disable(undo, !alive || !meta?.can_undo);
    disable(redo, !alive || !meta?.can_redo);
    disable(reset, !alive || !meta?.steps.length);
    disable(more, !alive || Boolean(meta?.cut_off));
  };
  /** Ask the kernel for another run; play waits for it, so that its beginning is seen. */
  const request = (type, body, done = () => {}) => {
    if (link.lost) return false;
    error.textContent = "";
    actions.say("");
    holding++;
    const id = link.ask(type, body, (answer) => {
      holding = Math.max(0, holding - 1);
      if (answer.error) error.textContent = answer.error;
      done(answer);
      share();
      wake();
    });
    return id !== "";
  };
  const act = (action, given) => {
    const { meta } = recording;
    const at_s = stepTime(meta, head.t);
    const node = meta.nodes.findIndex(({ name }) => name === given.name);
    const asked = request("step", { at_s, action, arguments: given }, (answer) => {
      if (answer.error) return;
      const step = recording.meta.steps.findLast((each) => each.action === action && Math.abs(each.at_s - at_s) < 1e-6);
      tellNow(`${sayNumber(at_s)} s: ${step?.text ?? action}.`);
    });
    // whoever is broken is whom the others will talk about
    if (asked && node >= 0 && node !== subject) setSubject(node);
    return asked;
  };
  const tellNow = (text) => {
    speaker.forget();
    said.textContent = text;
  };

  // time
  const start = () => {
    if (!recording) return;
    if (head.t >= head.length) seek(0);
    setPlaying(true);
    share();
  };
  const pause = () => {
    setPlaying(false);
    share();
  };
  const setPlaying = (on) => {
    head.playing = on;
    play.textContent = on ? "Stop" : "Play";
    lastFrame = 0;
    sinceStep = 0;
    if (on) wake();
    else settle();
  };
  const seek = (t) => {
    head.seek(t);
    redraw();
    settleSoon();
    share();
  };
  // stages that are watched together have one time: each tells the others where it is when the student has moved it
  const share = () => {
    for (const peer of peers()) if (peer !== follow) peer({ at_s: now(), playing: head.playing, speed: head.speed });
  };
  const peers = () => window.gossipkitStages?.get(recording?.meta.together) ?? [];
  const follow = ({ at_s, playing, speed: rate }) => {
    if (closed || !recording) return;
    speed.value = head.speed = rate;
    head.seek(micros(recording.meta, at_s));
    if (playing !== head.playing) setPlaying(playing);
    redraw();
    settleSoon();
  };
  let joined = "";
  const join = (name) => {
    if (name === joined) return;
    const stages = (window.gossipkitStages ??= new Map());
    stages.get(joined)?.delete(follow);
    if (name) stages.set(name, (stages.get(name) ?? new Set()).add(follow));
    joined = name;
  };
  const goTo = (index) => {
    pause();
    head.seek(recording.eventTimes[index]);
    redraw();
    settle();
    tellNow(`${sayNumber(recording.meta.events[index].at_s)} s: ${recording.meta.events[index].text}`);
  };
  const stepEvent = (way) => {
    const index = way > 0 ? nextEvent(recording.eventTimes, head.t) : previousEvent(recording.eventTimes, head.t);
    if (index >= 0) goTo(index);
    else tellNow(way > 0 ? "No later event in this window." : "No earlier event.");
  };
  const showJumps = (meta) => {
    const views = jumpsOf(meta);
    if (jumps.dataset.labels === JSON.stringify(views.map(({ label }) => label))) return;
    jumps.dataset.labels = JSON.stringify(views.map(({ label }) => label));
    fill(
      jumps,
      ...views.map(({ label }, which) =>
        button(label, () => {
          const { takes } = jumpsOf(recording.meta)[which];
          const index = nextEvent(recording.eventTimes, head.t, (i) => takes(recording.meta.events[i]));
          if (index >= 0) goTo(index);
          else tellNow(`${label}: none after ${sayNumber(now())} s in this window.`);
        }),
      ),
    );
  };

  // drawing
  const showShare = () => {
    const { meta } = recording;
    const counted = countBeliefs(meta, beliefs.values, states.values, subject);
    const text = sayBeliefs(meta, counted, subject, states.values[subject]);
    if (text === sharesText) return;
    sharesText = text;
    shares.textContent = text;
    counted.counts.forEach((count, word) => (shareBar.children[word].style.flexGrow = count));
  };
  const showFaults = () => {
    const faults = faultsAt(recording.meta.steps, now());
    const text = sayFaults(faults);
    if (text === faultsText) return;
    faultsText = text;
    faultsLine.textContent = text ? `Now: ${text}` : "The network is whole.";
    faultsLine.toggleAttribute("data-broken", text !== "");
    field.drawFaults(faults);
  };
  const showClaim = () => {
    const { claim: said } = recording.meta;
    if (!said) return;
    for (const [element, which] of [[claim.querySelector(".gk-claim-here"), said], [claim.querySelector(".gk-claim-beside"), said.beside]]) {
      if (!element || !which) continue;
      const { seen, text } = claimAt(which, now());
      if (element.textContent === text) continue;
      element.textContent = text;
      element.dataset.seen = String(Boolean(seen));
    }
  };
  const draw = () => {
    if (!recording) return;
    const began = performance.now();
    dirty = false;
    const { t } = head;
    const changed = states.seek(t) | beliefs.seek(t);
    if (changed || sharesText === "") {
      field.showNodes(states.values, beliefs.values);
      showShare();
    }
    showFaults();
    showClaim();
    axis.show(t);
    field.draw(recording, flights, t, hidden);
    counters.draws++;
    counters.ms += performance.now() - began;
    lamportView.t = t;
    lamport.show(began, !head.playing);
    table.show(t);
  };
  let dirty = false;
  const redraw = () => {
    if (dirty || closed) return;
    dirty = true;
    if (frame) return;
    requestAnimationFrame(() => {
      if (!closed && dirty) draw();
    });
  };
  /** Say what stands still: at pauses, not at each frame. */
  const settle = () => {
    if (!recording || closed) return;
    states.seek(head.t);
    beliefs.seek(head.t);
    field.nameNodes(states.values, beliefs.values);
    axis.say(`${now().toFixed(2)} seconds. ${sayBeliefs(recording.meta, countBeliefs(recording.meta, beliefs.values, states.values, subject), subject, states.values[subject])}`);
    if (card.node >= 0) {
      card.say(sayNode(card.node));
      lookAgain();
    }
    redraw();
  };
  let settleTimer = null;
  const settleSoon = () => {
    clearTimeout(settleTimer);
    settleTimer = setTimeout(() => !head.playing && settle(), DETAILS_WAIT_MS);
  };
  const sayNode = (node) => {
    const { meta } = recording;
    const is = meta.states[states.values[node]];
    return node === subject || !runs(meta, states.values[node]) ? `It is ${is}.` : `It is ${is}. Of ${meta.nodes[subject].name}: ${meta.beliefs[beliefs.values[node]].label}.`;
  };
  const hear = (from, until) => {
    const { eventTimes, meta } = recording;
    for (let i = countUntil(eventTimes, from); i < eventTimes.length && eventTimes[i] <= until; i++) speaker.hear(meta.events[i]);
  };
  const tick = (ms) => {
    frame = 0;
    if (closed || !awake || !head.playing || !recording) return;
    counters.frames++;
    const passed = lastFrame ? ms - lastFrame : 0;
    lastFrame = ms;
    const before = head.t;
    if (holding === 0) {
      if (quiet.matches) {
        sinceStep += passed;
        if (sinceStep >= STEPPED_MS) {
          sinceStep = 0;
          const index = nextEvent(recording.eventTimes, head.t);
          head.seek(index < 0 ? head.length : recording.eventTimes[index]);
          if (index < 0) head.playing = false;
        }
      } else head.advance(passed);
    }
    if (head.t !== before || passed === 0 || dirty) {
      draw();
      hear(before, head.t);
    }
    speaker.tick(ms);
    if (!head.playing) {
      pause();
      tellNow(`The end of this window, ${sayNumber(recording.meta.window[1])} s.`);
      return;
    }
    frame = requestAnimationFrame(tick);
  };
  const wake = () => {
    if (!closed && awake && head.playing && !frame) {
      lastFrame = 0;
      frame = requestAnimationFrame(tick);
    }
  };
  const sleep = () => {
    cancelAnimationFrame(frame);
    frame = 0;
  };

  // what is chosen
  const setSubject = (node) => {
    if (recording.meta.subjects && !recording.meta.subjects.includes(node)) return;
    subject = node;
    subjectSelect.value = node;
    beliefs = foldBeliefs(recording, subject);
    field.setSubject(subject);
    sharesText = "";
    redraw();
    if (!head.playing) settleSoon();
  };
  subjectSelect.addEventListener("change", () => setSubject(Number(subjectSelect.value)));
  const openCard = (node) => {
    field.choose(node);
    card.open(recording.meta, node);
    card.enable(link.lost === "");
    actions.setNode(recording.meta.nodes[node].name);
    card.say(sayNode(node));
    lookAgain();
  };
  const lookAgain = () => {
    clearTimeout(detailsTimer);
    detailsTimer = setTimeout(() => {
      if (closed || card.node < 0 || link.lost) return;
      const asked = card.node;
      link.ask("ask", { node: asked, at_s: now() }, (answer) => {
        if (answer.type === "told" && card.node === asked) card.told(answer);
        else if (answer.error) error.textContent = answer.error;
      });
    }, 60);
  };
  const showKinds = (meta) => {
    const named = JSON.stringify(meta.kinds);
    if (kinds.dataset.named === named) return;
    kinds.dataset.named = named;
    hidden = meta.kinds.map(() => false);
    fill(
      kinds,
      ...meta.kinds.map((kind, index) => {
        const chip = control("button", { type: "button", class: "gk-chip", "aria-pressed": "true" }, kindPicture(index, kind.stream), kind.label);
        chip.addEventListener("click", () => {
          hidden[index] = !hidden[index];
          chip.setAttribute("aria-pressed", String(!hidden[index]));
          redraw();
        });
        return chip;
      }),
      make("span", { class: "gk-key-item" }, svg("svg", { viewBox: "-8 -8 16 16", class: "gk-kind-picture", "aria-hidden": "true" }, svg("path", { d: "M-4,-4L4,4M4,-4L-4,4", stroke: "var(--gk-bad)", "stroke-width": 2 })), "lost"),
    );
  };

  // a new run
  const lamportView = { recording: null, flights: null, hidden, t: 0, wanted: () => (card.node >= 0 && card.node !== subject ? [subject, card.node] : [subject]) };
  const load = () => {
    const meta = model.get("meta");
    const data = model.get("data");
    if (closed || !fits(meta, data) || (recording && meta.revision === recording.meta.revision)) return;
    const at_s = recording ? now() : meta.window[0];
    const first = !recording;
    const named = JSON.stringify(meta.nodes.map(({ name }) => name));
    const sameNodes = !first && named === JSON.stringify(recording.meta.nodes.map(({ name }) => name));
    const subjectName = first ? "" : recording.meta.nodes[subject].name;
    recording = readRecording(meta, data);
    flights = indexFlights(recording.packets, meta.fates, (meta.stretch_s ?? 0) * 1e6);
    states = foldStates(recording);
    const kept = meta.nodes.findIndex(({ name }) => name === subjectName);
    subject = kept >= 0 ? kept : (meta.subject ?? 0);
    beliefs = foldBeliefs(recording, subject);
    head.length = recording.length;
    head.seek(micros(meta, at_s));

    join(meta.together ?? "");

    title.textContent = meta.title;
    const said = meta.cut_off ? [...meta.notes, `This run was cut off after ${sayNumber(meta.max_events)} events.`] : meta.notes;
    fill(notes, ...said.map((note) => make("li", {}, note)));
    notes.hidden = !said.length;
    const subjects = meta.subjects ?? [...meta.nodes.keys()];
    if (!sameNodes) fill(subjectSelect, ...subjects.map((index) => make("option", { value: index }, meta.nodes[index].name)));
    subjectSelect.value = subject;
    fill(key, ...nodeKey(meta));
    fill(shareBar, ...meta.beliefs.map((belief, word) => make("span", { "data-belief": word % 6, "data-severity": belief.severity })));
    fill(claim, ...claimView(meta.claim));
    showKinds(meta);
    showJumps(meta);
    field.load(meta);
    field.setSubject(subject);
    if (!sameNodes) card.close();
    else if (card.node >= 0) card.open(meta, card.node);
    actions.load(meta);
    sliders.load(meta);
    steps.load(meta);
    axis.load(recording);
    Object.assign(lamportView, { recording, flights, hidden, t: head.t });
    lamport.load(lamportView);
    table.load(recording);
    enable();
    [sharesText, faultsText] = ["", null];
    if (!sameNodes) arrange();
    draw();
    if (!head.playing) settle();
    wake();
  };
  const claimView = (said) => {
    if (!said) return [];
    const line = (label, name) => make("p", {}, make("strong", {}, `${label}: `), make("span", { class: name }));
    return [make("p", { class: "gk-claim-text" }, said.text), ...(said.because ? [make("p", { class: "gk-help" }, said.because)] : []), line("Here", "gk-claim-here"), ...(said.beside ? [line(said.beside.label, "gk-claim-beside")] : [])];
  };

  // the page around it
  let shownByScroll = false;
  let shownBySize = true;
  const look = () => {
    const next = shownByScroll && shownBySize && document.visibilityState !== "hidden";
    if (next === awake) return;
    awake = next;
    if (awake) {
      wake();
      redraw();
    } else sleep();
  };
  const scrolled = new IntersectionObserver((entries) => {
    shownByScroll = entries.at(-1).isIntersecting;
    look();
  });
  scrolled.observe(root);
  // a notebook that hides far cells detaches nothing: its cell then has no height
  const cell = el.closest(".jp-Cell");
  const cellSize = new ResizeObserver(([entry]) => {
    shownBySize = entry.contentRect.height > 0;
    look();
  });
  if (cell) cellSize.observe(cell);
  const arrange = () => {
    const width = Math.round(field.element.clientWidth);
    if (width < 40) return;
    const height = fieldHeight(recording?.meta.nodes.length ?? 0, width);
    field.element.style.height = `${height}px`;
    field.resize(width, height);
    axis.resize(Math.round(axis.element.clientWidth));
    lamport.resize(Math.round(root.clientWidth - 32));
    faultsText = null;
    if (recording) draw();
  };
  const sized = new ResizeObserver(arrange);
  sized.observe(field.element);
  sized.observe(axis.element);
  const recolour = () => {
    field.painter.readColours(root);
    redraw();
  };
  const themed = new MutationObserver(recolour);
  themed.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-light", "data-jp-theme-name", "class"] });
  const schemes = ["(prefers-color-scheme: dark)", "(forced-colors: active)"].map((query) => matchMedia(query));
  for (const scheme of schemes) scheme.addEventListener("change", recolour);
  document.addEventListener("visibilitychange", look);
  field.painter.readColours(root);

  const received = (message) => link.receive(message);
  const gone = () => link.lose();
  model.on("change:meta", load);
  model.on("change:data", load);
  model.on("msg:custom", received);
  const ends = ["comm:close", "destroy", "comm_live_update"];
  for (const end of ends) model.on(end, gone);
  load();

  // what tests look at: what is drawn now
  root.inspect = () => ({
    at_s: now(),
    playing: head.playing,
    awake,
    revision: recording?.meta.revision ?? 0,
    subject,
    packets: field.painter.count,
    drawn: [...field.painter.shown.slice(0, field.painter.count)].map((i) => ({
      from: recording.packets.from[i],
      to: recording.packets.to[i],
      kind: recording.packets.kind[i],
      cross: isCross(recording.packets, flights, i, head.t),
    })),
    states: [...(states?.values ?? [])],
    beliefs: [...(beliefs?.values ?? [])],
    ...counters,
  });

  return () => {
    closed = true;
    sleep();
    for (const observer of [scrolled, cellSize, sized, themed]) observer.disconnect();
    for (const scheme of schemes) scheme.removeEventListener("change", recolour);
    document.removeEventListener("visibilitychange", look);
    clearTimeout(detailsTimer);
    clearTimeout(settleTimer);
    join("");
    sliders.close();
    link.close();
    model.off("change:meta", load);
    model.off("change:data", load);
    model.off("msg:custom", received);
    for (const end of ends) model.off(end, gone);
  };
}

export default { render };
