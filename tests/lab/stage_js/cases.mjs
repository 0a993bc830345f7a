// What the stage's logic must do. Node's runner and a browser run the same cases: `stage` holds the functions, `check` the assertions.

/** The functions that the cases use. */
export const USES = [
  "heard",
  "fits", "readColumns", "readRecording", "countUntil", "makeFold", "foldBeliefs", "countBeliefs", "sayBeliefs",
  "indexFlights", "inFlight", "progress", "isCross", "usualFlight", "makePlayhead", "nextEvent", "previousEvent",
  "valueAt", "stepPath", "bunchEvents", "timeTicks", "sayCount", "sayNumber", "placeNodes", "fieldHeight", "leastDistance", "hullOf", "isInside",
  "neighbour", "shortNames", "mergeEvents", "makeSpeaker", "writeScenario", "readScenario", "withoutStep", "retimedStep", "faultsAt",
  "sayFaults", "stepTime", "makeLink", "LOST_TEXT", "busiestNodes", "arrowsBetween", "stateSpans", "actionsOnNode", "argumentsOnNode", "claimAt",
];

/** The same numbers each time. */
function dice(seed) {
  return () => {
    seed = (seed * 1664525 + 1013904223) % 2 ** 32;
    return seed / 2 ** 32;
  };
}

const FATES = ["arrived", "lost", "cut", "partition", "down", "damaged", "dropped", "held", "duplicate", "under way"];

function packets(count, random, long = 0.02) {
  const sent = Uint32Array.from({ length: count }, () => random() * 30e6).sort();
  const flight = Uint32Array.from({ length: count }, () => (random() < long ? 5e6 * random() : random() < 0.05 ? 0 : 50_000 + 100_000 * random()));
  const small = (most) => Uint8Array.from({ length: count }, () => random() * most);
  return { sent, flight, from: small(40), to: small(40), kind: small(5), fate: Uint8Array.from({ length: count }, () => (random() < 0.8 ? 0 : random() * FATES.length)) };
}

function ring(count, shape = "circle") {
  const nodes = Array.from({ length: count }, (_, k) => ({
    name: `node-${k + 1}`,
    group: "all",
    x: 500 + 440 * Math.sin((2 * Math.PI * k) / count),
    y: 500 - 440 * Math.cos((2 * Math.PI * k) / count),
  }));
  return { nodes, shape, groups: [{ name: "all", label: "all", hull: false }] };
}

function watch() {
  let now = 0;
  let next = 0;
  const timers = new Map();
  const clock = {
    now: () => now,
    later: (run, ms) => (timers.set(++next, { run, at: now + ms }), next),
    never: (timer) => timers.delete(timer),
    id: () => `id-${++next}`,
  };
  const pass = (ms) => {
    const end = now + ms;
    for (;;) {
      const due = [...timers].filter(([, { at }]) => at <= end).sort((a, b) => a[1].at - b[1].at)[0];
      if (!due) break;
      timers.delete(due[0]);
      now = due[1].at;
      due[1].run();
    }
    now = end;
  };
  return { clock, pass };
}

function linked(stage, send = () => {}) {
  const { clock, pass } = watch();
  const sent = [];
  const said = { busy: "", lost: "" };
  const link = stage.makeLink((message) => (send(), sent.push(message)), { busy: (text) => (said.busy = text), lost: (text) => (said.lost = text) }, clock);
  return { link, pass, sent, said };
}

const LANES = ["gossip", "authority", "repair"].map((name) => ({ name }));

