// Events spoken at a rate that can be followed.

const SPEECH_GAP_MS = 2000;
const MOST_SENTENCES = 3;

/** Some events as one text: those of one kind together, the latest kinds first when there are too many. */
function mergeEvents(events) {
  const kinds = new Map();
  for (const event of events) {
    const name = `${event.lane}:${event.kind}`;
    if (kinds.has(name)) kinds.get(name).count++;
    else kinds.set(name, { text: event.text, kind: event.kind, count: 1 });
  }
  const said = [...kinds.values()].map(({ text, kind, count }) => (count === 1 ? text : `${text}, and ${count - 1} more: ${kind}`));
  const shown = said.slice(-MOST_SENTENCES);
  if (said.length > shown.length) shown.unshift(`${said.length - shown.length} other kinds of events`);
  return shown.map((text) => `${text.replace(/\.$/, "")}.`).join(" ");
}

/** Collects events, and says them no more often than every two seconds. */
function makeSpeaker(say) {
  let waiting = [];
  let last = -Infinity;
  return {
    hear(event) {
      waiting.push(event);
    },
    /** Called now and then with the watch's time. */
    tick(ms) {
      if (!waiting.length || ms - last < SPEECH_GAP_MS) return;
      say(mergeEvents(waiting));
      waiting = [];
      last = ms;
    },
    forget() {
      waiting = [];
    },
  };
}
