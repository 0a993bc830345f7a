// What the recording itself tells, where there is no kernel to ask.

const LAST_EVENTS = 20;
const MOST_TOLD = 6; // steps in words: of more the number is told

/** A message in words, with what became of it. */
function sayMessage(recording, packet) {
  const { packets, meta } = recording;
  const [from, to] = [packets.from[packet], packets.to[packet]].map((node) => meta.nodes[node].name);
  const sent = seconds(meta, packets.sent[packet]).toFixed(3);
  return `${from} to ${to}: ${meta.kinds[packets.kind[packet]].label}, sent at ${sent} s, ${sayFate(recording, packet)}.`;
}

/** What became of a message in the end. */
function sayFate({ packets, meta }, packet) {
  const fate = meta.fates[packets.fate[packet]];
  return fate === "arrived" ? `arrived after ${(packets.flight[packet] / 1e6).toFixed(3)} s` : FATE_WORDS[fate];
}

const FATE_WORDS = {
  lost: "lost on its way",
  cut: "lost, as the link is cut",
  partition: "lost, as a partition lies between",
  down: "lost, as the receiver is down",
  damaged: "damaged on its way",
  dropped: "dropped by the receiver",
  held: "held back by the sender, which is paused",
  duplicate: "a second copy",
  "under way": "still under way at the window's end",
};

/** What is known of a node at `t`, in sections as the kernel would tell them. */
function recordedOf(recording, flights, node, t) {
  const { meta } = recording;
  const states = foldStates(recording);
  states.seek(t);
  const { name } = meta.nodes[node];
  const lines = [`${name} at ${seconds(meta, t).toFixed(3)} s: it is ${meta.states[states.values[node]]}`, "Its clock, its own log and what waits in it are not stored: run the notebook to see them."];
  const believes = runs(meta, states.values[node]) ? [beliefsOf(recording, states, node, t)] : [];
  return [{ title: "Now", lines }, ...believes, messagesOf(recording, flights, node, t), eventsOf(recording, node, t)];
}

/** What `node` believes of each other that is or was there. */
function beliefsOf(recording, states, node, t) {
  const { meta } = recording;
  const { time, observer, subject, word } = recording.beliefs;
  const mine = [...observer.keys()].filter((i) => observer[i] === node);
  const fold = makeFold(
    mine.map((i) => time[i]),
    mine.map((i) => subject[i]),
    mine.map((i) => word[i]),
    meta.nodes.length,
  );
  fold.seek(t);
  const rows = [...meta.nodes.keys()]
    .filter((other) => other !== node && meta.states[states.values[other]] !== "absent" && (meta.subjects?.includes(other) ?? true))
    .map((other) => [meta.nodes[other].name, meta.beliefs[fold.values[other]].label]);
  return tableOr("What it believes", ["of", "belief"], rows, "Nothing of anybody but itself.");
}

/** The messages from and to `node` that are under way. */
function messagesOf(recording, flights, node, t) {
  const { packets, meta } = recording;
  const found = new Int32Array(MOST_PACKETS);
  const mine = [...found.subarray(0, inFlight(flights, t, found))].filter((i) => packets.from[i] === node || packets.to[i] === node);
  const rows = mine.map((i) => [
    packets.from[i] === node ? `to ${meta.nodes[packets.to[i]].name}` : `from ${meta.nodes[packets.from[i]].name}`,
    meta.kinds[packets.kind[i]].label,
    `${seconds(meta, packets.sent[i]).toFixed(3)} s`,
    sayFate(recording, i),
  ]);
  return tableOr("Messages under way", ["way", "message", "sent", "in the end"], rows, "None from it or to it.");
}

/** What happened to `node`, the latest last. */
function eventsOf({ meta, eventTimes }, node, t) {
  const found = meta.events.slice(0, countUntil(eventTimes, t)).filter((event) => event.node === node || event.about === node);
  const rows = found.slice(-LAST_EVENTS).map((event) => [event.at_s.toFixed(3), event.text]);
  return tableOr(`What happened to it, the last ${LAST_EVENTS} events`, ["seconds", "what"], rows, "Nothing yet.");
}

/** A section that says so where its table would be empty. */
function tableOr(title, columns, rows, none) {
  return rows.length ? { title, columns, rows } : { title, lines: [none] };
}

/** What a page without a kernel says of its stage: what happens in it, what can be done, and how the sliders stood. */
function sayStored(meta) {
  const set = meta.controls.map((control, at) => `${control.label}: ${control.texts[meta.positions[at]]}`).join("; ");
  const told = meta.steps.map(({ text, at_s }) => `at ${Math.round(at_s * 100) / 100} s ${text}`);
  const happens = told.length > MOST_TOLD ? `${told.length} steps, listed under Steps of the scenario` : told.join("; ");
  const words = `A stored run${happens && ` (${happens})`}: play it, move along it, click a node or a message. Run the notebook to break it`;
  return [set ? `${words} or to move its sliders (here ${set}).` : `${words}.`];
}