export const CASES = {
  "a buffer is read only with the description that came with it"(stage, check) {
    const columns = [{ name: "a", type: "u32", offset: 0, length: 2 }, { name: "b", type: "u16", offset: 8, length: 1 }, { name: "c", type: "f32", offset: 12, length: 1 }];
    const bytes = new Uint8Array(17); // as it comes over the wire: a view that begins anywhere
    const inner = new DataView(bytes.buffer, 1, 16);
    inner.setUint32(0, 7, true);
    inner.setUint32(4, 8, true);
    inner.setUint16(8, 300, true);
    inner.setFloat32(12, 1.5, true);
    const read = stage.readColumns(columns, inner);
    check.equal([...read.a, ...read.b, ...read.c], [7, 8, 300, 1.5]);
    check.equal(stage.fits({ columns, bytes: 16 }, inner), true);
    check.equal(stage.fits({ columns, bytes: 20 }, inner), false);
    check.equal(stage.fits({}, inner), false);
  },

  "beliefs folded to any time are those of a slow reading from the start"(stage, check) {
    const random = dice(3);
    const count = 2000;
    const time = Uint32Array.from({ length: count }, () => random() * 1e6).sort();
    const keys = Uint8Array.from({ length: count }, () => random() * 12);
    const news = Uint8Array.from({ length: count }, () => random() * 4);
    const fold = stage.makeFold(time, keys, news, 12);
    for (const t of [0, 5e5, 5e5, 2e5, 999_999, 1, 1e6, 3e5, 3e5 + 1]) {
      fold.seek(t);
      const slow = new Array(12).fill(0);
      for (let i = 0; i < count; i++) if (time[i] <= t) slow[keys[i]] = news[i];
      check.equal([...fold.values], slow, `at ${t}`);
    }
    check.equal(fold.seek(3e5 + 1), false);
  },

  "only beliefs about the subject count, and only those of others that run"(stage, check) {
    const meta = { nodes: [{ name: "a" }, { name: "b" }, { name: "c" }, { name: "d" }], states: ["up", "paused", "crashed"], beliefs: [{ word: "alive" }, { word: "dead" }] };
    const beliefs = { time: [0, 5, 6, 7], observer: [2, 0, 1, 3], subject: [0, 3, 3, 3], word: [1, 1, 1, 1] };
    const fold = stage.foldBeliefs({ meta, beliefs }, 3);
    fold.seek(6);
    check.equal([...fold.values], [1, 1, 0, 0]);
    const counted = stage.countBeliefs(meta, fold.values, [0, 2, 1, 2], 3);
    check.equal(counted, { counts: [1, 1], observers: 2 });
    check.equal(stage.countBeliefs(meta, fold.values, [0, 0, 0, 0], 3), { counts: [1, 2], observers: 3 }); // itself never
    const joining = { ...meta, states: ["up", "paused", "crashed", "joining", "left"] };
    check.equal(stage.countBeliefs(joining, fold.values, [3, 0, 4, 0], 3), { counts: [0, 2], observers: 2 });
    check.equal(stage.sayBeliefs(meta, counted, 3, 2), "d is crashed. Of 2 others: 1 “alive”, 1 “dead”.");
    check.equal(stage.sayBeliefs(meta, { counts: [3, 0], observers: 3 }, 3, 0), "d is up. All 3 others: “alive”.");
    check.equal(stage.sayBeliefs(meta, { counts: [0, 0], observers: 0 }, 3, 0), "d is up. Nobody else runs.");
  },

  "packets in flight are found as a look at all of them finds them"(stage, check) {
    const random = dice(11);
    const all = packets(4000, random);
    for (const least of [0, 400_000]) {
      const flights = stage.indexFlights(all, FATES, least);
      const out = new Int32Array(4000);
      for (let k = 0; k < 60; k++) {
        const t = random() * 31e6;
        const found = [...out.slice(0, stage.inFlight(flights, t, out))].sort((a, b) => a - b);
        const slow = [];
        for (let i = 0; i < 4000; i++) if (all.sent[i] <= t && t < flights.until[i]) slow.push(i);
        check.equal(found, slow, `at ${t}`);
      }
    }
  },

  "a search in flight looks at few packets, however long some were held"(stage, check) {
    const all = packets(20_000, dice(5), 0.001);
    const flights = stage.indexFlights(all, FATES);
    let looks = 0;
    const counted = new Proxy(flights.until, { get: (target, name) => ((looks += typeof name === "string" && /^\d/.test(name)), target[name]) });
    const found = stage.inFlight({ ...flights, until: counted }, 15e6, new Int32Array(2000));
    check.ok(found > 20 && looks < 6 * found + 200, `${looks} looked at for ${found}`);
  },

  "a packet goes from its sender to its receiver, and a lost one stays where it was lost as a cross"(stage, check) {
    const fate = Uint8Array.of(0, 1, 4, 1);
    const all = { sent: Uint32Array.of(0, 0, 0, 0), flight: Uint32Array.of(100, 0, 100, 80), fate };
    const flights = stage.indexFlights(all, FATES);
    check.equal(stage.usualFlight(all.flight), 100); // the middle one of 80, 100, 100
    check.close(stage.progress(all, flights, 0, 50), 0.5);
    check.close(stage.progress(all, flights, 0, 100), 1);
    check.equal([59, 60, 1000].map((t) => stage.isCross(all, flights, 1, t)), [false, true, true]);
    check.close(stage.progress(all, flights, 1, 1000), 0.6);
    check.close(stage.progress(all, flights, 2, 1000), 1); // the receiver was down: it came all the way
    check.close(stage.progress(all, flights, 3, 1000), 1); // lost on arrival
    const out = new Int32Array(9);
    check.equal(stage.inFlight(flights, 100, out), 3);
    check.equal(stage.inFlight(flights, 300_000, out), 3); // crosses linger
    check.equal(stage.inFlight(flights, 400_000, out), 0);
    check.close(stage.progress(all, stage.indexFlights(all, FATES, 400), 0, 100), 0.25); // drawn for longer than it took
  },

  "play moves with the watch, stops at the end and never jumps over a pause of the browser"(stage, check) {
    const head = stage.makePlayhead(1_000_000);
    head.advance(50);
    check.equal(head.t, 0);
    head.playing = true;
    head.speed = 0.1;
    head.advance(50);
    check.equal(head.t, 5000);
    head.advance(60_000);
    check.equal(head.t, 15_000);
    head.speed = 3;
    for (let k = 0; k < 4; k++) head.advance(100);
    check.equal([head.t, head.playing], [1_000_000, false]);
    head.seek(-5);
    check.equal(head.t, 0);
  },

  "steps and jumps find the next event and the one before"(stage, check) {
    const times = [10, 20, 20, 30];
    check.equal([0, 10, 20, 30].map((t) => stage.nextEvent(times, t)), [0, 1, 3, -1]);
    check.equal([10, 11, 30, 31].map((t) => stage.previousEvent(times, t)), [-1, 0, 2, 3]);
    check.equal(stage.nextEvent(times, 0, (i) => i === 3), 3);
  },

  "a curve has at every pixel the value that holds there, and the peaks within a pixel"(stage, check) {
    const random = dice(2);
    const times = Uint32Array.from({ length: 3000 }, () => random() * 30e6).sort();
    times[0] = 0;
    const values = Float32Array.from(times, () => random() * 10);
    const path = stage.stepPath(times, values, 30e6, 300, 100, 10);
    check.ok(path.match(/[HV]/g).length <= 4 * 301, "at most four points a pixel");
    let [x, y] = path.match(/^M([\d.]+),([\d.]+)/).slice(1).map(Number);
    const ys = new Map([[Math.floor(x), [y]]]);
    for (const [, way, number] of path.matchAll(/([HV])([\d.]+)/g)) {
      if (way === "H") x = Number(number);
      else y = Number(number);
      ys.set(Math.floor(x), [...(ys.get(Math.floor(x)) ?? []), y]);
    }
    for (let pixel = 1; pixel < 299; pixel++) {
      const inside = [...values].filter((_, i) => Math.floor((times[i] / 30e6) * 300) === pixel);
      if (!inside.length) continue;
      inside.push(stage.valueAt(times, values, (pixel / 300) * 30e6 - 1));
      const drawn = ys.get(pixel) ?? [];
      check.ok(Math.abs(Math.min(...drawn) - (100 - Math.max(...inside) * 10)) < 0.11, `the peak of pixel ${pixel}`);
    }
    check.equal(stage.valueAt([5, 8], [1, 2], 4), null);
    check.equal([5, 7, 8].map((t) => stage.valueAt([5, 8], [1, 2], t)), [1, 1, 2]);
  },

  "events that fall on the same pixels are one mark, and none is lost"(stage, check) {
    const events = Array.from({ length: 100 }, (_, k) => ({ lane: k % 2 ? "gossip" : "repair" }));
    const times = events.map((_, k) => k * 1000);
    const marks = stage.bunchEvents(events, times, "gossip", 100_000, 60);
    check.equal(marks.reduce((sum, mark) => sum + mark.count, 0), 50);
    check.ok(marks.length >= 10);
    check.ok(marks.every((mark, k) => k === 0 || mark.x - marks[k - 1].x >= 3));
  },

  "ticks are round, in the window and apart"(stage, check) {
    check.equal(stage.timeTicks(0, 30, 720), [0, 5, 10, 15, 20, 25, 30]);
    check.equal(stage.timeTicks(60, 62, 300), [60, 60.5, 61, 61.5, 62]);
    for (const width of [200, 500, 900]) {
      const ticks = stage.timeTicks(10, 100, width);
      check.ok(ticks.length > 1 && ((ticks[1] - ticks[0]) / 90) * width >= 56, `${ticks} in ${width}`);
    }
  },

  "numbers have their unit in the singular and the plural"(stage, check) {
    check.equal([0, 1, 2].map((n) => stage.sayCount(n, "entries")), ["0 entries", "1 entry", "2 entries"]);
    check.equal(stage.sayCount(1, "pairs"), "1 pair");
    check.equal(stage.sayCount(1, "nodes of 3"), "1 node of 3");
    check.equal(stage.sayCount(0.123456, ""), "0.123");
    check.equal(stage.sayNumber(null), "–");
  },

  "nodes have room to be hit and stay in the field, whatever their number and its width"(stage, check) {
    for (const count of [2, 3, 12, 40, 200]) {
      for (const width of [310, 560, 800]) {
        const height = stage.fieldHeight(count, width);
        const places = stage.placeNodes(ring(count), width, height);
        check.ok(stage.leastDistance(places.x, places.y) >= 24, `${count} nodes in ${width}: ${stage.leastDistance(places.x, places.y)}`);
        check.ok(places.size <= stage.leastDistance(places.x, places.y), "no overlap");
        const half = places.size / 2;
        check.ok([...places.x].every((x) => x >= half && x <= width - half) && [...places.y].every((y) => y >= half && y <= height - half), `${count} nodes in ${width} stay inside`);
      }
    }
  },

  "a circle in a wide field has its nodes equally far from each other, in their order"(stage, check) {
    const places = stage.placeNodes(ring(40), 800, 420);
    const gaps = [...places.x.keys()].map((k) => Math.hypot(places.x[k] - places.x[(k + 1) % 40], places.y[k] - places.y[(k + 1) % 40]));
    check.ok(Math.min(...gaps) > 0.93 * Math.max(...gaps), `${Math.min(...gaps)} to ${Math.max(...gaps)}`);
  },

  "nodes that the kernel places with room stay where they are, and groups that crowd are packed apart"(stage, check) {
    const few = ring(6, "ring");
    const places = stage.placeNodes(few, 500, 500);
    check.equal(places.packed, false);
    check.close(places.x[0], 250);
    const many = ring(120, "groups");
    many.nodes.forEach((node, k) => (node.group = k < 40 ? "a" : "b"));
    const packed = stage.placeNodes(many, 800, 500);
    check.equal(packed.packed, true);
    check.ok(Math.max(...packed.x.slice(0, 40)) < Math.min(...packed.x.slice(40)));
  },

  "a hull lies around its nodes and around no other"(stage, check) {
    const places = { x: [10, 90, 50, 300], y: [10, 10, 80, 300] };
    const hull = stage.hullOf(places, [0, 1, 2], 12);
    check.equal([0, 1, 2, 3].map((node) => stage.isInside(hull, places.x[node], places.y[node])), [true, true, true, false]);
    const one = stage.hullOf(places, [3], 10);
    check.equal([stage.isInside(one, 300, 300), stage.isInside(one, 315, 300)], [true, false]);
  },

  "arrow keys reach each node, and lead where they point"(stage, check) {
    for (const count of [3, 12, 40, 200]) {
      const places = stage.placeNodes(ring(count), 700, stage.fieldHeight(count, 700));
      const reached = new Set([0]);
      const open = [0];
      while (open.length) {
        const from = open.pop();
        for (const [dx, dy] of [[1, 0], [-1, 0], [0, 1], [0, -1]]) {
          const to = stage.neighbour(places, from, dx, dy);
          check.ok(to === from || (places.x[to] - places.x[from]) * dx + (places.y[to] - places.y[from]) * dy > 0);
          if (!reached.has(to)) reached.add(to), open.push(to);
        }
      }
      check.equal(reached.size, count);
    }
  },

  "short names tell nodes apart"(stage, check) {
    const short = (...names) => stage.shortNames({ nodes: names.map((name) => ({ name })) });
    check.equal(short("agent-1", "agent-12"), ["1", "12"]);
    check.equal(short("server-1", "agent-1"), ["s1", "a1"]);
    check.equal(short("dc1-agent-8", "dc1-server-8"), ["da8", "ds8"]);
    check.equal(short("alice", "bob"), ["ali", "bob"]);
  },

  "events are spoken at most every two seconds, those of one kind together"(stage, check) {
    const said = [];
    const speaker = stage.makeSpeaker((text) => said.push(text));
    const event = (k) => ({ lane: "gossip", kind: "suspect", text: `node ${k} suspects a` });
    speaker.tick(0);
    check.equal(said, []);
    speaker.hear(event(1));
    speaker.tick(10);
    for (let k = 2; k < 9; k++) speaker.hear(event(k));
    for (let ms = 20; ms < 2000; ms += 20) speaker.tick(ms);
    check.equal(said, ["node 1 suspects a."]);
    speaker.tick(2010);
    check.equal(said[1], "node 2 suspects a, and 6 more: suspect.");
    speaker.tick(9000);
    check.equal(said.length, 2);
    const many = ["a", "b", "c", "d", "e"].map((kind) => ({ lane: "x", kind, text: kind }));
    check.equal(stage.mergeEvents(many), "2 other kinds of events. c. d. e.");
  },

  "a scenario is read, edited and written"(stage, check) {
    const text = '[[5.0, "crash", {"name": "a"}], [20, "heal"]]';
    const steps = stage.readScenario(text);
    check.equal(steps, [{ at_s: 5, action: "crash", arguments: { name: "a" } }, { at_s: 20, action: "heal", arguments: {} }]);
    check.equal(JSON.parse(stage.writeScenario(stage.retimedStep(steps, 0, 25))), [[20, "heal", {}], [25, "crash", { name: "a" }]]);
    check.equal(stage.writeScenario(stage.withoutStep(steps, 1)), '[\n  [5,"crash",{"name":"a"}]\n]');
    check.equal(stage.writeScenario([]), "[]");
    check.throws(() => stage.readScenario("[[1"), "not JSON");
    check.throws(() => stage.readScenario('[["soon", "crash"]]'), "Step 1");
    check.throws(() => stage.readScenario('[[1, "crash", ["a"]]]'), "Step 1");
    check.throws(() => stage.readScenario("{}"), "list of steps");
  },

  "what is cut, parted and lost follows from the steps so far"(stage, check) {
    const step = (at_s, action, given = {}) => ({ at_s, action, arguments: given });
    const steps = [step(1, "cut", { a: "a", b: "b" }), step(2, "cut", { a: "b", b: "c" }), step(3, "mend", { a: "b", b: "a" }), step(4, "partition", { groups: [["a"]] }), step(5, "set_loss", { p: 0.2 }), step(6, "set_loss", { p: 0.5, src: "a" }), step(7, "heal")];
    check.equal(stage.faultsAt(steps, 0.9), { cuts: [], groups: null, loss: null, losses: [] });
    check.equal(stage.faultsAt(steps, 2).cuts, [["a", "b"], ["b", "c"]]);
    check.equal(stage.faultsAt(steps, 6.5), { cuts: [["b", "c"]], groups: [["a"]], loss: 0.2, losses: [["a", "", 0.5]] });
    check.equal(stage.sayFaults(stage.faultsAt(steps, 6.5)), "partition: a | the others · cut: b–c · loss 20 % · loss from a 50 %");
    check.equal(stage.faultsAt(steps, 7), { cuts: [], groups: null, loss: 0.2, losses: [["a", "", 0.5]] });
  },

  "loss of single links is said, and what replaces it"(stage, check) {
    const lose = (at_s, p, src, dst) => ({ at_s, action: "set_loss", arguments: { p, src, dst } });
    const said = (...steps) => stage.sayFaults(stage.faultsAt(steps, 9));
    check.equal(said(lose(1, 0.2, "a", null)), "loss from a 20 %");
    check.equal(said(lose(1, 0.1), lose(2, 0.2, null, "b"), lose(3, 1, "a", "b")), "loss 10 % · loss to b 20 % · loss from a to b 100 %");
    check.equal(said(lose(1, 0.2, "a", "b"), lose(2, 0.5, "a", null)), "loss from a 50 %");
    check.equal(said(lose(1, 0.2, "a", "b"), lose(2, 0.5, null, "b")), "loss to b 50 %");
    check.equal(said(lose(1, 0.2, "a", "b"), lose(2, 0.3, null, null)), "loss 30 %");
  },

  "an action comes no earlier than what was seen"(stage, check) {
    check.equal(stage.stepTime({ window: [0, 30] }, 12_345_678), 12.346);
    check.equal(stage.stepTime({ window: [30, 60] }, 0), 30);
    check.equal(stage.stepTime({ window: [0, 30] }, 5_000_000), 5);
    check.equal(Object.is(stage.stepTime({ window: [0, 30] }, 0), 0), true);
  },

  async "a view is drawn where the page can't find its model, or the kernel of one that started late is gone"(stage, check) {
    const late = { _handle_comm_msg: () => Promise.reject(new Error("late")) };
    const finds = [() => { throw new Error("none"); }, () => Promise.reject(new Error("none")), async () => late];
    for (const get_model of finds) {
      const view = { model: { widget_manager: { get_model }, get: () => "key" } };
      check.equal(await stage.heard((drawn) => drawn === view)(view), true);
    }
    check.equal(await stage.heard(() => "drawn")({ model: { get: () => "" } }), "drawn");
  },

  "a request is busy after 0.3 s, silent after 10 s, and an answer takes both back"(stage, check) {
    const { link, pass, sent, said } = linked(stage);
    const answers = [];
    link.ask("step", { at_s: 1 }, (answer) => answers.push(answer.revision));
    pass(299);
    check.equal([said.busy, said.lost], ["", ""]);
    pass(2);
    check.ok(said.busy !== "");
    pass(10_000);
    check.ok(said.busy === "" && said.lost.includes("run this cell again"));
    link.receive({ id: "somebody else's", type: "done" });
    check.equal(answers, []);
    link.receive({ id: sent[0].id, type: "done", revision: 3 });
    check.equal([answers, said.lost, link.waiting], [[3], "", 0]);
  },

  "ten requests each get their own answer, and busy lasts until the last"(stage, check) {
    const { link, pass, sent, said } = linked(stage);
    const answers = [];
    for (let k = 0; k < 10; k++) link.ask("step", { k }, () => answers.push(k));
    check.equal(new Set(sent.map(({ id }) => id)).size, 10);
    pass(400);
    for (const { id } of sent.slice(0, 9)) link.receive({ id, type: "done" });
    check.ok(said.busy !== "");
    link.receive({ id: sent[9].id, type: "done" });
    check.equal([answers.length, said.busy], [10, ""]);
    pass(20_000);
    check.equal(said.lost, "");
  },

  "a kernel that is gone is said in words, and one that comes back is used again"(stage, check) {
    let gone = true;
    const { link, sent, said } = linked(stage, () => {
      if (gone) throw new Error("Cannot send");
    });
    check.equal(link.ask("undo", {}), "");
    check.equal(said.lost, stage.LOST_TEXT);
    gone = false;
    link.ask("ask", {});
    link.receive({ id: sent[0].id, type: "told" });
    check.equal(said.lost, "");
    link.lose();
    check.equal(said.lost, stage.LOST_TEXT);
    link.close();
  },

  "a sign of life keeps a long computation from being taken for a lost kernel"(stage, check) {
    const { link, pass, said } = linked(stage);
    link.ask("more", {});
    for (let k = 0; k < 5; k++) {
      pass(6000);
      link.receive({ type: "busy", text: `${k} of 5` });
    }
    check.equal([said.busy, said.lost], ["4 of 5", ""]);
  },

  "the space-time diagram shows what is between its nodes in its window, and says what it leaves out"(stage, check) {
    const random = dice(8);
    const all = packets(5000, random);
    const recording = { packets: all, meta: { nodes: ring(40).nodes }, states: { time: [2e6, 4e6], node: [3, 3], state: [2, 0] } };
    const flights = stage.indexFlights(all, FATES);
    const nodes = stage.busiestNodes(recording, [7], 0, 3e6, 6);
    check.ok(nodes.includes(7) && nodes.length === 6, nodes.join());
    // who is quiet is shown where there is room: a diagram of two nodes tells little
    const few = { packets: { from: [1, 3], to: [2, 4], sent: [1e6, 1e6] }, meta: { nodes: ring(6).nodes } };
    check.equal(stage.busiestNodes(few, [1], 0, 2e6, 8), [0, 1, 2, 3, 4, 5]);
    check.equal(stage.busiestNodes(few, [1], 0, 2e6, 4), [1, 2, 3, 4]);
    const [some] = stage.arrowsBetween(recording, flights, nodes, [], 1e6, 2e6).arrows;
    const off = all.kind[some];
    const hidden = [0, 1, 2, 3, 4].map((kind) => kind === off);
    const { arrows, left } = stage.arrowsBetween(recording, flights, nodes, hidden, 1e6, 2e6);
    const slow = [...all.sent.keys()].filter((i) => all.sent[i] <= 2e6 && flights.until[i] >= 1e6 && all.kind[i] !== off && nodes.includes(all.from[i]) && nodes.includes(all.to[i]));
    check.equal([arrows, left], [slow, 0]);
    const everybody = stage.arrowsBetween(recording, flights, [...Array(40).keys()], [], 0, 30e6);
    check.equal([everybody.arrows.length, everybody.left], [400, 4600]);
    check.equal(stage.stateSpans(recording, 3, 1e6, 3e6), [[1e6, 2e6, 0], [2e6, 3e6, 2]]);
    check.equal(stage.stateSpans(recording, 3, 5e6, 6e6), [[5e6, 6e6, 0]]);
  },

  "a node's own buttons are those that need nothing but the node"(stage, check) {
    const meta = {
      actions: [
        { name: "crash", takes: [{ name: "name", kind: "node" }] },
        { name: "pause", takes: [{ name: "name", kind: "node" }, { name: "seconds", kind: "number", value: 5 }, { name: "timers", kind: "choice", optional: true }] },
        { name: "cut", takes: [{ name: "a", kind: "node" }, { name: "b", kind: "node" }] },
        { name: "set_loss", takes: [{ name: "p", kind: "number", value: 0.1 }, { name: "src", kind: "node", optional: true }] },
        { name: "read", client: true, takes: [{ name: "via", kind: "node" }] },
        { name: "heal", takes: [] },
      ],
    };
    const mine = stage.actionsOnNode(meta);
    check.equal(mine.map(({ name }) => name), ["crash", "pause"]);
    check.equal(stage.argumentsOnNode(mine[1], "a"), { name: "a", seconds: 5 });
  },

  "a claim is said as it stands at the playhead"(stage, check) {
    const said = { seen: true, missing: "", changes: [[0, false, "nobody suspects"], [8, true, ""], [12, false, "it was refuted"]] };
    check.equal([0, 9, 12].map((at_s) => stage.claimAt(said, at_s).text), ["not seen now: nobody suspects", "seen now", "not seen now: it was refuted"]);
    check.equal(stage.claimAt({ seen: true }, 3).text, "seen now");
    check.equal(stage.claimAt({ seen: null }, 3).text, "not known yet");
  },
};

/** Assertions that work in Node and in a browser. */
export const check = {
  equal(got, wanted, where = "") {
    const [a, b] = [JSON.stringify(got), JSON.stringify(wanted)];
    if (a !== b) throw new Error(`${where} got ${a.slice(0, 500)}, wanted ${b.slice(0, 500)}`);
  },
  close(got, wanted) {
    if (!(Math.abs(got - wanted) < 1e-6)) throw new Error(`got ${got}, wanted ${wanted}`);
  },
  ok(holds, where = "") {
    if (!holds) throw new Error(`does not hold: ${where}`);
  },
  throws(run, words) {
    try {
      run();
    } catch (error) {
      if (!error.message.includes(words)) throw new Error(`says ${error.message}, without ${words}`);
      return;
    }
    throw new Error(`no error about ${words}`);
  },
};
