// What holds at a time, from a list of changes: forward it only applies what is new, backward it begins again.

/**
 * @typedef {{values: Uint8Array, seek: (t: number) => boolean}} Fold
 */

/** A table of `size` values that starts at 0 everywhere; `seek(t)` applies the changes up to and with `t` and says whether a value may have changed.
 * @returns {Fold} */
function makeFold(times, keys, news, size) {
  const values = new Uint8Array(size);
  let done = 0;
  return {
    values,
    seek(t) {
      const until = countUntil(times, t);
      if (until === done) return false;
      if (until < done) {
        values.fill(0);
        done = 0;
      }
      for (; done < until; done++) values[keys[done]] = news[done];
      return true;
    },
  };
}

/** What each node is, over time. */
function foldStates(recording) {
  const { time, node, state } = recording.states;
  return makeFold(time, node, state, recording.meta.nodes.length);
}

/** What each node believes of `subject`, over time. */
function foldBeliefs(recording, subject) {
  const { time, observer, subject: about, word } = recording.beliefs;
  const mine = [];
  for (let i = 0; i < about.length; i++) if (about[i] === subject) mine.push(i);
  return makeFold(
    Uint32Array.from(mine, (i) => time[i]),
    Uint16Array.from(mine, (i) => observer[i]),
    Uint8Array.from(mine, (i) => word[i]),
    recording.meta.nodes.length,
  );
}

/** How many observers hold each word of `subject`: those that run, and others than itself. */
function countBeliefs(meta, beliefs, states, subject) {
  const counts = new Array(meta.beliefs.length).fill(0);
  let observers = 0;
  for (let node = 0; node < beliefs.length; node++) {
    if (node === subject || !runs(meta, states[node])) continue;
    counts[beliefs[node]]++;
    observers++;
  }
  return { counts, observers };
}

/** Whether a node in this state has beliefs of its own. */
function runs(meta, state) {
  return ["up", "paused", "joining"].includes(meta.states[state]);
}

/** The share of believers in words: what it is, then what it is believed to be, the commonest first. */
function sayBeliefs(meta, { counts, observers }, subject, state) {
  const name = meta.nodes[subject].name;
  const is = `${name} is ${meta.states[state]}.`;
  if (observers === 0) return `${is} Nobody else runs.`;
  const said = counts
    .map((count, word) => ({ count, name: meta.beliefs[word].word }))
    .filter(({ count }) => count > 0)
    .sort((a, b) => b.count - a.count);
  if (said.length === 1) return `${is} ${observers === 1 ? "The one other" : `All ${observers} others`}: “${said[0].name}”.`;
  return `${is} Of ${observers} others: ${said.map(({ count, name: word }) => `${count} “${word}”`).join(", ")}.`;
}
