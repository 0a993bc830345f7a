// Where the stage stands in the run, and how it gets on.

const SPEEDS = [0.1, 0.3, 1, 3];
const LONGEST_FRAME_MS = 100; // after a pause of the browser play goes on from where it was seen last

/** Time goes from 0 to `length`, in µs; a speed of 1 is the run's own time. */
function makePlayhead(length) {
  const head = {
    t: 0,
    length,
    speed: SPEEDS[1],
    playing: false,
    /** Let `ms` of the watch's time pass. It stops at the end. */
    advance(ms) {
      if (!head.playing) return;
      head.seek(head.t + Math.min(ms, LONGEST_FRAME_MS) * 1000 * head.speed);
      if (head.t >= head.length) head.playing = false;
    },
    seek(t) {
      head.t = Math.max(0, Math.min(head.length, t));
    },
  };
  return head;
}

/** The index of the first event after `t` that `wanted` takes, or -1. */
function nextEvent(times, t, wanted = () => true) {
  for (let i = countUntil(times, t); i < times.length; i++) if (wanted(i)) return i;
  return -1;
}

/** The index of the last event before `t` that `wanted` takes, or -1. */
function previousEvent(times, t, wanted = () => true) {
  for (let i = countUntil(times, t) - 1; i >= 0; i--) if (times[i] < t && wanted(i)) return i;
  return -1;
}
