// A claim of the reading loop beside the run: whether it is seen now, here and on the variant.

/** Whether a claim is seen at `at_s`, and what is missing: from its changes, or from how it ends. */
function claimAt(said, at_s) {
  const until = said.changes ? said.changes.findLastIndex(([from]) => from <= at_s) : -1;
  const [, seen, missing] = until >= 0 ? said.changes[until] : [0, said.changes?.length ? false : said.seen, said.missing];
  if (seen === null || seen === undefined) return { seen, text: "not known yet" };
  return { seen, text: seen ? "seen now" : `not seen now${missing ? `: ${missing}` : ""}` };
}

function makeClaim() {
  const element = make("div", { class: "gk-claim" });
  let lines = [];
  return {
    element,
    load({ claim }) {
      const line = (label, said) => {
        const verdict = make("span");
        return { said, verdict, row: make("p", {}, make("strong", {}, `${label}: `), verdict) };
      };
      lines = claim ? [line("Here", claim), ...(claim.beside ? [line(claim.beside.label, claim.beside)] : [])] : [];
      fill(element, ...(claim ? [make("p", {}, claim.text)] : []), ...lines.map(({ row }) => row));
    },
    show(at_s) {
      for (const { said, verdict } of lines) {
        const { seen, text } = claimAt(said, at_s);
        if (verdict.textContent === text) continue;
        verdict.textContent = text;
        verdict.dataset.seen = String(Boolean(seen));
      }
    },
  };
}
