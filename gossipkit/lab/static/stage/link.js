// Requests to the kernel: each has an id and gets an answer, or the view says that none comes. Unlike a panel's, where a newer
// position takes the place of one that waits, every request here is sent: a step that was asked for is never left out.

const BUSY_AFTER_MS = 300;
const LOST_AFTER_MS = 10_000;
const BUSY_TEXT = "The kernel is working …";
const LOST_TEXT = "The kernel of this cell was restarted or shut down: run this cell again.";
const SILENT_TEXT = "No answer yet: the kernel is busy with another cell, or it was stopped. If it was restarted, run this cell again.";

/**
 * @param {(message: object) => void} send throws when there is no kernel
 * @param {{busy: (text: string) => void, lost: (text: string) => void}} tell what to say; an empty text takes it back
 * @param {{now: () => number, later: (run: () => void, ms: number) => any, never: (timer: any) => void, id: () => string}} clock
 */
function makeLink(send, tell, clock) {
  const pending = new Map();
  let timer = null;
  let busy = "";
  let lost = "";
  let closed = false;

  const say = (nowBusy, nowLost) => {
    if (busy !== nowBusy) tell.busy((busy = nowBusy));
    if (lost !== nowLost) tell.lost((lost = nowLost));
  };
  const look = () => {
    clock.never(timer);
    timer = null;
    if (closed) return;
    const oldest = Math.min(...[...pending.values()].map((each) => each.since));
    const age = clock.now() - oldest;
    if (pending.size === 0) return say("", lost);
    if (age >= LOST_AFTER_MS) {
      // an answer may still come: whoever waits is told then
      return say("", SILENT_TEXT);
    }
    say(age >= BUSY_AFTER_MS ? busy || BUSY_TEXT : "", lost);
    timer = clock.later(look, age < BUSY_AFTER_MS ? BUSY_AFTER_MS - age : LOST_AFTER_MS - age);
  };
  const link = {
    get lost() {
      return lost;
    },
    /** How many requests wait for their answer. */
    get waiting() {
      return pending.size;
    },
    /** Ask; `done(answer)` is called with the answer to this very request. Returns its id, or "" where it could not be sent. */
    ask(type, body, done = () => {}) {
      const id = clock.id();
      try {
        send({ id, type, ...body });
      } catch {
        link.lose();
        return "";
      }
      pending.set(id, { since: clock.now(), done });
      look();
      return id;
    },
    /** What came from the kernel: an answer, or a sign of life. */
    receive(message) {
      if (closed) return;
      if (message.type === "busy") {
        for (const each of pending.values()) each.since = clock.now() - BUSY_AFTER_MS;
        if (pending.size) say(message.text, "");
        return look();
      }
      const mine = pending.get(message.id);
      if (!mine) return;
      pending.delete(message.id);
      say(pending.size ? busy : "", "");
      mine.done(message);
      look();
    },
    /** The connection is gone, as far as can be known here. */
    lose() {
      if (closed) return;
      pending.clear();
      say("", LOST_TEXT);
      look();
    },
    close() {
      closed = true;
      clock.never(timer);
      pending.clear();
    },
  };
  return link;
}
