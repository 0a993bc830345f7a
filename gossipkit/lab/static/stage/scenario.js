// The steps of a scenario as a list that can be edited, and what of them holds at a time.

/**
 * @typedef {{at_s: number, action: string, arguments: Object<string, any>, text?: string}} Step
 */

/** Steps as the text that the kernel reads: a list of [at, action, arguments]. */
function writeScenario(steps) {
  const lines = steps.map((step) => JSON.stringify([step.at_s, step.action, step.arguments]));
  return lines.length ? `[\n  ${lines.join(",\n  ")}\n]` : "[]";
}

/** Steps from such a text.
 * @throws {Error} that says in words what is wrong */
function readScenario(text) {
  let items;
  try {
    items = JSON.parse(text);
  } catch (error) {
    throw new Error(`This is not JSON: ${error.message}`);
  }
  if (!Array.isArray(items)) throw new Error("A scenario is a list of steps: [[5.0, \"crash\", {\"name\": \"…\"}], …]");
  return items.map((item, index) => {
    const [at_s, action, given = {}] = Array.isArray(item) ? item : [];
    if (typeof at_s !== "number" || typeof action !== "string" || typeof given !== "object" || given === null || Array.isArray(given)) {
      throw new Error(`Step ${index + 1} is ${JSON.stringify(item)}: it must be [seconds, "action", {arguments}].`);
    }
    return { at_s, action, arguments: given };
  });
}

/** The steps without the one at `index`. */
function withoutStep(steps, index) {
  return steps.filter((_, each) => each !== index);
}

/** The steps with the one at `index` at another time, again in order; those at one instant keep theirs. */
function retimedStep(steps, index, at_s) {
  return steps.map((step, each) => (each === index ? { ...step, at_s } : step)).sort((a, b) => a.at_s - b.at_s);
}

/** Which links are cut, who is apart and how much is lost at `at_s`, as the steps say. */
function faultsAt(steps, at_s) {
  let cuts = [];
  let groups = null;
  let loss = null;
  let losses = []; // of some links: [from, to, share], where "" stands for any
  for (const { at_s: at, action, arguments: given } of steps) {
    if (at > at_s) break;
    if (action === "cut") cuts.push([given.a, given.b]);
    if (action === "mend") cuts = cuts.filter((ends) => !(ends.includes(given.a) && ends.includes(given.b)));
    if (action === "partition") groups = given.groups;
    if (action === "heal") [cuts, groups] = [[], null];
    if (action === "set_loss") {
      const [src, dst] = [given.src ?? "", given.dst ?? ""];
      // as in the engine: a share for all that a node sends replaces those towards single nodes
      losses = losses.filter(([from, to]) => !((src === "" || from === src) && (dst === "" || to === dst)));
      if (src || dst) losses.push([src, dst, given.p]);
      else loss = given.p;
    }
  }
  return { cuts, groups, loss, losses };
}

/** Those faults as one line of words. */
function sayFaults({ cuts, groups, loss, losses }) {
  const said = [];
  if (groups) said.push(`partition: ${groups.map((group) => (group.length > 3 ? `${group.length} nodes` : group.join(", "))).join(" | ")}${groups.length === 1 ? " | the others" : ""}`);
  if (cuts.length) said.push(`cut: ${cuts.slice(0, 3).map((ends) => ends.join("–")).join(", ")}${cuts.length > 3 ? ` and ${cuts.length - 3} more` : ""}`);
  const percent = (share) => `${Math.round(share * 1000) / 10} %`;
  if (loss !== null) said.push(`loss ${percent(loss)}`);
  for (const [from, to, share] of losses) said.push(`loss${from && ` from ${from}`}${to && ` to ${to}`} ${percent(share)}`);
  return said.join(" · ");
}

/** The time of an action done at `t`: not before what was seen already. */
function stepTime(meta, t) {
  return Math.max(0, Math.ceil(seconds(meta, t) * 1000 - 1e-6) / 1000);
}
