// Which packets are under way at a time, and where. Asked at each frame, so that nothing here looks at all packets.

const LINGER_US = 350_000; // how long a cross stays where a packet was lost
const USUAL_FLIGHT_US = 100_000; // where no packet arrived from which to learn it
// how far a packet comes that was lost as it was sent; one that was lost on its arrival comes all the way
const REACH = { lost: 0.6, cut: 0.5, partition: 0.5 };
const ENDS_BADLY = ["lost", "cut", "partition", "down", "damaged", "dropped"];

/**
 * @typedef {{span: Float64Array, share: Float64Array, until: Float64Array, bad: boolean[], classes: {longest: number, sent: Uint32Array, packet: Uint32Array}[]}} Flights
 * `span`: how long a packet is drawn under way, in µs; `share`: how much of the way it comes; `until`: when it is gone; `bad[fate]`: it ends in a cross.
 */

/** The flight that stands for those which the kernel does not know: the middle one of the others. */
function usualFlight(flight) {
  const known = flight.filter((each) => each > 0).sort();
  return known.length ? known[known.length >> 1] : USUAL_FLIGHT_US;
}

/** Sort packets into classes by how long they are shown, each at most twice as long as another: a few that were held for seconds then don't widen the search for all.
 * No packet is drawn for less than `least` µs.
 * @returns {Flights} */
function indexFlights({ sent, flight, fate }, fates, least = 0) {
  const bad = fates.map((name) => ENDS_BADLY.includes(name));
  const reach = fates.map((name) => REACH[name] ?? 1);
  const usual = usualFlight(flight);
  const span = new Float64Array(sent.length);
  const share = new Float64Array(sent.length);
  const until = new Float64Array(sent.length);
  const buckets = new Map();
  for (let i = 0; i < sent.length; i++) {
    share[i] = flight[i] > 0 ? 1 : reach[fate[i]];
    span[i] = Math.max(least, flight[i] || usual);
    const shown = span[i] * share[i] + (bad[fate[i]] ? LINGER_US : 0);
    until[i] = sent[i] + shown;
    const size = Math.ceil(Math.log2(shown));
    if (!buckets.has(size)) buckets.set(size, []);
    buckets.get(size).push(i);
  }
  const classes = [...buckets].map(([size, packets]) => ({
    longest: 2 ** size,
    sent: Uint32Array.from(packets, (i) => sent[i]),
    packet: Uint32Array.from(packets),
  }));
  return { span, share, until, bad, classes };
}

/** Write the packets shown at `t` into `out` and return how many they are; more than fit are left out. */
function inFlight(flights, t, out) {
  let found = 0;
  for (const { longest, sent, packet } of flights.classes) {
    for (let k = countUntil(sent, t - longest); k < sent.length && sent[k] <= t; k++) {
      if (flights.until[packet[k]] > t && found < out.length) out[found++] = packet[k];
    }
  }
  return found;
}

/** How far along its way packet `i` is at `t`, from 0 to 1; where it was lost it stays. */
function progress(packets, flights, i, t) {
  return Math.min((t - packets.sent[i]) / flights.span[i], flights.share[i]);
}

/** Whether packet `i` is already a cross at `t`. */
function isCross(packets, flights, i, t) {
  return flights.bad[packets.fate[i]] && t - packets.sent[i] >= flights.span[i] * flights.share[i];
}
