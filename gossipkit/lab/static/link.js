// How a widget asks its kernel, and what it says while no answer comes. Joined after dom.js and hear.js.

const SAY_BUSY_MS = 300;
const SAY_SILENT_MS = 10000;
const BUSY = "The kernel is working …";
const SILENT = "No answer yet: the kernel is busy with another cell, or it was stopped. If it was restarted, run this cell again.";
const GONE = "The kernel of this cell was restarted or shut down: run the cell again.";

/**
 * Requests have ids, and every request gets an answer: the kernel sends {id, type: "done", error, …} after it has set what the
 * request changed. Nothing is read from whether a trait changed, because an equal value is not sent again.
 *
 * One request is under way at a time. A newer one waits for its end, and of those that wait only the newest is sent.
 *
 * @param model  anywidget's model
 * @param say    called with the words to show, "" for none, and whether the kernel is gone for good
 */
function makeLink(model, say) {
  let waiting = null;
  let next = null;
  let timers = [];
  let gone = false;

  const quiet = () => {
    timers.forEach(clearTimeout);
    timers = [];
  };
  const lose = () => {
    gone = true;
    waiting = next = null;
    quiet();
    say(GONE, true);
  };
  const send = (request) => {
    waiting = request;
    request.since = Date.now();
    quiet();
    timers = [setTimeout(() => say(BUSY, false), SAY_BUSY_MS), setTimeout(() => say(SILENT, false), SAY_SILENT_MS)];
    try {
      model.send({ ...request.content, id: request.id });
    } catch {
      lose();
    }
  };
  const arrived = (message) => {
    if (message.type !== "done" || waiting === null || message.id !== waiting.id) return;
    const { done } = waiting;
    waiting = null;
    quiet();
    say("", false);
    const later = next;
    next = null;
    done(message, later !== null);
    if (later) send(later);
  };
  // a widget's comm closes when its kernel is restarted or dies, and when the kernel closes the widget
  const closed = () => lose();
  model.on("msg:custom", arrived);
  model.on("comm_live_update", closed);
  model.on("comm:close", closed);

  return {
    /** Ask; `done(answer, superseded)` is called with the kernel's answer, unless a newer request took its place in the queue. */
    ask(content, done = () => {}) {
      if (gone) return say(GONE, true);
      const request = { id: freshId(), content, done };
      const silent = waiting !== null && Date.now() - waiting.since > SAY_SILENT_MS;
      if (waiting === null || silent) send(request);
      else next = request;
    },
    get waiting() {
      return waiting !== null;
    },
    close() {
      quiet();
      model.off("msg:custom", arrived);
      model.off("comm_live_update", closed);
      model.off("comm:close", closed);
    },
  };
}
