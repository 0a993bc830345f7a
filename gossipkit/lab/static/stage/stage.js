// The stage: a run that is watched and broken. The kernel computes it; here it is played, and what the student does is asked of the kernel.

const DETAILS_WAIT_MS = 250;
const STEPPED_MS = 1200; // from event to event where the student asked for less motion

function render({ model, el }) {
  const titleId = freshId();
  const stored = model.stored === true; // a page without a kernel: see page.js
  const quiet = matchMedia("(prefers-reduced-motion: reduce)");

  let recording = null;
  let flights = null;
  let states = null;
  let beliefs = null;
  let subject = 0;
  let faultsText = null;
  let holding = 0; // requests whose answer play waits for
  let awake = false;
  let frame = 0;
  let lastFrame = 0;
  let sinceStep = 0;
  let closed = false;
  let dirty = false; // something has changed since it was drawn
  let anew = true; // the nodes show another run or subject than was drawn
  let detailsTimer = null;
  const counters = { frames: 0, draws: 0, ms: 0 };
  const head = makePlayhead(0);

  // what it is made of
  const title = make("h3", { class: "gk-title", id: titleId });
  const notes = make("ul", { class: "gk-notes" });
  const busy = make("p", { class: "gk-busy", role: "status" });
  const lost = make("div", { class: "gk-error", role: "alert" });
  const retry = stageButton("Try again", () => link.ask("ask", { node: subject, at_s: now() }));
  const lostRow = make("div", { class: "gk-row" }, lost, retry);
  const error = make("div", { class: "gk-error", role: "alert" });
  const claim = makeClaim();
  const said = make("p", { class: "gk-said", role: "status" }, stored ? "Press Play." : "Press Play, or break something first.");
  const faultsLine = make("p", { class: "gk-faults-line" });
  const kinds = makeKinds(() => redraw());
  const believed = makeBelieved((node) => setSubject(node));
  const transport = makeTransport({
    play: () => (head.playing ? pause() : start()),
    step: (way) => stepEvent(way),
    speed: (rate) => {
      head.speed = rate;
      share();
    },
    jump: (which) => jump(which),
    more: () => request("more", {}),
  });
  const undo = stageButton("Undo", () => again("undo", "The last change is taken back."));
  const redo = stageButton("Redo", () => again("redo", "The change is made again."));
  const reset = stageButton("Reset", () => again("reset", "Steps and sliders are as at the beginning."));

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
    message: (packet) => tellNow(sayMessage(recording, packet)),
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

  const time = make("div", { class: "gk-time" }, transport.element, said, axis.element);
  const side = make(
    "div",
    { class: "gk-side" },
    card.element,
    actions.element,
    make("div", { class: "gk-row gk-kernel", role: "group", "aria-label": "Steps taken" }, undo, redo, reset),
  );
  const root = make(
    "div",
    { class: `gk gk-live${stored ? " gk-stored" : ""}`, role: "group", "aria-labelledby": titleId },
    title,
    notes,
    claim.element,
    lostRow,
    error,
    make("div", { class: "gk-scene" }, make("div", { class: "gk-front" }, field.element, make("div", { class: "gk-under-field" }, faultsLine, busy), kinds.element), believed.element, time, side),
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
    const alive = link.lost === "" && !stored;
    actions.enable(alive);
    card.enable(alive || stored);
    steps.enable(alive);
    sliders.enable(alive);
    const meta = recording?.meta;
    disable(undo, !alive || !meta?.can_undo);
    disable(redo, !alive || !meta?.can_redo);
    disable(reset, !alive || !meta?.steps.length);
    disable(transport.more, !alive || Boolean(meta?.cut_off));
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
  /** Change what was done before; the line that told of it is out of date then. */
  const again = (type, text) => request(type, {}, (answer) => answer.error || tellNow(text));
  const act = (action, given) => {
    const { meta } = recording;
    const at_s = stepTime(meta, head.t);
    // a step's time is whole milliseconds: go on to it, so that what it does is seen where the stage stands still too
    head.seek(micros(meta, at_s));
    const node = meta.nodes.findIndex(({ name }) => name === (given.about ?? given.name));
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
    transport.show(head);
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
  const share = () => together.share({ at_s: now(), playing: head.playing, speed: head.speed });
  const together = makeTogether(({ at_s, playing, speed }) => {
    if (!recording) return;
    head.speed = speed;
    head.seek(micros(recording.meta, at_s));
    if (playing !== head.playing) setPlaying(playing);
    transport.show(head);
    redraw();
    settleSoon();
  });
  const goTo = (index) => {
    pause();
    head.seek(recording.eventTimes[index]);
    redraw();
    settle();
    share();
    tellNow(`${sayNumber(recording.meta.events[index].at_s)} s: ${recording.meta.events[index].text}`);
  };
  const stepEvent = (way) => {
    const index = way > 0 ? nextEvent(recording.eventTimes, head.t) : previousEvent(recording.eventTimes, head.t);
    if (index >= 0) goTo(index);
    else tellNow(way > 0 ? "No later event in this window." : "No earlier event.");
  };
  const jump = (which) => {
    const { label, kinds: wanted } = recording.meta.jumps[which];
    const index = nextEvent(recording.eventTimes, head.t, (i) => wanted.includes(recording.meta.events[i].kind));
    if (index >= 0) goTo(index);
    else tellNow(`${label}: none after ${sayNumber(now())} s in this window.`);
  };

  // drawing
  /** What is believed of the subject now: counted, and in words. */
  const believedNow = () => {
    const counted = countBeliefs(recording.meta, beliefs.values, states.values, subject);
    return [counted, sayBeliefs(recording.meta, counted, subject, states.values[subject])];
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
  const draw = () => {
    if (!recording) return;
    const began = performance.now();
    dirty = false;
    const { t } = head;
    const changed = states.seek(t) | beliefs.seek(t);
    if (changed || anew) {
      anew = false;
      field.showNodes(states.values, beliefs.values);
      believed.show(...believedNow());
      if (card.node >= 0) card.say(sayNode(card.node));
    }
    showFaults();
    claim.show(now());
    axis.show(t);
    field.draw(recording, flights, t, kinds.hidden);
    counters.draws++;
    counters.ms += performance.now() - began;
    lamportView.t = t;
    lamport.show(began, !head.playing);
    table.show(t);
  };
  const redraw = () => {
    if (dirty || closed) return;
    dirty = true;
    requestAnimationFrame(() => {
      if (!closed && dirty) draw();
    });
  };
  /** Say what stands still: at pauses, not at each frame. */
  const settle = () => {
    if (!recording || closed) return;
    // what is applied here has not been drawn: the next frame finds nothing new
    if (states.seek(head.t) | beliefs.seek(head.t)) anew = true;
    field.nameNodes(states.values, beliefs.values);
    axis.say(`${now().toFixed(2)} seconds. ${believedNow()[1]}`);
    if (card.node >= 0) lookAgain();
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
    believed.setSubject(node);
    beliefs = foldBeliefs(recording, subject);
    field.setSubject(subject);
    anew = true;
    redraw();
    if (!head.playing) settleSoon();
  };
  const openCard = (node) => {
    field.choose(node);
    card.open(recording.meta, node);
    card.enable(link.lost === "" || stored);
    actions.setNode(recording.meta.nodes[node].name);
    card.say(sayNode(node));
    lookAgain();
  };
  const lookAgain = () => {
    clearTimeout(detailsTimer);
    detailsTimer = setTimeout(() => {
      if (closed || card.node < 0 || link.lost) return;
      const asked = card.node;
      if (stored) return card.told({ at_s: now(), sections: recordedOf(recording, flights, asked, head.t) });
      link.ask("ask", { node: asked, at_s: now() }, (answer) => {
        if (answer.type === "told" && card.node === asked) card.told(answer);
        else if (answer.error) error.textContent = answer.error;
      });
    }, 60);
  };
  // a new run
  const lamportView = { recording: null, flights: null, hidden: [], t: 0, wanted: () => (card.node >= 0 && card.node !== subject ? [subject, card.node] : [subject]) };
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

    together.join(meta.together ?? "");

    title.textContent = meta.title;
    const cut = meta.cut_off ? [`This run was cut off after ${sayNumber(meta.max_events)} events.`] : [];
    const heads = [...(stored ? sayStored(meta) : []), ...meta.notes, ...cut];
    fill(notes, ...heads.map((note) => make("li", {}, note)));
    notes.hidden = !heads.length;
    believed.load(meta, sameNodes);
    believed.setSubject(subject);
    claim.load(meta);
    kinds.load(meta);
    transport.load(meta);
    transport.show(head);
    field.load(meta);
    field.setSubject(subject);
    if (!sameNodes) card.close();
    else if (card.node >= 0) card.open(meta, card.node);
    actions.load(meta);
    sliders.load(meta);
    steps.load(meta);
    axis.load(recording);
    Object.assign(lamportView, { recording, flights, hidden: kinds.hidden, t: head.t });
    lamport.load(lamportView);
    table.load(recording);
    enable();
    [anew, faultsText] = [true, null];
    if (!sameNodes) arrange();
    draw();
    if (!head.playing) settle();
    wake();
  };
  // the page around it
  const unwatch = watchPage(root, {
    awake(on) {
      awake = on;
      if (on) {
        wake();
        redraw();
      } else sleep();
    },
    recolour() {
      field.painter.readColours(root);
      redraw();
    },
  });
  const arrange = () => {
    const width = Math.round(field.element.clientWidth);
    if (width < 40) return;
    const height = fieldHeight(recording?.meta.nodes.length ?? 0, width);
    field.element.style.height = `${height}px`;
    // only in the page does the style sheet say something
    field.painter.readColours(root);
    field.resize(width, height);
    axis.resize(Math.round(axis.element.clientWidth));
    lamport.resize(Math.round(root.clientWidth - 32));
    faultsText = null;
    if (recording) draw();
  };
  const sized = new ResizeObserver(arrange);
  sized.observe(field.element);
  sized.observe(axis.element);
  const received = (message) => link.receive(message);
  const gone = () => link.lose();
  model.on("change:meta", load);
  model.on("change:data", load);
  model.on("msg:custom", received);
  const ends = ["comm:close", "destroy", "comm_live_update"];
  for (const end of ends) model.on(end, gone);
  load();

  // what tests look at: what is drawn at this time, without waiting for the next frame
  root.inspect = () => {
    if (dirty) draw();
    const { painter } = field;
    const drawn = [...painter.shown.slice(0, painter.count)].map((i, k) => ({
      at: painter.placeOf(k),
      from: recording.packets.from[i],
      to: recording.packets.to[i],
      kind: recording.packets.kind[i],
      cross: isCross(recording.packets, flights, i, head.t),
    }));
    return {
      ...counters,
      at_s: now(),
      playing: head.playing,
      awake,
      revision: recording.meta.revision,
      subject,
      packets: painter.count,
      drawn,
      states: [...states.values],
      beliefs: [...beliefs.values],
    };
  };

  return () => {
    closed = true;
    sleep();
    unwatch();
    sized.disconnect();
    clearTimeout(detailsTimer);
    clearTimeout(settleTimer);
    together.join("");
    sliders.close();
    link.close();
    model.off("change:meta", load);
    model.off("change:data", load);
    model.off("msg:custom", received);
    for (const end of ends) model.off(end, gone);
  };
}

export default { render: heard(render) };
