// What answers in place of a kernel on a page without one: models that hold what was stored. Joined before page.js.

/** A model as anywidget gives one, without anybody behind it. `stored` tells the views so. */
function storedModel(state, data) {
  const listeners = new Map();
  const model = {
    stored: true,
    get: (name) => (name === "data" ? data : state[name]),
    on: (event, told) => listeners.set(event, (listeners.get(event) ?? new Set()).add(told)),
    off: (event, told) => listeners.get(event)?.delete(told),
    tell: (event, message) => {
      for (const told of [...(listeners.get(event) ?? [])]) told(message);
    },
    /** Set traits, and tell the views. */
    put: (traits) => {
      Object.assign(state, traits);
      for (const name of Object.keys(traits)) model.tell(`change:${name}`);
    },
    /** What becomes of a request: nothing, unless the kind has an answer of its own below. */
    answer: () => {},
    send(request) {
      let error = "";
      try {
        model.answer(request);
      } catch (problem) {
        error = problem.message;
      }
      model.tell("msg:custom", { id: request.id, type: "done", error });
    },
  };
  return model;
}

/** A knowledge check is judged by what each option says to each answer, as the kernel has told it. */
function answerCheck(model) {
  const [kind, told, words] = ["kind", "told", "words"].map(model.get);
  const tick = kind === "single" || kind === "multiple";
  const said = (given) => told.map((_, at) => (tick ? given.includes(at + 1) : kind === "order" ? Number(given[at]) : given[at]));
  const tell = (given, said, { opened = false, shown = false } = {}) => {
    const cases = told.map((option, at) => option.find(([was]) => was === said[at])[1]);
    const right = cases.filter((each) => each.right).length;
    const open = opened || right === cases.length;
    const verdict = opened ? words.shown : words.verdicts[right] + (shown ? words.shown_before : "");
    model.put({ feedback: { given, verdict, options: cases.map((each) => (open ? each.opened : each.closed)), shown } });
  };
  model.answer = (request) => {
    const before = model.get("feedback");
    if (request.show) {
      const given = before.given ?? [];
      tell(given, before.options ? said(given) : told.map(() => null), { opened: true, shown: true });
    } else if (request.answer) {
      if (kind === "order" && new Set(request.answer).size < told.length) throw new Error(`Each place from 1 to ${told.length} must be given once.`);
      tell(request.answer, said(request.answer), { shown: before.shown ?? false });
    }
  };
}

/** A panel has the positions that were stored with it, one control off its start at a time: those are all that its controls have. */
function answerPanel(model) {
  const [spec, first, others] = ["spec", "state", "others"].map(model.get);
  const all = [first, ...others];
  const held = spec.map((_, at) => [...new Set(all.map(({ positions }) => positions[at]))].sort((a, b) => a - b));
  const among = (positions) => positions.map((position, at) => held[at].indexOf(position));
  const start = among(first.positions);
  const states = new Map(all.map((state) => [among(state.positions).join(), { ...state, positions: among(state.positions) }]));
  // a toggle without its other half stays what it is: its input has two halves whatever is stored
  const spare = (each, at) => ({ ...each, kind: each.kind === "toggle" && held[at].length < 2 ? "choice" : each.kind });
  model.put({
    spec: spec.map((each, at) => ({ ...spare(each, at), texts: held[at].map((position) => each.texts[position]), start: start[at] })),
    state: states.get(start.join()),
  });
  model.answer = ({ positions }) => {
    const now = model.get("state").positions;
    const moved = positions.findIndex((position, at) => position !== now[at]);
    const wanted = moved < 0 || positions.join() === start.join() ? start : start.map((position, at) => (at === moved ? positions[at] : position));
    model.put({ state: states.get(wanted.join()) });
  };
}

const bets = new Map(); // by question: what was bet on this page
const verdicts = new Map(); // by question: who waits for the bet

/** A bet stays on the page: it is neither kept nor scored. */
function answerPrediction(model) {
  model.answer = ({ value }) => {
    if (value === undefined) return;
    const [prompt, unit] = ["prompt", "unit"].map(model.get);
    const words = typeof value === "number" ? `${value.toLocaleString("en")} ${value === 1 ? unit.replace(/s$/, "") : unit}`.trim() : value;
    bets.set(prompt, words);
    model.put({ value, said: `Your bet: ${words}. Further down stands what the run gave. A bet is scored and kept only where the notebook runs.` });
    verdicts.get(prompt)?.();
  };
}

/** What the run gave is covered until there is a bet. */
function answerVerdict(model) {
  const [prompt, gave, explained] = ["prompt", "gave", "explained"].map(model.get);
  const show = () => {
    const bet = bets.get(prompt);
    const first = bet === undefined ? `The run gave ${gave}.` : `You predicted ${bet}; the run gave ${gave}.`;
    model.put({ covered: false, lines: [first, ...explained] });
  };
  verdicts.set(prompt, show);
  model.answer = show;
  if (bets.has(prompt)) show();
}

const ANSWERS = { panel: answerPanel, check: answerCheck, prediction: answerPrediction, verdict: answerVerdict };
