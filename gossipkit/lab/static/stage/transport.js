// Play, steps from event to event, speed, jumps, and a longer window.

const MORE_S = 30;

/** A button of the stage. */
function stageButton(text, run, more = {}) {
  const element = control("button", { type: "button", class: "gk-button", ...more }, text);
  element.addEventListener("click", run);
  return element;
}

/** @param {{play: () => void, step: (way: number) => void, speed: (speed: number) => void, jump: (which: number) => void, more: () => void}} tell */
function makeTransport(tell) {
  const speedId = freshId();
  const play = stageButton("Play", tell.play, { class: "gk-button gk-primary gk-play" });
  const back = stageButton("◀ Event", () => tell.step(-1), { "aria-label": "Back to the event before" });
  const on = stageButton("Event ▶", () => tell.step(1), { "aria-label": "On to the next event" });
  const speed = control("select", { id: speedId }, ...SPEEDS.map((each) => make("option", { value: each }, each === 1 ? "as it is (1×)" : `${each}×`)));
  speed.addEventListener("change", () => tell.speed(Number(speed.value)));
  const jumps = make("div", { class: "gk-row", role: "group", "aria-label": "Jumps" });
  const more = stageButton(`${MORE_S} s more`, tell.more, { class: "gk-button gk-kernel" });
  const speeds = make("div", { class: "gk-control gk-inline" }, make("label", { for: speedId }, "Speed"), speed);
  let labels = "";
  return {
    element: make("div", { class: "gk-transport gk-stage-transport" }, play, back, on, speeds, jumps, more),
    more,
    load(meta) {
      const next = meta.jumps.map(({ label }) => label);
      if (next.join() === labels) return;
      labels = next.join();
      fill(jumps, ...next.map((label, which) => stageButton(label, () => tell.jump(which))));
    },
    show({ playing, speed: rate }) {
      play.textContent = playing ? "Stop" : "Play";
      speed.value = rate;
    },
  };
}
